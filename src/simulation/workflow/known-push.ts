import {simulate, type SimulationRequest} from '../simulate.ts'
import type {SimulatedStep, UnknownInput} from './simulated-workflow.ts'

/** Inputs that decide whether a run pushes, besides the event and the logins. */
const deciding = ['push', 'call', 'dry-run']
const logins = ['registry', 'username', 'password', 'registry-auth', 'github-token']

/** Whether a step pushes whose tags are not known. The result is empty if a value that is not known decides it. */
export async function knownPush(
  request: SimulationRequest,
  unknown: readonly UnknownInput[],
): Promise<Pick<SimulatedStep, 'pushes'>> {
  if (unknown.some(({input}) => ['if', ...deciding].includes(input.toLowerCase()))) return {}
  const inputs = new Map([...request.inputs].filter(([name]) => [...deciding, ...logins].includes(name.toLowerCase())))
  const {plan, dryRun = false} = await simulate({...request, inputs, registry: undefined, readRegistries: undefined})
  return plan === undefined ? {} : {pushes: plan['push'] === true && !dryRun}
}

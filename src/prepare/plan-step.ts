import type {GitContext} from '../context/git-context.ts'
import {jobToken} from '../credentials/choose-logins.ts'
import type {Inputs} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import type {Io} from '../io/io.ts'
import {makePlan, rulesFor, type PlanRequest} from '../plan/make-plan.ts'
import type {Plan} from '../plan/plan.ts'
import {decidePush, type PushQuestion} from '../plan/push-decision.ts'
import {writtenHosts} from '../plan/written-hosts.ts'
import type {StepInputs} from './read-step.ts'
import type {ResolvedContext} from './resolve-context.ts'
import {prepareVersion} from './run-version.ts'

interface PlanWithLogins {
  readonly plan: Plan
  readonly request: PlanRequest
  /** Question about the logins that the plan needs. */
  readonly logins: PushQuestion
}

interface PlannedStep extends PlanWithLogins {
  /** Time of a build with `reproducible` or SOURCE_DATE_EPOCH, in seconds; undefined for any other build. */
  readonly sourceDateEpoch: number | undefined
}

/**
 * Determines the version of the run, and makes the plan.
 * @throws TagboatError `input-invalid` with all problems.
 */
export async function planStep(
  step: StepInputs,
  {context, directory}: ResolvedContext,
  io: Io,
  problems: Problems,
): Promise<PlannedStep> {
  const {inputs, writtenRules, engine, shortShaLength, userEpoch} = step
  const sourceDateEpoch = userEpoch ?? (inputs.build.reproducible ? secondsOf(context.commitDate) : undefined)
  const rules = rulesFor(inputs, writtenRules, context, problems)
  const versions = await prepareVersion({inputs, rules, context, directory}, io, problems)
  const times = {now: io.now(), ...(sourceDateEpoch !== undefined && {madeAt: new Date(sourceDateEpoch * 1000)})}
  const sources = {inputs, rules, context, engine, shortShaLength, ...times, ...versions}
  return {...planWithLogins(sources, pushQuestion(inputs, context), problems), sourceDateEpoch}
}

/** Makes the plan. On a fork, whether `push: auto` publishes depends on the logins to the registries of the plan. */
function planWithLogins(
  sources: Omit<PlanRequest, 'push'>,
  question: PushQuestion,
  problems: Problems,
): PlanWithLogins {
  const request = {...sources, push: decidePush({...question, hosts: []})}
  const plan = makePlan(request, problems)
  const logins = {...question, hosts: writtenHosts(plan, sources.inputs.build)}
  const push = decidePush(logins)
  if (push.do || !plan.push.do) return {plan, request, logins}
  const unpublished = {...plan, push}
  return {
    plan: unpublished,
    request: {...request, push},
    logins: {...question, hosts: writtenHosts(unpublished, sources.inputs.build)},
  }
}

function secondsOf(date: string | undefined): number | undefined {
  return date === undefined ? undefined : Math.floor(Date.parse(date) / 1000)
}

function pushQuestion({publish, build, credentials}: Inputs, context: GitContext): PushQuestion {
  const hasJobToken = jobToken(credentials, context) !== undefined
  return {push: publish.push, call: build.call, logins: credentials.logins, hasJobToken, context}
}

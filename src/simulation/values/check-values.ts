import {nearest} from '../../inputs/syntax/nearest.ts'
import type {DispatchInput, Workflow} from '../../workflow-file/workflow.ts'
import {isCommitFact, isTipFact} from './fact-names.ts'
import type {GivenPair, ValueProblem} from './given-values.ts'
import {isSameName, sameName} from './same-name.ts'

/** Values that do not fit to workflows: for steps, jobs, inputs and times that none of them has, or not of the type of the input. */
export function checkValues(pairs: readonly GivenPair[], workflows: readonly Workflow[]): readonly ValueProblem[] {
  const jobs = workflows.flatMap((workflow) => workflow.jobs)
  const isWhole = workflows.every(({kind}) => kind === 'workflow')
  const known: Known = {
    steps: jobs.flatMap(({steps}) => steps.flatMap(({id}) => (id === undefined ? [] : [id.text]))),
    // A job alone needs jobs that are not in the text.
    needs: jobs.flatMap(({id, needs}) => [id, ...needs]),
    // A part of a workflow does not have its inputs.
    inputs: isWhole ? declaredInputs(workflows) : undefined,
    // A workflow that is called has the schedule of its caller.
    schedules: isWhole && !workflows.some(({on}) => on.has('workflow_call')) ? schedulesOf(workflows) : undefined,
  }
  return pairs.flatMap(([name, value], index) => {
    const message = problemOf(name, value, known)
    return message === undefined ? [] : [{index, message}]
  })
}

/** Inputs that workflows declare, each with its name. */
export function declaredInputs(workflows: readonly Workflow[]): readonly (readonly [string, DispatchInput])[] {
  return workflows.flatMap(({on}) => [...on.values()].flatMap(({inputs}) => [...inputs]))
}

function schedulesOf(workflows: readonly Workflow[]): readonly string[] {
  return workflows.flatMap(({on}) => on.get('schedule')?.cron ?? [])
}

/** Values that an input accepts; empty if it accepts any text. */
export function inputOptions({type, options}: DispatchInput): readonly string[] {
  return type === 'boolean' ? ['true', 'false'] : type === 'choice' ? options : []
}

interface Known {
  readonly steps: readonly string[]
  readonly needs: readonly string[]
  readonly inputs: readonly (readonly [string, DispatchInput])[] | undefined
  readonly schedules: readonly string[] | undefined
}

function problemOf(name: string, value: string, known: Known): string | undefined {
  if (isCommitFact(name)) return commitProblem(name, value)
  if (name === 'github.event.schedule') return known.schedules && scheduleProblem(value, known.schedules)
  const [context, id = ''] = name.replace(/^github\.event\.inputs\./, 'inputs.').split('.')
  if (context === 'inputs') return known.inputs && inputProblem(id, value, known.inputs)
  if ((context !== 'steps' && context !== 'needs') || sameName(id, known[context]) !== undefined) return undefined
  const similar = nearest(id, known[context])
  const kind = context === 'steps' ? 'step' : 'job'
  return `no ${kind} has the ID ${id}${similar === undefined ? '' : `. Did you mean ${similar}?`}`
}

function commitProblem(name: string, value: string): string | undefined {
  if (isTipFact(name)) return value === 'true' || value === 'false' ? undefined : `must be true or false, not ${value}`
  return /^[0-9a-f]{40}$/i.test(value) ? undefined : `must be a whole commit (40 hex digits), not ${value}`
}

function scheduleProblem(time: string, times: readonly string[]): string | undefined {
  if (times.includes(time)) return undefined
  const known = times.length === 0 ? 'It has none' : `Its times are ${times.join('; ')}`
  return `no schedule of the workflow is ${time}. ${known}`
}

function inputProblem(name: string, value: string, declared: NonNullable<Known['inputs']>): string | undefined {
  const found = declared.filter(([key]) => isSameName(key, name)).map(([, input]) => input)
  if (found.length === 0) return unknownInput(name, [...new Set(declared.map(([key]) => key))])
  const problems = found.map((input) => typeProblem(input, value))
  return problems.every((one) => one !== undefined) ? `${problems[0] ?? ''}, not ${value}` : undefined
}

function unknownInput(name: string, names: readonly string[]): string {
  const similar = nearest(name, names)
  const inputs = names.length === 0 ? 'It has none' : `Its inputs are ${names.join(', ')}`
  return `no input of the workflow is ${name}. ${similar === undefined ? inputs : `Did you mean ${similar}?`}`
}

function typeProblem(input: DispatchInput, value: string): string | undefined {
  const {type, options} = input
  if (type === 'choice' && !options.includes(value)) return `must be one of ${options.join(', ')}`
  if (type === 'boolean' && value !== 'true' && value !== 'false') return 'must be true or false'
  return type === 'number' && (value.trim() === '' || Number.isNaN(Number(value))) ? 'must be a number' : undefined
}

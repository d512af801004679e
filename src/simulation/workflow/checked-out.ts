import {textAt} from '../../context/payload.ts'
import type {Contexts} from '../../workflow-file/expressions/evaluate-expression.ts'
import type {WorkflowStep} from '../../workflow-file/workflow.ts'
import type {SimulatedEvent} from '../events/event-choice.ts'
import {availableIn} from './available.ts'
import {evaluateMap} from './evaluate-inputs.ts'
import {commitFact} from '../values/fact-names.ts'
import type {UnknownInput, WorkflowOptions} from './simulated-workflow.ts'

/** Commit of the checkout: undefined is that of the event. */
export type CheckedOut = {readonly head: string} | UnknownInput | undefined

/** Commit of the checkout after a step. Another checkout in a folder of its own does not change it. */
export function checkedOutAfter(
  before: CheckedOut,
  step: WorkflowStep | undefined,
  contexts: Contexts,
  {event, values: given = {}}: Pick<WorkflowOptions, 'event' | 'values'>,
): CheckedOut {
  if (step?.uses?.text.startsWith('actions/checkout@') !== true) return before
  const {values, unknown} = evaluateMap(step.with, availableIn('steps.with', contexts))
  const text = (name: string): string => (values.get(name) ?? '').trim()
  const open = unknown.filter(({input}) => ['ref', 'repository'].includes(input)).flatMap(({names}) => names)
  if (!['', '.', './'].includes(text('path'))) return before
  if (open.length > 0) return {input: commitInput, names: open}
  const name = text('repository')
  const isOwn = name === '' || name.toLowerCase() === event.environment['GITHUB_REPOSITORY']?.toLowerCase()
  const found = isOwn ? commitOf(text('ref'), event) : unknownCommitOf(name)
  return found !== undefined && 'names' in found ? givenCommit(found, given) : found
}

/** Commit of the checkout, among the inputs that are not known. */
const commitInput = 'the commit of actions/checkout'

/** Commit of the checkout, if it is not known. */
export function unknownCommit(checkedOut: CheckedOut): readonly UnknownInput[] {
  return checkedOut !== undefined && 'names' in checkedOut ? [checkedOut] : []
}

function commitOf(ref: string, {environment, payload}: SimulatedEvent): CheckedOut {
  const own = ['GITHUB_SHA', 'GITHUB_REF', 'GITHUB_REF_NAME'].map((name) => environment[name])
  if (ref === '' || own.includes(ref)) return undefined
  const head = textAt(payload, 'pull_request', 'head', 'sha')
  const isHead = ref === environment['GITHUB_HEAD_REF'] || ref === `refs/heads/${environment['GITHUB_HEAD_REF'] ?? ''}`
  if (head !== undefined && isHead) return {head}
  if (/^[0-9a-f]{40}$/i.test(ref)) return {head: ref.toLowerCase()}
  return unknownCommitOf(ref)
}

function unknownCommitOf(name: string): UnknownInput {
  return {input: commitInput, names: [commitFact(name)]}
}

/** Commit that is given for one that is not known. */
function givenCommit(unknown: UnknownInput, values: Readonly<Record<string, string>>): CheckedOut {
  const [head] = unknown.names.flatMap((name) => values[name] ?? [])
  return head === undefined ? unknown : {head: head.toLowerCase()}
}

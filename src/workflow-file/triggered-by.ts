import {passesFilters} from './filter-pattern.ts'
import type {Trigger, Triggers} from './workflow.ts'

/** Event of a run: variables of the runner, and the payload. */
interface TriggeringEvent {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly payload: unknown
}

/** Condition on the changed files, which are not known, as the end of a sentence. */
export function filesCondition(filter: 'paths' | 'paths-ignore'): string {
  return filter === 'paths' ? 'if a changed file matches `paths`' : 'if a changed file does not match `paths-ignore`'
}

/** Whether a workflow runs, and if not, why not. `assumed` names a filter on files, which are not known. */
type Triggered =
  {readonly runs: true; readonly assumed?: 'paths' | 'paths-ignore'} | {readonly runs: false; readonly reason: string}

/** Activities of events that do not start a workflow for all of them, unless `types` is written. */
const defaultTypes: Readonly<Record<string, readonly string[]>> = {
  pull_request: ['opened', 'synchronize', 'reopened'],
  pull_request_target: ['opened', 'synchronize', 'reopened'],
}

/** Reports whether the triggers of a workflow include an event. A text without triggers runs for all events. */
export function triggeredBy(on: Triggers, event: TriggeringEvent): Triggered {
  if (on.size === 0) return {runs: true}
  const name = event.environment['GITHUB_EVENT_NAME'] ?? ''
  const trigger = on.get(name)
  if (trigger === undefined) {
    return {runs: false, reason: `\`on\` does not list ${name}, only ${[...on.keys()].join(', ')}`}
  }
  const reason = typeReason(trigger, name, actionOf(event.payload)) ?? refReason(trigger, name, event)
  if (reason !== undefined) return {runs: false, reason}
  const filter = trigger.paths === undefined ? 'paths-ignore' : 'paths'
  const hasFiles = trigger.paths !== undefined || trigger.pathsIgnore !== undefined
  // GitHub does not compare files for pushes of tags.
  const isTag = event.environment['GITHUB_REF']?.startsWith('refs/tags/') === true
  return hasFiles && !isTag ? {runs: true, assumed: filter} : {runs: true}
}

function actionOf(payload: unknown): string | undefined {
  const action: unknown =
    typeof payload === 'object' && payload !== null && 'action' in payload ? payload.action : undefined
  return typeof action === 'string' ? action : undefined
}

function typeReason({types}: Trigger, name: string, action: string | undefined): string | undefined {
  const included = types ?? defaultTypes[name]
  if (action === undefined || included === undefined || included.includes(action)) return undefined
  const listed = included.join(', ')
  return types === undefined
    ? `without \`types\`, ${name} starts for ${listed}, and this is ${action}`
    : `\`types\` of ${name} lists ${listed}, and this is ${action}`
}

function refReason(trigger: Trigger, name: string, {environment, payload}: TriggeringEvent): string | undefined {
  const ref = environment['GITHUB_REF'] ?? ''
  if (name === 'push') return pushReason(trigger, ref)
  if (name === 'pull_request' || name === 'pull_request_target')
    return nameReason(trigger, 'branches', environment['GITHUB_BASE_REF'] ?? '')
  if (name === 'workflow_run') return nameReason(trigger, 'branches', headBranchOf(payload) ?? '')
  return undefined
}

/** Branch of the run that has started this one. */
function headBranchOf(payload: unknown): string | undefined {
  const run: unknown =
    typeof payload === 'object' && payload !== null && 'workflow_run' in payload ? payload.workflow_run : undefined
  const branch: unknown = typeof run === 'object' && run !== null && 'head_branch' in run ? run.head_branch : undefined
  return typeof branch === 'string' ? branch : undefined
}

function pushReason(trigger: Trigger, ref: string): string | undefined {
  const kind = ref.startsWith('refs/tags/') ? 'tags' : 'branches'
  const other = kind === 'tags' ? 'branches' : 'tags'
  if (!hasFilter(trigger, kind) && hasFilter(trigger, other)) {
    return `\`push\` has a filter for ${other} only, and this is a ${kind === 'tags' ? 'Git tag' : 'branch'}`
  }
  return nameReason(trigger, kind, ref.replace(/^refs\/(?:heads|tags)\//, ''))
}

function hasFilter(trigger: Trigger, kind: 'branches' | 'tags'): boolean {
  return kind === 'tags'
    ? trigger.tags !== undefined || trigger.tagsIgnore !== undefined
    : trigger.branches !== undefined || trigger.branchesIgnore !== undefined
}

function nameReason(trigger: Trigger, kind: 'branches' | 'tags', name: string): string | undefined {
  const included = kind === 'tags' ? trigger.tags : trigger.branches
  const ignored = kind === 'tags' ? trigger.tagsIgnore : trigger.branchesIgnore
  if (included !== undefined && !passesFilters(included, name)) {
    return `\`${kind}\` (${included.join(', ')}) does not include ${name}`
  }
  if (ignored !== undefined && passesFilters(ignored, name)) {
    return `\`${kind}-ignore\` (${ignored.join(', ')}) includes ${name}`
  }
  return undefined
}

import type {EventChoice} from './event-choice.ts'
import {isPreReleaseName} from './full-ref.ts'
import {shortName} from './payload-parts.ts'

/** Event that a page or a command offers by name. */
export interface SampleEvent {
  readonly id: string
  readonly title: string
  readonly choice: EventChoice
}

/** The events that decide between tags, in the order in which they are shown. */
export const sampleEvents: readonly SampleEvent[] = [
  {id: 'default-branch', title: 'Default branch', choice: {event: 'push'}},
  {id: 'branch', title: 'Another branch', choice: {event: 'push', ref: 'refs/heads/feature/login'}},
  {id: 'version', title: 'Tag v1.2.3', choice: {event: 'push', ref: 'refs/tags/v1.2.3'}},
  {id: 'pre-release', title: 'Tag v1.3.0-rc.1', choice: {event: 'push', ref: 'refs/tags/v1.3.0-rc.1'}},
  {id: 'pull-request', title: 'Pull request', choice: {event: 'pull_request'}},
  {id: 'fork', title: 'Pull request (fork)', choice: {event: 'pull_request', fork: true}},
  {id: 'schedule', title: 'Schedule', choice: {event: 'schedule'}},
  {id: 'dispatch', title: 'Manual run', choice: {event: 'workflow_dispatch'}},
  {id: 'release', title: 'Release v1.2.3', choice: {event: 'release', ref: 'refs/tags/v1.2.3'}},
  {id: 'merge-queue', title: 'Merge queue', choice: {event: 'merge_group'}},
  {id: 'closed', title: 'Closed pull request', choice: {event: 'pull_request', action: 'closed'}},
]

/** Other events that start workflows. Their identifiers are the names that GitHub gives them. */
export const otherEvents: readonly SampleEvent[] = [
  {id: 'workflow_call', title: 'Call by another workflow', choice: {event: 'push'}},
  {id: 'pull_request_target', title: 'Pull request (target)', choice: {event: 'pull_request_target'}},
  {id: 'workflow_run', title: 'After a workflow', choice: {event: 'workflow_run'}},
  {id: 'repository_dispatch', title: 'Dispatch by the API', choice: {event: 'repository_dispatch'}},
  {id: 'create', title: 'New branch', choice: {event: 'create'}},
  {id: 'delete', title: 'Deleted branch', choice: {event: 'delete'}},
  {id: 'issue_comment', title: 'Comment', choice: {event: 'issue_comment'}},
]

/** Title of a sample for a ref: that of the ref, if the title names another one. */
export function titleFor({id, title, choice}: SampleEvent, ref: string | undefined): string {
  const isOfRef = sampleEvents.some((sample) => sample.id === id) && ['push', 'release'].includes(choice.event)
  if (ref === undefined || ref === choice.ref || !isOfRef) return title
  const kind = choice.event === 'release' ? 'Release' : ref.startsWith('refs/tags/') ? 'Tag' : 'Branch'
  return `${kind} ${shortName(ref)}`
}

/** Reports whether a sample is about such a ref: a Git tag, that of a pre-release, or a branch besides the default one. */
export function fitsRef({id}: SampleEvent, ref: string, defaultBranch = 'main'): boolean {
  if (id === 'dispatch') return true
  if (ref.startsWith('refs/tags/'))
    return id === 'release' || id === (isPreReleaseName(ref) ? 'pre-release' : 'version')
  if (id === 'branch') return ref.startsWith('refs/heads/') && shortName(ref) !== defaultBranch
  return ref.startsWith('refs/heads/') && ['pull-request', 'fork', 'closed'].includes(id)
}

/** Sample or other event with an identifier. */
export function namedEvent(id: string): SampleEvent | undefined {
  return [...sampleEvents, ...otherEvents].find((event) => event.id === id)
}

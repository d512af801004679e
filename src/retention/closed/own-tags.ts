import type {PlannedEvent, PlannedName, TagPlanner} from '../../plan/tag-planner.ts'
import type {LiveRefs} from '../live-refs.ts'
import type {ClosedRef} from './closed-ref.ts'
import {isVersionTag} from './version-guess.ts'

/** Tag that only the plan of the closed ref gives. */
export interface OwnTag {
  readonly tag: string
  /**
   * Whether the plans prove it. Otherwise, another ref could give the tag, and only an image that states the closed ref
   * proves that it is not the tag of another one.
   */
  readonly isCertain: boolean
}

interface OwnTagsQuestion {
  readonly planner: TagPlanner
  readonly closed: ClosedRef
  /** Branches and pull requests that exist. What is unknown makes no tag certain. */
  readonly refs: LiveRefs
  readonly component: string | undefined
  /** Tags that this run publishes, as after a merge. */
  readonly published: readonly string[]
}

/**
 * Lists the floating tags that the closed ref gave, and no other event gives. They are found by planning: the tags of the
 * closed ref without those of refs that do not exist, of all that do, and of schedules, merge queues and releases. So `pr-2` is
 * not a part of `pr-267`, and a name that each pull request has (`test`) belongs to none of them.
 */
export function ownTags({planner, closed, refs, component, published}: OwnTagsQuestion): readonly OwnTag[] {
  const candidates = namesOf(planner, [eventOf(closed)]).filter(({role}) => role.kind === 'newest-commit')
  const taken = new Set(published)
  const isLeft = ({tag}: PlannedName): boolean => !taken.has(tag)
  for (const events of [unrelatedEvents(closed), liveEvents(closed, refs)]) {
    if (!candidates.some(isLeft)) return []
    for (const {tag} of namesOf(planner, events)) taken.add(tag)
  }
  const areListed = refs.branches !== undefined && refs.openPulls !== undefined
  const isProved = provedBy(closed, planner)
  return candidates
    .filter(isLeft)
    .filter(({tag}) => !isOfNumber(tag, closed, planner) && !isVersionTag(tag, planner, component))
    .map(({tag}) => ({tag, isCertain: areListed && isProved(tag)}))
}

/**
 * Reports whether a tag shows whose it is: it contains the number of the pull request, or a Git tag with the name of the
 * branch would not have it.
 */
function provedBy(closed: ClosedRef, planner: TagPlanner): (tag: string) => boolean {
  if (closed.kind === 'pull') return (tag) => hasNumber(tag, closed.number)
  const ofGitTag = namesOf(planner, [{kind: 'tag', tag: closed.branch}])
  return (tag) => !ofGitTag.some((name) => name.tag === tag)
}

function namesOf(planner: TagPlanner, events: readonly PlannedEvent[]): readonly PlannedName[] {
  return events.flatMap((event) => planner(event))
}

/** Event of a run for the ref, before it was closed. */
export function eventOf(closed: ClosedRef): PlannedEvent {
  return closed.kind === 'branch' ? {kind: 'branch', branch: closed.branch} : pullEvent(closed.number, closed)
}

function pullEvent(number: number, {baseRef}: Pick<Extract<ClosedRef, {kind: 'pull'}>, 'baseRef'>): PlannedEvent {
  return {kind: 'pull', number, ...(baseRef !== undefined && {baseRef})}
}

/** Numbers and names of refs that do not exist, with different digits and letters. */
const unusedNumbers = [987_654_321, 123_456_780] as const
const unusedNames = ['tagboat-unused', 'x/not-a-branch'] as const

/** Events of refs that do not exist, with the target branch of the closed pull request, and those of no ref. */
function unrelatedEvents(closed: ClosedRef): readonly PlannedEvent[] {
  const target = closed.kind === 'pull' ? closed : {baseRef: undefined}
  return [
    ...unusedNumbers.flatMap((number) => [pullEvent(number, target), {kind: 'pull', number} as const]),
    ...unusedNames.flatMap((branch) => [{kind: 'branch', branch} as const, {kind: 'merge-group', branch} as const]),
    {kind: 'schedule'},
  ]
}

/** Events of the refs that exist. */
function liveEvents(closed: ClosedRef, {defaultBranch, branches, openPulls}: LiveRefs): readonly PlannedEvent[] {
  const target = closed.kind === 'pull' ? closed.baseRef : undefined
  const named = [defaultBranch, target].filter((branch) => branch !== undefined)
  const live = new Set([...named, ...(branches ?? [])])
  if (closed.kind === 'branch') live.delete(closed.branch)
  const numbers = [...(openPulls ?? [])].filter((number) => closed.kind === 'branch' || number !== closed.number)
  return [
    ...[...live].flatMap((branch) => [{kind: 'branch', branch} as const, {kind: 'merge-group', branch} as const]),
    ...numbers.map((number): PlannedEvent => ({kind: 'pull', number})),
  ]
}

/** Reports whether the pull request of another number in the tag has the same tag: `test-12-19` of 12 and of 19. */
function isOfNumber(tag: string, closed: ClosedRef, planner: TagPlanner): boolean {
  const own = closed.kind === 'pull' ? closed.number : undefined
  const numbers = [...tag.matchAll(/\d+/g)].map(([digits]) => Number(digits))
  const others = numbers.filter((number) => number !== own && Number.isSafeInteger(number) && number > 0)
  const target = closed.kind === 'pull' ? closed : {baseRef: undefined}
  return namesOf(
    planner,
    others.map((number) => pullEvent(number, target)),
  ).some((name) => name.tag === tag)
}

/** Reports whether a tag contains a whole number. */
function hasNumber(tag: string, number: number): boolean {
  return new RegExp(`(?<!\\d)${number}(?!\\d)`).test(tag)
}

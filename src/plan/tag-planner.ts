import type {GitContext, RepositoryInfo} from '../context/git-context.ts'
import type {ImageInputs} from '../inputs/inputs.ts'
import {Problems} from '../inputs/problem.ts'
import type {ValueSources} from '../tags/templates/values.ts'
import type {TagRole} from '../tags/tag-role.ts'
import type {TagRule} from '../tags/rules/rule.ts'
import {otherComponentReason, versionReader} from '../tags/versions/component.ts'
import {proposalsOf, tagRules} from './make-plan.ts'
import {taggedVersion, versionOfRun} from './version.ts'

/**
 * Event for which the tags of the rules are computed, as if it had started a run. Without `sha`, rules and expressions
 * for the commit give nothing.
 */
export type PlannedEvent =
  | {readonly kind: 'branch'; readonly branch: string; readonly sha?: string}
  | {
      readonly kind: 'pull'
      readonly number: number
      readonly headRef?: string
      /** Target branch. Default: the default branch. */
      readonly baseRef?: string
      readonly sha?: string
    }
  /** Push of a Git tag. */
  | {readonly kind: 'tag'; readonly tag: string; readonly sha?: string}
  /** Schedule, which GitHub starts for the default branch. */
  | {
      readonly kind: 'schedule'
      /** Time of the run. Default: the time of the planner. */
      readonly at?: Date
      readonly sha?: string
    }
  /** Merge queue of a target branch. Its own branch, whose name contains a commit, gives no tag. */
  | {readonly kind: 'merge-group'; readonly branch: string; readonly sha?: string}

/** Tag of a planned event. */
export interface PlannedName {
  readonly tag: string
  readonly role: TagRole
  /** Kind of the rule that gives it. `latest` of `flavor` has the kind of its rule. */
  readonly rule: TagRule['kind']
}

/** Computes the tags that the rules of this step give for an event, with variant, environment and component. */
export type TagPlanner = (event: PlannedEvent) => readonly PlannedName[]

/** Inputs that determine the tags of a step. */
export interface PlannerStep extends Pick<ValueSources, 'engine' | 'now' | 'regex' | 'shortShaLength'> {
  readonly image: ImageInputs
  /** Rules of the input `tags`; empty for the default strategy. */
  readonly writtenRules: readonly TagRule[]
}

/**
 * Planner of the tags of a step. The repository, the time and the numbers of the workflow run are those of `context`. Rules
 * that need more than the event, such as the version in a file or the Git tags of a commit, give nothing. The same holds for
 * rules that are not valid for an event. Whole image references are left out, since they are not tags of `images`.
 */
export function tagPlanner(step: PlannerStep, context: GitContext): TagPlanner {
  const {image} = step
  const versionOfTag = versionReader(image.component)
  return (event) => {
    const planned = plannedContext(event, context)
    if (isOfOtherComponent(image, planned)) return []
    const problems = new Problems()
    const rules = tagRules(image, step.writtenRules, planned, problems).filter(({kind}) => kind !== 'reference')
    const sources: ValueSources = {
      ...step,
      now: event.kind === 'schedule' ? (event.at ?? step.now) : step.now,
      context: planned,
      environment: image.environment?.name ?? '',
      uniqueBranchTags: image.uniqueBranchTags,
      version: versionOfRun(image.version, planned, undefined, versionOfTag),
      tagged: taggedVersion(planned, versionOfTag),
      files: new Map(),
    }
    const kinds = new Map(rules.map(({source, kind}) => [source, kind]))
    return proposalsOf(image, {sources, rules}, problems).tags.flatMap(({tag, role, source}) => {
      const rule = kinds.get(source)
      return rule === undefined ? [] : [{tag, role, rule}]
    })
  }
}

/** Reports whether the event is a version of another component, for which the step publishes nothing. */
function isOfOtherComponent({component}: ImageInputs, {ref}: GitContext): boolean {
  return component !== undefined && ref.kind === 'tag' && otherComponentReason(component, ref.name) !== undefined
}

/** Context of a run for an event. The repository and the numbers of the workflow run are those of `context`. */
export function plannedContext(event: PlannedEvent, context: GitContext): GitContext {
  const {actor, server, run} = context
  const {sha = ''} = event
  const repository = {...context.repository, defaultBranch: defaultBranchOf(context)}
  return {
    actor,
    server,
    run,
    repository,
    action: undefined,
    sha,
    commitDate: sha === context.sha ? context.commitDate : undefined,
    gone: false,
    release: undefined,
    upstream: undefined,
    byDependabot: false,
    ...eventFacts(event, repository),
  }
}

/** Default branch of the repository. That of a schedule is the branch of its run, even if the payload does not name it. */
function defaultBranchOf({repository, event, ref}: GitContext): string | undefined {
  return repository.defaultBranch ?? (event === 'schedule' && ref.kind === 'branch' ? ref.name : undefined)
}

type EventFacts = Pick<GitContext, 'event' | 'eventName' | 'ref' | 'fullRef' | 'baseRef' | 'pull'>

function eventFacts(event: PlannedEvent, {defaultBranch}: Pick<RepositoryInfo, 'defaultBranch'>): EventFacts {
  switch (event.kind) {
    case 'branch':
      return {...named('push'), ...branchRef(event.branch)}
    case 'tag':
      return {...named('push'), ref: {kind: 'tag', name: event.tag}, fullRef: `refs/tags/${event.tag}`}
    case 'pull':
      return pullFacts({baseRef: defaultBranch, ...event})
    case 'schedule':
      return {...named('schedule'), ...(defaultBranch === undefined ? noRef : branchRef(defaultBranch))}
    case 'merge-group':
      return {...named('merge_group'), ...noRef, baseRef: event.branch}
  }
}

function pullFacts({
  number,
  headRef,
  baseRef,
  sha,
}: {
  readonly number: number
  readonly headRef?: string
  readonly baseRef: string | undefined
  readonly sha?: string
}): EventFacts {
  const name = String(number)
  return {
    ...named('pull_request'),
    ref: {kind: 'pull', name},
    fullRef: `refs/pull/${name}/merge`,
    baseRef,
    pull: {number, headSha: sha, headRef, baseRef, fromFork: false},
  }
}

const noRef: Pick<EventFacts, 'ref' | 'fullRef'> = {ref: {kind: 'none'}, fullRef: ''}

function branchRef(name: string): Pick<EventFacts, 'ref' | 'fullRef'> {
  return {ref: {kind: 'branch', name}, fullRef: `refs/heads/${name}`}
}

function named(event: EventFacts['event']): Omit<EventFacts, 'ref' | 'fullRef'> {
  return {event, eventName: event, baseRef: undefined, pull: undefined}
}

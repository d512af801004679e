import {queueForms} from '../classes/samples.ts'
import type {TagForm} from '../classes/template.ts'
import {branchName, fixedNames} from '../decide/standing-names.ts'
import {matchesGlob} from '../patterns.ts'
import {eventForms, type EventForms, type RunPlanners} from './event-forms.ts'

/** Tags that the rules of a step give, as globs. */
export interface TagForms {
  /** Tags that stay: those that do not depend on the event, such as `latest` and `main`, and those of merge queues. */
  readonly names: readonly string[]
  /** Texts before the first number of versions, and of floating tags of version lines: ``, `v`, `api-`. They stay. */
  readonly versionStarts: readonly string[]
  /** All other tags of each kind of event. */
  readonly events: readonly GivenTags[]
}

/** Tags of an event that depend on it, without those of versions and of merge queues. */
interface GivenTags {
  /** `sha-*`, `pr-*`; `*` for the name of a branch. */
  readonly globs: readonly string[]
  /** Tags that depend on the run too. Prune keeps some while they are current; those of schedules it does not. */
  readonly ofRuns: readonly string[]
  readonly ofSchedules: readonly string[]
}

/** First characters of numbers. */
export const digits: readonly string[] = Array.from({length: 10}, (_, digit) => String(digit))

/** Tags for signatures and other referrers. They go with their images. */
export const referrerGlob = 'sha256-*'

export interface FormsRequest {
  readonly planners: RunPlanners
  readonly component: string | undefined
  readonly defaultBranch: string
  readonly branches: ReadonlySet<string>
}

/** Computes the forms of the tags of a step. */
export function tagForms(request: FormsRequest): TagForms {
  const events = eventForms(request.planners, request)
  const forms = events.flatMap((event) => event.forms)
  const fixed = forms.filter(({form: {holes}}) => holes.length === 0).map(({tag}) => tag)
  const queues = queueForms(request.planners[0]).flatMap(({form}) => (isOfQueue(form) ? [globOf(form)] : []))
  const versions = forms.flatMap(({form}) => (startsWithVersion(form) ? [literalStart(globOf(form))] : []))
  return {
    names: distinct([...fixed, ...edgeNames(request), ...queues, ...fixedNames, branchName(request.defaultBranch)]),
    versionStarts: distinct(['', ...versions]),
    events: events.map((event) => givenTags(event, queues)),
  }
}

function isOfQueue({holes, literalLength}: TagForm): boolean {
  return holes.join() === 'ref' && literalLength > 0
}

function givenTags({forms, others}: EventForms, queues: readonly string[]): GivenTags {
  const globs = forms.flatMap(({form}) => (form.holes.length === 0 || startsWithVersion(form) ? [] : [globOf(form)]))
  const startsOf = (isOfSchedule: boolean): readonly string[] =>
    others.filter(({rule}) => (rule === 'schedule') === isOfSchedule).map(({start}) => `${start}*`)
  return {
    globs: distinct(globs.filter((glob) => !queues.includes(glob))),
    ofRuns: startsOf(false),
    ofSchedules: startsOf(true),
  }
}

function globOf({form}: TagForm): string {
  return form.replaceAll(/\{[^{}]*\}/g, '*')
}

function startsWithVersion({holes: [first]}: TagForm): boolean {
  return first === 'version' || first === 'minor' || first === 'major'
}

/** Tags of rules with `type=edge`, which may name another branch than the default one. */
function edgeNames({planners: [planner], branches}: FormsRequest): readonly string[] {
  return [...branches].flatMap((branch) =>
    planner({kind: 'branch', branch}).flatMap(({tag, rule}) => (rule === 'edge' ? [tag] : [])),
  )
}

/** Reports whether a glob without `?` matches all tags of another one. */
export function includesGlob(glob: string, other: string): boolean {
  // A wildcard of the other one is any text, also one that only a wildcard matches.
  return matchesGlob(glob, other.replaceAll(/[*?]/g, '\0'))
}

/** Text before the first wildcard. */
export function literalStart(glob: string): string {
  return glob.replace(/[*?].*$/s, '')
}

interface DeletableRules<T> {
  readonly rules: readonly T[]
  /** Rules that would take images with tags that stay. */
  readonly unsafe: readonly T[]
  /** Forms that no rule deletes, and that a pattern can keep. */
  readonly kept: readonly string[]
}

/**
 * Separates the rules that would take an image with another tag of the same event, which stays and which no pattern can keep:
 * the name of a branch beside `sha-860c190`.
 */
export function deletableRules<T extends {readonly glob: string}>(
  rules: readonly T[],
  events: TagForms['events'],
): DeletableRules<T> {
  const isDeleted = (form: string): boolean => rules.some(({glob}) => includesGlob(glob, form))
  const unsafe = rules.filter(({glob}) => events.some((event) => isUnsafe(glob, event, isDeleted)))
  if (unsafe.length > 0) {
    // What they would delete stays now, and may make others unsafe.
    const rest = deletableRules(
      rules.filter((rule) => !unsafe.includes(rule)),
      events,
    )
    return {...rest, unsafe: [...unsafe, ...rest.unsafe]}
  }
  const kept = events.flatMap(({globs}) => globs.filter((form) => isKeepable(form) && !isDeleted(form)))
  return {rules, unsafe, kept: distinct(kept)}
}

function isUnsafe(
  glob: string,
  {globs, ofRuns, ofSchedules}: GivenTags,
  isDeleted: (form: string) => boolean,
): boolean {
  const isMatched = (form: string): boolean => mayOverlap(glob, form)
  if (ofRuns.some(isMatched)) return true
  const free = [...globs.filter((form) => !isKeepable(form)), ...ofRuns, ...ofSchedules]
  const staying = free.filter((form) => !isDeleted(form))
  return (
    (staying.length > 0 && globs.some((form) => isDeleted(form) && isMatched(form))) ||
    (staying.length > 1 && staying.some(isMatched))
  )
}

/** Reports whether a pattern for these tags does not match all others. */
function isKeepable(form: string): boolean {
  return literalStart(form) !== ''
}

/** Reports whether a tag may match both globs. It may also be true if none does. */
function mayOverlap(a: string, b: string): boolean {
  const [first, second] = [literalStart(a), literalStart(b)]
  return first.startsWith(second) || second.startsWith(first)
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}

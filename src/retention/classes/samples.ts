import type {PlannedEvent, PlannedName, TagPlanner} from '../../plan/tag-planner.ts'
import {formOf, type KnownText, type TagForm} from './template.ts'

/**
 * Events that no repository has, planned in pairs. What the tags of both have in common is the form that the rules give,
 * whatever the event.
 */
export type Pair<T> = readonly [T, T]

/** Commits whose digits differ from each other at each position. */
export const sampleCommits: Pair<string> = [
  'e9b7c4d1f08a62537e94b1cd80fa36275d1ec9ba',
  'f0a8d3c2e19b75468f03a2de91eb45164c2fd8ab',
]

const sampleNumbers: Pair<number> = [918_273_645, 807_162_534]

/** Branches with characters that each tag can have. */
export const sampleBranches: Pair<string> = ['zq7k-unplanned-branch', 'wx4j-unplanned-branch']

/** Versions of each form that a Git tag may have. */
const sampleVersions: readonly Pair<string>[] = [
  ['791.613.427', '817.631.451'],
  ['2097.613.427', '2089.631.451'],
  ['791.613.427-rc.269', '817.631.451-rc.271'],
  ['791.613.427rc269', '817.631.451rc271'],
  ['791.613.427.post269', '817.631.451.post271'],
  ['791.613.427.269', '817.631.451.271'],
  ['2097.10.29', '2089.12.27'],
  ['2097.10', '2089.12'],
  ['97.10', '89.12'],
  ['20971029', '20891227'],
  ['2097-10-29', '2089-12-27'],
]

/** Two events of one kind, and the texts in their tags that differ. */
export interface EventSample {
  readonly events: Pair<PlannedEvent>
  readonly textsOf?: (name: PlannedName, index: 0 | 1) => readonly KnownText[]
}

/** Form of the tags that the rules give for each event of a kind. */
export interface SampledForm extends Pick<PlannedName, 'role' | 'rule'> {
  /** Tag of the first event. */
  readonly tag: string
  readonly form: TagForm
}

/** Forms of the tags of Git tags with a version of one form. */
export interface VersionForms {
  /** Text before the version in the Git tags: `v`, `api/v`. */
  readonly before: string
  /** Version of the first event. */
  readonly version: string
  readonly forms: readonly SampledForm[]
}

/** Forms of the tags of Git tags, by the form of the version. */
export function versionForms(planner: TagPlanner, component: string | undefined): readonly VersionForms[] {
  return versionSamples(component).map(({before, version, ...sample}) => {
    return {before, version, forms: sharedForms(planner, sample)}
  })
}

/** Events of Git tags with a version. With a component, they begin with its name. */
function versionSamples(
  component: string | undefined,
): readonly (EventSample & Pick<VersionForms, 'before' | 'version'>)[] {
  const starts = component === undefined ? ['v', ''] : [`${component}/v`, `${component}@`]
  return starts.flatMap((before) =>
    sampleVersions.map((versions) => {
      const events = pairOf((index): PlannedEvent => {
        return {kind: 'tag', tag: `${before}${versions[index]}`, sha: sampleCommits[index]}
      })
      return {before, version: versions[0], events, textsOf: versionTexts}
    }),
  )
}

/** Texts of a version in tags: those of the role, since a rule may take its version from elsewhere. */
export function versionTexts({role}: PlannedName): readonly KnownText[] {
  if (role.kind !== 'release' && role.kind !== 'version-line') return []
  const version = role.version.replace(/^[vV](?=\d)/, '')
  const [major = '', minor] = version.split('.')
  return [
    {kind: 'version', text: version.replaceAll('+', '-')},
    ...(minor === undefined ? [] : [{kind: 'minor', text: `${major}.${minor}`} as const]),
    {kind: 'major', text: major},
  ]
}

const pullSample: EventSample = {
  events: pairOf((index): PlannedEvent => {
    return {kind: 'pull', number: sampleNumbers[index], headRef: sampleBranches[index], sha: sampleCommits[index]}
  }),
  textsOf: (_, index) => [
    {kind: 'number', text: String(sampleNumbers[index])},
    {kind: 'ref', text: sampleBranches[index]},
  ],
}

/** Forms of the tags of pull requests. */
export function pullForms(planner: TagPlanner): readonly SampledForm[] {
  return sharedForms(planner, pullSample)
}

/** Events that differ in a name. */
function namedSample(eventOf: (name: string, sha: string) => PlannedEvent): EventSample {
  return {
    events: pairOf((index) => eventOf(sampleBranches[index], sampleCommits[index])),
    textsOf: (_, index) => [{kind: 'ref', text: sampleBranches[index]}],
  }
}

const branchSample = namedSample((branch, sha) => ({kind: 'branch', branch, sha}))

/** Forms of the tags of branches. */
export function branchForms(planner: TagPlanner): readonly SampledForm[] {
  return sharedForms(planner, branchSample)
}

function sampleOfBranch(branch: string): EventSample {
  return {events: pairOf((index): PlannedEvent => ({kind: 'branch', branch, sha: sampleCommits[index]}))}
}

/** Forms of the tags of one branch. */
export function formsOfBranch(planner: TagPlanner, branch: string): readonly SampledForm[] {
  return sharedForms(planner, sampleOfBranch(branch))
}

const queueSample = namedSample((branch, sha) => ({kind: 'merge-group', branch, sha}))

/** Forms of the tags of merge queues. */
export function queueForms(planner: TagPlanner): readonly SampledForm[] {
  return sharedForms(planner, queueSample)
}

/** Times that differ in each part of a date. */
export const sampleTimes = [new Date('2087-10-28T21:43:57Z'), new Date('2098-12-19T13:29:46Z')] as const

const scheduleSample: EventSample = {
  events: pairOf((index): PlannedEvent => {
    return {kind: 'schedule', at: sampleTimes[index], sha: sampleCommits[index]}
  }),
}

/** Forms of the tags of schedules that do not contain the time. */
export function scheduleForms(planner: TagPlanner): readonly SampledForm[] {
  return sharedForms(planner, scheduleSample)
}

/** Reports whether tags of schedules contain the time. */
export function hasDatedSchedule(planner: TagPlanner): boolean {
  const [first, second] = pairOf((index) => planner({kind: 'schedule', at: sampleTimes[index]}))
  return first.some(({tag, rule}) => rule === 'schedule' && !second.some((name) => name.tag === tag))
}

/** Samples of all kinds of events. With a component, the Git tags of versions begin with its name. */
export function eventSamples({
  component,
  defaultBranch,
}: {
  readonly component: string | undefined
  readonly defaultBranch: string
}): readonly EventSample[] {
  const gitTagSample = namedSample((tag, sha) => ({kind: 'tag', tag, sha}))
  const ofRefs = [sampleOfBranch(defaultBranch), branchSample, scheduleSample, pullSample, queueSample, gitTagSample]
  return [...ofRefs, ...versionSamples(component)]
}

function pairOf<T>(make: (index: 0 | 1) => T): Pair<T> {
  return [make(0), make(1)]
}

/** Forms that the tags of both events have. */
function sharedForms(planner: TagPlanner, {events, textsOf}: EventSample): readonly SampledForm[] {
  const [first, second] = pairOf((index) =>
    planner(events[index]).flatMap((name): SampledForm[] => {
      const form = sampledForm(name, index, textsOf?.(name, index))
      return form === undefined ? [] : [{tag: name.tag, role: name.role, rule: name.rule, form}]
    }),
  )
  const forms = new Set(second.map(({form}) => form.form))
  return first.filter(({form}) => forms.has(form.form))
}

/** Form of a tag of an event with these texts. Undefined if it cannot be derived. */
export function sampledForm({tag}: PlannedName, index: 0 | 1, texts: readonly KnownText[] = []): TagForm | undefined {
  return formOf(tag, [...texts, {kind: 'commit', text: sampleCommits[index]}])
}

import type {PlannedEvent, PlannedName, TagPlanner} from '../../plan/tag-planner.ts'
import {formOf, type KnownText, type TagForm} from './template.ts'

/**
 * Events that no repository has, planned in pairs. What the tags of both have in common is the form that the rules give,
 * whatever the event.
 */
type Pair<T> = readonly [T, T]

/** Commits whose digits differ from each other at each position. */
const sampleCommits: Pair<string> = [
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

/** Forms of the tags of Git tags, by the form of the version. With a component, its Git tags begin with its name. */
export function versionForms(planner: TagPlanner, component: string | undefined): readonly VersionForms[] {
  const starts = component === undefined ? ['v', ''] : [`${component}/v`, `${component}@`]
  return starts.flatMap((before) =>
    sampleVersions.map((versions) => {
      const events = pairOf((index): PlannedEvent => {
        return {kind: 'tag', tag: `${before}${versions[index]}`, sha: sampleCommits[index]}
      })
      return {before, version: versions[0], forms: sharedForms(planner, events, versionTexts)}
    }),
  )
}

/** Texts of a version in tags: those of the role, since a rule may take its version from elsewhere. */
function versionTexts({role}: PlannedName): readonly KnownText[] {
  if (role.kind !== 'release' && role.kind !== 'version-line') return []
  const version = role.version.replace(/^[vV](?=\d)/, '')
  const [major = '', minor] = version.split('.')
  return [
    {kind: 'version', text: version.replaceAll('+', '-')},
    ...(minor === undefined ? [] : [{kind: 'minor', text: `${major}.${minor}`} as const]),
    {kind: 'major', text: major},
  ]
}

/** Forms of the tags of pull requests. */
export function pullForms(planner: TagPlanner): readonly SampledForm[] {
  const events = pairOf((index): PlannedEvent => {
    return {kind: 'pull', number: sampleNumbers[index], headRef: sampleBranches[index], sha: sampleCommits[index]}
  })
  return sharedForms(planner, events, (_, index) => [
    {kind: 'number', text: String(sampleNumbers[index])},
    {kind: 'ref', text: sampleBranches[index]},
  ])
}

/** Forms of the tags of branches. */
export function branchForms(planner: TagPlanner): readonly SampledForm[] {
  const events = pairOf((index): PlannedEvent => {
    return {kind: 'branch', branch: sampleBranches[index], sha: sampleCommits[index]}
  })
  return sharedForms(planner, events, (_, index) => [{kind: 'ref', text: sampleBranches[index]}])
}

/** Forms of the tags of one branch. */
export function formsOfBranch(planner: TagPlanner, branch: string): readonly SampledForm[] {
  const events = pairOf((index): PlannedEvent => ({kind: 'branch', branch, sha: sampleCommits[index]}))
  return sharedForms(planner, events)
}

/** Forms of the tags of merge queues. */
export function queueForms(planner: TagPlanner): readonly SampledForm[] {
  const events = pairOf((index): PlannedEvent => {
    return {kind: 'merge-group', branch: sampleBranches[index], sha: sampleCommits[index]}
  })
  return sharedForms(planner, events, (_, index) => [{kind: 'ref', text: sampleBranches[index]}])
}

/** Times that differ in each part of a date. */
const sampleTimes = [new Date('2087-10-28T21:43:57Z'), new Date('2098-12-19T13:29:46Z')] as const

const scheduleEvents = pairOf((index): PlannedEvent => {
  return {kind: 'schedule', at: sampleTimes[index], sha: sampleCommits[index]}
})

/** Forms of the tags of schedules that do not contain the time. */
export function scheduleForms(planner: TagPlanner): readonly SampledForm[] {
  return sharedForms(planner, scheduleEvents)
}

/** Reports whether tags of schedules contain the time. */
export function hasDatedSchedule(planner: TagPlanner): boolean {
  const [first, second] = pairOf((index) => planner({kind: 'schedule', at: sampleTimes[index]}))
  return first.some(({tag, rule}) => rule === 'schedule' && !second.some((name) => name.tag === tag))
}

function pairOf<T>(make: (index: 0 | 1) => T): Pair<T> {
  return [make(0), make(1)]
}

/** Forms that the tags of both events have. */
function sharedForms(
  planner: TagPlanner,
  events: Pair<PlannedEvent>,
  textsOf: (name: PlannedName, index: 0 | 1) => readonly KnownText[] = () => [],
): readonly SampledForm[] {
  const [first, second] = pairOf((index) =>
    planner(events[index]).flatMap((name): SampledForm[] => {
      const texts: readonly KnownText[] = [...textsOf(name, index), {kind: 'commit', text: sampleCommits[index]}]
      const form = formOf(name.tag, texts)
      return form === undefined ? [] : [{tag: name.tag, role: name.role, rule: name.rule, form}]
    }),
  )
  const forms = new Set(second.map(({form}) => form.form))
  return first.filter(({form}) => forms.has(form.form))
}

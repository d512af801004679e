import type {PlannedName, TagPlanner} from '../../plan/tag-planner.ts'
import {
  branchForms,
  formsOfBranch,
  hasDatedSchedule,
  pullForms,
  queueForms,
  scheduleForms,
  versionForms,
  type SampledForm,
  type VersionForms,
} from './samples.ts'
import type {SchemeName} from '../../tags/tag-role.ts'
import {compiled, type HoleKind, type TagForm, type TagTemplate} from './template.ts'

/** Form of tags with a version, and the Git tags that give them. */
export interface VersionFrame extends Pick<VersionForms, 'before' | 'version'> {
  readonly scheme: SchemeName
  readonly template: TagTemplate
}

/** Forms of the tags that the rules of a step give. They are computed by planning events, not by reading the rules. */
export interface TagFrames {
  /** Tags that do not depend on the event, such as `latest`, `edge` and `nightly`, and those of the default branch. */
  readonly fixed: ReadonlyMap<string, Pick<PlannedName, 'role' | 'rule'>>
  /** Exact tags of versions. Those with the longest literal text come first. */
  readonly releases: readonly VersionFrame[]
  /** Floating tags of version lines: `1.2`, `1`. */
  readonly lines: readonly VersionFrame[]
  readonly pulls: readonly TagTemplate[]
  readonly commits: readonly TagTemplate[]
  /** Tags of merge queues, with the name of the target branch. */
  readonly queues: readonly TagTemplate[]
  /** Whether tags of schedules contain the time of their run. */
  readonly hasDatedSchedule: boolean
}

/** Settings of the rules that the planner does not state. */
interface RuleScope {
  readonly component: string | undefined
  readonly defaultBranch: string | undefined
}

/** Computes the forms of the tags of a step. */
export function tagFrames(planner: TagPlanner, {component, defaultBranch}: RuleScope): TagFrames {
  const versions = versionForms(planner, component)
  const pulls = pullForms(planner)
  const queues = queueForms(planner)
  const ofDefault = defaultBranch === undefined ? [] : formsOfBranch(planner, defaultBranch)
  const all = [
    ...ofDefault,
    ...branchForms(planner),
    ...scheduleForms(planner),
    ...versions.flatMap(({forms}) => forms),
    ...pulls,
    ...queues,
  ]
  return {
    fixed: fixedNames(all),
    releases: versionFrames(versions, 'release', ['version']),
    lines: versionFrames(versions, 'version-line', ['minor', 'major']),
    pulls: templatesOf(pulls, ({holes}) => holes.includes('number')),
    commits: templatesOf(all, ({holes}) => {
      return holes.includes('commit') && !holes.includes('number') && !holes.includes('version')
    }),
    queues: templatesOf(queues, ({holes, literalLength}) => holes.join() === 'ref' && literalLength > 0),
    hasDatedSchedule: hasDatedSchedule(planner),
  }
}

/** Tags without holes. Of two with one name, the first counts. */
function fixedNames(forms: readonly SampledForm[]): TagFrames['fixed'] {
  const fixed = forms.filter(({form}) => form.holes.length === 0)
  return new Map(fixed.toReversed().map(({tag, role, rule}) => [tag, {role, rule}]))
}

function versionFrames(
  all: readonly VersionForms[],
  kind: 'release' | 'version-line',
  holes: readonly HoleKind[],
): readonly VersionFrame[] {
  const frames = all.flatMap(({before, version, forms}) =>
    forms.flatMap(({role, form}) =>
      role.kind === kind && form.holes.some((hole) => holes.includes(hole))
        ? [{before, version, scheme: role.scheme, form}]
        : [],
    ),
  )
  const keyed = frames.map((frame) => [`${frame.before} ${frame.scheme} ${frame.form.form}`, frame] as const)
  return [...new Map(keyed.toReversed()).values()]
    .sort((a, b) => b.form.literalLength - a.form.literalLength)
    .map(({form, ...frame}) => ({...frame, template: compiled(form)}))
}

/** Distinct templates, those with the longest literal text first. */
function templatesOf(forms: readonly SampledForm[], isWanted: (form: TagForm) => boolean): readonly TagTemplate[] {
  const wanted = forms.map(({form}) => form).filter(isWanted)
  const distinct = [...new Map(wanted.map((form) => [form.form, form])).values()]
  return distinct.sort((a, b) => b.literalLength - a.literalLength).map(compiled)
}

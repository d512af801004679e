import {noteOtherCommit} from './differences/other-commit.ts'
import {noteTagDifferences} from './differences/tag-differences.ts'
import {noteVariables} from './differences/variables.ts'
import type {DigestGroup} from './digests/find-joins.ts'
import {joinsImages, onlyInspects} from './digests/join-script.ts'
import {planJoin, planStage} from './digests/plan-digests.ts'
import {inputText, Refusal, resolved, type JobModel, type JobStep} from './job-model.ts'
import {planBuild, type BuildPlan} from './plan-build.ts'
import {planReferences, type References} from './plan-references.ts'
import {Remarks} from './remark-list.ts'
import {builderEntries, emulatorEntries} from './rules/builder.ts'
import {cloudLogins, type CloudLogin} from './rules/cloud-logins.ts'
import {loginReaders, noteLogins} from './rules/later-steps.ts'
import {loginInputs} from './rules/logins.ts'
import {loginNeed} from './rules/registry-use.ts'
import {requireSameCase} from './rules/same-case.ts'
import {signingsOf} from './rules/signing.ts'
import {noteTestBuilds} from './rules/test-builds.ts'
import {surroundingsOf, type Surroundings} from './surroundings.ts'
import {newEntry, type EntryText} from './text/entry-text.ts'

/** Step that becomes a step of Tagboat. */
export interface Rewrite {
  readonly step: JobStep
  readonly uses: string
  /** ID to add, if the step has none and needs one. */
  readonly id: string | undefined
  readonly inputs: readonly EntryText[]
  /** Whether the outputs are exported as variables. */
  readonly exportsVariables: boolean
}

/** Changes of a job. */
export interface JobPlan {
  readonly rewrites: readonly Rewrite[]
  readonly removed: readonly JobStep[]
  readonly references: References
  readonly remarks: Remarks
  readonly builds: readonly BuildPlan[]
}

/** Job with its changes. */
export interface PlannedJob {
  readonly model: JobModel
  readonly plan: JobPlan
}

/**
 * Decides how a job is converted; undefined if there is nothing to convert. `group` is what the job belongs to if it
 * builds by digest, or joins digests.
 * @throws Refusal
 */
export function planJob(model: JobModel, group: DigestGroup | undefined): JobPlan | undefined {
  const kinds = model.steps.map(({kind}) => kind)
  if (!kinds.some((kind) => kind !== undefined && kind !== 'checkout' && kind !== 'registry-user')) return undefined
  refuseOthers(model)
  requireSameCase(model)
  const joining = group?.joining === model ? group.step : undefined
  const builds = model.steps.filter((step) => step.kind === 'build' || step === joining)
  if (builds.length === 0 && !hasMetadataAlone(model)) return undefined
  const remarks = new Remarks()
  const shown = joining === undefined ? [] : model.steps.filter(({step}) => onlyInspects(step.run?.text ?? ''))
  const isUser = (one: JobStep): boolean => !shown.includes(one) && loginNeed(model, one) === 'yes'
  const reasonForLogins =
    joining !== undefined && model.steps.some((one) => one.index > joining.index && isUser(one))
      ? 'a step after the promote needs it'
      : undefined
  const signings = signingsOf(model, builds)
  const clouds = cloudLogins(model, builds)
  const cloudSteps = clouds.flatMap(({steps}) => steps)
  const surroundings = surroundingsOf(model, builds, {remarks, reasonForLogins, cloudSteps})
  const keepsBuilder = model.steps.some((one) => one.kind === 'buildx' && !surroundings.buildx.includes(one))
  const gone = [...shown, ...signings.flatMap(({steps}) => steps), ...cloudSteps]
  const plans = builds.map((build) => {
    if (build === joining && group !== undefined) return planJoin(group, remarks)
    if (/push-by-digest\s*=\s*true/.test(inputText(build, 'outputs')))
      return planStage(model, build, {group, remarks, keepsBuilder})
    return planBuild(model, build, {remarks, keepsBuilder})
  })
  const references = planReferences(model, plans, {remarks, gone})
  const rewrites = plans.map((plan) =>
    rewriteOf(model, plan, {surroundings, references, plans, signings, clouds, gone}),
  )
  signNote(signings, remarks)
  cloudNote(clouds, remarks)
  noteLogins(model, {rewrites, logins: surroundings.logins, gone, plans}, remarks)
  noteTestBuilds(model, plans, remarks)
  noteDifferences(model, {group, plans, references}, remarks)
  for (const {step} of shown)
    remarks.note(
      'inspect-dropped',
      step.place,
      'the step that shows the joined image is gone: the promote shows its digest and tags',
    )
  return {
    rewrites: [...references.dryRuns.map((one) => dryRunOf(model, one)), ...rewrites],
    removed: [
      ...surroundings.logins.automatic,
      ...surroundings.logins.taken,
      ...surroundings.buildx,
      ...surroundings.qemu,
      ...references.removed,
      ...gone,
    ],
    references: {...references, rename: (text, index) => substituted(clouds, references.rename(text, index))},
    remarks,
    builds: plans,
  }
}

/** Notes what differs from the Docker actions, although the inputs are the same. */
function noteDifferences(
  model: JobModel,
  {
    group,
    plans,
    references,
  }: {
    readonly group: DigestGroup | undefined
    readonly plans: readonly BuildPlan[]
    readonly references: References
  },
  remarks: Remarks,
): void {
  const builds = plans.map(({build}) => build)
  const metas = plans.flatMap(({meta, hasRules}) => (meta !== undefined && hasRules ? [meta] : []))
  const owner = group?.joining ?? model
  for (const meta of metas) noteTagDifferences(owner.steps.includes(meta) ? owner : model, meta, remarks)
  for (const {meta} of references.dryRuns) noteTagDifferences(model, meta, remarks)
  noteVariables(model, {builds, metas: plans.flatMap(({meta}) => meta ?? [])}, remarks)
  noteOtherCommit(model, builds, remarks)
}

function dryRunOf(model: JobModel, {meta, inputs, exportsVariables}: References['dryRuns'][number]): Rewrite {
  return {step: meta, uses: model.action, id: undefined, inputs, exportsVariables}
}

function refuseOthers({steps, job}: JobModel): void {
  for (const {kind, step} of steps) {
    if (kind === 'bake')
      throw new Refusal(
        'bake',
        step.place,
        'docker/bake-action builds the images',
        'Keep it, and use Tagboat with `dry-run: true` for its tags.',
      )
    if (kind === 'depot') throw new Refusal('depot', step.place, 'Depot builds the image', 'Keep its action.')
    if (kind === 'other-builder')
      throw new Refusal('other-builder', step.place, 'Buildah builds or pushes the image', 'Keep its action.')
  }
  if (/windows/i.test(JSON.stringify([job.runsOn, job.matrix])))
    throw new Refusal('windows', job.place, 'the job runs on Windows', 'Keep it: Windows images need Windows runners.')
}

/** Reports whether a job without a build has metadata for other steps or jobs. */
function hasMetadataAlone({steps}: JobModel): boolean {
  const metadata = steps.find(({kind}) => kind === 'metadata')
  if (metadata === undefined) return false
  const joining = steps.find(({step}) => joinsImages(step.run?.text ?? ''))
  if (joining !== undefined)
    throw new Refusal(
      'composed-tags',
      joining.step.place,
      'the step joins images of several platforms in a way that is not recognized',
      'See `docker manifest and docker buildx imagetools` in docs/migrating.md.',
    )
  return true
}

function rewriteOf(
  model: JobModel,
  plan: BuildPlan,
  {
    surroundings,
    references,
    plans,
    signings,
    clouds,
    gone,
  }: {
    readonly surroundings: Surroundings
    readonly references: References
    readonly plans: readonly BuildPlan[]
    readonly signings: ReturnType<typeof signingsOf>
    readonly clouds: readonly CloudLogin[]
    readonly gone: readonly JobStep[]
  },
): Rewrite {
  const {build, inputs, metaInputs, action} = plan
  const {logins, buildx, qemu} = surroundings
  const before = (steps: readonly JobStep[]): JobStep | undefined => steps.findLast(({index}) => index < build.index)
  const readers = loginReaders(model, plan, {logins, gone, plans})
  const builder = action === 'promote' ? [] : [...builderEntries(before(buildx)), ...emulatorEntries(before(qemu))]
  return {
    step: build,
    uses: actionOf(model.action, action),
    id: references.newIds.get(build.index),
    inputs: [
      ...metaInputs,
      ...loginInputs(model, {build, readers, pushesToGitHub: pushesToGitHub(model, plan)}, logins),
      ...clouds.flatMap((cloud) => cloud.inputs),
      ...builder,
      ...inputs,
      ...(signings.find((one) => one.build === build)?.inputs ?? []),
      ...(readers.length > 0 ? [newEntry('export-login', 'true')] : []),
    ],
    exportsVariables: references.exporting.has(build.index),
  }
}

function cloudNote(clouds: readonly CloudLogin[], remarks: Remarks): void {
  for (const {steps} of clouds)
    for (const {step} of steps.slice(0, 1))
      remarks.note(
        'cloud-login',
        step.place,
        'Tagboat requests the credentials itself, so the steps of this login are gone',
      )
}

function signNote(signings: ReturnType<typeof signingsOf>, remarks: Remarks): void {
  for (const {steps} of signings)
    for (const {step} of steps.slice(0, 1))
      remarks.note(
        'signed',
        step.place,
        'Tagboat signs the image and its platforms before the tags move, so cosign is not needed',
        'In a private repository, write `sign-log: public` if its name may be in the public log.',
      )
}

function substituted(clouds: readonly CloudLogin[], text: string): string {
  return clouds.reduce((result, {substitute}) => substitute(result), text)
}

/** Name of the action that stages or promotes. */
function actionOf(action: string, kind: BuildPlan['action']): string {
  if (kind === 'publish') return action
  const at = action.lastIndexOf('@')
  return at === -1 ? `${action.replace(/\/$/, '')}/${kind}` : `${action.slice(0, at)}/${kind}${action.slice(at)}`
}

/** Reports whether an image goes to ghcr.io, which is the default. */
function pushesToGitHub({env}: JobModel, {inputs, metaInputs, meta}: BuildPlan): boolean {
  const entries = [...metaInputs, ...inputs].filter(({name}) => name === 'images' || name === 'tags')
  const text = entries.flatMap(({after, rest}) => [after, ...rest]).join('\n')
  const isDefault = meta !== undefined && !entries.some(({name}) => name === 'images')
  return isDefault || resolved(text, env).includes('ghcr.io/')
}

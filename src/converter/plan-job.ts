import {usesRegistry} from './actions.ts'
import {planBuild, type BuildPlan} from './plan-build.ts'
import {Refusal, inputPlace, type JobModel, type JobStep} from './job-model.ts'
import {Remarks} from './remark-list.ts'
import {
  droppedBuilderInputs,
  emulatorEntries,
  builderEntries,
  reasonToKeepBuilder,
  reasonToKeepEmulators,
} from './rules/builder.ts'
import {dropsCondition, loginInputs, loginsOf, type Logins} from './rules/logins.ts'
import {isNotPullRequest} from './rules/conditions.ts'
import {conditionText} from './job-model.ts'
import {planReferences, type References} from './plan-references.ts'
import {stepText} from './step-text.ts'
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

/** Steps around the builds that Tagboat takes over. */
interface Surroundings {
  readonly logins: Logins
  readonly buildx: readonly JobStep[]
  readonly qemu: readonly JobStep[]
}

/**
 * Decides how a job is converted; undefined if it has none of the actions.
 * @throws Refusal
 */
export function planJob(model: JobModel): JobPlan | undefined {
  if (!model.steps.some(({kind}) => kind !== undefined && kind !== 'checkout' && kind !== 'registry-user'))
    return undefined
  refuseOthers(model)
  const builds = model.steps.filter(({kind}) => kind === 'build')
  if (builds.length === 0) throw withoutBuild(model)
  const remarks = new Remarks()
  const surroundings = surroundingsOf(model, builds, remarks)
  const keepsBuilder = model.steps.some((one) => one.kind === 'buildx' && !surroundings.buildx.includes(one))
  const plans = builds.map((build) => planBuild(model, build, {remarks, keepsBuilder}))
  const references = planReferences(model, plans, remarks)
  const rewrites = plans.map((plan) => rewriteOf(model, plan, {surroundings, references, builds}))
  exportNote(model, rewrites, remarks)
  return {
    rewrites: [
      ...references.dryRuns.map(({meta, inputs, exportsVariables}) => ({
        step: meta,
        uses: model.action,
        id: undefined,
        inputs,
        exportsVariables,
      })),
      ...rewrites,
    ],
    removed: [
      ...surroundings.logins.automatic,
      ...surroundings.logins.taken,
      ...surroundings.buildx,
      ...surroundings.qemu,
      ...references.removed,
    ],
    references,
    remarks,
    builds: plans,
  }
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
    throw new Refusal(
      'windows',
      job.place,
      'the job runs on Windows',
      'Keep it: Tagboat builds images on Linux and macOS.',
    )
}

function withoutBuild({steps, job}: JobModel): Refusal {
  const joining = steps.find(({step}) =>
    /\b(?:imagetools\s+create|manifest\s+(?:create|push))\b/.test(step.run?.text ?? ''),
  )
  if (joining !== undefined)
    return new Refusal(
      'composed-tags',
      joining.step.place,
      'the step joins images of several platforms',
      'See `docker manifest and docker buildx imagetools` in docs/migrating.md.',
    )
  const metadata = steps.find(({kind}) => kind === 'metadata')
  if (metadata !== undefined)
    return new Refusal(
      'metadata-alone',
      metadata.step.place,
      'no docker/build-push-action of the job uses the metadata',
      'Use Tagboat with `dry-run: true` for it, or keep the action.',
    )
  return new Refusal(
    'no-build',
    steps.find(({kind}) => kind !== undefined)?.step.place ?? job.place,
    'the job has no docker/build-push-action',
    'Keep the steps.',
  )
}

function surroundingsOf(model: JobModel, builds: readonly JobStep[], remarks: Remarks): Surroundings {
  const logins = loginsOf(model, builds)
  for (const {login, reason} of logins.kept) remarks.kept('login-kept', login.step.place, `the login stays: ${reason}`)
  const takeable = (kind: 'buildx' | 'qemu', reason: (step: JobStep) => string | undefined): readonly JobStep[] =>
    model.steps.filter((step) => {
      if (step.kind !== kind) return false
      const found = reason(step)
      if (found === undefined) return true
      const what =
        kind === 'buildx' ? 'the step that creates the builder stays' : 'the step that installs emulators stays'
      remarks.kept(kind === 'buildx' ? 'builder-kept' : 'qemu-kept', step.step.place, `${what}: ${found}`)
      return false
    })
  const buildx = takeable('buildx', (step) => reasonToKeepBuilder(model, step, stepText))
  const qemu = takeable('qemu', (step) => reasonToKeepEmulators(model, step, stepText))
  noteDropped(model, {logins, buildx, qemu}, {builds, remarks})
  return {logins, buildx, qemu}
}

function noteDropped(
  model: JobModel,
  {logins, buildx, qemu}: Surroundings,
  {builds, remarks}: {readonly builds: readonly JobStep[]; readonly remarks: Remarks},
): void {
  for (const step of buildx)
    for (const name of droppedBuilderInputs(step))
      remarks.note(
        'input-dropped',
        inputPlace(step, name),
        `\`${name}\` of docker/setup-buildx-action has no counterpart`,
      )
  for (const step of qemu)
    if (step.step.with.has('image') && emulatorEntries(step).length === 0)
      remarks.note(
        'input-dropped',
        inputPlace(step, 'image'),
        '`image` of docker/setup-qemu-action is not pinned by a digest, so the image of Tagboat is used',
      )
  for (const login of [...logins.automatic, ...logins.taken]) {
    const build = builds.find(({index}) => index > login.index)
    const condition = conditionText(login.step.if)
    if (build === undefined || condition === '' || isNotPullRequest(condition)) continue
    if (logins.automatic.includes(login) || dropsCondition(build, login))
      remarks.note(
        'condition-dropped',
        login.step.if?.key ?? login.step.place,
        `the condition of the login (\`${condition}\`) is not needed: an incomplete login counts only if the run pushes to its registry`,
      )
  }
  if (model.steps.length === 0) remarks.note('no-build', model.job.place, 'the job has no steps')
}

function rewriteOf(
  model: JobModel,
  {build, inputs, metaInputs}: BuildPlan,
  {
    surroundings,
    references,
    builds,
  }: {readonly surroundings: Surroundings; readonly references: References; readonly builds: readonly JobStep[]},
): Rewrite {
  const {logins, buildx, qemu} = surroundings
  const before = (steps: readonly JobStep[]): JobStep | undefined => steps.findLast(({index}) => index < build.index)
  const next = builds.find(({index}) => index > build.index)?.index ?? Infinity
  const hadLogin = [...logins.automatic, ...logins.taken].some(({index}) => index < build.index)
  const exports = hadLogin && model.steps.some((one) => one.index > build.index && one.index < next && needsLogin(one))
  return {
    step: build,
    uses: model.action,
    id: references.newIds.get(build.index),
    inputs: [
      ...metaInputs,
      ...loginInputs(model, build, logins),
      ...builderEntries(before(buildx)),
      ...emulatorEntries(before(qemu)),
      ...inputs,
      ...(exports ? [newEntry('export-login', 'true')] : []),
    ],
    exportsVariables: references.exporting.has(build.index),
  }
}

/** Reports whether a step that stays talks to a registry. */
function needsLogin({kind, step}: JobStep): boolean {
  if (kind !== 'registry-user') return usesRegistry(step.run?.text ?? '')
  const isAttest = /^actions\/attest/i.test(step.uses?.text ?? '')
  return !isAttest || step.with.get('push-to-registry')?.text === 'true'
}

function exportNote(model: JobModel, rewrites: readonly Rewrite[], remarks: Remarks): void {
  for (const {step, inputs} of rewrites) {
    if (!inputs.some(({name}) => name === 'export-login')) continue
    const user = model.steps.find((one) => one.index > step.index && needsLogin(one))
    remarks.note(
      'export-login',
      user?.step.place ?? step.step.place,
      'the step talks to a registry, so Tagboat leaves its login there',
      'Remove `export-login: true` if the step needs no login.',
    )
  }
}

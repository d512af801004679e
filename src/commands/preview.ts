import {toTagboatError} from '../errors/error.ts'
import {errorWarning} from '../errors/render-error.ts'
import {formatRepository} from '../oci/reference.ts'
import {requiredPart} from '../plan/best-effort.ts'
import type {Plan, PlannedTag} from '../plan/plan.ts'
import {checkPushes, noticesOf} from '../preflight/check-pushes.ts'
import {imageTargets} from '../preflight/push-targets.ts'
import {requirePushes, writtenOf} from '../preflight/require-pushes.ts'
import type {ExistingRelease} from '../promote/decide/decide-release.ts'
import type {RepositoryState} from '../promote/decide/registry-state.ts'
import {withRollBackRemedy} from '../promote/decide/roll-back-remedy.ts'
import type {RunFacts} from '../promote/decide/tag-decision.ts'
import type {PromoteRow} from '../promote/journal.ts'
import {relationFinder} from '../promote/commit-relation.ts'
import {explainPreview} from '../promote/preview/explain-preview.ts'
import {previewRows, refusedBy} from '../promote/preview/preview-rows.ts'
import {stateReader, type StateReader} from '../promote/read-state.ts'
import type {Io} from '../io/io.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {openRegistries, type Registries, type RegistryUser} from '../run/registries.ts'
import {after, RunFailure, type RunResult} from '../run/run-result.ts'
import {imageFacts} from './preflight.ts'
import {resolvePromotion} from './promote.ts'
import type {Publication} from './promote-image.ts'
import {pushOf, registryUser} from './registry-user.ts'

function isVerifying({inputs}: Prepared): boolean {
  return (inputs.verify?.demands.length ?? 0) > 0
}

/** Image that a real run would publish, and its tags. */
interface PreviewedImage extends Pick<RunResult, 'gates'> {
  readonly plan: Plan
  readonly thisRun: RunFacts
}

/**
 * Reads the registries, and decides about each tag as a real run would, without a build and without a change.
 * @throws RunFailure with the preview, if a real run would be refused; TagboatError if a registry cannot be read.
 */
export async function previewTags(prepared: Prepared, io: Io): Promise<RunResult> {
  const {policy, retries} = prepared.inputs.publish
  const user = await registryUser(pushOf(prepared), io)
  using registries = await openRegistries(user, retries, io)
  const {plan, thisRun, gates} = await imageOf(prepared, registries, io)
  const reader = stateReader({
    policy,
    revision: thisRun.revision,
    findRelation: relationFinder(prepared, io),
    now: io.now,
  })
  const judging = {prepared, thisRun, registries, minted: user.minted, reader, io}
  const required = await judgeTags(requiredPart(plan).tags, judging)
  const others = await judgeBestEffort(plan, judging, required.failure !== undefined)
  const rows = [...required.rows, ...others]
  const preview = explainPreview(prepared.action === 'promote' ? withRollBackRemedy(rows, plan.tags) : rows)
  const done = {plan, preview, versions: reader.versions, ...(gates && {gates})}
  if (required.failure !== undefined) throw new RunFailure(done, required.failure)
  if (prepared.action === 'promote' || !isVerifying(prepared)) return done
  return await after(done, async () => withVerdicts(done, required.existing, {prepared, registries, io}))
}

/** Compares the signatures of a release that exists. (TypeScript does not rewrite an import in a function with `using`.) */
async function withVerdicts(
  done: RunResult,
  existing: ExistingRelease | undefined,
  publication: Publication,
): Promise<RunResult> {
  const {previewRelease} = await import('./dry/preview-signatures.ts')
  const verdicts = await previewRelease(existing, publication)
  return {...done, ...(verdicts && {gates: verdicts})}
}

async function imageOf(prepared: Prepared, registries: Registries, io: Io): Promise<PreviewedImage> {
  const {plan, action} = prepared
  if (action === 'promote') {
    const {narrowed, resolved, thisRun} = await resolvePromotion(prepared, registries, io)
    const image = {plan: narrowed, thisRun: {...thisRun, digest: resolved.content.digest}}
    if (!isVerifying(prepared)) return image
    const {previewSources} = await import('./dry/preview-signatures.ts')
    return {...image, gates: await previewSources(resolved, {prepared, registries, io})}
  }
  const facts = imageFacts({prepared: {...prepared, plan: requiredPart(plan)}, builder: {features: undefined}, io})
  return {plan, thisRun: {...facts, ...(action === 'stage' && {isPart: true}), digest: undefined}}
}

interface Judging {
  readonly prepared: Prepared
  readonly thisRun: RunFacts
  readonly registries: Registries
  readonly minted: RegistryUser['minted']
  readonly reader: StateReader
  readonly io: Io
}

async function judgeTags(
  tags: readonly PlannedTag[],
  {prepared, thisRun, registries, minted, reader, io}: Judging,
): ReturnType<typeof previewRows> {
  const {policy} = prepared.inputs.publish
  const {clients} = registries
  const create = prepared.inputs.credentials.clouds?.ecrCreate
  const [checks, read] = await Promise.all([
    checkPushes(imageTargets({...prepared.plan, tags}), {clients, minted: minted ?? [], time: 'dry-run', create}),
    reader.read(tags, clients),
  ])
  for (const notice of noticesOf(checks)) io.workflow.notice(notice)
  return previewRows({
    tags,
    states: withoutDefaultPlatform(read, prepared),
    thisRun,
    policy,
    clients,
    check: ({decisions, target, builds}) => {
      const written = writtenOf(decisions, target)
      for (const notice of requirePushes(checks, {builds, written})) io.workflow.notice(notice)
    },
  })
}

/**
 * State of images that are compared with one for the platform of the builder, which is not known without a builder: their
 * platform does not count.
 */
function withoutDefaultPlatform(states: readonly RepositoryState[], {inputs}: Prepared): readonly RepositoryState[] {
  if (inputs.build.platforms.length > 0) return states
  return states.map((state) => ({
    ...state,
    tagStates: new Map(
      [...state.tagStates].map(([tag, one]) => [tag, {...one, build: one.build?.replace(/ ?\bplatform=\S+/, '')}]),
    ),
  }))
}

/**
 * Rows of the images that are not required. A failure is a warning, as in a real run. A run that is refused does not
 * reach them.
 */
async function judgeBestEffort(plan: Plan, judging: Judging, isRefused: boolean): Promise<readonly PromoteRow[]> {
  const {bestEffort = []} = plan
  const {io} = judging
  const rows = bestEffort.map(async (repository) => {
    const name = formatRepository(repository)
    const tags = plan.tags.filter(({reference}) => formatRepository(reference.repository) === name)
    const judged = await judgeTags(tags, judging).catch((error: unknown) => {
      io.signal.throwIfAborted()
      return refusedBy(toTagboatError(error), {tags, states: [], isRefused: () => true})
    })
    if (isRefused) return judged.rows.map(notReached)
    if (judged.failure !== undefined) io.workflow.warning(errorWarning(judged.failure, `${name} is not required.`))
    return judged.rows
  })
  return (await Promise.all(rows)).flat()
}

function notReached(row: PromoteRow): PromoteRow {
  return {...row, after: row.before, outcome: 'kept', reason: {code: 'others-failed'}, level: 'info'}
}

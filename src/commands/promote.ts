import {TagboatError} from '../errors/error.ts'
import {factKeys} from '../oci/image-facts.ts'
import {formatTagRef} from '../oci/reference.ts'
import {requiredPart} from '../plan/best-effort.ts'
import {repositoriesOf, type Plan} from '../plan/plan.ts'
import {imageTargets} from '../preflight/push-targets.ts'
import {stateReader, type StateReader} from '../promote/read-state.ts'
import {resolveSources, type ResolvedSources} from '../promote/resolve-sources.ts'
import {requireStagedPlatforms, platformImages} from '../stage/staged-image.ts'
import {relationFinder} from '../promote/commit-relation.ts'
import type {Io} from '../io/io.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {prepareRun} from './prepare-run.ts'
import {openRegistries, type Registries, type RegistryUser} from '../run/registries.ts'
import {ensureVisible} from '../stage/temporary-tags.ts'
import {withReport} from './reporting.ts'
import {after, type RunResult} from '../run/run-result.ts'
import {isUserNamed, roleForImage} from '../tags/named-tag-role.ts'
import {mayBeVersion} from '../tags/versions/version-order.ts'
import type {BestEffortRun} from './best-effort.ts'
import type {PromotedImage} from './check-promotion.ts'
import {promoteAttested} from './github/promote-attested.ts'
import {promoteImage, type Publication} from './promote-image.ts'
import type {Scan} from './scan/start-scan.ts'
import {pushOf, registryUser} from './registry-user.ts'

/** Action `tagboat/tagboat/promote@v1`: points tags to a staged or published image, without a build and without Docker. */
export async function promote(io: Io): Promise<void> {
  const prepared = await prepareRun(io, 'promote')
  await withReport('promote', prepared, io, async () => {
    if (!prepared.plan.push.do) return {}
    const {retries} = prepared.inputs.publish
    const user = await registryUser(pushOf(prepared), io)
    using registries = await openRegistries(user, retries, io)
    const promoted = await promoteScanned(prepared, {...user, registries}, io)
    return await promoteRest(promoted, {prepared, registries, user, io})
  })
}

/** Promotes with the scan of the run, if it has one. */
async function promoteScanned(
  prepared: Prepared,
  place: RegistryUser & {readonly registries: Registries},
  io: Io,
): Promise<RunResult> {
  const {scan: inputs} = prepared.inputs
  if (inputs === undefined) return promoteSources(prepared, {...place, scan: undefined}, io)
  const {withScan} = await import('./scan/with-scan.ts')
  const {registries} = place
  return withScan(inputs, {registries, io}, async (scan) => promoteSources(prepared, {...place, scan}, io))
}

/** Promotes to the repositories that are not required. */
async function promoteRest(promoted: RunResult, {prepared, ...run}: BestEffortRun): Promise<RunResult> {
  if (prepared.plan.bestEffort === undefined) return promoted
  const {publishBestEffort} = await import('./best-effort.ts')
  return publishBestEffort(promoted, {...run, prepared: {...prepared, plan: promoted.plan ?? prepared.plan}})
}

async function promoteSources(
  prepared: Prepared,
  {
    registries,
    minted,
    scan,
  }: Pick<BestEffortRun, 'registries'> & Pick<RegistryUser, 'minted'> & {readonly scan: Scan | undefined},
  io: Io,
): Promise<RunResult> {
  const {policy} = prepared.inputs.publish
  const {askRegistries, requirePromotion} = await import('./check-promotion.ts')
  const {clients} = registries
  const targets = imageTargets(requiredPart(prepared.plan))
  const resolving = resolvePromotion(prepared, registries, io)
  const [checks, {resolved, narrowed, thisRun}] = await askRegistries(
    targets,
    {clients, minted, create: prepared.inputs.credentials.clouds?.ecrCreate, workflow: io.workflow},
    resolving,
  )
  const {content, platform, repository, facts} = resolved
  const {digest} = content
  const reader = stateReader({
    policy,
    revision: thisRun.revision,
    findRelation: relationFinder(prepared, io),
    now: io.now,
  })
  const request = {tags: requiredPart(narrowed).tags, thisRun, policy}
  await requirePromotion(checks, {...request, digest}, {clients, reader, workflow: io.workflow})
  const read = {plan: narrowed, promoted: facts}
  const {gates, scanSarif} = await after(read, async () =>
    passGates(resolved, {...request, digest}, {prepared, registries, io, reader, scan}),
  )
  const done = {...read, gates, scanSarif}
  return after(done, async () => {
    const repositories = repositoriesOf(requiredPart(prepared.plan))
    const copied = await io.phases.measure('copy', async () => resolved.copyTo(repositories))
    if (copied.length > 0) {
      const {reportCopied} = await import('./sign/report-copied.ts')
      reportCopied(copied, {signs: prepared.inputs.sign !== undefined, workflow: io.workflow})
    }
    const destinations = repositories.map((one) => clients.repository(one))
    const temporaryTags = Promise.resolve(await ensureVisible(content, destinations, io))
    const image = {content, platform, repository, existing: true, temporaryTags, isVouched: true}
    const required = {...prepared, plan: requiredPart(prepared.plan)}
    const publication = {prepared: required, registries, io}
    const given = await promoteAttested({...image, revision: facts.revision}, publication, async () =>
      promoteImage(image, request, {...publication, reader}),
    )
    return {...done, ...given}
  })
}

/** Runs the gates of a promote, which few runs have. Nothing is copied yet. */
async function passGates(
  image: ResolvedSources,
  request: PromotedImage,
  place: Publication & {readonly reader: StateReader; readonly scan: Scan | undefined},
): Promise<Pick<RunResult, 'gates' | 'scanSarif'>> {
  const {verify, publish} = place.prepared.inputs
  if (verify === undefined && publish.sizeLimits === undefined && place.scan === undefined) return {gates: []}
  const {passPromotionGates} = await import('./gates/promotion-gates.ts')
  return passPromotionGates(image, request, place)
}

/** Image to promote, and what a promote does with it. */
interface Promotion {
  readonly resolved: ResolvedSources
  /** Plan with the tags for this image. */
  readonly narrowed: Plan
  readonly thisRun: ReturnType<typeof imageFacts>
}

/** Reads the image to promote, and checks that it has the platforms and the version of the run. Changes nothing. */
export async function resolvePromotion(prepared: Prepared, registries: Registries, io: Io): Promise<Promotion> {
  const {inputs, plan} = prepared
  if (inputs.promote.sources.length === 0) throw nothingToPromote()
  const resolved = await resolveSources(
    {
      sources: inputs.promote.sources,
      repositories: repositoriesOf(requiredPart(plan)),
      annotations: indexAnnotations(prepared),
      releases: requiredPart(plan)
        .tags.filter(({role}) => role.kind === 'release')
        .map(({reference}) => reference),
      hasStandard: !inputs.image.withoutStandard.annotations,
      onLeftOut: (line) => {
        io.workflow.warning(line)
      },
    },
    registries.clients,
  )
  const {content, platform, repository} = resolved
  requireStagedPlatforms(platformImages(content, platform), inputs.build.platforms, repository)
  requireVersionOfImage(prepared, resolved)
  const tags = tagsOfImage(prepared, resolved, io)
  const narrowed = {...plan, tags, tagNames: [...new Set(tags.map(({reference}) => reference.tag))]}
  return {resolved, narrowed, thisRun: imageFacts(resolved)}
}

/**
 * Planned tags for the image: a tag that the user named gets the role that the version of the image defines, and a tag
 * that names the commit of this run is left out unless the image states that commit.
 * @throws TagboatError `nothing-to-tag` if no tag is left.
 */
function tagsOfImage({plan, context}: Prepared, {facts}: ResolvedSources, {workflow}: Io): Plan['tags'] {
  const tags = plan.tags.map((tag) => ({...tag, role: roleForImage(tag.reference.tag, tag.role, facts.version)}))
  const {revision} = facts
  if (revision === context.sha) return tags
  const wrong = tags.filter(({role}) => role.kind === 'commit')
  const stated = revision === undefined ? 'does not state its commit' : `is of commit ${revision}`
  const reason = `it names ${context.sha}, the commit of this run, but the image ${stated}`
  const lines = wrong.map(({reference}) => `${formatTagRef(reference)} is not created: ${reason}`)
  if (wrong.length > 0 && wrong.length === tags.length) {
    const remedy = 'Set the exact tag in `tags`, or promote on the commit of the image.'
    throw new TagboatError('nothing-to-tag', {evidence: lines, remedy})
  }
  for (const line of lines) workflow.notice(line)
  return tags.filter((tag) => !wrong.includes(tag))
}

/**
 * Rejects tags of another version than the label of the image: `1.2.0` must not point to version 1.3.0. A pre-release may
 * be promoted as its release. The input `from` is easily one release behind.
 * @throws TagboatError `sources-mixed`
 */
function requireVersionOfImage({plan, context}: Prepared, {content, facts}: ResolvedSources): void {
  const wrong = plan.tags.filter(
    ({role}) => 'version' in role && !isUserNamed(role) && !mayBeVersion(facts.version, role.version),
  )
  const [first] = wrong
  if (facts.version === undefined || first === undefined || !('version' in first.role)) return
  const {version} = first.role
  throw new TagboatError('sources-mixed', {
    message: `The image is version ${facts.version}, but the tags of this run are for version ${version}.`,
    evidence: [
      `${content.digest} is version ${facts.version}, of revision ${facts.revision ?? 'unknown'}`,
      `this run tags ${wrong.map(({reference}) => formatTagRef(reference)).join(', ')}, of revision ${context.sha}`,
    ],
    remedy: `Promote on the Git tag of ${facts.version}, set \`version\` to it, or name the image of ${version} in \`from\` or \`digests\`. Nothing was changed.`,
  })
}

/** Facts of the image. Its commit may be another than that of this run. */
function imageFacts({
  facts,
}: ResolvedSources): Omit<ResolvedSources['facts'], 'source' | 'created' | 'ref' | 'version' | 'floating'> {
  const {revision, commitDate, runId, tags, build} = facts
  return {revision, commitDate, runId, tags, build}
}

/**
 * Annotations of an index that the promotion creates; an existing index is not changed. They exclude the time of this
 * run, so that the same images always produce the same index.
 */
function indexAnnotations({plan, inputs}: Prepared): Readonly<Record<string, string>> {
  const isUserDefined = (name: string): boolean => inputs.image.annotations.some(({key}) => key === name)
  return Object.fromEntries(
    plan.annotations
      .filter(({key, levels}) => levels.includes('index') && (key !== factKeys.created || isUserDefined(key)))
      .map(({key, value}) => [key, value]),
  )
}

function nothingToPromote(): TagboatError {
  return new TagboatError('source-missing', {
    message: 'There is no image to promote.',
    evidence: ['`digests` does not contain a digest, and `from` is empty'],
    remedy:
      'Set `digests` to the outputs `digest` of the stage steps, or `from` to a published reference. Each job with a stage step needs an output for its digest. An empty digest often means that the stage did not push: see its output `pushed`.',
  })
}

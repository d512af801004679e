import {formatRepository, isSameRepository} from '../oci/reference.ts'
import {explainRows, type ExplainedRow} from '../promote/explained-rows.ts'
import {promote, type PromoteRequest, type PromoteRow} from '../promote/promote.ts'
import {describeImage} from '../promote/read-back.ts'
import type {Published} from '../report/first-publications.ts'
import {describeFound} from '../report/found-image.ts'
import type {Digest} from '../oci/digest.ts'
import type {StateReader} from '../promote/read-state.ts'
import {after, type RunResult} from '../run/run-result.ts'
import type {BuildSession} from '../stage/build-session.ts'
import {repositoriesOf} from '../plan/plan.ts'
import type {SignResult} from '../signing/signed-image.ts'
import type {StagedImage} from '../stage/staged-image.ts'

/** Resources of a run that publishes, with or without a build. */
export type Publication = Pick<BuildSession, 'prepared' | 'registries' | 'io'>

/**
 * Points the tags to an image, and reads the published image.
 * @throws RunFailure with the rows of the promotion. Its cause is a TagboatError; `publish-unverified` if the image is
 * not complete.
 */
export async function promoteImage(
  image: StagedImage,
  request: Omit<PromoteRequest, 'content' | 'isNewImage'>,
  publication: Publication & {readonly reader: StateReader},
): Promise<RunResult> {
  const {registries, io, reader} = publication
  const {content, existing, repositories, parts, attached} = image
  // An image of this run is complete, so it is read while the tags move. An existing image is checked first.
  const description = describeStaged(image, publication)
  if (existing) await description
  else description.catch(() => undefined)
  const {signed, unsigned} = await signStaged(image, publication)
  const judged = await judgedDigests(image, unsigned, publication)
  const promoted = await io.phases.measure('promote', async () =>
    promote(
      {
        ...request,
        content,
        parts,
        attached,
        shown: image.temporaryTags,
        isNewImage: !existing,
        ...(repositories && {repositories}),
        ...(judged && {judged}),
      },
      {
        clients: registries.clients,
        undoClients: registries.undoClients,
        reader,
        sleep: io.timer(io.signal).sleep,
        signal: io.signal,
      },
    ),
  )
  const {versions} = reader
  const rows = explainRows(await namingRemedy(promoted.rows, request, publication))
  return after({signed, rows, versions}, async () => {
    const {failure} = promoted
    if (failure !== undefined) throw failure
    const other = await otherBuild(image, rows, {...publication, isPromote: request.preflightStates === undefined})
    const described = await (other === undefined ? description : describeStaged(other, publication))
    await after(described, async () => removeTemporary(image, publication))
    await noticePackages({rows, states: request.preflightStates}, publication)
    return {signed, rows, versions, ...described}
  })
}

/** Signs the image if the run signs. No tag has moved yet. */
async function signStaged(image: StagedImage, publication: Publication): Promise<Partial<SignResult>> {
  const {signers = [], inputs} = publication.prepared
  const {sign} = inputs
  if (sign === undefined || signers.length === 0) return {}
  const {signImage} = await import('./sign/sign-image.ts')
  return publication.io.phases.measure('sign', async () => signImage(image, {sign, signers}, publication))
}

/** Images that tags may point to. Undefined without gates: then tags may point to any build of the release. */
async function judgedDigests(
  image: StagedImage,
  unsigned: SignResult['unsigned'] | undefined,
  {prepared: {inputs}}: Publication,
): Promise<ReadonlySet<Digest> | undefined> {
  const {build, publish, scan, sign, verify} = inputs
  // A build of this run has the platforms of every other one.
  const [platform] = (image.otherBuilds ?? []).length > 0 ? build.platforms : []
  const gates = [publish.test, publish.sizeLimits, scan, sign, verify?.demands[0], platform]
  if (gates.every((gate) => gate === undefined)) return undefined
  const {judgedBuilds} = await import('./published/judged-builds.ts')
  return judgedBuilds(image, unsigned, inputs)
}

/** Rows of a promotion. Those of the action that only promotes may have a remedy. */
async function namingRemedy(
  rows: readonly PromoteRow[],
  {tags}: Pick<PromoteRequest, 'tags'>,
  {prepared}: Publication,
): Promise<readonly PromoteRow[]> {
  if (prepared.action !== 'promote') return rows
  const {withRollBackRemedy} = await import('../promote/decide/roll-back-remedy.ts')
  return withRollBackRemedy(rows, tags)
}

/**
 * Image of this commit to which the release tags point instead, if they keep an earlier build. Few runs need the code for
 * it: those with a tag of another image.
 */
async function otherBuild(
  image: StagedImage,
  rows: readonly ExplainedRow[],
  publication: Publication & {readonly isPromote: boolean},
): Promise<StagedImage | undefined> {
  const {digest} = image.content
  if (rows.every(({after: found}) => found === digest)) return undefined
  const {keptBuild, noticeKeptReleases} = await import('./published/kept-build.ts')
  if (image.existing && publication.isPromote) noticeKeptReleases(digest, rows, publication)
  return keptBuild(digest, rows, publication)
}

/**
 * Notices of packages of GitHub that have their first tags. The code for it is loaded only if a new tag is the first of a
 * repository at ghcr.io, or in a registry with a similar name. Never rejects.
 */
export async function noticePackages(published: Published, publication: Publication): Promise<void> {
  const {rows} = published
  const isFirst = ({outcome, reference: {repository}}: ExplainedRow): boolean =>
    outcome === 'new' &&
    /^(?:ghcr\.io$|containers\.)/.test(repository.host) &&
    rows.every(({before, reference}) => before === undefined || !isSameRepository(reference.repository, repository))
  if (!rows.some(isFirst)) return
  const {noticeFirstPublications} = await import('./published/first-publication.ts')
  await noticeFirstPublications(published, publication)
}

/** Removes the temporary tags of an image. Few registries need them. */
async function removeTemporary({content, temporaryTags}: StagedImage, publication: Publication): Promise<void> {
  const tags = (await temporaryTags) ?? []
  if (tags.length === 0) return
  const {removeTemporaryTags} = await import('../stage/remove-temporary-tags.ts')
  await removeTemporaryTags(tags, content, publication)
}

type Described = Pick<RunResult, 'staged' | 'unread'>

/**
 * Describes the published image for outputs and summary.
 * @throws TagboatError `publish-unverified`, `cancelled`
 */
export async function describeStaged(
  {content, platform, repository, existing, temporaryTags}: StagedImage,
  {prepared, registries, io}: Publication,
): Promise<Described> {
  await temporaryTags
  const {digest} = content
  const client = registries.clients.repository(repository)
  const {images, unread} = await describeImage(client, repository, {digest, platforms: [], platform})
  // A cancelled request looks like a failed one.
  io.signal.throwIfAborted()
  const names = repositoriesOf(prepared.plan).map(formatRepository)
  return {staged: {digest, images, existing, imageMetadata: describeFound(content, platform, names)}, unread}
}

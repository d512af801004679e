import {TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {formatRepository} from '../oci/reference.ts'
import {explainRows, type ExplainedRow} from '../promote/explained-rows.ts'
import {promote, type PromoteRequest, type PromoteRow} from '../promote/promote.ts'
import {describeImage} from '../promote/read-back.ts'
import {describeFound} from '../report/found-image.ts'
import {readPlatform} from '../registry/images/read-facts.ts'
import type {StateReader} from '../promote/read-state.ts'
import {publishedDigests} from '../promote/published-digests.ts'
import {after, type RunResult} from '../run/run-result.ts'
import type {BuildSession} from '../stage/build-session.ts'
import {repositoriesOf} from '../plan/plan.ts'
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
  const {content, existing, repositories, parts} = image
  // An image of this run is complete, so it is read while the tags move. An existing image is checked first.
  const description = describeStaged(image, publication)
  if (existing) await description
  else description.catch(() => undefined)
  const promoted = await io.phases.measure('promote', async () =>
    promote(
      {
        ...request,
        content,
        parts,
        shown: image.temporaryTags,
        isNewImage: !existing,
        ...(repositories && {repositories}),
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
  return after({rows, versions}, async () => {
    const {failure} = promoted
    if (failure !== undefined) throw failure
    if (existing && request.preflightStates === undefined) noticeKeptReleases(content.digest, rows, publication)
    const described = (await describeOtherBuild(image, rows, publication)) ?? (await description)
    await after(described, async () => removeTemporary(image, publication))
    return {rows, versions, ...described}
  })
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

/** Removes the temporary tags of an image. Few registries need them. */
async function removeTemporary({content, temporaryTags}: StagedImage, publication: Publication): Promise<void> {
  const tags = (await temporaryTags) ?? []
  if (tags.length === 0) return
  const {removeTemporaryTags} = await import('../stage/remove-temporary-tags.ts')
  await removeTemporaryTags(tags, content, publication)
}

/** Reports releases that keep the image of an earlier publication, although other digests are promoted. */
function noticeKeptReleases(promoted: Digest, rows: readonly ExplainedRow[], {prepared, io}: Publication): void {
  for (const [name, published] of publishedDigests({plan: prepared.plan, rows}, promoted)) {
    if (published === promoted) continue
    io.workflow.notice(`${name}: the release keeps ${published}, which was published before, instead of ${promoted}.`)
  }
}

/** Describes the published image if the release tags point to another build of this commit. */
async function describeOtherBuild(
  image: StagedImage,
  rows: readonly ExplainedRow[],
  publication: Publication,
): Promise<Described | undefined> {
  const {plan} = publication.prepared
  const [first] = plan.tags
  if (first === undefined) return undefined
  const {repository} = first.reference
  const digest = publishedDigests({plan, rows}, image.content.digest).get(formatRepository(repository))
  if (digest === undefined || digest === image.content.digest) return undefined
  const client = publication.registries.clients.repository(repository)
  const content = await client.manifest(digest)
  if (content === undefined) throw missingImage(formatRepository(repository), digest)
  return describeStaged(
    {content, platform: await readPlatform(client, content), repository, existing: true},
    publication,
  )
}

function missingImage(name: string, digest: Digest): TagboatError {
  return new TagboatError('publish-unverified', {evidence: [`${name} no longer has ${digest}`]})
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

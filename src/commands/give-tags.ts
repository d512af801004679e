import {TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {formatRepository} from '../oci/reference.ts'
import {explainRows, type ExplainedRow} from '../promote/explained-rows.ts'
import {promote, type PromoteRequest} from '../promote/promote.ts'
import {describeImage} from '../promote/read-back.ts'
import {describeFound} from '../report/found-image.ts'
import {readPlatform} from '../registry/images/read-facts.ts'
import type {StateReader} from '../promote/read-state.ts'
import {publishedDigests} from '../promote/published-digests.ts'
import {after, type RunResult} from '../run/run-result.ts'
import {releaseImage} from '../stage/hold-image.ts'
import type {Session} from '../stage/session.ts'
import {repositoriesOf} from '../plan/plan.ts'
import type {Staged} from '../stage/staged-image.ts'

/** What a run needs that publishes, with a build or without. */
export type Publication = Pick<Session, 'prepared' | 'registries' | 'io'>

/**
 * Gives an image its tags, and reads what is published then.
 * @throws RunFailure with the rows of the promote, and the cause: its TagboatError, `publish-unverified` where the image is not whole.
 */
export async function giveTags(
  image: Staged,
  request: Omit<PromoteRequest, 'content' | 'isNewImage'>,
  publication: Publication & {readonly reader: StateReader},
): Promise<RunResult> {
  const {registries, io, reader} = publication
  const {content, existing, places, layout} = image
  // Read while the tags are given, unless somebody else made it: BuildKit has just pushed all of its own.
  const description = describeStaged(image, publication)
  if (existing) await description
  else description.catch(() => undefined)
  const promoted = await promote(
    {
      ...request,
      content,
      parts: layout?.tree.levels.flat(),
      shown: image.holds,
      isNewImage: !existing,
      ...(places === undefined ? {} : {repositories: places}),
    },
    {
      clients: registries.clients,
      undoClients: registries.undoClients,
      reader,
      sleep: io.timer(io.signal).sleep,
      signal: io.signal,
    },
  )
  const rows = explainRows(promoted.rows)
  return after({rows}, async () => {
    const {failure} = promoted
    if (failure !== undefined) throw failure
    if (existing && request.preflightStates === undefined) tellStaying(content.digest, rows, publication)
    const described = (await describeOther(image, rows, publication)) ?? (await description)
    await after(described, async () => releaseImage((await image.holds) ?? [], content, publication))
    return {rows, ...described}
  })
}

/** Digests were given, and the release was published before from other ones: that is easily overlooked. */
function tellStaying(given: Digest, rows: readonly ExplainedRow[], {prepared, io}: Publication): void {
  for (const [name, held] of publishedDigests({plan: prepared.plan, rows}, given)) {
    if (held === given) continue
    io.workflow.notice(`${name}: given was ${given}, but the release is published as ${held}, and stays.`)
  }
}

/** Where the release tags hold another build of this commit, that is what was published. */
async function describeOther(
  image: Staged,
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
  if (content === undefined) throw gone(formatRepository(repository), digest)
  return describeStaged(
    {content, platform: await readPlatform(client, content), repository, existing: true},
    publication,
  )
}

function gone(name: string, digest: Digest): TagboatError {
  return new TagboatError('publish-unverified', {evidence: [`${name} does not have ${digest} any more`]})
}

type Described = Pick<RunResult, 'staged' | 'unread'>

/** What is published, for outputs and summary. @throws TagboatError `publish-unverified`, `cancelled` */
export async function describeStaged(
  {content, platform, repository, existing, holds}: Staged,
  {prepared, registries, io}: Publication,
): Promise<Described> {
  await holds
  const {digest} = content
  const client = registries.clients.repository(repository)
  const {images, unread} = await describeImage(client, repository, {digest, platforms: [], platform})
  // A request that was cancelled is told as a registry that cannot be read.
  io.signal.throwIfAborted()
  const names = repositoriesOf(prepared.plan).map(formatRepository)
  return {staged: {digest, images, existing, imageMetadata: describeFound(content, platform, names)}, unread}
}

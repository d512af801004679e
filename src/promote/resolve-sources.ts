import {TagboatError} from '../errors/error.ts'
import type {PromoteSource} from '../inputs/promote-inputs.ts'
import type {Digest} from '../oci/digest.ts'
import {factAnnotations, factKeys, type ImageFacts} from '../oci/image-facts.ts'
import {parseJson, parseManifest, type Descriptor, type ManifestContent} from '../oci/manifest.ts'
import {mergeIndex, type MergeSource} from '../oci/merge-index.ts'
import {platformOf, type Platform} from '../oci/platform.ts'
import {formatRepository, formatTagRef, type Repository, type TagRef} from '../oci/reference.ts'
import {formatTagNames, mergeDefinitions, parseTagNames} from '../plan/build-definition.ts'
import {copyImage, requireKnownDigests, type CopiedSignatures} from '../registry/images/copy.ts'
import type {RegistryClients, RepositoryClient} from '../registry/repository-client.ts'
import type {ManifestReader} from './read-back.ts'
import {readConfiguration, readFacts} from '../registry/images/read-facts.ts'

interface SourcesRequest {
  readonly sources: readonly PromoteSource[]
  /** Repositories of the tags. A digest without a repository is searched in these. */
  readonly repositories: readonly Repository[]
  /** Annotations of the index that combines several sources. */
  readonly annotations: Readonly<Record<string, string>>
  /** Whether a new index has the standard annotations of its sources: commit and creation time. */
  readonly hasStandard: boolean
  /** Exact tags to create. The image that one of them points to is the release. */
  readonly releases: readonly TagRef[]
  /** Called for each referrer of a source that cannot be copied. */
  readonly onLeftOut: (line: string) => void
}

/** Image to promote, from one or several sources. */
export interface ResolvedSources {
  readonly content: ManifestContent
  /** Platform of a single image; undefined for an index. */
  readonly platform: Platform | undefined
  readonly facts: ImageFacts
  /** Repository that has the image after `copyTo`. */
  readonly repository: Repository
  /** Images of the sources where they are now, one or several. */
  readonly origins: readonly SourceImage[]
  /** Reads a manifest of the image where it is now. */
  readonly reader: ManifestReader
  /** Opens a blob of the image where it is now. */
  openBlob(blob: Descriptor): AsyncIterable<Uint8Array>
  /** Copies the image to every repository by digest, without a tag. Returns the signatures that came with it. */
  copyTo(repositories: readonly Repository[]): Promise<readonly CopiedSignatures[]>
}

/** Image of a source. */
interface SourceImage {
  readonly content: ManifestContent
  /** Repositories with the image. */
  readonly repositories: readonly Repository[]
}

interface Source {
  /** Client of the repository from which the image is copied. */
  readonly client: RepositoryClient
  /** All repositories with the image, as far as they were searched. */
  readonly repositories: readonly Repository[]
  readonly content: ManifestContent
  readonly facts: ImageFacts
  /** Configuration of a single image; undefined for an index. */
  readonly config: Uint8Array | undefined
}

/**
 * Reads the sources, and combines several into one index. A single source keeps its digest.
 * @throws TagboatError `source-missing`, `sources-mixed`
 */
export async function resolveSources(request: SourcesRequest, clients: RegistryClients): Promise<ResolvedSources> {
  const read = await Promise.all(request.sources.map(async (source) => readSource(source, request, clients)))
  requireOneRevision(read)
  const {sources, content} = await combine(read, request, clients)
  const [first] = sources
  const [target = first?.client.repository] = request.repositories
  if (first === undefined || target === undefined) throw new TypeError('there is no source')
  const isMerged = sources.every((source) => source.content.digest !== content.digest)
  return {
    content,
    platform: isMerged ? undefined : platformIn(first.config),
    facts: {...first.facts, ...mergedBuildFacts(sources)},
    repository: target,
    origins: sources.map((source) => ({content: source.content, repositories: source.repositories})),
    reader: {
      manifest: async (reference) => {
        if (reference === content.digest) return content
        for (const source of sources) {
          const found = await source.client.manifest(reference)
          if (found !== undefined) return found
        }
        return undefined
      },
    },
    openBlob: (blob) => openFrom(sources, blob),
    async copyTo(repositories) {
      const all: CopiedSignatures[] = []
      const {onLeftOut} = request
      await Promise.all(
        repositories.map(async (repository) => {
          const destination = clients.repository(repository)
          const copy = {destination, onLeftOut, onCopied: (one: CopiedSignatures) => all.push(one)}
          for (const one of sources) await copyImage({digest: one.content.digest, source: one.client, ...copy})
          if (isMerged) await destination.putManifest(content.digest, content)
        }),
      )
      return all
    },
  }
}

/** Opens a blob in the first source that has it. */
async function* openFrom(sources: readonly Source[], blob: Descriptor): AsyncGenerator<Uint8Array, void, undefined> {
  const [last, ...others] = sources.toReversed()
  for (const {client} of others) {
    if (!(await client.hasBlob(blob))) continue
    yield* client.readBlob(blob)
    return
  }
  if (last !== undefined) yield* last.client.readBlob(blob)
}

interface Combined {
  readonly sources: readonly Source[]
  readonly content: ManifestContent
}

/**
 * Combines the sources into one image. If two of them have the same platform, and one of them is the published release,
 * that is the image: another run has published it between two stages of this one.
 * @throws TagboatError `sources-mixed`
 */
async function combine(
  sources: readonly Source[],
  request: SourcesRequest,
  clients: RegistryClients,
): Promise<Combined> {
  const merged = mergeIndex(sources.map(toMergeSource), mergedAnnotations(request, sources))
  if (merged.ok) return {sources, content: merged.index}
  const heads = await Promise.all(
    request.releases.map(async ({repository, tag}) => clients.repository(repository).head(tag)),
  )
  const published = sources.find(({content}) => heads.some((head) => head?.digest === content.digest))
  if (published === undefined) throw new TagboatError('sources-mixed', {evidence: merged.reasons})
  return {sources: [published], content: published.content}
}

async function readSource(
  source: PromoteSource,
  {repositories}: SourcesRequest,
  clients: RegistryClients,
): Promise<Source> {
  const {clients: found, digest} =
    source.kind === 'tag' ? await resolveTag(source, clients) : await findDigest(source, repositories, clients)
  const [client] = found
  const content = await client.manifest(digest)
  if (content === undefined) throw missing([`${formatRepository(client.repository)} does not have ${digest}`])
  requireKnownDigests(content, client)
  const document = parseManifest(content.bytes)
  const config = document?.kind === 'manifest' ? await readConfiguration(client, document.config) : undefined
  const holders = found.map(({repository}) => repository)
  return {client, repositories: holders, content, facts: await readFacts(client, digest), config}
}

interface Found {
  /** Clients of the repositories with the digest. */
  readonly clients: readonly [RepositoryClient, ...RepositoryClient[]]
  readonly digest: Digest
}

async function resolveTag(
  {reference}: Extract<PromoteSource, {kind: 'tag'}>,
  clients: RegistryClients,
): Promise<Found> {
  const client = clients.repository(reference.repository)
  const head = await client.head(reference.tag)
  if (head === undefined) throw missing([`${formatTagRef(reference)} does not exist`])
  return {clients: [client], digest: head.digest}
}

async function findDigest(
  {digest, repository}: Extract<PromoteSource, {kind: 'digest'}>,
  repositories: readonly Repository[],
  clients: RegistryClients,
): Promise<Found> {
  const candidates = (repository === undefined ? repositories : [repository]).map((one) => clients.repository(one))
  const contents = await Promise.all(candidates.map(async (client) => client.manifest(digest)))
  const [first, ...others] = candidates.filter((_, index) => contents[index] !== undefined)
  if (first !== undefined) return {clients: [first, ...others], digest}
  throw missing(candidates.map((one) => `${formatRepository(one.repository)} does not have ${digest}`))
}

/**
 * Annotations of the combined index. Commit and workflow run are those of the sources, which may differ from those of
 * the promote. If an index states a revision, its images are not read, so all facts are stated here. The date is that
 * of the first source by digest, so that the order of the sources does not matter.
 */
function mergedAnnotations(
  {annotations, hasStandard}: Pick<SourcesRequest, 'annotations' | 'hasStandard'>,
  sources: readonly Source[],
): Readonly<Record<string, string>> {
  const [first] = [...sources].sort((a, b) => (a.content.digest < b.content.digest ? -1 : 1))
  if (first === undefined) return annotations
  const {created} = first.facts
  return {
    ...(created === undefined || !hasStandard ? {} : {[factKeys.created]: created}),
    ...annotations,
    ...factAnnotations({...first.facts, ...mergedBuildFacts(sources)}, hasStandard),
  }
}

/**
 * Exact tags, build definition and ref of the combined index. Each platform may have its own parts of a definition. The
 * ref is that of all sources; one commit may have been built for several.
 */
function mergedBuildFacts(sources: readonly Source[]): Pick<ImageFacts, 'tags' | 'build' | 'ref'> {
  const tags = formatTagNames(sources.flatMap(({facts}) => parseTagNames(facts.tags ?? '')))
  const [ref, ...others] = new Set(sources.map(({facts}) => facts.ref))
  return {
    tags: tags === '' ? undefined : tags,
    build: mergeDefinitions(sources.map(({facts}) => facts.build)),
    ref: others.length === 0 ? ref : undefined,
  }
}

/** Refuses images of different commits: under one tag, they would be a different program on each platform. */
function requireOneRevision(sources: readonly Source[]): void {
  const revisions = new Set(sources.map(({facts}) => facts.revision))
  if (revisions.size <= 1) return
  throw new TagboatError('sources-mixed', {
    evidence: sources.map(({content, facts}) => `${content.digest} is of revision ${facts.revision ?? 'unknown'}`),
  })
}

function toMergeSource({content, config}: Source): MergeSource {
  return {...content, ...(config === undefined ? {} : {config})}
}

function platformIn(config: Uint8Array | undefined): Platform | undefined {
  if (config === undefined) return undefined
  return platformOf(parseJson(config))
}

function missing(evidence: readonly string[]): TagboatError {
  return new TagboatError('source-missing', {evidence})
}

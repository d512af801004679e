import {TagboatError} from '../errors/error.ts'
import type {PromoteSource} from '../inputs/inputs.ts'
import type {Digest} from '../oci/digest.ts'
import {factKeys, type ImageFacts} from '../oci/image-facts.ts'
import {parseJson, parseManifest, type ManifestContent} from '../oci/manifest.ts'
import {mergeIndex, type MergeSource} from '../oci/merge-index.ts'
import {platformOf, type Platform} from '../oci/platform.ts'
import {formatRepository, formatTagRef, type Repository} from '../oci/reference.ts'
import {formatTagNames, mergeDefinitions, parseTagNames} from '../plan/build-definition.ts'
import {copyImage, requireKnownDigests} from '../registry/images/copy.ts'
import type {RegistryClients, RepositoryClient} from '../registry/repository-client.ts'
import {readConfiguration, readFacts} from '../registry/images/read-facts.ts'

interface SourcesRequest {
  readonly sources: readonly PromoteSource[]
  /** Where the tags are given; a digest without a repository is looked for in these. */
  readonly repositories: readonly Repository[]
  /** Of the index, where several sources become one. */
  readonly annotations: Readonly<Record<string, string>>
  /** Told of what refers to a source and cannot be copied with it. */
  readonly onLeftOut: (line: string) => void
}

/** What is promoted: one digest, of one or several sources. */
export interface ResolvedSources {
  readonly content: ManifestContent
  /** Platform of an image that is no index. */
  readonly platform: Platform | undefined
  readonly facts: ImageFacts
  /** Where it can be read, once it is spread. */
  readonly repository: Repository
  /** Brings it to every repository, by digest: nothing is tagged. */
  copyTo(repositories: readonly Repository[]): Promise<void>
}

interface Source {
  readonly client: RepositoryClient
  readonly content: ManifestContent
  readonly facts: ImageFacts
  /** The configuration of an image that is no index. */
  readonly config: Uint8Array | undefined
}

/**
 * Reads the sources and makes one index of several. A single one keeps its digest.
 * @throws TagboatError `source-missing`, `sources-mixed`
 */
export async function resolveSources(request: SourcesRequest, clients: RegistryClients): Promise<ResolvedSources> {
  const sources = await Promise.all(request.sources.map(async (source) => readSource(source, request, clients)))
  requireOneRevision(sources)
  const annotations = mergedAnnotations(request.annotations, sources)
  const merged = mergeIndex(sources.map(toMergeSource), annotations)
  if (!merged.ok) throw new TagboatError('sources-mixed', {evidence: merged.reasons})
  const {index: content} = merged
  const [first] = sources
  const [target = first?.client.repository] = request.repositories
  if (first === undefined || target === undefined) throw new TypeError('there is no source')
  const isMerged = sources.every((source) => source.content.digest !== content.digest)
  return {
    content,
    platform: isMerged ? undefined : platformIn(first.config),
    facts: {...first.facts, ...mergedMaking(sources)},
    repository: target,
    async copyTo(repositories) {
      await Promise.all(
        repositories.map(async (repository) => {
          const destination = clients.repository(repository)
          for (const source of sources) {
            const {content: copied, client} = source
            await copyImage({digest: copied.digest, source: client, destination, onLeftOut: request.onLeftOut})
          }
          if (isMerged) await destination.putManifest(content.digest, content)
        }),
      )
    },
  }
}

async function readSource(
  source: PromoteSource,
  {repositories}: SourcesRequest,
  clients: RegistryClients,
): Promise<Source> {
  const {client, digest} =
    source.kind === 'tag' ? await resolveTag(source, clients) : await findDigest(source, repositories, clients)
  const content = await client.manifest(digest)
  if (content === undefined) throw missing([`${formatRepository(client.repository)} does not hold ${digest}`])
  requireKnownDigests(content, client)
  const document = parseManifest(content.bytes)
  const config = document?.kind === 'manifest' ? await readConfiguration(client, document.config) : undefined
  return {client, content, facts: await readFacts(client, digest), config}
}

interface Found {
  readonly client: RepositoryClient
  readonly digest: Digest
}

async function resolveTag(
  {reference}: Extract<PromoteSource, {kind: 'tag'}>,
  clients: RegistryClients,
): Promise<Found> {
  const client = clients.repository(reference.repository)
  const head = await client.head(reference.tag)
  if (head === undefined) throw missing([`${formatTagRef(reference)} does not exist`])
  return {client, digest: head.digest}
}

async function findDigest(
  {digest, repository}: Extract<PromoteSource, {kind: 'digest'}>,
  repositories: readonly Repository[],
  clients: RegistryClients,
): Promise<Found> {
  const candidates = (repository === undefined ? repositories : [repository]).map((one) => clients.repository(one))
  const contents = await Promise.all(candidates.map(async (client) => client.manifest(digest)))
  const client = candidates.find((_, index) => contents[index] !== undefined)
  if (client !== undefined) return {client, digest}
  throw missing(candidates.map((one) => `${formatRepository(one.repository)} does not hold ${digest}`))
}

/**
 * Of which commit and run the sources are, which need not be those of the promote. An index that names a revision is asked for
 * nothing more, so that all of it stands there. Of their dates it is that of the first by digest, so that the order in which
 * the sources are given changes nothing.
 */
function mergedAnnotations(
  given: Readonly<Record<string, string>>,
  sources: readonly Source[],
): Readonly<Record<string, string>> {
  const [first] = [...sources].sort((a, b) => (a.content.digest < b.content.digest ? -1 : 1))
  if (first === undefined) return given
  const {created} = first.facts
  return {
    ...(created === undefined ? {} : {[factKeys.created]: created}),
    ...given,
    ...traces({...first.facts, ...mergedMaking(sources)}),
  }
}

function traces(facts: ImageFacts): Readonly<Record<string, string>> {
  const known: readonly (readonly [string, string | undefined])[] = [
    [factKeys.revision, facts.revision],
    [factKeys.commitDate, facts.commitDate],
    [factKeys.runId, facts.runId],
    [factKeys.version, facts.version],
    [factKeys.tags, facts.tags],
    [factKeys.build, facts.build],
    [factKeys.floating, facts.floating],
  ]
  return Object.fromEntries(known.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
}

/** The images of several platforms are made for the same tags, each from parts of its own. */
function mergedMaking(sources: readonly Source[]): Pick<ImageFacts, 'tags' | 'build'> {
  const tags = formatTagNames(sources.flatMap(({facts}) => parseTagNames(facts.tags ?? '')))
  return {tags: tags === '' ? undefined : tags, build: mergeDefinitions(sources.map(({facts}) => facts.build))}
}

/** Images of different commits under one tag would be a different program on each platform. */
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

import {mergeFacts} from '../../oci/image-facts.ts'
import type {HostClient} from '../../registry/host-client.ts'
import {forEachBounded} from '../../registry/limit.ts'
import {readStoredBlob} from './stored-content.ts'
import {manifestGraph} from '../../retention/graph.ts'
import {isDated, parseConfiguration, type Configuration} from '../../retention/parse-configuration.ts'
import type {RepositoryContent} from '../../retention/repository-content.ts'
import type {ManifestRead, StoredManifest} from '../../retention/stored-manifest.ts'
import type {FailureLimit} from './failure-limit.ts'
import {readsAtOnce} from './manifest-reader.ts'

/** Maximum size of a configuration. Larger ones are not read: the age of the image is not known. */
const maxBytes = 4 * 1024 * 1024

interface ConfigurationSource {
  readonly client: HostClient
  readonly failures: FailureLimit
  readonly needsConfiguration: (content: RepositoryContent, digest: string) => boolean
}

/**
 * Reads the configuration of each image that needs it, one per image: that of the first platform. Adds its date and its
 * labels to the manifest that names it. An age that cannot be read is not known.
 */
export async function addConfigurations(
  content: RepositoryContent,
  {client, failures, needsConfiguration}: ConfigurationSource,
): Promise<RepositoryContent> {
  const holders = imagesIn(content)
    .filter((digest) => needsConfiguration(content, digest))
    .flatMap((digest) => holderOf(digest, content) ?? [])
  if (holders.length === 0) return content
  const found = new Map<string, Configuration>()
  const blobs = new Set(holders.map(({configuration}) => configuration.digest))
  await forEachBounded([...blobs], readsAtOnce, async (digest) => {
    const blob = await readStoredBlob(client, {path: content.repository.path, digest})
    if (blob.kind === 'read') found.set(digest, parseConfiguration(blob.bytes))
    if (blob.kind === 'unreadable') failures.add(blob.failure)
  })
  const configured = holders.flatMap((manifest): [string, ManifestRead][] => {
    const configuration = found.get(manifest.configuration.digest)
    return configuration === undefined ? [] : [[manifest.digest, configuredRead(manifest, configuration)]]
  })
  return {...content, manifests: new Map([...content.manifests, ...configured])}
}

/** Digests of images, caches and artifacts: those with a tag of their own, and those that belong to nothing else. */
function imagesIn(content: RepositoryContent): readonly string[] {
  const {tagsOf, parents, subjects, taggedSubjects} = manifestGraph(content)
  return [...content.manifests.keys()].filter((digest) => {
    const tags = tagsOf.get(digest)
    return tags === undefined
      ? !parents.has(digest) && !subjects.has(digest)
      : tags.some((tag) => !taggedSubjects.has(tag))
  })
}

type ConfiguredManifest = StoredManifest & Required<Pick<StoredManifest, 'configuration'>>

/** First manifest of an image whose configuration may state a date. Attestations of BuildKit come last. */
function holderOf(image: string, {manifests}: RepositoryContent): ConfiguredManifest | undefined {
  const found = new Set([image])
  for (const digest of found) {
    const read = manifests.get(digest)
    if (read?.kind !== 'read') continue
    const {manifest} = read
    if (hasDatedConfiguration(manifest)) return manifest
    const isAttestation = (child: string): boolean => manifest.platforms?.get(child)?.startsWith('unknown/') === true
    const children = [...manifest.children].sort(
      (one, other) => Number(isAttestation(one)) - Number(isAttestation(other)),
    )
    for (const child of children) found.add(child)
  }
  return undefined
}

function hasDatedConfiguration(manifest: StoredManifest): manifest is ConfiguredManifest {
  const {configuration} = manifest
  return configuration !== undefined && isDated(configuration.mediaType) && configuration.sizeBytes <= maxBytes
}

function configuredRead(manifest: StoredManifest, {facts, configuredAt}: Configuration): ManifestRead {
  return {
    kind: 'read',
    manifest: {
      ...manifest,
      facts: mergeFacts(manifest.facts, facts),
      ...(configuredAt !== undefined && {configuredAt}),
    },
  }
}

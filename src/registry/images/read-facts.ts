import type {Digest} from '../../oci/digest.ts'
import {annotatedFacts, labelledFacts, mergeFacts, noFacts, type ImageFacts} from '../../oci/image-facts.ts'
import {images, parseJson, parseManifest, type Descriptor, type ManifestContent} from '../../oci/manifest.ts'
import {platformOf, type Platform} from '../../oci/platform.ts'
import type {RepositoryClient} from '../repository-client.ts'

/** Reads the facts of an image, from the outermost document that has a revision. */
export async function readFacts(client: RepositoryClient, digest: Digest): Promise<ImageFacts> {
  const top = await client.manifest(digest)
  return top === undefined ? noFacts : factsOf(client, top)
}

/** Reads the facts of an image, given its manifest or index. */
export async function factsOf(client: RepositoryClient, top: ManifestContent): Promise<ImageFacts> {
  const {digest} = top
  const annotated = annotatedFacts(top.bytes)
  const document = parseManifest(top.bytes)
  if (annotated.revision !== undefined || document === undefined) return annotated
  if (document.kind === 'manifest') return mergeFacts(annotated, await configuredFacts(client, document.config))
  // All platforms of an image have the same commit. An index that lists itself is ignored.
  const [first] = images(document)
  return first === undefined || first.digest === digest
    ? annotated
    : mergeFacts(annotated, await childFacts(client, first.digest))
}

async function childFacts(client: RepositoryClient, digest: Digest): Promise<ImageFacts> {
  const child = await client.manifest(digest)
  if (child === undefined) return noFacts
  const annotated = annotatedFacts(child.bytes)
  const document = parseManifest(child.bytes)
  if (annotated.revision !== undefined || document?.kind !== 'manifest') return annotated
  return mergeFacts(annotated, await configuredFacts(client, document.config))
}

/** Limit of the configuration, which usually has a few KiB. */
const maxConfigBytes = 4 * 1024 * 1024

async function configuredFacts(client: RepositoryClient, config: Descriptor): Promise<ImageFacts> {
  const text = await readConfiguration(client, config)
  return text === undefined ? noFacts : labelledFacts(text)
}

/** Reads the configuration of an image. Undefined if it does not exist, or is too large. */
export async function readConfiguration(client: RepositoryClient, config: Descriptor): Promise<Buffer | undefined> {
  if (config.sizeBytes > maxConfigBytes) return undefined
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of client.readBlob(config)) chunks.push(chunk)
  } catch (error) {
    // A missing configuration must not prevent later publications.
    if (!(await client.hasBlob(config))) return undefined
    throw error
  }
  return Buffer.concat(chunks)
}

/** Reads the platform of an image from its configuration. Undefined for an index, or without a platform. */
export async function readPlatform(
  client: RepositoryClient,
  {bytes}: Pick<ManifestContent, 'bytes'>,
): Promise<Platform | undefined> {
  const document = parseManifest(bytes)
  if (document?.kind !== 'manifest') return undefined
  const configuration = await readConfiguration(client, document.config)
  return configuration === undefined ? undefined : platformOf(parseJson(configuration))
}

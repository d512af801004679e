import type {Processes} from '../../io/process.ts'
import {TagboatError} from '../../errors/error.ts'
import type {Digest} from '../../oci/digest.ts'
import {parseManifest, type ManifestContent} from '../../oci/manifest.ts'
import {formatPlatform, samePlatform, type Platform} from '../../oci/platform.ts'
import {formatRepository, formatTagRef, type TagRef} from '../../oci/reference.ts'
import {readTree} from '../../registry/images/image-tree.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {Engine} from './engine.ts'
import {imageArchive, type NamedPart} from './image-archive.ts'
import type {ImageSource} from '../layout/push-layout.ts'
import {platformImages, type PlatformImages} from '../staged-image.ts'

/** Image to load, and its names in the engine. */
export interface LoadRequest {
  readonly layout: ImageSource
  /** Platform of an image that is not an index; undefined if it is unknown. */
  readonly platform: Platform | undefined
  readonly tags: readonly TagRef[]
  readonly engine: Engine
  readonly env: Readonly<Record<string, string>>
  /** Name of the image of one platform of several, in addition, if the engine keeps several. */
  readonly partName?: (platform: Platform) => TagRef
}

/** Part of an image that the engine can keep, and the log line or warning about it. */
type LoadChoice =
  | {
      readonly kind: 'load'
      readonly top: ManifestContent
      readonly line: string
      /** ID that the engine gives to the image. */
      readonly imageId: Digest
    }
  | {readonly kind: 'nothing'; readonly warning: string}

/**
 * Loads a built image into the engine under all tags. It is not built or compressed again, so that a test in the engine
 * tests the published image. The archive is streamed to `docker load`.
 * @throws TagboatError `load-failed`, and errors of the blob source.
 */
export async function loadImage(request: LoadRequest, processes: Processes): Promise<LoadChoice> {
  const choice = chooseLoad(request)
  if (choice.kind === 'nothing') return choice
  const {layout, tags, env} = request
  const source = imageArchive({layout, top: choice.top, tags, parts: partsOf(request)})
  const result = await processes.stream({file: 'docker', args: ['load'], env, source}, () => undefined)
  if (result.exitCode === 0) return choice
  const lines = [result.stdout, result.stderr].flatMap((text) => text.split('\n'))
  throw new TagboatError('load-failed', {evidence: lines.filter((line) => line.trim() !== '').slice(-maxEvidenceLines)})
}

const maxEvidenceLines = 5

/** Images of the platforms that get a name of their own. */
function partsOf({layout: {tree}, platform, engine, partName}: LoadRequest): readonly NamedPart[] {
  if (partName === undefined || !engine.hasContainerdStore) return []
  const {images} = platformImages(tree.top, platform)
  if (images.length < 2) return []
  return tree.levels.flat().flatMap((content) => {
    const image = images.find(({digest}) => digest === content.digest)
    return image === undefined ? [] : [{content, name: partName(image.platform)}]
  })
}

/** Chooses the part of the image that the engine can keep. */
export function chooseLoad({layout: {tree}, platform, tags, engine}: LoadRequest): LoadChoice {
  const {top} = tree
  const image = platformImages(top, platform)
  const names = tags.length === 0 ? '' : ` as ${tags.map(formatTagRef).join(', ')}`
  if (engine.hasContainerdStore) {
    const line = `Loaded ${top.digest} (${platformsOf(image.images)})${names}`
    return {kind: 'load', top, line, imageId: top.digest}
  }
  const isIndex = parseManifest(top.bytes)?.kind !== 'manifest'
  const chosen = isIndex ? matchingImage(image, engine, tree.levels.flat()) : top
  const manifest = chosen === undefined ? undefined : parseManifest(chosen.bytes)
  if (chosen === undefined || manifest?.kind !== 'manifest')
    return {kind: 'nothing', warning: noMatchingImage(image, engine)}
  const which = chosen === top ? top.digest : `${chosen.digest}, ${platformNameOf(chosen, image)} of ${top.digest},`
  const reason = 'this engine does not have the containerd image store, which keeps all platforms and the digest'
  return {
    kind: 'load',
    top: chosen,
    imageId: manifest.config.digest,
    line: `Loaded ${which}${names} with the image id ${manifest.config.digest}: ${reason}`,
  }
}

/**
 * Finds the image for the platform of the engine, or the only image, whatever its platform is: the older store keeps
 * one platform.
 */
function matchingImage(
  {images}: PlatformImages,
  {platform}: Engine,
  manifests: readonly ManifestContent[],
): ManifestContent | undefined {
  const match =
    images.length === 1
      ? images[0]
      : images.find((image) => platform !== undefined && samePlatform(image.platform, platform))
  return manifests.find(({digest}) => digest === match?.digest)
}

function platformNameOf({digest}: ManifestContent, {images}: PlatformImages): string {
  return platformsOf(images.filter((image) => image.digest === digest))
}

function noMatchingImage({images}: PlatformImages, {platform}: Engine): string {
  return `load: the image was not loaded: it has ${platformsOf(images)}, and the engine, which does not have the containerd image store, keeps only its own platform (${nameOf(platform)}).`
}

function platformsOf(images: PlatformImages['images']): string {
  return images.length === 0 ? 'one platform' : images.map(({platform}) => formatPlatform(platform)).join(', ')
}

function nameOf(platform: Platform | undefined): string {
  return platform === undefined ? 'unknown platform' : formatPlatform(platform)
}

/**
 * Reads the manifests of an image in a registry. Its layers are read on request.
 * @throws TagboatError `source-missing`
 */
export async function registryLayout(client: RepositoryClient, top: ManifestContent): Promise<ImageSource> {
  const missing = (digest: string): TagboatError =>
    new TagboatError('source-missing', {evidence: [`${formatRepository(client.repository)} does not have ${digest}`]})
  const read = async ({digest}: {readonly digest: string}): Promise<ManifestContent> => {
    const content = await client.manifest(digest)
    if (content === undefined) throw missing(digest)
    return content
  }
  const tree = await readTree(top, read, ({digest}) => missing(digest))
  return {tree, openBlob: (blob) => client.readBlob(blob)}
}

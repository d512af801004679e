import type {Processes} from '../../io/process.ts'
import {TagboatError} from '../../errors/error.ts'
import {parseManifest, type ManifestContent} from '../../oci/manifest.ts'
import {formatPlatform, samePlatform, type Platform} from '../../oci/platform.ts'
import {formatRepository, formatTagRef, type TagRef} from '../../oci/reference.ts'
import {readTree} from '../../registry/images/image-tree.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {Engine} from './engine.ts'
import {imageArchive} from './image-archive.ts'
import type {Layout} from '../layout/read-layout.ts'
import {stagedImage, type StagedImage} from '../staged-image.ts'

export interface LoadRequest {
  readonly layout: Layout
  /** Platform of an image that is no index; undefined where nobody knows. */
  readonly platform: Platform | undefined
  readonly tags: readonly TagRef[]
  readonly engine: Engine
  readonly env: Readonly<Record<string, string>>
}

/** What an engine can keep of an image, and what is to be said of it. */
type LoadChoice =
  | {readonly kind: 'load'; readonly top: ManifestContent; readonly line: string}
  | {readonly kind: 'nothing'; readonly warning: string}

/**
 * Puts an image that was built, byte for byte, into the engine under all tags: nothing is built or packed again, so that
 * what is tried there is what is published. `docker load` reads the archive while it is made.
 * @throws TagboatError `load-failed`, and those of who reads the blobs.
 */
export async function loadImage(request: LoadRequest, processes: Processes): Promise<LoadChoice> {
  const choice = chooseLoad(request)
  if (choice.kind === 'nothing') return choice
  const {layout, tags, env} = request
  const source = imageArchive({layout, top: choice.top, tags})
  const result = await processes.stream({file: 'docker', args: ['load'], env, source}, () => undefined)
  if (result.exitCode === 0) return choice
  const printed = [result.stdout, result.stderr].flatMap((text) => text.split('\n'))
  throw new TagboatError('load-failed', {evidence: printed.filter((line) => line.trim() !== '').slice(-printedLines)})
}

const printedLines = 5

export function chooseLoad({layout: {tree}, platform, tags, engine}: LoadRequest): LoadChoice {
  const {top} = tree
  const image = stagedImage(top, platform)
  const names = tags.length === 0 ? '' : ` as ${tags.map(formatTagRef).join(', ')}`
  if (engine.hasContainerdStore) {
    return {kind: 'load', top, line: `Loaded ${top.digest} (${platformsOf(image.images)})${names}`}
  }
  const own = parseManifest(top.bytes)?.kind === 'manifest' ? top : ownOf(image, engine, tree.levels.flat())
  const manifest = own === undefined ? undefined : parseManifest(own.bytes)
  if (own === undefined || manifest?.kind !== 'manifest') return {kind: 'nothing', warning: nothingFits(image, engine)}
  const which = own === top ? top.digest : `${own.digest}, ${platformNameOf(own, image)} of ${top.digest},`
  const because = 'this engine has no containerd image store, which would keep all platforms and the digest'
  return {
    kind: 'load',
    top: own,
    line: `Loaded ${which}${names} with the image id ${manifest.config.digest}: ${because}`,
  }
}

/** The only one, whatever it is for: the older store keeps one platform, and it need not be the engine's. */
function ownOf(
  {images}: StagedImage,
  {platform}: Engine,
  manifests: readonly ManifestContent[],
): ManifestContent | undefined {
  const own =
    images.length === 1
      ? images[0]
      : images.find((image) => platform !== undefined && samePlatform(image.platform, platform))
  return manifests.find(({digest}) => digest === own?.digest)
}

function platformNameOf({digest}: ManifestContent, {images}: StagedImage): string {
  return platformsOf(images.filter((image) => image.digest === digest))
}

function nothingFits({images}: StagedImage, {platform}: Engine): string {
  return `load: nothing was loaded, since the engine, without the containerd image store, keeps its own platform alone (${nameOf(platform)}), and the image has ${platformsOf(images)}.`
}

function platformsOf(images: StagedImage['images']): string {
  return images.length === 0 ? 'one platform' : images.map(({platform}) => formatPlatform(platform)).join(', ')
}

function nameOf(platform: Platform | undefined): string {
  return platform === undefined ? 'unknown platform' : formatPlatform(platform)
}

/** An image that a registry holds, to be read from there. @throws TagboatError `source-missing` when it does not. */
export async function imageAt(client: RepositoryClient, top: ManifestContent): Promise<Layout> {
  const lacking = (digest: string): TagboatError =>
    new TagboatError('source-missing', {evidence: [`${formatRepository(client.repository)} does not have ${digest}`]})
  const read = async ({digest}: {readonly digest: string}): Promise<ManifestContent> => {
    const content = await client.manifest(digest)
    if (content === undefined) throw lacking(digest)
    return content
  }
  const tree = await readTree(top, read, ({digest}) => lacking(digest))
  return {tree, openBlob: (blob) => client.readBlob(blob)}
}

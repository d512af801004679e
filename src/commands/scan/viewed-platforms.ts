import type {Digest} from '../../oci/digest.ts'
import {unclearEntries} from '../../oci/index-entries.ts'
import {parseManifest, type Descriptor, type ManifestContent} from '../../oci/manifest.ts'
import type {Platform} from '../../oci/platform.ts'
import type {ViewedBlobs, ViewedImage} from '../../scanner/image-view.ts'
import {layerOrigins, type LayerOrigin} from '../../scanning/layer-origin.ts'
import {platformImages} from '../../stage/staged-image.ts'

/** Image on a view, by platform. */
export interface Viewed {
  /** Repository of the view. */
  readonly name: string
  readonly platforms: readonly {readonly platform: Platform; readonly digest: Digest}[]
  /** Parts of the image that cannot be scanned, but can be pulled. */
  readonly unclear: readonly string[]
  readonly manifest: (digest: Digest) => ManifestContent | undefined
}

/** Lists the platforms of an image on a view, and what cannot be scanned. */
export function viewedImage(
  {name, manifest}: Pick<Viewed, 'name' | 'manifest'>,
  top: ManifestContent,
  platform: Platform | undefined,
): Viewed {
  const {images: platforms} = platformImages(top, platform)
  const nested = platforms.flatMap(({digest}) => {
    const content = manifest(digest)
    const isImage = content !== undefined && parseManifest(content.bytes)?.kind === 'manifest'
    return isImage ? [] : [`${digest} is not the manifest of an image`]
  })
  return {name, manifest, platforms, unclear: [...unclearEntries(top.bytes), ...nested]}
}

/** Origins of the layers of each platform, by layer. */
export type Origins = readonly ReadonlyMap<string, LayerOrigin>[]

/** Origins of the layers of each platform. */
export async function originsOf(
  viewed: Viewed,
  {image, dockerfile}: {readonly image: ViewedImage; readonly dockerfile: {readonly text: string | undefined}},
  blobs: ViewedBlobs,
): Promise<Origins> {
  return Promise.all(
    viewed.platforms.map(async ({digest}) => {
      const content = viewed.manifest(digest)
      const manifest = content === undefined ? undefined : parseManifest(content.bytes)
      if (manifest?.kind !== 'manifest') return new Map<string, LayerOrigin>()
      return layerOrigins(await readSmall(manifest.config, image), dockerfile.text)
    }),
  )

  async function readSmall(blob: Descriptor, {openBlob}: ViewedImage): Promise<Uint8Array> {
    if (blob.sizeBytes > maxConfigBytes) return new Uint8Array()
    const file = await blobs.file(blob, openBlob)
    return blobs.read(file)
  }
}

const maxConfigBytes = 4 * 1024 * 1024

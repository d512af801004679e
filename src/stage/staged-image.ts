import {TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {images, parseManifest, type ManifestContent} from '../oci/manifest.ts'
import {formatPlatform, samePlatform, type Platform} from '../oci/platform.ts'
import {formatRepository, type Repository, type TagRef} from '../oci/reference.ts'
import type {Layout} from './layout/read-layout.ts'

/** What a build left in a registry under its digest, before it has a tag. */
export interface StagedImage {
  readonly digest: Digest
  /** One for each platform that runs; attestations are none. */
  readonly images: readonly {readonly platform: Platform; readonly digest: Digest}[]
}

/** `single`: the platform of an image that is no index, which names none itself; undefined where nobody knows. */
export function stagedImage(
  top: {readonly digest: Digest; readonly bytes: Uint8Array},
  single: Platform | undefined,
): StagedImage {
  const manifest = parseManifest(top.bytes)
  if (manifest?.kind === 'index') {
    const found = images(manifest).flatMap(({platform, digest}) => (platform === undefined ? [] : [{platform, digest}]))
    return {digest: top.digest, images: found}
  }
  return {digest: top.digest, images: single === undefined ? [] : [{platform: single, digest: top.digest}]}
}

/**
 * `published`: the release that it is, where it was there before this run; nothing that is built anew would change it.
 * @throws TagboatError `platforms-incomplete` when an image is missing for one of the platforms.
 */
export function requireStagedPlatforms(
  staged: StagedImage,
  asked: readonly Platform[],
  repository: Repository,
  published?: string,
): void {
  const missing = asked.filter((platform) => !staged.images.some((image) => samePlatform(image.platform, platform)))
  if (missing.length === 0) return
  const name = `${formatRepository(repository)}@${staged.digest}`
  const there = staged.images.map(({platform}) => formatPlatform(platform)).join(', ')
  const lacking = missing.map(formatPlatform).join(', ')
  throw new TagboatError('platforms-incomplete', {
    ...(published !== undefined && {
      message: `${published} is published already, without ${lacking}.`,
      remedy: `Release under a new version; or set \`if-exists: overwrite\` to build ${published} anew, or remove ${lacking} from \`platforms\`. No tag was changed.`,
    }),
    evidence: [
      ...missing.map((platform) => `${name} has no image for ${formatPlatform(platform)}`),
      `It has images for ${there === '' ? 'no platform that it names' : there}`,
    ],
  })
}

/** An image that every repository holds under its digest, and no tag shows yet. */
export interface Staged {
  readonly content: ManifestContent
  /** Platform of an image that is no index; undefined where nobody knows. */
  readonly platform: Platform | undefined
  /** One of those that hold it. */
  readonly repository: Repository
  /** Where it lies on this machine, as long as the run's own directory does; undefined: in the registries alone. */
  readonly layout?: Layout
  /** It was there before this run. */
  readonly existing: boolean
  /**
   * Resolves when every registry shows the image by its digest, to the tags of this run that it took: none at most registries.
   * The check runs beside the next steps; a step that reads the image by its digest waits for it.
   */
  readonly holds?: Promise<readonly TagRef[]>
  /** The repositories that hold it, where others hold another build of the same release. */
  readonly places?: readonly Repository[]
}

import {TagboatError} from '../errors/error.ts'
import type {Attached} from '../oci/attestations.ts'
import type {Digest} from '../oci/digest.ts'
import {images, parseManifest, type ManifestContent} from '../oci/manifest.ts'
import {formatPlatform, samePlatform, type Platform} from '../oci/platform.ts'
import {formatRepository, type Repository, type TagRef} from '../oci/reference.ts'
import type {ImageSource} from './layout/push-layout.ts'

/** Images of a manifest or an index, by platform. */
export interface PlatformImages {
  readonly digest: Digest
  /** One per platform, without attestations. */
  readonly images: readonly {readonly platform: Platform; readonly digest: Digest}[]
}

/**
 * Lists the images of a manifest or an index.
 * @param platform platform of a single manifest, which does not name it; undefined if it is unknown.
 */
export function platformImages(
  top: {readonly digest: Digest; readonly bytes: Uint8Array},
  platform: Platform | undefined,
): PlatformImages {
  const manifest = parseManifest(top.bytes)
  if (manifest?.kind === 'index') {
    const found = images(manifest).flatMap((image) =>
      image.platform === undefined ? [] : [{platform: image.platform, digest: image.digest}],
    )
    return {digest: top.digest, images: found}
  }
  return {digest: top.digest, images: platform === undefined ? [] : [{platform, digest: top.digest}]}
}

/**
 * Checks that there is an image for each requested platform.
 * @param published tag of the release, if it was published before this run: a new build would not change it.
 * @throws TagboatError `platforms-incomplete`
 */
export function requireStagedPlatforms(
  staged: PlatformImages,
  requested: readonly Platform[],
  repository: Repository,
  published?: string,
): void {
  const missing = requested.filter((platform) => !staged.images.some((image) => samePlatform(image.platform, platform)))
  if (missing.length === 0) return
  const name = `${formatRepository(repository)}@${staged.digest}`
  const present = staged.images.map(({platform}) => formatPlatform(platform)).join(', ')
  const missingNames = missing.map(formatPlatform).join(', ')
  throw new TagboatError('platforms-incomplete', {
    ...(published !== undefined && {
      message: `${published} is already published, without ${missingNames}.`,
      remedy: `Release under a new version; or set \`if-exists: overwrite\` to rebuild ${published}, or remove ${missingNames} from \`platforms\`.`,
    }),
    evidence: [
      ...missing.map((platform) => `${name} has no image for ${formatPlatform(platform)}`),
      `It has images for ${present === '' ? 'unknown platforms' : present}`,
    ],
  })
}

/** Build of a release that one repository has. */
export interface OtherBuild {
  readonly repository: Repository
  readonly content: ManifestContent
  /** Platform of an image that is not an index; undefined if it is unknown. */
  readonly platform: Platform | undefined
}

/** Image that all repositories have by digest, without the tags of this run. */
export interface StagedImage {
  readonly content: ManifestContent
  /** Platform of an image that is not an index; undefined if it is unknown. */
  readonly platform: Platform | undefined
  /** One of the repositories with the image. */
  readonly repository: Repository
  /** Manifests and indexes of the image; undefined if only the registries have them. */
  readonly parts?: readonly ManifestContent[]
  /** Referrers of these manifests that this run has pushed. */
  readonly attached?: readonly Attached[]
  /** Copy in the private directory of the run; undefined if only the registries have the image. */
  readonly layout?: ImageSource
  /** The image existed before this run. */
  readonly existing: boolean
  /**
   * Resolves to the temporary tags of this run when every registry shows the image by its digest; most registries need
   * none. The check runs concurrently with the next steps. A step that reads the image by its digest awaits it.
   */
  readonly temporaryTags?: Promise<readonly TagRef[]>
  /** Repositories with this image, if others have another build of the same release. */
  readonly repositories?: readonly Repository[]
  /** Other builds of the same release. Tags of their repositories may move to them. */
  readonly otherBuilds?: readonly OtherBuild[]
  /**
   * Set if a run may sign the image although it existed before: the user named it, or it has passed a demand of `verify`.
   * Any account with the right to push can create an image with the labels of a release.
   */
  readonly isVouched?: boolean
}

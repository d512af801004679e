import {parseManifest, type ManifestContent} from '../oci/manifest.ts'
import type {Platform} from '../oci/platform.ts'
import type {ImageMetadata} from '../run/run-result.ts'

/**
 * Build metadata of an image that was published before, in the fields that Buildx writes to `--metadata-file` and
 * `--iidfile` (https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file): the ID of a single image is
 * the digest of its configuration, and that of an index is its own digest.
 */
export function describeFound(
  {digest, mediaType, bytes}: ManifestContent,
  platform: Platform | undefined,
  names: readonly string[],
): ImageMetadata {
  const document = parseManifest(bytes)
  const config = document?.kind === 'manifest' ? document.config.digest : undefined
  const metadata = {
    ...(config !== undefined && {'containerimage.config.digest': config}),
    'containerimage.descriptor': {mediaType, digest, size: bytes.byteLength, ...(platform && {platform})},
    'containerimage.digest': digest,
    'image.name': names.join(','),
  }
  return {metadata: JSON.stringify(metadata, undefined, 2), imageId: config ?? digest}
}

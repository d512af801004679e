import {parseManifest, type ManifestContent} from '../oci/manifest.ts'
import type {Platform} from '../oci/platform.ts'
import type {KnownImage} from '../run/run-result.ts'

/**
 * What Buildx would have said of an image that was published before, in the fields of `--metadata-file` and `--iidfile`
 * (https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file): the id of a single image is the digest of its
 * configuration, and that of an index is its own.
 */
export function describeFound(
  {digest, mediaType, bytes}: ManifestContent,
  platform: Platform | undefined,
  names: readonly string[],
): KnownImage {
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

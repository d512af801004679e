import {metadataOf} from '../../buildx/merge-metadata.ts'
import {parseManifest, type ManifestContent} from '../../oci/manifest.ts'
import type {BuildReport} from '../../run/run-result.ts'

/**
 * Report of a build whose image is published under another digest than Buildx reports. As with Buildx, the ID of a single
 * image is the digest of its configuration, and that of an index its own digest.
 */
export function describeBuild(build: BuildReport, top: ManifestContent): BuildReport {
  const {metadata, imageId} = build
  if (metadata === undefined) return build
  const document = parseManifest(top.bytes)
  const id = document?.kind === 'manifest' ? document.config.digest : top.digest
  return {
    ...build,
    metadata: metadataOf(metadata, {...top, sizeBytes: top.bytes.byteLength}),
    imageId: imageId === metadata.digest ? id : imageId,
  }
}

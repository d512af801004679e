import type {Digest} from '../../oci/digest.ts'
import type {Descriptor} from '../../oci/manifest.ts'
import type {TagDecision} from '../../promote/decide/tag-decision.ts'
import type {BuildSession} from '../../stage/build-session.ts'
import type {StagedImage} from '../../stage/staged-image.ts'
import {scanImage, type ImageScan} from './scan-image.ts'
import type {Scan} from './start-scan.ts'

/** Scans a staged image, or a release that exists. What this run has built is read from its layout, if there is one. */
export async function scanStaged(
  {content, platform, repository, parts, layout, temporaryTags}: StagedImage,
  scan: Scan,
  decisions: readonly TagDecision[],
  {prepared, registries: {clients}, io}: BuildSession,
): Promise<ImageScan> {
  if (parts === undefined) await temporaryTags
  const client = clients.repository(repository)
  const image = {
    content,
    manifest: async (digest: Digest) => parts?.find((part) => part.digest === digest) ?? client.manifest(digest),
    openBlob: (blob: Descriptor) => layout?.openBlob(blob) ?? client.readBlob(blob),
  }
  const scanned = {image, platform, repository, decisions: async () => Promise.resolve(decisions)}
  return scanImage(scan, scanned, {prepared, clients, io})
}

/** Reports that a release is not scanned, because no tag moves. */
export function noticeUnscanned({io}: Pick<BuildSession, 'io'>): void {
  io.workflow.notice(
    'The image is not scanned: the release is already published, and no tag changes. To scan it, run a scanner on its digest.',
  )
}

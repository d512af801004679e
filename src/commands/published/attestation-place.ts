import {attestationsIn, isAttestationReferrer} from '../../oci/attestations.ts'
import type {Digest} from '../../oci/digest.ts'
import {parseManifest, type ManifestContent} from '../../oci/manifest.ts'
import {manifestsAtOnce} from '../../registry/images/image-tree.ts'
import {forEachBounded} from '../../registry/limit.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {intactManifest} from '../../registry/signatures/read-small.ts'
import type {StagedImage} from '../../stage/staged-image.ts'
import type {Publication} from '../promote-image.ts'

/** Reports that a published release keeps its attestations in a place that is not the one of `attestations`. */
export async function noticeAttestationPlace(
  {content, repository}: Pick<StagedImage, 'content' | 'repository'>,
  {prepared, registries, io}: Publication,
): Promise<void> {
  const {build} = prepared.inputs
  const {attestations: place} = build
  const isInline = attestationsIn(content.bytes).length > 0
  const kept = await keptPlace(isInline, place, async () => {
    if (!isInline && place === 'inline' && makesNone(build)) return false
    return hasReferrers(content, registries.clients.repository(repository))
  })
  if (kept === undefined) return
  io.workflow.notice(
    `\`attestations: ${place}\`: the release is already published, with its attestations ${kept}, and stays so. To build it again and replace its tags, set \`if-exists: overwrite\`.`,
  )
}

/**
 * Place in which a release keeps its attestations; undefined if it is the one that is wanted, or if it has none. Attestations
 * in another place as well do no harm, unless it is the index, which some programs then do not accept.
 */
async function keptPlace(
  isInline: boolean,
  place: Publication['prepared']['inputs']['build']['attestations'],
  isReferred: () => Promise<boolean>,
): Promise<string | undefined> {
  switch (place) {
    case 'off':
    case 'referrers':
      return isInline ? 'in its index' : undefined
    case 'inline':
      return !isInline && (await isReferred()) ? 'as referrers of its images' : undefined
    case 'both':
      return (await isReferred()) === isInline ? undefined : isInline ? 'in its index' : 'as referrers of its images'
  }
}

/** Reports whether the inputs request no attestation: a release without any is as they want it. */
function makesNone({
  provenance,
  sbom,
  attests,
}: Pick<Publication['prepared']['inputs']['build'], 'provenance' | 'sbom' | 'attests'>): boolean {
  return provenance === 'false' && (sbom === undefined || sbom === 'false') && attests.length === 0
}

/** Limit of the referrers that are read: an image may have many signatures. */
const maxReferrers = 20

/** Reports whether the first image has an attestation of BuildKit as a referrer. A registry that cannot say it has none. */
async function hasReferrers(content: ManifestContent, client: RepositoryClient): Promise<boolean> {
  const document = parseManifest(content.bytes)
  const images = document?.kind === 'index' ? document.manifests.filter(({platform}) => platform?.os !== 'unknown') : []
  const subject: Digest = images[0]?.digest ?? content.digest
  // A notice is not worth a failed run.
  const listed = await client.referrers(subject).catch(() => [])
  let isFound = false
  await forEachBounded(listed.slice(0, maxReferrers), manifestsAtOnce, async ({digest}) => {
    if (isFound) return
    const manifest = await intactManifest(digest, client).catch(() => undefined)
    if (manifest !== undefined && isAttestationReferrer(manifest.bytes, subject)) isFound = true
  })
  return isFound
}

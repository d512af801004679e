import {digestOf, type Digest} from '../oci/digest.ts'
import {manifestMediaTypes} from '../oci/manifest.ts'
import {addReferrers} from '../oci/referrers-index.ts'
import {referrersTag} from './referrers.ts'
import type {ManifestContent, RepositoryClient} from './repository-client.ts'

/**
 * Lets a repository list these manifests as referrers of the subject. A registry with the referrers API does so by itself;
 * for any other, the client keeps an index under the tag that the digest of the subject gives
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema).
 */
export async function enlistReferrers(
  subject: Digest,
  referrers: readonly ManifestContent[],
  destination: RepositoryClient,
): Promise<void> {
  const listed = new Set((await destination.referrers(subject)).map(({digest}) => digest))
  const unlisted = referrers.filter(({digest}) => !listed.has(digest))
  if (unlisted.length === 0) return
  const tag = referrersTag(subject)
  const current = await destination.manifest(tag)
  const bytes = Buffer.from(addReferrers(current?.bytes, unlisted))
  const [mediaType] = manifestMediaTypes
  await destination.putManifest(tag, {digest: digestOf(bytes), mediaType, bytes})
}

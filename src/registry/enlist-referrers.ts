import {TagboatError} from '../errors/error.ts'
import {digestOf, type Digest} from '../oci/digest.ts'
import {manifestMediaTypes} from '../oci/manifest.ts'
import {formatRepository} from '../oci/reference.ts'
import {addReferrers, unlisted} from '../oci/referrers-index.ts'
import {referrersTag} from './referrers.ts'
import type {ManifestContent, RepositoryClient} from './repository-client.ts'

/** How often the index is written when others write it at the same time. */
const mostWrites = 8

/**
 * Lets a repository list these manifests as referrers of the subject. A registry with the referrers API does so by itself;
 * for any other, the client keeps an index under the tag that the digest of the subject gives
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema). The specification has no way to
 * write it safely beside others: it is read again until it holds what was written.
 * @throws TagboatError `registry-failed` when it never does.
 */
export async function enlistReferrers(
  subject: Digest,
  referrers: readonly ManifestContent[],
  destination: RepositoryClient,
): Promise<void> {
  const listed = new Set((await destination.referrers(subject)).map(({digest}) => digest))
  const wanted = referrers.filter(({digest}) => !listed.has(digest))
  if (wanted.length === 0) return
  const tag = referrersTag(subject)
  for (let written = 0; ; written += 1) {
    const current = await destination.manifest(tag)
    const missing = unlisted(current?.bytes, wanted)
    if (missing.length === 0) return
    if (written === mostWrites) throw lost(tag, missing.length, destination)
    const bytes = Buffer.from(addReferrers(current?.bytes, missing))
    const [mediaType] = manifestMediaTypes
    await destination.putManifest(tag, {digest: digestOf(bytes), mediaType, bytes})
  }
}

function lost(tag: string, count: number, {repository}: RepositoryClient): TagboatError {
  return new TagboatError('registry-failed', {
    message: `${repository.host} does not keep the list of what refers to an image.`,
    evidence: [`${formatRepository(repository)}:${tag} was put ${mostWrites} times, and lacks ${count} entries`],
  })
}

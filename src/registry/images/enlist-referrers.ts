import {TagboatError} from '../../errors/error.ts'
import {digestOf, type Digest} from '../../oci/digest.ts'
import {manifestMediaTypes, type ManifestContent} from '../../oci/manifest.ts'
import {formatRepository} from '../../oci/reference.ts'
import {addReferrers, unlisted} from '../../oci/referrers-index.ts'
import {referrersTag} from '../referrers.ts'
import type {RepositoryClient} from '../repository-client.ts'

/** How often the index is written when others write it at the same time. */
const maxWrites = 8

/**
 * Lets a repository list these manifests as referrers of the subject. A registry with the referrers API does so by itself;
 * for any other, the client keeps an index under the tag that the digest of the subject gives
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema). The specification has no way to
 * write it safely beside others: it is read again until it holds what was written.
 * @returns why the repository cannot list them; undefined: it does.
 * @throws TagboatError `registry-failed` when it never does.
 */
export async function enlistReferrers(
  subject: Digest,
  referrers: readonly ManifestContent[],
  destination: RepositoryClient,
): Promise<string | undefined> {
  const listed = new Set((await destination.referrers(subject)).map(({digest}) => digest))
  const unlistedReferrers = referrers.filter(({digest}) => !listed.has(digest))
  if (unlistedReferrers.length === 0) return undefined
  const tag = referrersTag(subject)
  const consequence = `${unlistedReferrers.map(({digest}) => digest).join(', ')} cannot be found from ${subject}`
  for (let written = 0; ; written += 1) {
    const current = await destination.manifest(tag)
    // GitLab takes the tag for the digest: there is no place for a list.
    if (current?.digest === subject) return `${nameOf(tag, destination)} is the image itself: ${consequence}`
    const missing = unlisted(current?.bytes, unlistedReferrers)
    if (missing.length === 0) return undefined
    if (written === maxWrites) throw lostUpdate(tag, missing.length, destination)
    const bytes = Buffer.from(addReferrers(current?.bytes, missing))
    const [mediaType] = manifestMediaTypes
    try {
      await destination.putManifest(tag, {digest: digestOf(bytes), mediaType, bytes})
    } catch (error) {
      if (!(error instanceof TagboatError) || error.code !== 'tag-immutable') throw error
      return `${nameOf(tag, destination)} cannot be changed: ${consequence}`
    }
  }
}

function nameOf(tag: string, {repository}: RepositoryClient): string {
  return `${formatRepository(repository)}:${tag}`
}

function lostUpdate(tag: string, count: number, destination: RepositoryClient): TagboatError {
  return new TagboatError('registry-failed', {
    message: `${destination.repository.host} does not keep the list of what refers to an image.`,
    evidence: [`${nameOf(tag, destination)} was put ${maxWrites} times, and lacks ${count} entries`],
  })
}

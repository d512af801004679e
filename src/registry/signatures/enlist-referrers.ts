import {TagboatError} from '../../errors/error.ts'
import {digestOf, type Digest} from '../../oci/digest.ts'
import {manifestMediaTypes, type ManifestContent} from '../../oci/manifest.ts'
import {formatRepository} from '../../oci/reference.ts'
import {addReferrers, unlisted} from '../../oci/referrers-index.ts'
import {referrersTag} from '../../oci/referrers-tag.ts'
import type {RepositoryClient} from '../repository-client.ts'

/** Number of attempts if others write the index concurrently. */
const maxWrites = 8

/** Reason why a repository cannot list referrers: its fallback tag is the image itself, or cannot be changed. */
interface Unlisted {
  readonly kind: 'no-tag' | 'immutable'
  readonly reason: string
}

/**
 * Makes a repository list these manifests as referrers of the subject. A registry with the referrers API does so
 * itself. For any other, the client maintains an index under the fallback tag of the subject
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema). The specification has
 * no atomic update: the index is read again until it has the entries.
 * @returns the reason why the repository cannot list them. Undefined on success.
 * @throws TagboatError `registry-failed` if the index never has the entries.
 */
export async function enlistReferrers(
  subject: Digest,
  referrers: readonly ManifestContent[],
  destination: RepositoryClient,
): Promise<Unlisted | undefined> {
  const listed = new Set((await destination.referrers(subject)).map(({digest}) => digest))
  const unlistedReferrers = referrers.filter(({digest}) => !listed.has(digest))
  if (unlistedReferrers.length === 0) return undefined
  const tag = referrersTag(subject)
  const consequence = `${unlistedReferrers.map(({digest}) => digest).join(', ')} is not listed as a referrer of ${subject}`
  for (let written = 0; ; written += 1) {
    const current = await destination.manifest(tag)
    // GitLab reads the tag as the digest, so a list is not possible.
    if (current?.digest === subject)
      return {kind: 'no-tag', reason: `${nameOf(tag, destination)} is the image itself: ${consequence}`}
    const missing = unlisted(current?.bytes, unlistedReferrers)
    if (missing.length === 0) return undefined
    if (written === maxWrites) throw lostUpdate(tag, missing.length, destination)
    const bytes = Buffer.from(addReferrers(current?.bytes, missing))
    const [mediaType] = manifestMediaTypes
    try {
      await destination.putManifest(tag, {digest: digestOf(bytes), mediaType, bytes})
    } catch (error) {
      if (!(error instanceof TagboatError) || error.code !== 'tag-immutable') throw error
      return {kind: 'immutable', reason: `${nameOf(tag, destination)} is immutable: ${consequence}`}
    }
  }
}

function nameOf(tag: string, {repository}: RepositoryClient): string {
  return `${formatRepository(repository)}:${tag}`
}

function lostUpdate(tag: string, count: number, destination: RepositoryClient): TagboatError {
  return new TagboatError('registry-failed', {
    message: `${destination.repository.host} does not store the list of the referrers of an image.`,
    evidence: [`${nameOf(tag, destination)} was pushed ${maxWrites} times, but lacks ${count} entries`],
  })
}

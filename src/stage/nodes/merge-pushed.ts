import {TagboatError} from '../../errors/error.ts'
import type {Digest} from '../../oci/digest.ts'
import {mergeIndex} from '../../oci/merge-index.ts'
import {copyImage} from '../../registry/images/copy.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {ManifestContent} from '../../oci/manifest.ts'
import {pushedManifest, type Sleep} from '../../registry/images/shown-manifest.ts'

/**
 * Merges the images that several nodes pushed by digest into one index, and pushes it by digest to all repositories. Each
 * node pushes to all repositories; an image that is missing from one of them is copied.
 * @throws TagboatError `digest-hidden` if the registry does not show a pushed image, `platforms-incomplete` if two nodes
 * built the same platform or one built none, and errors of the registry client.
 */
export async function mergePushed(
  digests: readonly Digest[],
  repositories: readonly RepositoryClient[],
  {annotations, sleep}: {readonly annotations: Readonly<Record<string, string>>; readonly sleep: Sleep},
): Promise<ManifestContent> {
  const [first, ...others] = repositories
  if (first === undefined) throw new TypeError('no repository to push to')
  const read = digests.map(async (digest) => pushedManifest(first, digest, sleep))
  const heads = others.map(async (client) => Promise.all(digests.map(async (digest) => client.head(digest))))
  const [sources, existing] = await Promise.all([Promise.all(read), Promise.all(heads)])
  const merged = mergeIndex(sources, annotations)
  if (!merged.ok) {
    const message = 'The images that the nodes of the builder built do not form a whole image.'
    throw new TagboatError('platforms-incomplete', {message, evidence: merged.reasons})
  }
  const {index: content} = merged
  const missing = (index: number): readonly Digest[] => digests.filter((_, at) => existing[index]?.[at] === undefined)
  await Promise.all([
    first.putManifest(content.digest, content),
    ...others.map(async (destination, index) => {
      for (const digest of missing(index)) await copyImage({digest, source: first, destination, onLeftOut: noReferrers})
      await destination.putManifest(content.digest, content)
    }),
  ])
  return content
}

/** An image that was just pushed has no referrers. */
const noReferrers = (): void => undefined

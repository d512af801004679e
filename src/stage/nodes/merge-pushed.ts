import {TagboatError} from '../../errors/error.ts'
import type {Digest} from '../../oci/digest.ts'
import {mergeIndex} from '../../oci/merge-index.ts'
import {copyImage} from '../../registry/images/copy.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {ManifestContent} from '../../oci/manifest.ts'
import {pushedManifest, type Sleep} from '../../registry/images/shown-manifest.ts'

/**
 * Makes one index of what several nodes have pushed by digest, and puts it under its digest into every repository. The
 * images are there, since each node pushes to all; what a repository lacks nevertheless is copied into it. Nothing is tagged.
 * @throws TagboatError `digest-hidden` when the registry does not show what a node says that it pushed,
 * `platforms-incomplete` when two nodes made images for one platform, or one made none, and those of the registry client.
 */
export async function mergePushed(
  digests: readonly Digest[],
  repositories: readonly RepositoryClient[],
  {annotations, sleep}: {readonly annotations: Readonly<Record<string, string>>; readonly sleep: Sleep},
): Promise<ManifestContent> {
  const [first, ...others] = repositories
  if (first === undefined) throw new TypeError('an index without a repository')
  const read = digests.map(async (digest) => pushedManifest(first, digest, sleep))
  const heads = others.map(async (client) => Promise.all(digests.map(async (digest) => client.head(digest))))
  const [sources, held] = await Promise.all([Promise.all(read), Promise.all(heads)])
  const merged = mergeIndex(sources, annotations)
  if (!merged.ok) {
    const message = 'What the nodes of the builder have built makes no whole image together.'
    throw new TagboatError('platforms-incomplete', {message, evidence: merged.reasons})
  }
  const {index: content} = merged
  const lacks = (index: number): readonly Digest[] => digests.filter((_, at) => held[index]?.[at] === undefined)
  await Promise.all([
    first.putManifest(content.digest, content),
    ...others.map(async (destination, index) => {
      for (const digest of lacks(index)) await copyImage({digest, source: first, destination, onLeftOut: nothingRefers})
      await destination.putManifest(content.digest, content)
    }),
  ])
  return content
}

/** What the nodes have just pushed is referred to by nothing. */
const nothingRefers = (): void => undefined

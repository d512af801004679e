import {isReferrerTag} from '../oci/referrers-tag.ts'
import type {ManifestGraph} from './graph.ts'
import type {RepositoryContent} from './repository-content.ts'

/** Image with tags that lacks a part. */
export interface BrokenImage {
  readonly digest: string
  readonly tags: readonly string[]
  readonly missing: readonly MissingPart[]
}

export interface MissingPart {
  readonly digest: string
  /** Platform, such as `linux/arm64`; `unknown/unknown` for an attestation. Undefined if the index does not state it. */
  readonly platform: string | undefined
}

/**
 * Lists the images with tags of which a part does not exist, at any depth. An index of referrers is not an image: it may
 * list deleted referrers.
 */
export function brokenImages(
  {manifests}: Pick<RepositoryContent, 'manifests'>,
  {tagsOf}: Pick<ManifestGraph, 'tagsOf'>,
): readonly BrokenImage[] {
  return [...tagsOf].flatMap(([digest, tags]) => {
    const missing = tags.every(isReferrerTag) ? [] : missingParts(digest, manifests)
    return missing.length === 0 ? [] : [{digest, tags, missing}]
  })
}

function missingParts(top: string, manifests: RepositoryContent['manifests']): readonly MissingPart[] {
  const missing = new Map<string, MissingPart>()
  const found = new Set([top])
  for (const digest of found) {
    const read = manifests.get(digest)
    if (read?.kind !== 'read') continue
    const {children, platforms} = read.manifest
    for (const child of children) {
      found.add(child)
      if (manifests.get(child)?.kind === 'missing') missing.set(child, {digest: child, platform: platforms?.get(child)})
    }
  }
  return [...missing.values()]
}

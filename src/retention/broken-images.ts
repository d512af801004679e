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
  {tagsOf, children}: Pick<ManifestGraph, 'tagsOf' | 'children'>,
): readonly BrokenImage[] {
  return [...tagsOf].flatMap(([digest, tags]) => {
    if (tags.every(isReferrerTag)) return []
    const missing = new Map<string, string | undefined>()
    const found = new Set([digest])
    for (const part of found) {
      const read = manifests.get(part)
      for (const child of children.get(part) ?? []) {
        if (manifests.get(child)?.kind === 'missing')
          missing.set(child, read?.kind === 'read' ? read.manifest.platforms?.get(child) : undefined)
        found.add(child)
      }
    }
    return missing.size === 0
      ? []
      : [{digest, tags, missing: [...missing].map(([part, platform]) => ({digest: part, platform}))}]
  })
}

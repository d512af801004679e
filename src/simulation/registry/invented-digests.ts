import {digestOf, shortDigest, type Digest} from '../../oci/digest.ts'
import type {Simulated} from '../simulated.ts'

/**
 * Digests that the simulation made up for images that are described without one, with the text that is known of each: its
 * version, its commit, or the name of its tag.
 */
export type InventedDigests = ReadonlyMap<Digest, string>

const givenImage = 'the image that an earlier step gives'

/** Digest in place of one that an earlier step or job gives, with the text that is shown for it. */
export const unknownImage = [digestOf(new TextEncoder().encode(givenImage)), givenImage] as const

/** Returns a function that shows images by what is known of them, in place of invented digests. Other digests stay. */
export function withoutInvented(invented: InventedDigests): (text: string) => string {
  if (invented.size === 0) return (text) => text
  const shown = new Map([...invented].map(([digest, text]) => [shortDigest(digest), text]))
  return (text) => {
    const named = text.replaceAll(/sha256:[0-9a-f]{12,64}/g, (digest) => shown.get(shortDigest(digest)) ?? digest)
    // A version was followed by its digest: `1.2.2 (sha256:…)`.
    return [...new Set(shown.values())].reduce((one, known) => one.replaceAll(`${known} (${known})`, known), named)
  }
}

type PlanJson = NonNullable<Simulated['plan']>

/** Output `plan` without invented digests: a tag whose image has one gets what is known of the image. */
export function planWithoutInvented(plan: PlanJson, show: (text: string) => string): PlanJson {
  const tags = plan.tags.map((tag) => {
    if (!('before' in tag) || typeof tag.before !== 'string') return tag
    const shown = show(tag.before)
    return shown === tag.before ? tag : {...tag, before: null, beforeImage: shown}
  })
  return {...plan, tags}
}

/**
 * Tag of the index of referrers of a digest, on registries without the referrers API:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema
 */
export function referrersTag(digest: string): string {
  const colon = digest.indexOf(':')
  const [algorithm, encoded] = [digest.slice(0, colon), digest.slice(colon + 1)]
  return `${algorithm.slice(0, 32)}-${encoded.slice(0, 64)}`.replace(/[^\w.-]/g, '-')
}

/** Kinds of content that cosign 1 and 2 tag: `sha256-<hex>.sig`. */
const kinds = /\.(?:sig|att|sbom)$/

/** Algorithms of digests: https://github.com/opencontainers/image-spec/blob/main/descriptor.md#registered-algorithms */
const referrerTag = /^(?:sha256|sha384|sha512|blake3)-[0-9a-f]{64}(?:\.(?:sig|att|sbom))?$/

/**
 * Reports whether a tag has the form of a tag for the referrers of a digest (`sha256-<hex>`), or of one of cosign for its
 * signatures, attestations or SBOM (`sha256-<hex>.sig`, `.att`, `.sbom`).
 */
export function isReferrerTag(tag: string): boolean {
  return referrerTag.test(tag)
}

/** Digest that a tag for referrers names whole. Undefined for another tag, and for a digest that is longer than the tag. */
export function digestInTag(tag: string): string | undefined {
  return isReferrerTag(tag) && tag.startsWith('sha256-') ? withoutKind(tag).replace('-', ':') : undefined
}

/** Tag for referrers without the kind that cosign adds: `sha256-<hex>`. Any other tag is not changed. */
export function withoutKind(tag: string): string {
  return tag.replace(kinds, '')
}

import {
  attestationsIn,
  emptyConfig,
  referrerOf,
  withoutAttestations,
  type Attached,
  type AttestationPlace,
} from '../../oci/attestations.ts'
import {digestOf, type Digest} from '../../oci/digest.ts'
import type {ManifestContent} from '../../oci/manifest.ts'
import {readTree} from '../../registry/images/image-tree.ts'
import type {ImageSource} from '../layout/push-layout.ts'

/** Place of the attestations of an image, and whether an index of one image stays an index. */
export interface Placement {
  readonly place: AttestationPlace
  readonly keepsIndex: boolean
}

/**
 * Moves the attestations of an image to their place. The images of the platforms keep their digests. Without attestations
 * in its index, an image of one platform is a plain manifest, unless `keepsIndex` is set.
 */
export async function placeAttestations(image: ImageSource, {place, keepsIndex}: Placement): Promise<ImageSource> {
  const {top} = image.tree
  const known = new Map(image.tree.levels.flat().map((content) => [content.digest, content]))
  const attested = attestationsIn(top.bytes)
  if (place === 'inline' || attested.length === 0) return image
  const attached = attested.flatMap(({digest, subject}): readonly Attached[] => {
    const content = known.get(digest)
    if (place === 'off' || content === undefined || subject === undefined) return []
    return [{subject: subject.digest, content: referrerOf(content, subject)}]
  })
  const source = {
    ...image,
    attached,
    openBlob: (blob) => (blob.digest === emptyDigest ? once(emptyConfig) : image.openBlob(blob)),
  } satisfies ImageSource
  if (place === 'both') return source
  const clean = withoutAttestations(top, keepsIndex)
  const found = typeof clean === 'string' ? contentOf(clean, known) : clean
  const tree = await readTree(
    found,
    async ({digest}) => Promise.resolve(contentOf(digest, known)),
    ({digest}) => incomplete(digest),
  )
  return {...source, tree}
}

const emptyDigest = digestOf(emptyConfig)

function contentOf(digest: Digest, known: ReadonlyMap<Digest, ManifestContent>): ManifestContent {
  const content = known.get(digest)
  if (content === undefined) throw incomplete(digest)
  return content
}

/** The tree of an image that was read is complete. */
function incomplete(digest: Digest): TypeError {
  return new TypeError(`the image lacks ${digest}`)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes)
}

import {isDigest, type Digest} from '../oci/digest.ts'
import {field} from '../oci/manifest.ts'
import {platformOf, type Platform} from '../oci/platform.ts'

/** What Buildx says of a finished build (`--metadata-file`). */
export interface BuildMetadata {
  /** The whole file, for the `metadata` output. */
  readonly text: string
  /** Digest of the index or manifest that was exported; undefined when no image was. */
  readonly digest: Digest | undefined
  /** Platform of the image, where there is one image and Buildx says. */
  readonly platform: Platform | undefined
}

/** @throws SyntaxError when the text is no JSON. */
export function parseMetadata(text: string): BuildMetadata {
  const value: unknown = JSON.parse(text)
  return {
    text: JSON.stringify(value, undefined, 2),
    digest: digestField(value, 'containerimage.digest'),
    platform: platformOf(field(field(value, 'containerimage.descriptor'), 'platform')),
  }
}

function digestField(value: unknown, name: string): Digest | undefined {
  const digest = field(value, name)
  return typeof digest === 'string' && isDigest(digest) ? digest : undefined
}

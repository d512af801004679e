import {isDigest, type Digest} from '../oci/digest.ts'
import {field} from '../oci/manifest.ts'
import {platformOf, type Platform} from '../oci/platform.ts'

/** Metadata of a finished build (`--metadata-file`). */
export interface BuildMetadata {
  /** Text of the file, for the output `metadata`. */
  readonly text: string
  /** Digest of the exported index or manifest; undefined if no image was exported. */
  readonly digest: Digest | undefined
  /** Platform of the image, if it is a single one and Buildx reports it. */
  readonly platform: Platform | undefined
}

/** Parses a metadata file. @throws SyntaxError when the text is not JSON. */
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

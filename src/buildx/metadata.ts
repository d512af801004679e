import {isDigest, type Digest} from '../oci/digest.ts'
import {parsePlatform, type Platform} from '../oci/platform.ts'

/** What Buildx says of a finished build (`--metadata-file`). */
export interface BuildMetadata {
  /** The whole file, for the `metadata` output. */
  readonly text: string
  /** Digest of the index or manifest that was exported; undefined when no image was. */
  readonly digest: Digest | undefined
  /** Digest of the image's configuration, where there is one image. */
  readonly configDigest: Digest | undefined
  /** Platform of the image, where there is one image and Buildx says. */
  readonly platform: Platform | undefined
  /** Warnings of BuildKit's build checks and of the build. */
  readonly warnings: number
}

/** @throws SyntaxError when the text is no JSON. */
export function parseMetadata(text: string): BuildMetadata {
  const value: unknown = JSON.parse(text)
  const warnings = field(value, 'buildx.build.warnings')
  return {
    text: JSON.stringify(value, undefined, 2),
    digest: digestField(value, 'containerimage.digest'),
    configDigest: digestField(value, 'containerimage.config.digest'),
    platform: platformField(field(value, 'containerimage.descriptor')),
    warnings: Array.isArray(warnings) ? warnings.length : 0,
  }
}

function platformField(descriptor: unknown): Platform | undefined {
  const platform = field(descriptor, 'platform')
  const parts = ['os', 'architecture', 'variant'].map((name) => field(platform, name))
  return parsePlatform(parts.filter((part) => typeof part === 'string' && part !== '').join('/'))
}

function digestField(value: unknown, name: string): Digest | undefined {
  const digest = field(value, name)
  return typeof digest === 'string' && isDigest(digest) ? digest : undefined
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined
}

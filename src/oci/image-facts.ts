import {field, parseJson} from './manifest.ts'

/** What an image says of where it comes from. */
export interface ImageFacts {
  /** `org.opencontainers.image.revision` (https://github.com/opencontainers/image-spec/blob/main/annotations.md). */
  readonly revision: string | undefined
  /** `org.opencontainers.image.created`, as written. */
  readonly created: string | undefined
  /** `io.github.tagboat.commit-date` */
  readonly commitDate: string | undefined
  /** `io.github.tagboat.run-id` */
  readonly runId: string | undefined
  /** `io.github.tagboat.version`: several are separated by commas. Else a full one of `org.opencontainers.image.version`. */
  readonly version: string | undefined
  /** `io.github.tagboat.tags`: the exact release tags that it was made for, separated by commas. */
  readonly tags: string | undefined
  /** `io.github.tagboat.build`: what it was made from, as `plan/build-definition.ts` writes it. */
  readonly build: string | undefined
  /**
   * `io.github.tagboat.floating`: the floating tags that were to be given with it, separated by commas; `none`: there were to
   * be none.
   */
  readonly floating: string | undefined
}

/** The keys under which annotations and labels say them. */
export const factKeys = {
  revision: 'org.opencontainers.image.revision',
  created: 'org.opencontainers.image.created',
  commitDate: 'io.github.tagboat.commit-date',
  runId: 'io.github.tagboat.run-id',
  version: 'io.github.tagboat.version',
  tags: 'io.github.tagboat.tags',
  build: 'io.github.tagboat.build',
  floating: 'io.github.tagboat.floating',
} as const satisfies Readonly<Record<keyof ImageFacts, string>>

export const noFacts: ImageFacts = {
  revision: undefined,
  created: undefined,
  commitDate: undefined,
  runId: undefined,
  version: undefined,
  tags: undefined,
  build: undefined,
  floating: undefined,
}

/** From the annotations of a manifest or index. */
export function annotatedFacts(manifest: Uint8Array): ImageFacts {
  return factsIn(field(parseJson(manifest), 'annotations'))
}

/** From the labels of an image configuration: https://github.com/opencontainers/image-spec/blob/main/config.md */
export function labelledFacts(configuration: Uint8Array): ImageFacts {
  return factsIn(field(field(parseJson(configuration), 'config'), 'Labels'))
}

/** What the first says, and what only the second says. */
export function mergeFacts(first: ImageFacts, second: ImageFacts): ImageFacts {
  return {
    revision: first.revision ?? second.revision,
    created: first.created ?? second.created,
    commitDate: first.commitDate ?? second.commitDate,
    runId: first.runId ?? second.runId,
    version: first.version ?? second.version,
    tags: first.tags ?? second.tags,
    build: first.build ?? second.build,
    floating: first.floating ?? second.floating,
  }
}

function factsIn(texts: unknown): ImageFacts {
  const said = (key: string): string | undefined => {
    const value = field(texts, key)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  return {
    revision: said(factKeys.revision),
    created: said(factKeys.created),
    commitDate: said(factKeys.commitDate),
    runId: said(factKeys.runId),
    version: said(factKeys.version) ?? fullVersion(said('org.opencontainers.image.version')),
    tags: said(factKeys.tags),
    build: said(factKeys.build),
    floating: said(factKeys.floating),
  }
}

/** No tag is longer, and so no version that a tag could say. */
const maxVersion = 128

/** The first tag of an image stands there, and that may be `1.2`, of which nobody knows whether it is a line or a version. */
function fullVersion(said: string | undefined): string | undefined {
  return said !== undefined && said.length <= maxVersion && /(?<!\d)\d+\.\d+\.\d/.test(said) ? said : undefined
}

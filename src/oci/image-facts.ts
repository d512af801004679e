import {field, parseJson} from './manifest.ts'

/** Provenance of an image, from its annotations and labels. */
export interface ImageFacts {
  /**
   * `org.opencontainers.image.revision` (https://github.com/opencontainers/image-spec/blob/main/annotations.md); else
   * `io.github.tagboat.revision`.
   */
  readonly revision: string | undefined
  /** `org.opencontainers.image.source`: web page of the repository of the commit. */
  readonly source: string | undefined
  /** `org.opencontainers.image.created`, as written. */
  readonly created: string | undefined
  /** `io.github.tagboat.commit-date` */
  readonly commitDate: string | undefined
  /** `io.github.tagboat.run-id` */
  readonly runId: string | undefined
  /** `io.github.tagboat.ref`: full ref of the event that the image was built for, such as `refs/pull/12/merge`. */
  readonly ref: string | undefined
  /**
   * `io.github.tagboat.version`, several separated by commas; else a full version in
   * `org.opencontainers.image.version`.
   */
  readonly version: string | undefined
  /** `io.github.tagboat.tags`: exact release tags of the build, separated by commas. */
  readonly tags: string | undefined
  /** `io.github.tagboat.build`: build definition, in the format of `plan/build-definition.ts`. */
  readonly build: string | undefined
  /** `io.github.tagboat.floating`: planned floating tags, separated by commas; `none` without floating tags. */
  readonly floating: string | undefined
}

/** Keys of the facts in annotations and labels. */
export const factKeys = {
  revision: 'org.opencontainers.image.revision',
  source: 'org.opencontainers.image.source',
  created: 'org.opencontainers.image.created',
  commitDate: 'io.github.tagboat.commit-date',
  runId: 'io.github.tagboat.run-id',
  ref: 'io.github.tagboat.ref',
  version: 'io.github.tagboat.version',
  tags: 'io.github.tagboat.tags',
  build: 'io.github.tagboat.build',
  floating: 'io.github.tagboat.floating',
} as const satisfies Readonly<Record<keyof ImageFacts, string>>

/** Key of the commit in an image without the standard annotations and labels. */
export const ownRevisionKey = 'io.github.tagboat.revision'

/** Facts of an image without annotations and labels. */
export const noFacts: ImageFacts = {
  revision: undefined,
  source: undefined,
  created: undefined,
  commitDate: undefined,
  runId: undefined,
  ref: undefined,
  version: undefined,
  tags: undefined,
  build: undefined,
  floating: undefined,
}

/** Facts in the annotations of a manifest or index. */
export function annotatedFacts(manifest: Uint8Array): ImageFacts {
  return statedFacts(parseJson(manifest))
}

/** Facts in the annotations of a parsed manifest or index. */
export function statedFacts(manifest: unknown): ImageFacts {
  return factsIn(field(manifest, 'annotations'))
}

/** Facts in the labels of an image configuration: https://github.com/opencontainers/image-spec/blob/main/config.md */
export function labelledFacts(configuration: Uint8Array): ImageFacts {
  return factsIn(field(field(parseJson(configuration), 'config'), 'Labels'))
}

/**
 * Annotations that state the facts of an image, without its source and its time. Without the standard annotations, the
 * commit has a key of its own.
 */
export function factAnnotations(facts: ImageFacts, hasStandard: boolean): Readonly<Record<string, string>> {
  const known: readonly (readonly [string, string | undefined])[] = [
    [hasStandard ? factKeys.revision : ownRevisionKey, facts.revision],
    [factKeys.commitDate, facts.commitDate],
    [factKeys.runId, facts.runId],
    [factKeys.ref, facts.ref],
    [factKeys.version, facts.version],
    [factKeys.tags, facts.tags],
    [factKeys.build, facts.build],
    [factKeys.floating, facts.floating],
  ]
  return Object.fromEntries(known.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
}

/** Combines facts; those of the first have priority. */
export function mergeFacts(first: ImageFacts, second: ImageFacts): ImageFacts {
  return {
    revision: first.revision ?? second.revision,
    source: first.source ?? second.source,
    created: first.created ?? second.created,
    commitDate: first.commitDate ?? second.commitDate,
    runId: first.runId ?? second.runId,
    ref: first.ref ?? second.ref,
    version: first.version ?? second.version,
    tags: first.tags ?? second.tags,
    build: first.build ?? second.build,
    floating: first.floating ?? second.floating,
  }
}

function factsIn(texts: unknown): ImageFacts {
  const text = (key: string): string | undefined => {
    const value = field(texts, key)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  return {
    revision: text(factKeys.revision) ?? text(ownRevisionKey),
    source: text(factKeys.source),
    created: text(factKeys.created),
    commitDate: text(factKeys.commitDate),
    runId: text(factKeys.runId),
    ref: text(factKeys.ref),
    version: text(factKeys.version) ?? fullVersion(text('org.opencontainers.image.version')),
    tags: text(factKeys.tags),
    build: text(factKeys.build),
    floating: text(factKeys.floating),
  }
}

/** Maximum length of a tag, and so of a version in a tag. */
const maxVersionLength = 128

/**
 * Full version in `org.opencontainers.image.version`. It may contain a partial version such as `1.2`, which is ignored.
 */
function fullVersion(label: string | undefined): string | undefined {
  return label !== undefined && label.length <= maxVersionLength && /(?<!\d)\d+\.\d+\.\d/.test(label)
    ? label
    : undefined
}

/** How versions of a line are compared. */
export type VersionScheme = 'semver' | 'pep440' | 'calver' | 'numeric'

/** A version, and how it is compared with others. */
export interface Version {
  readonly scheme: VersionScheme
  readonly version: string
}

/** What stands around the version in an exact tag: `api-` and `-slim` of `api-1.2.3-slim`. */
export interface Frame {
  readonly prefix: string
  readonly suffix: string
}

/** What a tag promises, and so how it may change. It follows from the rule that gave the tag. */
export type TagLine =
  /** Exact: this full version, for ever. */
  | {readonly kind: 'release'; readonly scheme: VersionScheme; readonly version: string}
  /** Exact: this commit, for ever. */
  | {readonly kind: 'commit'}
  /**
   * Floating: the highest version of a line; `minor`: of those with the same major and minor number; `major`: with the same
   * major number; `all`: of every stable version (`latest`).
   */
  | {
      readonly kind: 'version'
      readonly scheme: VersionScheme
      readonly version: string
      readonly level: 'all' | 'major' | 'minor'
      /** How the exact tags of the line are written; none: no list of tags tells which versions there are. */
      readonly exact: readonly Frame[]
      /** The user wrote the name; undefined: a rule for versions made it. */
      readonly named?: Naming
    }
  /** Floating: the newest commit of what the tag is named after (a branch, `edge`, `nightly`, `pr-12`). */
  | {
      readonly kind: 'newest'
      /** The user wrote the name: where a version is known, the tag follows versions. */
      readonly named?: Naming
    }

/**
 * What a name that the user wrote promises of versions. `highest`: the highest of all that are published (`latest`, `stable`);
 * `own`: a version that is not lower than the one that it holds (`lts`, `production`).
 */
export type Naming = 'highest' | 'own'

export type VersionLine = Extract<TagLine, {kind: 'version'}>

/** `exact` names one content for ever, `floating` is expected to move. */
export type TagKind = 'exact' | 'floating'

export function kindOfLine({kind}: TagLine): TagKind {
  return kind === 'release' || kind === 'commit' ? 'exact' : 'floating'
}

/** What a rule's text promises. Which exact tags there are beside it is known when all rules have given theirs. */
export type TextLine = Exclude<TagLine, {kind: 'version'}> | Omit<VersionLine, 'exact'>

/** What stands around a rule's text. */
export interface Affix extends Frame {
  /** It holds no expression, so that every release has the same there. */
  readonly isFixed: boolean
}

/** Nothing: the text is the version. */
export const bare: Frame = {prefix: '', suffix: ''}

/**
 * Where a pattern of text and one full version has that version; undefined for every other pattern: the version cannot be
 * told from the text, or another release may have something else around it.
 */
export function frameOf(pattern: string): Frame | undefined {
  const found = /^([^{\\]*)\{\{\s*(?:version|raw)\s*\}\}([^{\\]*)$/.exec(pattern) ?? threeNumbers.exec(pattern)
  return found === null ? undefined : {prefix: found[1] ?? '', suffix: found[2] ?? ''}
}

const threeNumbers = /^([^{\\]*)\{\{\s*major\s*\}\}\.\{\{\s*minor\s*\}\}\.\{\{\s*patch\s*\}\}([^{\\]*)$/

/** The frame in a whole tag; undefined where the next release may have another one. */
export function placeFrame(inner: Frame | undefined, {prefix, suffix, isFixed}: Affix): Frame | undefined {
  if (inner === undefined || !isFixed) return undefined
  return {prefix: asInTag(`${prefix}${inner.prefix}`), suffix: asInTag(`${inner.suffix}${suffix}`)}
}

/** `latest` beside a rule's text: the highest of all versions, where there is one. */
export function latestLine(line: TextLine): TextLine {
  if (line.kind !== 'release' && line.kind !== 'version') return {kind: 'newest', named: 'highest'}
  return {kind: 'version', scheme: line.scheme, version: line.version, level: 'all'}
}

function asInTag(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]+/g, '-')
}

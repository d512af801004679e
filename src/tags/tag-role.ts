/** Names of version schemes, each with its own way to parse and compare versions. */
export type SchemeName = 'semver' | 'pep440' | 'calver' | 'numeric'

/** A version and its scheme. */
export interface Version {
  readonly scheme: SchemeName
  readonly version: string
}

/** Text around the version in an exact tag: `api-` and `-slim` in `api-1.2.3-slim`. */
export interface VersionAffixes {
  readonly prefix: string
  readonly suffix: string
}

/** Promise of a tag, which decides how it may change. It follows from the rule of the tag. */
export type TagRole =
  /** Exact: always this full version. */
  | {readonly kind: 'release'; readonly scheme: SchemeName; readonly version: string}
  /** Exact: always this commit. */
  | {readonly kind: 'commit'}
  /**
   * Floating: the highest version of a version line. `minor`: versions with the same major and minor number; `major`:
   * with the same major number; `all`: every stable version (`latest`).
   */
  | {
      readonly kind: 'version-line'
      readonly scheme: SchemeName
      readonly version: string
      readonly level: 'all' | 'major' | 'minor'
      /** Affixes of the exact tags of the line; empty: the list of tags does not show which versions exist. */
      readonly affixes: readonly VersionAffixes[]
      /** Set if the name is chosen by the user; undefined for a name that a rule for versions makes. */
      readonly promise?: NamePromise
    }
  /** Floating: the newest commit of a branch, `edge`, `nightly` or `pr-12`. */
  | {
      readonly kind: 'newest-commit'
      /** Set if the name is chosen by the user: with a known version, the tag follows versions. */
      readonly promise?: NamePromise
    }

/**
 * Promise of a name that the user chose. `highest`: the highest of all published versions (`latest`, `stable`).
 * `not-lower`: a version that is not lower than the current one of the tag (`lts`, `production`).
 */
export type NamePromise = 'highest' | 'not-lower'

/** Role of a tag that points to the highest version of a line. */
export type VersionLineRole = Extract<TagRole, {kind: 'version-line'}>

/** `exact`: for one content, always. `floating`: expected to move. */
type TagKind = 'exact' | 'floating'

/** Kind of the tags with this role. */
export function tagKind({kind}: TagRole): TagKind {
  return kind === 'release' || kind === 'commit' ? 'exact' : 'floating'
}

/**
 * Reports whether a tag with this role identifies what a run publishes: a release tag. Without any other tag, the tags of
 * a commit do so too.
 */
export function identifies({kind}: TagRole, all: readonly {readonly role: TagRole}[]): boolean {
  return kind === 'release' || (kind === 'commit' && all.every(({role}) => role.kind === 'commit'))
}

/** Role of the text of one rule. The affixes of a version line follow from the exact tags of all rules. */
export type TextRole = Exclude<TagRole, {kind: 'version-line'}> | Omit<VersionLineRole, 'affixes'>

/** Role of `latest` beside a text: the highest of all versions, if the text has a version. */
export function latestRole(role: TextRole): TextRole {
  if (role.kind !== 'release' && role.kind !== 'version-line') return {kind: 'newest-commit', promise: 'highest'}
  return {kind: 'version-line', scheme: role.scheme, version: role.version, level: 'all'}
}

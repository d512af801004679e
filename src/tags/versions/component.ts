import type {SkipReason} from '../../reasons/push-reasons.ts'
import {isFullVersion} from './semver.ts'

/** Meaning of a Git tag for one component of a monorepo. */
type ComponentVersion =
  /** A version of the component, as written after the separator: `v1.2.3` of `api/v1.2.3`. */
  | {readonly kind: 'version'; readonly version: string; readonly separator: Separator}
  /**
   * A version of another component, or with `component: undefined` of the whole repository (`v1.2.3`), which does not
   * mean that this component has changed. The run publishes nothing.
   */
  | {readonly kind: 'other-component'; readonly component: string | undefined; readonly version: string}
  /** A tag without a version, such as `nightly`. */
  | {readonly kind: 'none'}

/** Separator of component and version: `/` in Go modules, `-` in release-please, `@` in npm, Lerna and Changesets. */
export type Separator = '/' | '-' | '@'

/**
 * Reads a Git tag for a component: `api` has `api/v1.2.3`, `api-v1.2.3`, `api@1.2.3` and `@scope/api@1.2.3`, each with or
 * without the `v`; a scope counts only if the component is written with one. A tag is split in the same way for every
 * component, so that it belongs to one only: `my-api-v1.0.0` is of `my-api`. If the name of a component ends in a version
 * (`node-18.2.0`), its tags need the `v`, a slash or an at sign.
 */
export function componentVersion(component: string, tag: string): ComponentVersion {
  const parts = isFullVersion(tag) ? undefined : splitTag(tag)
  if (parts === undefined) {
    return isVersionLike(tag) ? {kind: 'other-component', component: undefined, version: tag} : {kind: 'none'}
  }
  const isMatch = parts.component === component || withoutScope(parts.component) === component
  return isMatch
    ? {kind: 'version', version: parts.version, separator: parts.separator}
    : {kind: 'other-component', component: parts.component, version: parts.version}
}

/** Returns a function that finds the version of a component, or of the whole repository, in a Git tag. */
export function versionReader(component: string | undefined): (tag: string) => string | undefined {
  return (tag) => {
    if (component === undefined) return tag
    const found = componentVersion(component, tag)
    return found.kind === 'version' ? found.version : undefined
  }
}

/** Reason to publish nothing: the Git tag is a version of something else. Undefined for every other tag. */
export function otherComponentReason(component: string, tag: string): SkipReason | undefined {
  const found = componentVersion(component, tag)
  return found.kind === 'other-component'
    ? {code: 'other-component', tag, owner: found.component, component}
    : undefined
}

interface TagParts {
  readonly component: string
  readonly separator: Separator
  readonly version: string
}

/**
 * Splits a tag into name and version at the most likely separator. A version contains no at sign and no slash, so the
 * last one separates. A dash may be part of both: `api-1.2.3-rc.1` is `1.2.3-rc.1` of `api`, because the first dash
 * before a full version separates.
 */
function splitTag(tag: string): TagParts | undefined {
  const marks = (['@', '/'] as const).flatMap((mark) => splitAt(tag, mark, tag.lastIndexOf(mark)) ?? [])
  const dashes = [...tag.matchAll(/-(?=v?\d)/g)].flatMap(({index}) => splitAt(tag, '-', index) ?? [])
  const isFull = ({version}: TagParts): boolean => isFullVersion(version)
  const hasLetter = ({version}: TagParts): boolean => version.startsWith('v')
  const [first] = [
    ...marks.filter(isFull),
    ...dashes.filter((split) => isFull(split) && hasLetter(split)),
    ...dashes.filter(isFull),
    ...marks,
    ...dashes.filter(hasLetter),
    ...dashes,
  ]
  return first
}

function splitAt(tag: string, separator: Separator, index: number): TagParts | undefined {
  const version = tag.slice(index + 1)
  return index > 0 && isVersionLike(version) ? {component: tag.slice(0, index), separator, version} : undefined
}

/**
 * Reports whether a text may be a version of any scheme: digits with a dot, or after a `v`. A plain number or a date with
 * dashes is not: `build-12`, `backup-2026-01-02`.
 */
function isVersionLike(text: string): boolean {
  return /^(?:v\d|\d+\.\d)[0-9A-Za-z.+_-]*$/.test(text)
}

/** Name without its scope: `api` of `@scope/api`; undefined for a name without one. */
function withoutScope(component: string): string | undefined {
  return /^@[^/@]+\/(.+)$/s.exec(component)?.[1]
}

import type {SkipReason} from '../../reasons/push-reasons.ts'
import {isFullVersion} from './semver.ts'

/** What a Git tag means to one component of a monorepo. */
export type ComponentVersion =
  /** Its own version, as written behind the separator: `v1.2.3` of `api/v1.2.3`. */
  | {readonly kind: 'version'; readonly version: string; readonly separator: Separator}
  /**
   * A version of something else: there is nothing of this component to publish. Without a `component` it is one of the
   * repository as a whole (`v1.2.3`), which does not say that this component changed.
   */
  | {readonly kind: 'other-component'; readonly component: string | undefined; readonly version: string}
  /** No version at all, such as `nightly`: a tag like every other. */
  | {readonly kind: 'none'}

/** Go's modules write `/`, release-please `-`, npm, Lerna and Changesets `@`. */
export type Separator = '/' | '-' | '@'

/**
 * Reads a Git tag for `component: api`, which takes `api/v1.2.3`, `api-v1.2.3`, `api@1.2.3` and `@scope/api@1.2.3`, each
 * with and without the `v`; a scope counts only when the component is written with one. A tag is taken apart before
 * anybody's name is looked at, so that two components never both claim it: `my-api-v1.0.0` is of `my-api`. Where the name
 * of a component itself ends in a version (`node-18.2.0`), its tags need the `v`, a slash or an at sign.
 */
export function componentVersion(component: string, tag: string): ComponentVersion {
  const parts = isFullVersion(tag) ? undefined : splitTag(tag)
  if (parts === undefined) {
    return isVersionLike(tag) ? {kind: 'other-component', component: undefined, version: tag} : {kind: 'none'}
  }
  const isOurs = parts.component === component || withoutScope(parts.component) === component
  return isOurs
    ? {kind: 'version', version: parts.version, separator: parts.separator}
    : {kind: 'other-component', component: parts.component, version: parts.version}
}

/** The version that a Git tag says, to one component or, without one, to the whole repository; undefined: none to it. */
export function versionReader(component: string | undefined): (tag: string) => string | undefined {
  return (tag) => {
    if (component === undefined) return tag
    const found = componentVersion(component, tag)
    return found.kind === 'version' ? found.version : undefined
  }
}

/** Why a tag leaves nothing of this component to publish; undefined where there is something. */
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
 * Where the name ends and the version begins, by the surest reading. At signs and slashes stand in no version, so the
 * last one separates; a dash may be part of name and version alike: `api-1.2.3-rc.1` is `1.2.3-rc.1` of `api`, by the
 * first dash at which a full version follows.
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
 * A version of any kind (semantic, PEP 440, calendar): digits with a dot, or behind a `v`. A bare number or a date with
 * dashes is none: `build-12`, `backup-2026-01-02`.
 */
function isVersionLike(text: string): boolean {
  return /^(?:v\d|\d+\.\d)[0-9A-Za-z.+_-]*$/.test(text)
}

/** `api` of `@scope/api`; undefined for a name without a scope. */
function withoutScope(component: string): string | undefined {
  return /^@[^/@]+\/(.+)$/s.exec(component)?.[1]
}

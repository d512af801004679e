import {maxTagLength} from '../../oci/reference.ts'
import {sanitizeTag} from '../../tags/sanitize.ts'
import type {TagOwner} from '../tag-decision.ts'

/** Prefix of the tags of build caches: `buildcache-main-amd64-1a2b3c4` (stage/cache/cache-scope.ts). */
const cachePrefix = 'buildcache-'

/** Hash at the end of the name. */
const hash = /-[0-9a-f]{7}$/

/** Reports whether a tag has the form of the tag of a build cache. */
export function isCacheTag(tag: string): boolean {
  return tag.startsWith(cachePrefix) && hash.test(tag)
}

/** Branch, and the text with which its tags begin. */
interface NamedBranch {
  readonly branch: string
  readonly start: string
}

/** Existing branches for `cacheOwner` and `withBranchPatterns`, the longest first. */
export function cacheBranches(branches: Iterable<string>): readonly NamedBranch[] {
  return Array.from(branches, (branch) => ({branch, start: sanitizeTag(branch, maxTagLength).tag})).sort(
    (a, b) => b.start.length - a.start.length,
  )
}

/**
 * Finds the owner of a cache among the existing branches. A cache is named after its branch, and then its variant, target
 * and platforms, so its name does not show where that of the branch ends: the cache of `main-old` counts as one of `main`,
 * too. The longest branch is the owner. Undefined if no existing branch can be it.
 */
export function cacheOwner(tag: string, branches: readonly NamedBranch[]): TagOwner | undefined {
  const name = tag.slice(cachePrefix.length).replace(hash, '')
  const isOf = (start: string): boolean => beginsWith(name, start)
  const found = branches.find(({start}) => isOf(start) || (isCut(tag) && start.startsWith(name)))
  if (found !== undefined) return {kind: 'branch', branch: found.branch}
  return isOf('tags') ? {kind: 'tags'} : undefined
}

/** Reports whether a name is that of a branch, or begins with it and a dash. */
export function beginsWith(name: string, start: string): boolean {
  return name === start || name.startsWith(`${start}-`)
}

/** Reports whether the name may have been shortened: then separators at its end were removed too. */
function isCut(tag: string): boolean {
  return tag.length > maxTagLength - 28
}

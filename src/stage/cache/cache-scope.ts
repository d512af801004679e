import {maxTagLength, formatRepository, type Repository} from '../../oci/reference.ts'
import {formatPlatform, type Platform} from '../../oci/platform.ts'
import type {CacheOwner} from '../../plan/cache-owners.ts'
import {sanitizeTag, shortHash} from '../../tags/sanitize.ts'

/** What a build's cache is good for: another image, stage, set of platforms or variant would only overwrite it. */
export interface CacheScope {
  readonly repository: Repository | undefined
  /** Stage of the Dockerfile; undefined for the last one. */
  readonly target: string | undefined
  /** Of this build; empty where nobody knows. Their order does not matter. */
  readonly platforms: readonly Platform[]
  readonly variant: string | undefined
}

/** What the tags of caches in a registry begin with. No rule of tags gives such a name, and it is none of a version. */
const cacheTagPrefix = 'buildcache-'

/** A tag for the cache beside the image: `buildcache-main-alpine-amd64-1a2b3c4`. */
export function cacheTag(scope: CacheScope, owner: CacheOwner): string {
  const name = owner.kind === 'branch' ? owner.name : 'tags'
  return named(cacheTagPrefix, [name, ...partsOf(scope)], [owner.kind, name, ...identity(scope)])
}

/**
 * The scope of a cache of GitHub Actions: `tagboat-ghcr.io-team-app-amd64-1a2b3c4`. It names no branch, since GitHub keeps the
 * caches of refs apart by itself (https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching).
 */
export function cacheScopeName(scope: CacheScope): string {
  const image = scope.repository === undefined ? [] : [formatRepository(scope.repository)]
  return named('tagboat-', [...image, ...partsOf(scope)], identity(scope))
}

/** A valid tag of at most 128 characters: readable as far as there is room, and told from all others by its hash. */
function named(prefix: string, parts: readonly string[], key: readonly string[]): string {
  const hash = shortHash(JSON.stringify(key))
  const readable = parts.map((part) => sanitizeTag(part, maxTagLength).tag).join('-')
  const room = maxTagLength - prefix.length - hash.length - 1
  return `${prefix}${readable.slice(0, room).replace(/(?<![._-])[._-]+$/, '')}-${hash}`
}

function partsOf({variant, target, platforms}: CacheScope): readonly string[] {
  const names = platformKeys(platforms).map((name) => name.replace(/^linux\//, ''))
  return [...(variant === undefined ? [] : [variant]), ...(target === undefined ? [] : [target]), ...names]
}

/** All that tells one scope from another; where a part ends is no matter of its letters. */
function identity({repository, target, platforms, variant}: CacheScope): readonly string[] {
  const image = repository === undefined ? '' : formatRepository(repository)
  return [image, target ?? '', variant ?? '', ...platformKeys(platforms)]
}

/** `linux/arm` is `linux/arm/v7`. */
function platformKeys(platforms: readonly Platform[]): readonly string[] {
  const keys = platforms.map(formatPlatform).map((name) => (name.endsWith('/arm') ? `${name}/v7` : name))
  return [...new Set(keys)].sort()
}

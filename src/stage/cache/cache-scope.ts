import {maxTagLength, formatRepository, type Repository} from '../../oci/reference.ts'
import {formatPlatform, type Platform} from '../../oci/platform.ts'
import type {CacheOwner} from '../../plan/cache-owners.ts'
import {sanitizeTag, shortHash} from '../../tags/sanitize.ts'

/** Build that a cache belongs to. A build with another scope would overwrite the cache with other layers. */
export interface CacheScope {
  readonly repository: Repository | undefined
  /** Target stage of the Dockerfile; undefined for the last one. */
  readonly target: string | undefined
  /** Platforms of this build, in any order; empty if they are unknown. */
  readonly platforms: readonly Platform[]
  readonly variant: string | undefined
}

/** Prefix of cache tags in a registry. No tag rule creates such a name, and it is not a version. */
const cacheTagPrefix = 'buildcache-'

/** Tag of a cache in the repository of the image: `buildcache-main-alpine-amd64-1a2b3c4`. */
export function cacheTag(scope: CacheScope, owner: CacheOwner): string {
  const name = owner.kind === 'branch' ? owner.name : 'tags'
  return cacheName(cacheTagPrefix, [name, ...partsOf(scope)], [owner.kind, name, ...identity(scope)])
}

/**
 * Scope of a cache of GitHub Actions: `tagboat-ghcr.io-team-app-amd64-1a2b3c4`. It does not name the branch: GitHub
 * separates the caches of refs (https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching).
 */
export function cacheScopeName(scope: CacheScope): string {
  const image = scope.repository === undefined ? [] : [formatRepository(scope.repository)]
  return cacheName('tagboat-', [...image, ...partsOf(scope)], identity(scope))
}

/** Valid tag of at most 128 characters: readable parts, shortened if necessary, and a hash that makes it unique. */
function cacheName(prefix: string, parts: readonly string[], key: readonly string[]): string {
  const hash = shortHash(JSON.stringify(key))
  const readable = parts.map((part) => sanitizeTag(part, maxTagLength).tag).join('-')
  const maxLength = maxTagLength - prefix.length - hash.length - 1
  return `${prefix}${readable.slice(0, maxLength).replace(/(?<![._-])[._-]+$/, '')}-${hash}`
}

function partsOf({variant, target, platforms}: CacheScope): readonly string[] {
  const names = platformKeys(platforms).map((name) => name.replace(/^linux\//, ''))
  return [...(variant === undefined ? [] : [variant]), ...(target === undefined ? [] : [target]), ...names]
}

/** Fields that identify a scope. */
function identity({repository, target, platforms, variant}: CacheScope): readonly string[] {
  const image = repository === undefined ? '' : formatRepository(repository)
  return [image, target ?? '', variant ?? '', ...platformKeys(platforms)]
}

/** Sorted, distinct names of platforms. `linux/arm` is `linux/arm/v7`. */
function platformKeys(platforms: readonly Platform[]): readonly string[] {
  const keys = platforms.map(formatPlatform).map((name) => (name.endsWith('/arm') ? `${name}/v7` : name))
  return [...new Set(keys)].sort()
}

import {formatPlatform, type Platform} from '../../oci/platform.ts'
import {cacheTag, type CacheScope} from './cache-scope.ts'

/** Architectures of builders, for a build without `platforms`. */
const architectures = ['amd64', 'arm64', '386', 'ppc64le', 's390x', 'riscv64']

/** Maximum number of platforms of which all combinations are made. */
const maxCombined = 6

/**
 * Lists the tags that the builds of a branch may have written their caches to. Several nodes build different platforms, so each
 * combination of them may have one; a build without platforms has that of its builder. Their hash includes the branch and
 * the repository, so no other cache has one of them.
 */
export function branchCacheTags(scope: CacheScope, branch: string): readonly string[] {
  const sets = scope.platforms.length === 0 ? unknownPlatforms() : combinations(scope.platforms)
  return [...new Set(sets.map((platforms) => cacheTag({...scope, platforms}, {kind: 'branch', name: branch})))]
}

function unknownPlatforms(): readonly (readonly Platform[])[] {
  return [[], ...architectures.map((architecture) => [{os: 'linux', architecture}])]
}

/** All subsets but the empty one; of many platforms, the whole set and each platform alone. */
function combinations(platforms: readonly Platform[]): readonly (readonly Platform[])[] {
  const distinct = [...new Map(platforms.map((platform) => [formatPlatform(platform), platform])).values()]
  if (distinct.length > maxCombined) return [distinct, ...distinct.map((platform) => [platform])]
  return distinct
    .reduce<readonly (readonly Platform[])[]>(
      (sets, platform) => [...sets, ...sets.map((set) => [...set, platform])],
      [[]],
    )
    .filter((set) => set.length > 0)
}

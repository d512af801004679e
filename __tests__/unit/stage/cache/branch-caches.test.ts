import {expect, test} from '@jest/globals'
import {parsePlatform, type Platform} from '../../../../src/oci/platform.ts'
import {branchCacheTags} from '../../../../src/stage/cache/branch-caches.ts'
import {cacheTag, type CacheScope} from '../../../../src/stage/cache/cache-scope.ts'

function scopeOf(...platforms: readonly string[]): CacheScope {
  return {
    repository: {host: 'ghcr.io', path: 'acme/app'},
    target: undefined,
    variant: 'slim',
    platforms: platforms.map(platform),
  }
}

function platform(text: string): Platform {
  const parsed = parsePlatform(text)
  if (parsed === undefined) throw new Error(text)
  return parsed
}

function tagOf(scope: CacheScope, branch = 'feature/a'): string {
  return cacheTag(scope, {kind: 'branch', name: branch})
}

test.each([
  {name: 'one platform', built: ['linux/amd64'], given: ['linux/amd64']},
  {name: 'all platforms', built: ['linux/arm64', 'linux/amd64'], given: ['linux/amd64', 'linux/arm64']},
  {name: 'a node of several', built: ['linux/arm64'], given: ['linux/amd64', 'linux/arm64', 'linux/arm/v7']},
  {
    name: 'a node with two',
    built: ['linux/arm64', 'linux/arm/v7'],
    given: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'],
  },
  {name: 'the default of a builder', built: ['linux/arm64'], given: []},
  {name: 'an unknown default', built: [], given: []},
])('the cache of $name is one of the branch', ({built, given}) => {
  expect(branchCacheTags(scopeOf(...given), 'feature/a')).toContain(tagOf(scopeOf(...built)))
})

test('those of another branch, variant or repository are not', () => {
  const scope = scopeOf('linux/amd64', 'linux/arm64')
  const tags = branchCacheTags(scope, 'feature/a')
  expect(tags).toHaveLength(3)
  const others = [
    tagOf(scope, 'feature-a'),
    tagOf(scope, 'feature/a-slim'),
    tagOf({...scope, variant: undefined}),
    tagOf({...scope, target: 'app'}),
    tagOf({...scope, repository: {host: 'ghcr.io', path: 'acme/other'}}),
    cacheTag(scope, {kind: 'tags'}),
  ]
  expect(tags.filter((tag) => others.includes(tag))).toEqual([])
})

test('many platforms are not combined', () => {
  const scope = scopeOf(
    ...['amd64', 'arm64', 'arm/v7', 'arm/v6', '386', 's390x', 'ppc64le'].map((one) => `linux/${one}`),
  )
  expect(branchCacheTags(scope, 'main')).toHaveLength(8)
})

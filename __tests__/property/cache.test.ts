import {describe, expect, test} from '@jest/globals'
import {parsePlatform} from '../../src/oci/platform.ts'
import {isTag} from '../../src/oci/reference.ts'
import type {CacheOwner} from '../../src/plan/cache-owners.ts'
import {cacheScopeName, cacheTag, type CacheScope} from '../../src/stage/cache/cache-scope.ts'
import {CacheWatch} from '../../src/stage/cache/cache-watch.ts'
import {repository} from '../../testing/states.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const platform = fc
  .constantFrom('linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/arm', 'linux/arm/v6', 'windows/amd64')
  .map((name) => parsePlatform(name) ?? {os: 'none', architecture: 'none'})
const name = fc.oneof(fc.string({minLength: 1}), fc.string({unit: 'grapheme', minLength: 100, maxLength: 200}))
const scope: fc.Arbitrary<CacheScope> = fc.record({
  repository: fc.constantFrom(undefined, repository('ghcr.io/team/app'), repository('team/app'), repository('app')),
  target: fc.option(name, {nil: undefined}),
  platforms: fc.array(platform, {maxLength: 4}),
  variant: fc.option(name, {nil: undefined}),
})
const owner: fc.Arbitrary<CacheOwner> = fc.oneof(
  fc.constant({kind: 'tags'} as const),
  name.map((branch) => ({kind: 'branch', name: branch}) as const),
)

/** Normal form of a scope, which is equal for equivalent scopes. */
function normalForm({repository: image, target, platforms, variant}: CacheScope): string {
  const names = platforms.map(({os, architecture, variant: cpu = architecture === 'arm' ? 'v7' : ''}) =>
    [os, architecture, cpu].join('/'),
  )
  return JSON.stringify([image, target ?? '', variant ?? '', [...new Set(names)].sort()])
}

describe('names of caches', () => {
  test('are valid tags, and safe in a flag', () => {
    fc.assert(
      fc.property(scope, owner, (one, of) => {
        expect(isTag(cacheTag(one, of))).toBe(true)
        expect(cacheTag(one, of)).toMatch(/^buildcache-[A-Za-z0-9._-]*[0-9a-f]{7}$/)
        expect(isTag(cacheScopeName(one))).toBe(true)
      }),
      {numRuns: times(300)},
    )
  })

  test('differ if and only if image, target, platforms or variant differ', () => {
    fc.assert(
      fc.property(scope, scope, owner, (one, other, of) => {
        const isSame = normalForm(one) === normalForm(other)
        expect(cacheScopeName(one) === cacheScopeName(other)).toBe(isSame)
        expect(cacheTag(one, of) === cacheTag(other, of)).toBe(isSame)
      }),
      {numRuns: times(300)},
    )
  })

  test('differ in only one part', () => {
    const plain: CacheScope = {repository: undefined, target: undefined, platforms: [], variant: undefined}
    fc.assert(
      fc.property(name, (text) => {
        const names = [plain, {...plain, target: text}, {...plain, variant: text}].map(cacheScopeName)
        expect(new Set(names).size).toBe(3)
      }),
      {numRuns: times(300)},
    )
  })

  test('differ for different branches', () => {
    fc.assert(
      fc.property(scope, owner, owner, (one, of, other) => {
        const isSame = JSON.stringify(of) === JSON.stringify(other)
        expect(cacheTag(one, of) === cacheTag(one, other)).toBe(isSame)
      }),
      {numRuns: times(300)},
    )
  })

  test('do not depend on the order of platforms, or on duplicates', () => {
    fc.assert(
      fc.property(scope, (one) => {
        const turned = {...one, platforms: [...one.platforms, ...one.platforms].reverse()}
        expect(cacheScopeName(turned)).toBe(cacheScopeName(one))
      }),
      {numRuns: times(300)},
    )
  })
})

describe('cache messages', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '#4 importing cache manifest from ghcr.io/team/app:buildcache-main-1234567',
      '#4 ERROR: failed: not found',
      '#4 DONE 0.1s',
      '#5 exporting to GitHub Actions Cache',
      '#5 ERROR: error writing layer blob: 503 Service Unavailable',
      'ERROR: failed to build: failed to solve: Canceled: context canceled',
    ),
  )

  test('are found regardless of the chunks of the text', () => {
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat({max: 40})), (lines, cuts) => {
        const text = lines.map((one) => `${one}\n`).join('')
        const whole = new CacheWatch()
        whole.take(text)
        const pieces = new CacheWatch()
        let rest = text
        for (const cut of cuts) {
          pieces.take(rest.slice(0, cut))
          rest = rest.slice(cut)
        }
        pieces.take(rest)
        expect(pieces.faults).toEqual(whole.faults)
        expect(pieces.fatalFault).toEqual(whole.fatalFault)
        expect(pieces.openStep).toEqual(whole.openStep)
      }),
      {numRuns: times(300)},
    )
  })
})

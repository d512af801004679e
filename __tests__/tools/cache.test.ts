import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {startActionsCache, type ActionsCache} from '../../testing/actions-cache.ts'
import {createCachedBuild, stepResults, warningsIn, type CachedBuild} from '../../testing/cached-runs.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import type {SourceResult} from '../../testing/source-run.ts'

let registry: Registry
let cache: ActionsCache
let build: CachedBuild

beforeAll(async () => {
  ;[registry, cache, build] = await Promise.all([startRegistry(), startActionsCache(), createCachedBuild()])
}, 600_000)

afterAll(async () => {
  await cache[Symbol.asyncDispose]()
  await Promise.all([registry.stop(), build[Symbol.asyncDispose]()])
})

async function run(mode: string): Promise<SourceResult> {
  const inputs = {images: `${registry.host}/team/app`, cache: mode}
  return build.run('master', {inputs, env: cache.env})
}

describe('the Actions cache of act', () => {
  test('is chosen by `auto`, and written by the first run', async () => {
    const first = await run('auto')
    expect(first.failure?.evidence).toBeUndefined()
    expect(warningsIn(first)).toEqual([])
    expect(first.log.join('\n')).toContain('(cache: auto: one platform')
    expect(Object.values(stepResults(first))).toContain('DONE')
    expect((await registry.tags('team/app')).filter((tag) => tag.startsWith('buildcache-'))).toEqual([])
  })

  test('contains every step for the second run', async () => {
    await build.prune()
    const second = await run('gha')
    expect(second.failure?.evidence).toBeUndefined()
    expect(warningsIn(second)).toEqual([])
    const ends = Object.values(stepResults(second))
    expect(ends.length).toBeGreaterThanOrEqual(3)
    expect(ends.filter((end) => end !== 'CACHED')).toEqual([])
  })

  test('is not used without its address, with one warning', async () => {
    const without = await build.run('master', {inputs: {images: `${registry.host}/team/app`, cache: 'gha'}})
    expect(without.failure?.evidence).toBeUndefined()
    expect(warningsIn(without)).toEqual([])
    expect(without.log.filter((line) => line.startsWith('notice: Cache: none'))).toHaveLength(1)
  })
})

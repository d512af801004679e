import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {endingOf, requestClasses} from '../../testing/fault-classes.ts'
import {faults, retryAfterMs, type FaultName} from '../../testing/fault-relay.ts'
import {FaultBench, type Combination, type FaultResult, type RepositoryHeads} from '../../testing/fault-run.ts'
import {headsWhen, newTags, pointing} from '../../testing/next-release.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startTokenServer, type TokenServer} from '../../testing/token-server.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
const faultNames = Object.keys(faults) as FaultName[]
const combinations: readonly Combination[] = requestClasses.flatMap((of) =>
  faultNames.flatMap((fault) => (['once', 'for ever'] as const).map((times) => ({of, fault, times}))),
)
const concurrency = 4
const results = new Map<string, FaultResult>()
let tokens: TokenServer
let registry: Registry

beforeAll(async () => {
  tokens = await startTokenServer({users: {[login.username]: login.password}})
  registry = await startRegistry({token: tokens})
  using bench = new FaultBench({registry, tokens}, login)
  const queue = [...combinations.entries()]
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, combination] = next
      results.set(nameOf(combination), await bench.run(combination, `matrix/n${index}`))
    }
  }
  await Promise.all(Array.from({length: concurrency}, worker))
}, 600_000)

afterAll(async () => {
  await registry.stop()
  await tokens.stop()
})

function nameOf({of, fault, times}: Combination): string {
  return `${of.name}: ${fault}, ${times}`
}

function resultOf(combination: Combination): FaultResult {
  const result = results.get(nameOf(combination))
  if (result === undefined) throw new Error(`not run: ${nameOf(combination)}`)
  return result
}

/** Expected digests of the tags, which are equal in both repositories. */
function expected({newDigest}: FaultResult, state: 'old' | 'new' | 'exact'): RepositoryHeads {
  const heads = headsWhen(state, newDigest)
  return {one: heads, two: heads}
}

/** Adds missing exact tags of the new release, which may be missing but not wrong. */
function withExactTags({newDigest}: FaultResult, {one, two}: RepositoryHeads): RepositoryHeads {
  const exact = pointing(newTags, newDigest)
  return {one: {...exact, ...one}, two: {...exact, ...two}}
}

const rows = combinations.map((combination) => ({...combination, name: nameOf(combination)}))

describe('a request with a fault', () => {
  test.each(rows.filter(({times}) => times === 'once'))('$name: the run succeeds, all tags are new', (row) => {
    const result = resultOf(row)
    expect(result.failure).toBeUndefined()
    expect(result.hits).toBe(1)
    expect(result.before).toEqual(expected(result, 'old'))
    expect(result.after).toEqual(expected(result, 'new'))
  })

  test.each(rows.filter(({times}) => times === 'for ever'))('$name: all tags are old, or all new', (row) => {
    const result = resultOf(row)
    const ending = endingOf(row.of, row.fault)
    expect(result.failure).toBe(ending.kind === 'fails' ? ending.code : undefined)
    expect(result.hits).toBeGreaterThan(0)
    switch (ending.kind) {
      case 'succeeds':
        expect(result.after).toEqual(expected(result, 'new'))
        break
      case 'keeps floating tags':
        expect(result.after).toEqual(expected(result, 'exact'))
        break
      case 'fails':
        expect(withExactTags(result, result.after)).toEqual(expected(result, row.of.after === 'new' ? 'new' : 'exact'))
    }
  })

  test.each(rows.filter(({times}) => times === 'for ever'))('$name: the next run completes it', (row) => {
    const result = resultOf(row)
    expect(result.repaired).toEqual({failure: undefined, heads: expected(result, 'new')})
  })

  test.each(rows.filter(({fault}) => fault === '429 with Retry-After'))('$name: the wait is not shorter', (row) => {
    expect(resultOf(row).longestWaitMs).toBeGreaterThanOrEqual(retryAfterMs)
  })
})

describe('the matrix', () => {
  test('is complete', () => {
    const count = requestClasses.length * faultNames.length * 2
    process.stdout.write(
      `fault matrix: ${requestClasses.length} classes of requests x ${faultNames.length} faults x 2 = ${results.size} combinations\n`,
    )
    expect(results.size).toBe(count)
    expect(count).toBe(352)
  })
})

import {describe, expect, test} from '@jest/globals'
import type {RowReason} from '../../../src/promote/journal.ts'
import type {ErrorCode} from '../../../src/errors/causes.ts'
import {renderError} from '../../../src/errors/render-error.ts'
import {formatTagRef} from '../../../src/oci/reference.ts'
import type {PromoteResult} from '../../../src/promote/promote.ts'
import {
  makeImage,
  memoryRegistry,
  type MemoryRegistry,
  type MemoryRegistryOptions,
} from '../../../testing/memory-registry.ts'
import {
  branchTag,
  commitTag,
  imageOf,
  publish as publishTo,
  releaseTags,
  type Publication,
} from '../../../testing/promotions.ts'

const hosts = ['registry.example', 'mirror.example'] as const
const [app, mirror] = [`${hosts[0]}/app`, `${hosts[1]}/app`]

interface Network {
  readonly registries: readonly MemoryRegistry[]
  /** Actions that run once, right before the request with this label takes effect: `B PUT latest`. */
  readonly before: Map<string, () => Promise<unknown>>
  /** Actions that run before each request with this label. */
  readonly always: Map<string, () => unknown>
  readonly puts: (client: string) => readonly string[]
}

function network(options: MemoryRegistryOptions = {}, first: MemoryRegistryOptions = {}): Network {
  const before = new Map<string, () => Promise<unknown>>()
  const always = new Map<string, () => unknown>()
  const schedule = async (label: string): Promise<void> => {
    const short = label.replace(/\/v2\/.*\//, '')
    const action = before.get(short)
    before.delete(short)
    always.get(short)?.()
    await action?.()
  }
  const registries = hosts.map((host, index) =>
    memoryRegistry({host, schedule, ...options, ...(index === 0 ? first : {})}),
  )
  const puts = (client: string): readonly string[] =>
    registries.flatMap(({requests}) =>
      requests.flatMap((one) =>
        one.client === client && one.method === 'PUT' ? [`${one.host}${one.path.replace('/v2', '')}`] : [],
      ),
    )
  return {registries, before, always, puts}
}

/** Release of a version. Its commit is named after the version, unless `revision` is given. */
function release(client: string, version: string, changes: Partial<Publication> = {}): Publication {
  const revision = changes.revision ?? `of-${version}`
  const image = imageOf(`built by ${client}`, {revision})
  return {client, revision, image, tags: releaseTags(app, version), retries: 0, ...changes}
}

function commit(client: string, number: number, changes: Partial<Publication> = {}): Publication {
  const revision = `of-commit-${number}`
  const image = imageOf(`built by ${client}`, {revision, runId: String(number)})
  return {
    client,
    revision,
    image,
    runId: String(number),
    tags: [commitTag(app, `sha-${number}`), branchTag(app, 'main')],
    relation: (base, head) => (base < head ? 'ahead' : 'behind'),
    retries: 0,
    ...changes,
  }
}

async function publish(run: Publication, {registries}: Network): Promise<PromoteResult> {
  return publishTo(run, registries)
}

/** Maps each tag to the run that built its image. */
function buildersOf(net: Network, runs: readonly Publication[], index = 0): Record<string, string> {
  const names = new Map(runs.map(({client, image}) => [image.digest, client]))
  const tags = net.registries[index]?.tagsOf('app') ?? {}
  return Object.fromEntries(Object.entries(tags).map(([tag, digest]) => [tag, names.get(digest) ?? 'unknown']))
}

function outcomes({rows}: PromoteResult): Record<string, string> {
  return Object.fromEntries(
    rows.map(({reference, outcome}) => [formatTagRef(reference).replace('.example', ''), outcome]),
  )
}

function reasonOf({rows}: PromoteResult, tag: string): RowReason | undefined {
  return rows.find(({reference}) => reference.tag === tag)?.reason
}

/** Makes every PUT of a run to some references fail. */
function failingPuts(client: string, ...references: readonly string[]): MemoryRegistryOptions {
  return {
    fault: ({client: asking, method, host, path}) =>
      asking === client && method === 'PUT' && references.some((one) => `${host}${path}`.endsWith(one))
        ? {kind: 'answer', status: 500}
        : undefined,
  }
}

const twoRepositories = [...releaseTags(app, '1.2.3'), ...releaseTags(mirror, '1.2.3')]

describe('a release', () => {
  test('creates its tags, then moves floating tags, and a second run pushes nothing', async () => {
    const net = network()
    const [first, second] = [release('A', '1.2.3'), release('B', '1.2.4')]
    expect(outcomes(await publish(first, net))).toEqual({
      'registry/app:1.2.3': 'new',
      'registry/app:1.2': 'new',
      'registry/app:1': 'new',
      'registry/app:latest': 'new',
    })
    const result = await publish(second, net)
    expect(result.failure).toBeUndefined()
    expect(Object.values(outcomes(result))).toEqual(['new', 'moved', 'moved', 'moved'])
    expect(result.rows.map(({before, after}) => [before, after])).toEqual([
      [undefined, second.image.digest],
      ...Array.from({length: 3}, () => [first.image.digest, second.image.digest]),
    ])
    const again = await publish({...second, client: 'C'}, net)
    expect([again.failure, ...Object.values(outcomes(again))]).toEqual([
      undefined,
      ...Array.from({length: 4}, () => 'unchanged'),
    ])
    expect(net.puts('C')).toEqual([])
  })

  test('that exists gets its missing tags, even if it was built again', async () => {
    const net = network()
    const first = release('A', '1.2.3', {tags: releaseTags(app, '1.2.3').slice(0, 2)})
    await publish(first, net)
    const again = release('B', '1.2.3', {tags: releaseTags(app, '1.2.3')})
    expect((await publish(again, net)).failure).toBeUndefined()
    expect(buildersOf(net, [first, again])).toEqual({'1.2.3': 'A', '1.2': 'A', '1': 'A', latest: 'A'})
  })

  test('of a lower version keeps tags at a higher one, with the reason', async () => {
    const net = network()
    const [high, low] = [release('A', '1.3.0'), release('B', '1.2.3')]
    await publish(high, net)
    const result = await publish(low, net)
    expect(Object.values(outcomes(result))).toEqual(['new', 'new', 'kept', 'kept'])
    expect(reasonOf(result, 'latest')).toEqual({code: 'higher-version', higher: '1.3.0', version: '1.2.3'})
    expect(buildersOf(net, [high, low])).toEqual({
      '1.3.0': 'A',
      '1.3': 'A',
      '1.2.3': 'B',
      '1.2': 'B',
      '1': 'A',
      latest: 'A',
    })
  })

  test('moves existing floating tags before it creates new ones', async () => {
    const net = network()
    await publish(release('A', '1.2.0', {tags: releaseTags(app, '1.2.0')}), net)
    const order: string[] = []
    for (const {reference} of releaseTags(app, '1.3.0')) {
      net.always.set(`B PUT ${reference.tag}`, () => order.push(reference.tag))
    }
    await publish(release('B', '1.3.0', {tags: releaseTags(app, '1.3.0')}), net)
    expect(order[0]).toBe('1.3.0')
    expect(order.slice(1, 3).sort()).toEqual(['1', 'latest'])
    expect(order[3]).toBe('1.3')
  })

  test('has its exact tags in all registries before a floating tag moves', async () => {
    const net = network()
    const order: string[] = []
    for (const {tag} of releaseTags(app, '1.2.3').map(({reference}) => reference)) {
      net.always.set(`A PUT ${tag}`, () => order.push(tag))
    }
    await publish(release('A', '1.2.3', {tags: twoRepositories}), net)
    expect(order).toHaveLength(8)
    expect(order.slice(0, 2)).toEqual(['1.2.3', '1.2.3'])
  })

  test('is published without floating version tags, as the registry lists no tags', async () => {
    const net = network({listsTags: false})
    const tags = [...releaseTags(app, '1.2.3'), branchTag(app, 'main')]
    const run = release('A', '1.2.3', {tags})
    const result = await publish(run, net)
    expect(result.failure).toBeUndefined()
    expect(buildersOf(net, [run])).toEqual({'1.2.3': 'A', main: 'A'})
    expect(result.rows.filter(({level}) => level === 'warning').map(({outcome}) => outcome)).toEqual([
      'kept',
      'kept',
      'kept',
    ])
    expect(reasonOf(result, 'latest')).toMatchObject({code: 'tags-unlisted'})
  })

  test('that is kept by if-exists: skip gets the floating version tags', async () => {
    const net = network()
    const first = release('A', '1.2.3', {tags: releaseTags(app, '1.2.3').slice(0, 1)})
    await publish(first, net)
    const other = release('B', '1.2.3', {
      revision: 'another',
      tags: [...releaseTags(app, '1.2.3'), branchTag(app, 'main')],
      policy: {ifExists: 'skip'},
    })
    await publish(other, net)
    expect(buildersOf(net, [first, other])).toEqual({'1.2.3': 'A', '1.2': 'A', '1': 'A', latest: 'A', main: 'B'})
  })

  test('of another commit under the same version changes nothing', async () => {
    const net = network()
    const first = release('A', '1.2.3')
    await publish(first, net)
    const result = await publish(release('B', '1.2.3', {revision: 'another'}), net)
    expect(result.failure?.code).toBe('tag-taken')
    expect(net.puts('B')).toEqual([])
  })
})

describe('a failure', () => {
  const cases: readonly {
    name: string
    refuse: readonly string[]
    expected: readonly [Record<string, string>, Record<string, string>]
    failed: readonly string[]
  }[] = [
    {
      name: 'keeps floating tags after an exact one fails',
      refuse: ['mirror.example/v2/app/manifests/1.2.3'],
      expected: [
        {'1.2.2': 'old', '1.2.3': 'A', '1.2': 'old', '1': 'old', latest: 'old'},
        {'1.2.2': 'old', '1.2': 'old', '1': 'old', latest: 'old'},
      ],
      failed: ['mirror/app:1.2.3'],
    },
    {
      name: 'of a floating tag rolls back all others',
      refuse: ['mirror.example/v2/app/manifests/latest'],
      expected: [
        {'1.2.2': 'old', '1.2.3': 'A', '1.2': 'old', '1': 'old', latest: 'old'},
        {'1.2.2': 'old', '1.2.3': 'A', '1.2': 'old', '1': 'old', latest: 'old'},
      ],
      failed: ['mirror/app:latest'],
    },
  ]
  test.each(cases)('$name', async ({refuse, expected, failed}) => {
    const net = network(failingPuts('A', ...refuse))
    const old = release('old', '1.2.2', {tags: [...releaseTags(app, '1.2.2'), ...releaseTags(mirror, '1.2.2')]})
    await publish(old, net)
    const run = release('A', '1.2.3', {tags: twoRepositories})
    const result = await publish(run, net)
    expect(result.failure?.code).toBe('registry-failed' satisfies ErrorCode)
    expect([buildersOf(net, [old, run]), buildersOf(net, [old, run], 1)]).toEqual(expected)
    const text = result.failure === undefined ? '' : renderError(result.failure)
    // A failed tag has the line of its request, and every other one its outcome.
    for (const {reference} of twoRepositories) {
      const {host, path} = reference.repository
      const lines = [`${formatTagRef(reference)}: `, `PUT https://${host}/v2/${path}/manifests/${reference.tag}: `]
      expect(lines.filter((line) => text.includes(line))).toHaveLength(1)
    }
    expect(Object.entries(outcomes(result)).flatMap(([name, outcome]) => (outcome === 'failed' ? [name] : []))).toEqual(
      failed,
    )

    const next = await publish({...run, client: 'C'}, net)
    expect(next.failure).toBeUndefined()
    const whole = {'1.2.2': 'old', '1.2.3': 'A', '1.2': 'A', '1': 'A', latest: 'A'}
    expect(buildersOf(net, [old, run])).toEqual(whole)
    expect(buildersOf(net, [old, run], 1)).toEqual(whole)
  })

  test('of a new tag removes the other new ones', async () => {
    const net = network(failingPuts('A', 'manifests/latest'))
    const run = release('A', '1.2.3')
    const result = await publish(run, net)
    expect(buildersOf(net, [run])).toEqual({'1.2.3': 'A'})
    expect(Object.values(outcomes(result))).toEqual(['new', 'restored', 'restored', 'failed'])
  })

  test('of a new tag keeps the other new ones of an existing image, since a registry might delete its other tags too', async () => {
    const net = network(failingPuts('A', 'manifests/latest'))
    const run = release('A', '1.2.3')
    const result = await publish({...run, isNewImage: false}, net)
    expect(buildersOf(net, [run])).toEqual({'1.2.3': 'A', '1.2': 'A', '1': 'A'})
    expect(reasonOf(result, '1.2')).toEqual({code: 'not-removed'})
  })

  test('of a new tag is reported if the registry cannot delete the others', async () => {
    const net = network({...failingPuts('A', 'manifests/latest'), deletes: {tags: false}})
    const run = release('A', '1.2.3')
    const result = await publish(run, net)
    expect(buildersOf(net, [run])).toEqual({'1.2.3': 'A', '1.2': 'A', '1': 'A'})
    expect(reasonOf(result, '1.2')).toEqual({code: 'not-removed'})
  })

  test('is rolled back even if the PUT took effect and only its response was lost', async () => {
    const net = network({
      fault: ({client, method, path}) =>
        client === 'A' && method === 'PUT' && path.endsWith('/latest')
          ? {kind: 'answer', status: 500, when: 'after'}
          : undefined,
    })
    const [old, run] = [release('old', '1.2.2'), release('A', '1.2.3')]
    await publish(old, net)
    const result = await publish(run, net)
    // The fault is permanent, so the PUT of the rollback fails too, but takes effect.
    expect(result.failure?.code).toBe('registry-failed')
    expect(buildersOf(net, [old, run])).toEqual({'1.2.2': 'old', '1.2.3': 'A', '1.2': 'old', '1': 'old', latest: 'old'})
  })

  test('of a read changes nothing, and reports the tags that were not reached', async () => {
    const net = network({
      fault: ({method, path}) =>
        method === 'GET' && path.endsWith('/1.2.3') ? {kind: 'answer', status: 500} : undefined,
    })
    const run = release('A', '1.2.3')
    const result = await publish(run, net)
    expect(result.failure?.code).toBe('registry-failed')
    expect(buildersOf(net, [run])).toEqual({})
    expect(reasonOf(result, 'latest')).toEqual({code: 'not-reached'})
  })

  test('before floating tags are read again reports their digests of the preflight', async () => {
    const net = network(failingPuts('A', 'manifests/1.2.3'))
    const [old, run] = [release('old', '1.2.2'), release('A', '1.2.3', {readsStateFirst: true})]
    await publish(old, net)
    const result = await publish(run, net)
    const {digest} = old.image
    expect(result.rows.find(({reference}) => reference.tag === 'latest')).toMatchObject({
      before: digest,
      after: digest,
      outcome: 'kept',
      reason: {code: 'not-reached'},
    })
  })

  test('of several kinds has a code of its own, and all errors as evidence', async () => {
    const net = network({
      fault: ({client, method, path}) => {
        if (client !== 'A' || method !== 'PUT') return undefined
        if (path.endsWith('/latest')) return {kind: 'answer', status: 403}
        return path.endsWith('/1.2') ? {kind: 'answer', status: 500} : undefined
      },
    })
    const result = await publish(release('A', '1.2.3'), net)
    expect(result.failure?.code).toBe('publish-incomplete')
    expect(result.failure?.evidence.join('\n')).toMatch(
      /\[push-denied\][^]*\[registry-failed\]|\[registry-failed\][^]*\[push-denied\]/,
    )
  })

  test('restores an exact tag whose manifest was deleted', async () => {
    const net = network(failingPuts('A', 'manifests/latest'))
    const run = release('A', '1.2.3')
    net.before.set('answer to A DELETE 1.2', async () => {
      net.registries[0]?.endpoint.core.store.repositories.get('app')?.tags.delete('1.2.3')
      return Promise.resolve()
    })
    await publish(run, net)
    expect(buildersOf(net, [run])).toEqual({'1.2.3': 'A'})
  })
})

/** A network that responds with 429 to the first PUT of a tag by a run. The action runs before the retry. */
function throttling(client: string, tag: string, meanwhile: (net: Network) => Promise<unknown>): Network {
  let isFirst = true
  const net: Network = network({
    fault: ({client: asking, method, path}) => {
      if (!isFirst || asking !== client || method !== 'PUT' || !path.endsWith(`/${tag}`)) return undefined
      isFirst = false
      net.before.set(`answer to ${client} PUT ${tag}`, async () => meanwhile(net))
      return {kind: 'answer', status: 429}
    },
  })
  return net
}

describe('a retry', () => {
  test.each([
    {name: 'of another commit has pushed the tag', revision: 'another', code: 'tag-taken'},
    {name: 'of the same commit has pushed the tag', revision: 'of-1.2.3', code: undefined},
  ])('of an exact tag replaces nothing if another run $name', async ({revision, code}) => {
    const [one, two] = [release('A', '1.2.3', {retries: 1}), release('B', '1.2.3', {revision})]
    const net = throttling('A', '1.2.3', async (same) => publish(two, same))
    const result = await publish(one, net)
    expect(result.failure?.code).toBe(code)
    expect(buildersOf(net, [one, two])).toEqual({'1.2.3': 'B', '1.2': 'B', '1': 'B', latest: 'B'})
    expect(net.registries[0]?.moves.filter(({tag}) => tag === '1.2.3').map(({client}) => client)).toEqual(['B'])
  })

  test('of a branch tag does not replace a newer commit', async () => {
    const [older, newer] = [commit('A', 1, {retries: 1}), commit('B', 2)]
    const net = throttling('A', 'main', async (same) => publish(newer, same))
    const result = await publish(older, net)
    expect(result.failure).toBeUndefined()
    expect(buildersOf(net, [older, newer])['main']).toBe('B')
    expect(net.registries[0]?.moves.filter(({tag}) => tag === 'main').map(({client}) => client)).toEqual(['B'])
    expect(outcomes(result)['registry/app:main']).toBe('kept')
  })

  test('is not sent if the first attempt took effect', async () => {
    let answers = 0
    const net = network({
      fault: ({method, path}) => {
        if (method !== 'PUT' || !path.endsWith('/1.2.3')) return undefined
        answers += 1
        return answers === 1 ? {kind: 'answer', status: 503, when: 'after'} : undefined
      },
    })
    const result = await publish(release('A', '1.2.3', {retries: 1}), net)
    expect(result.failure).toBeUndefined()
    expect(answers).toBe(1)
    expect(outcomes(result)['registry/app:1.2.3']).toBe('new')
  })
})

describe('a run that was killed after its PUT of latest', () => {
  const left = async (): Promise<readonly [Network, readonly Publication[]]> => {
    const net = network()
    const low = release('low', '1.2.0', {image: imageOf('low', {revision: 'of-1.2.0', version: '1.2.0'})})
    const high = release('high', '2.0.0')
    await publish(low, net)
    await publish(high, net)
    net.registries[0]?.store('app', low.image, ['latest'])
    return [net, [low, high]]
  }

  test.each([
    {name: 'the same run, started again', version: '1.2.0'},
    {name: 'a version in between', version: '1.3.0'},
    {name: 'a lower version', version: '1.1.0'},
  ])('has its latest moved to the highest version by $name', async ({version}) => {
    const [net, [low, high]] = await left()
    if (low === undefined || high === undefined) throw new Error('two runs')
    const run = version === '1.2.0' ? {...low, client: 'again'} : release('C', version)
    const result = await publish(run, net)
    expect(result.failure).toBeUndefined()
    expect(buildersOf(net, [low, high])['latest']).toBe('high')
    expect(outcomes(result)['registry/app:latest']).toBe('moved')
    expect(reasonOf(result, 'latest')).toMatchObject({code: 'moved-to-highest', version: '2.0.0'})
  })

  test('stays as it is with on-stale: overwrite', async () => {
    const [net, [low, high]] = await left()
    if (low === undefined || high === undefined) throw new Error('two runs')
    await publish({...low, client: 'again', policy: {onStale: 'overwrite'}}, net)
    expect(buildersOf(net, [low, high])['latest']).toBe('low')
  })

  test('does not fail a run that cannot move the tag', async () => {
    const [net, [low, high]] = await left()
    if (low === undefined || high === undefined) throw new Error('two runs')
    net.always.set('C PUT latest', () => {
      throw new Error('refused')
    })
    const run = release('C', '1.3.0')
    const result = await publish(run, net)
    expect(result.failure).toBeUndefined()
    expect(buildersOf(net, [low, high, run])).toMatchObject({'1.3': 'C', latest: 'low'})
    expect(result.rows.find(({reference}) => reference.tag === 'latest')).toMatchObject({
      outcome: 'kept',
      level: 'warning',
    })
  })

  test('stays as it is with on-stale: fail', async () => {
    const [net, [low, high]] = await left()
    if (low === undefined || high === undefined) throw new Error('two runs')
    await publish({...low, client: 'again', policy: {onStale: 'fail'}}, net)
    expect(buildersOf(net, [low, high])['latest']).toBe('low')
  })
})

describe('branch tags whose PUT takes longer than a newer run', () => {
  const tags = [branchTag(app, 'main'), branchTag(app, 'edge')]
  const withFloating = (client: string, number: number, floating: string): Publication =>
    commit(client, number, {
      tags,
      image: imageOf(`built by ${client}`, {revision: `of-commit-${number}`, runId: String(number), floating}),
    })
  const runs = [
    withFloating('old', 0, 'edge,main'),
    withFloating('A', 1, 'edge,main'),
    withFloating('B', 2, 'edge,main'),
  ] as const

  test('stay at the older commit if the newer run is of another branch, and shares one tag with it', async () => {
    const net = network()
    const [old, older] = runs
    const other = withFloating('B', 2, 'edge,feature')
    await publish(old, net)
    net.before.set('A PUT main', async () =>
      publish({...other, tags: [branchTag(app, 'feature'), branchTag(app, 'edge')]}, net),
    )
    const result = await publish(older, net)
    expect(result.failure).toBeUndefined()
    expect(buildersOf(net, [old, older, other])['main']).toBe('A')
  })

  test('move to the newer commit, which another of them points to', async () => {
    const net = network()
    const [old, older, newer] = runs
    await publish(old, net)
    net.before.set('A PUT main', async () => publish(newer, net))
    const result = await publish(older, net)
    expect(result.failure).toBeUndefined()
    expect(buildersOf(net, runs)).toEqual({main: 'B', edge: 'B'})
  })

  test('move to it even if the run fails', async () => {
    const net = network(failingPuts('A', 'manifests/edge'))
    const [old, older, newer] = runs
    await publish(old, net)
    net.before.set('A PUT main', async () => publish(newer, net))
    const result = await publish(older, net)
    expect(result.failure?.code).toBe('registry-failed')
    expect(buildersOf(net, runs)).toEqual({main: 'B', edge: 'B'})
  })
})

describe('a change by another run of a tag that needed no PUT', () => {
  test('is found if it is a rollback from the same image: the tag is pushed again', async () => {
    const [old, run] = [release('old', '1.2.2'), release('A', '1.2.3', {retries: 1})]
    const net = throttling('A', '1.2', async ({registries}) => {
      registries[0]?.store('app', run.image, ['1.2'])
      return Promise.resolve()
    })
    await publish(old, net)
    net.before.set('A PUT latest', async () => {
      net.before.set('A GET latest', async () => {
        net.registries[0]?.store('app', old.image, ['1.2'])
        return Promise.resolve()
      })
      return Promise.resolve()
    })
    const result = await publish(run, net)
    expect(result.failure).toBeUndefined()
    expect(buildersOf(net, [old, run])['1.2']).toBe('A')
  })

  test('is found at an unchanged exact tag', async () => {
    const net = network()
    const run = release('A', '1.2.3')
    await publish({...run, tags: run.tags.slice(0, 1)}, net)
    const other = release('B', '1.2.3', {revision: 'another'})
    net.before.set('C PUT latest', async () => {
      net.registries[0]?.store('app', other.image, ['1.2.3'])
      return Promise.resolve()
    })
    const result = await publish({...run, client: 'C'}, net)
    expect(result.failure?.code).toBe('publish-unverified')
    expect(outcomes(result)['registry/app:1.2.3']).toBe('failed')
  })
})

test('a branch tag of a newer commit is kept, despite replicas with older ones', async () => {
  const net = network()
  const [old, older, newer] = [commit('old', 0), commit('A', 1, {readsStateFirst: true}), commit('B', 2)]
  await publish(old, net)
  net.registries[0]?.store('app', newer.image, ['main'])
  net.before.set('A HEAD main', async () => {
    net.before.set('A HEAD main', async () => {
      net.registries[0]?.store('app', old.image, ['main'])
      return Promise.resolve()
    })
    return Promise.resolve()
  })
  const result = await publish(older, net)
  expect(result.failure).toBeUndefined()
  expect(net.puts('A').filter((path) => path.endsWith('/main'))).toEqual([])
  expect(reasonOf(result, 'main')).toMatchObject({code: 'newer-commit-seen'})
})

describe('an incomplete image', () => {
  test.each<{name: string; damage: (net: Network, run: Publication) => void}>([
    {
      name: 'without a blob',
      damage: ({registries}) => registries[0]?.endpoint.core.store.repositories.get('app')?.blobs.clear(),
    },
    {
      name: 'without the manifest of a platform',
      damage: ({registries}, {image}) => {
        const child = image.manifests.find(({digest}) => digest !== image.digest)
        if (child !== undefined)
          registries[0]?.endpoint.core.store.repositories.get('app')?.manifests.delete(child.digest)
      },
    },
  ])('$name gets no tag', async ({damage}) => {
    const net = network()
    const run = release('A', '1.2.3', {
      image: makeImage({
        text: 'two',
        annotations: {'org.opencontainers.image.revision': 'of-1.2.3'},
        platforms: ['linux/amd64', 'linux/arm64'],
      }),
    })
    net.before.set('A GET 1.2.3', async () => {
      damage(net, run)
      return Promise.resolve()
    })
    const result = await publish(run, net)
    expect(result.failure?.code).toBe('publish-unverified')
    expect(result.failure?.evidence.join(' ')).toMatch(/registry\.example\/app does not have sha256:/)
    expect(buildersOf(net, [run])).toEqual({})
  })
})

describe('a registry that shows a PUT only after some time', () => {
  /** A registry that responds with 404 to the first reads of a tag after its PUT. */
  function late(reads: number): MemoryRegistryOptions {
    const counts = new Map<string, number>()
    return {
      fault: ({method, path, client}) => {
        const [, tag] = /^\/v2\/app\/manifests\/([^:]+)$/.exec(path) ?? []
        if (tag === undefined || client === 'old') return undefined
        if (method === 'PUT') counts.set(tag, 0)
        const count = counts.get(tag)
        if (count === undefined || method === 'PUT') return undefined
        counts.set(tag, count + 1)
        return count < reads ? {kind: 'answer', status: 404} : undefined
      },
    }
  }

  test.each([1, 2, 5])('is read again: %s reads later', async (reads) => {
    const net = network(late(reads))
    const run = release('A', '1.2.3')
    const result = await publish(run, net)
    expect(result.failure).toBeUndefined()
    expect(buildersOf(net, [run])).toEqual({'1.2.3': 'A', '1.2': 'A', '1': 'A', latest: 'A'})
    expect(net.puts('A')).toHaveLength(4)
  })

  test('fails a run if it never shows the PUT, after three PUTs at most', async () => {
    const net = network({
      fault: ({method, path}) =>
        method === 'PUT' && path.endsWith('/latest') ? {kind: 'answer', status: 201, when: 'before'} : undefined,
    })
    const result = await publish(release('A', '1.2.3'), net)
    expect(result.failure?.code).toBe('publish-unverified')
    expect(net.puts('A').filter((path) => path.endsWith('/latest')).length).toBeLessThanOrEqual(3)
  })
})

describe('a run with a preflight', () => {
  test('reads a floating tag before and after its PUT, but not before the PUTs of exact tags', async () => {
    const net = network()
    await publish(release('old', '1.2.2'), net)
    const reads = new Map<string, number>()
    for (const question of ['GET 1.2.3', 'HEAD latest', 'GET latest']) {
      net.always.set(`A ${question}`, () => reads.set(question, (reads.get(question) ?? 0) + 1))
    }
    const run = release('A', '1.2.3', {readsStateFirst: true})
    await publish(run, net)
    expect(buildersOf(net, [run])).toEqual({'1.2.2': 'unknown', '1.2.3': 'A', '1.2': 'A', '1': 'A', latest: 'A'})
    // In the preflight, before the PUT, after it, and at the end. What was pushed is read back by its content.
    expect(Object.fromEntries(reads)).toEqual({'GET 1.2.3': 4, 'HEAD latest': 2, 'GET latest': 1})
  })
})

describe('new floating tags', () => {
  test('are read while others move, and pushed in the next round trip', async () => {
    const net = network()
    await publish(release('old', '1.2.2'), net)
    const calls: string[] = []
    for (const call of ['GET list', 'PUT latest', 'GET 1.3', 'PUT 1.3'])
      net.always.set(`A ${call}`, () => calls.push(call))
    await publish(release('A', '1.3.0'), net)
    const afterList = calls.slice(calls.indexOf('GET list'))
    expect(afterList.slice(0, afterList.indexOf('PUT 1.3')).sort()).toEqual([
      'GET 1.3',
      'GET 1.3',
      'GET list',
      'PUT latest',
    ])
  })
})

describe('a run that is cancelled', () => {
  const old = {'1.2.2': 'old', '1.2': 'old', '1': 'old', latest: 'old'}
  test.each([
    {name: 'before its first PUT changes nothing', at: 'GET 1.2.3', expected: old},
    {name: 'before floating tags leaves them', at: 'GET list', expected: {...old, '1.2.3': 'A'}},
    {
      name: 'before floating tags leaves them, if pending requests still complete',
      at: 'answer to A PUT 1.2.3',
      ignoresAbort: true,
      expected: {...old, '1.2.3': 'A'},
    },
    {name: 'among floating tags rolls them back', at: 'PUT latest', expected: {...old, '1.2.3': 'A'}},
    {
      name: 'after the PUTs of floating tags, before their responses, rolls them back',
      at: 'answer to A PUT 1.2',
      expected: {...old, '1.2.3': 'A'},
    },
  ])('$name', async ({at, expected, ignoresAbort = false}) => {
    const net = network()
    const earlier = release('old', '1.2.2')
    await publish(earlier, net)
    const controller = new AbortController()
    const run = release('A', '1.2.3', {signal: controller.signal, ignoresAbort})
    net.before.set(at.startsWith('answer') ? at : `A ${at}`, async () => {
      controller.abort(new Error('cancelled'))
      return Promise.resolve()
    })
    const result = await publish(run, net)
    expect(result.failure?.code).toBe('cancelled')
    expect(buildersOf(net, [earlier, run])).toEqual(expected)
  })

  test('after all PUTs verifies the tags, and succeeds', async () => {
    const net = network()
    const controller = new AbortController()
    const run = release('A', '1.2.3', {signal: controller.signal})
    net.before.set('A PUT latest', async () => {
      net.before.set('A GET latest', async () => {
        controller.abort(new Error('cancelled'))
        return Promise.resolve()
      })
      return Promise.resolve()
    })
    const result = await publish(run, net)
    expect(result.failure).toBeUndefined()
    expect(buildersOf(net, [run])).toEqual({'1.2.3': 'A', '1.2': 'A', '1': 'A', latest: 'A'})
  })
})

describe('another run', () => {
  test('of a higher version that is faster than one PUT wins anyway', async () => {
    const net = network()
    const [old, low, high] = [release('old', '1.2.2'), release('B', '1.2.3'), release('A', '1.2.4')]
    await publish(old, net)
    net.before.set('B PUT latest', async () => publish(high, net))
    const result = await publish(low, net)
    expect(result.failure).toBeUndefined()
    expect(buildersOf(net, [old, low, high])).toMatchObject({
      '1.2.3': 'B',
      '1.2.4': 'A',
      '1.2': 'A',
      '1': 'A',
      latest: 'A',
    })
    expect(outcomes(result)['registry/app:latest']).toBe('kept')
    expect(reasonOf(result, 'latest')).toEqual({code: 'published-meanwhile', version: '1.2.4'})
  })

  test('of a lower version that pushes late is corrected by the higher one', async () => {
    const net = network()
    const [low, high] = [release('B', '1.2.3'), release('A', '1.2.4')]
    // The lower one is killed right after its PUT, so it never reads back.
    net.before.set('A PUT latest', async () => {
      net.before.set('A GET latest', async () => {
        net.registries[0]?.store('app', low.image, ['1.2.3', 'latest'])
        return Promise.resolve()
      })
      return Promise.resolve()
    })
    const result = await publish(high, net)
    expect(result.failure).toBeUndefined()
    expect(buildersOf(net, [low, high])).toMatchObject({'1.2': 'A', '1': 'A', latest: 'A'})
  })

  test('of a higher version keeps its tag if this one fails', async () => {
    const net = network(failingPuts('B', 'manifests/1.2'))
    const [old, low, high] = [release('old', '1.2.2'), release('B', '1.2.3'), release('A', '1.2.4')]
    await publish(old, net)
    net.before.set('B HEAD latest', async () => {
      net.before.set('B HEAD latest', async () => {
        // The third read is that of the rollback.
        net.before.set('B HEAD latest', async () => publish(high, net))
        return Promise.resolve()
      })
      return Promise.resolve()
    })
    const result = await publish(low, net)
    expect(result.failure?.code).toBe('registry-failed')
    expect(buildersOf(net, [old, low, high])).toMatchObject({'1.2': 'A', '1': 'A', latest: 'A'})
    expect(reasonOf(result, 'latest')).toEqual({code: 'published-meanwhile', version: '1.2.4'})
  })

  test('of a higher version gets its tag again if the rollback of this one replaces it', async () => {
    const net = network(failingPuts('B', 'manifests/1.2'))
    const [old, low, high] = [release('old', '1.2.2'), release('B', '1.2.3'), release('A', '1.2.4')]
    await publish(old, net)
    net.before.set('B PUT latest', async () => {
      // The first PUT moves the tag, the second rolls it back.
      net.before.set('B PUT latest', async () => publish(high, net))
      return Promise.resolve()
    })
    const result = await publish(low, net)
    expect(result.failure?.code).toBe('registry-failed')
    expect(buildersOf(net, [old, low, high])).toMatchObject({'1': 'A', latest: 'A', '1.2': 'A'})
  })

  test('with an equal commit and the last exact tag has the release', async () => {
    const net = network()
    const [one, two] = [release('A', '1.2.3'), release('B', '1.2.3')]
    net.before.set('B PUT 1.2.3', async () => publish(one, net))
    const result = await publish(two, net)
    expect(result.failure).toBeUndefined()
    expect(buildersOf(net, [one, two])).toEqual({'1.2.3': 'B', '1.2': 'B', '1': 'B', latest: 'B'})

    const other = network()
    other.before.set('A GET list', async () => {
      other.registries[0]?.store('app', two.image, ['1.2.3'])
      return Promise.resolve()
    })
    const adopted = await publish(one, other)
    expect(adopted.failure).toBeUndefined()
    expect(new Set(Object.values(buildersOf(other, [one, two]))).size).toBe(1)
  })

  test('of another commit that pushes the same exact tag is an error, and no floating tag moves', async () => {
    const net = network()
    const [one, two] = [release('A', '1.2.3'), release('B', '1.2.3', {revision: 'another'})]
    net.before.set('A GET list', async () => {
      net.registries[0]?.store('app', two.image, ['1.2.3'])
      return Promise.resolve()
    })
    const result = await publish({...one, tags: releaseTags(app, '1.2.3')}, net)
    const tags = buildersOf(net, [one, two])
    expect(result.failure?.code).toBe('publish-unverified')
    expect(tags).toEqual({'1.2.3': 'B'})
  })

  test('of an older commit that pushes in between is corrected by the newer one', async () => {
    const net = network()
    const [older, newer] = [commit('B', 1), commit('A', 2)]
    await publish(commit('old', 0), net)
    net.before.set('A PUT main', async () => {
      net.before.set('A GET main', async () => {
        net.registries[0]?.store('app', older.image, ['main'])
        return Promise.resolve()
      })
      return Promise.resolve()
    })
    const result = await publish(newer, net)
    expect(result.failure).toBeUndefined()
    expect(buildersOf(net, [older, newer])['main']).toBe('A')
  })

  test('with a newer commit in between keeps its tag', async () => {
    const net = network()
    const [older, newer] = [commit('B', 1), commit('A', 2)]
    net.before.set('B PUT main', async () => {
      net.before.set('B GET main', async () => publish(newer, net))
      return Promise.resolve()
    })
    const result = await publish(older, net)
    expect(buildersOf(net, [older, newer])['main']).toBe('A')
    expect(outcomes(result)['registry/app:main']).toBe('kept')
    expect(reasonOf(result, 'main')).toMatchObject({code: 'moved-by-other-run', because: {}})
  })

  test('with a newer commit keeps its tag after a failure', async () => {
    const net = network(failingPuts('B', 'manifests/edge'))
    const tags = [branchTag(app, 'main'), branchTag(app, 'edge')]
    const [older, newer] = [commit('B', 1, {tags}), commit('A', 2)]
    await publish(commit('old', 0, {tags}), net)
    net.before.set('B PUT edge', async () => publish(newer, net))
    const result = await publish(older, net)
    expect(result.failure?.code).toBe('registry-failed')
    expect(buildersOf(net, [older, newer])['main']).toBe('A')
    expect(reasonOf(result, 'main')).toEqual({code: 'moved-by-other-run', because: undefined})
  })

  test('that pushes after floating: always keeps its tag', async () => {
    const net = network()
    const other = release('B', '1.2.2')
    net.before.set('A PUT latest', async () => {
      net.before.set('A GET latest', async () => {
        net.registries[0]?.store('app', other.image, ['latest'])
        return Promise.resolve()
      })
      return Promise.resolve()
    })
    const result = await publish(release('A', '1.2.3', {policy: {floating: 'always'}}), net)
    expect(result.failure).toBeUndefined()
    expect(buildersOf(net, [other])['latest']).toBe('B')
    expect(reasonOf(result, 'latest')).toEqual({code: 'moved-by-other-run', because: {code: 'floating-always'}})
  })

  test('that always moves the tag away is an error', async () => {
    const net = network()
    const other = release('B', '1.2.3', {revision: 'another'})
    const moveAway = async (): Promise<void> => {
      net.before.set('A GET latest', moveAway)
      if (net.puts('A').some((path) => path.endsWith('/latest')))
        net.registries[0]?.store('app', other.image, ['latest'])
      return Promise.resolve()
    }
    net.before.set('A GET latest', moveAway)
    const result = await publish(release('A', '1.2.3'), net)
    expect(result.failure?.code).toBe('publish-unverified')
    expect(outcomes(result)['registry/app:latest']).toBe('failed')
  })
})

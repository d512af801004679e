import {describe, expect, test} from '@jest/globals'
import type {PromoteRow} from '../../../src/promote/journal.ts'
import {memoryRegistry, type MemoryRegistry, type MemoryRegistryOptions} from '../../../testing/memory-registry.ts'
import {targetTag, publish, releaseTags, type Publication} from '../../../testing/promotions.ts'
import {publicationOf, type RuleRun} from '../../../testing/rule-runs.ts'

const app = 'registry.example/app'

interface World {
  readonly registry: MemoryRegistry
  /** Publishes the release of a Git tag. Returns the rows by tag. */
  readonly release: (gitTag: string, changes?: Partial<RuleRun & Publication>) => Promise<Readonly<Record<string, Row>>>
  /** Maps each tag to the Git tag of its release. */
  readonly releases: () => Readonly<Record<string, string>>
}

interface Row {
  readonly outcome: string
  readonly level: string
  readonly reason: PromoteRow['reason']
}

function worldOf(rules: readonly string[], options: MemoryRegistryOptions = {}): World {
  const registry = memoryRegistry(options)
  const names = new Map<string, string>()
  let count = 0
  return {
    registry,
    release: async (gitTag, changes = {}) => {
      count += 1
      const run = {...publicationOf({client: `run${count}`, gitTag, rules, ...changes}, app), ...changes}
      names.set(run.image.digest, gitTag)
      const {rows, failure} = await publish({...run, client: `run${count}`}, [registry])
      if (failure !== undefined) throw failure
      return Object.fromEntries(
        rows.map(({reference, outcome, level, reason}) => [reference.tag, {outcome, level, reason}]),
      )
    },
    releases: () =>
      Object.fromEntries(Object.entries(registry.tagsOf('app')).map(([tag, digest]) => [tag, names.get(digest) ?? ''])),
  }
}

describe('a lower release after a higher one moves no floating tag back', () => {
  const version = (pattern: string): string => `type=semver,pattern=${pattern}`
  const python = (pattern: string): string => `type=pep440,pattern=${pattern}`
  test.each<{name: string; rules: readonly string[]; higher?: string; lower?: string; floating: readonly string[]}>([
    {
      name: 'with an x at its end',
      rules: [version('{{version}}'), version('{{major}}.{{minor}}.x'), version('{{major}}.x')],
      floating: ['1.2.x', '1.x', 'latest'],
    },
    {
      name: 'with a prefix that exact tags do not have',
      rules: [version('{{version}}'), version('{{major}},prefix=stable-')],
      floating: ['stable-1', 'latest'],
    },
    {
      name: 'beside exact tags with text in their pattern',
      rules: [version('release-{{version}}')],
      floating: ['latest'],
    },
    {
      name: 'with its number in the text before it',
      rules: [version('py1-{{version}}'), version('py1-{{major}}')],
      floating: ['py1-1', 'latest'],
    },
    {
      name: 'with dashes between the numbers',
      rules: [version('{{major}}-{{minor}}-{{patch}}'), version('{{major}}-{{minor}}')],
      floating: ['1-2', 'latest'],
    },
    {name: 'without an exact tag', rules: [version('{{major}}.{{minor}}')], floating: ['1.2', 'latest']},
    {
      name: 'beside exact tags that name the commit too',
      rules: [version('{{version}}-{{sha}}'), version('{{major}}.{{minor}}')],
      floating: ['1.2', 'latest'],
    },
    {
      name: 'if the higher one has build metadata',
      rules: [version('{{raw}}'), version('{{major}}.{{minor}}')],
      higher: 'v1.2.9+b7',
      floating: ['1.2', 'latest'],
    },
    {
      name: 'if the higher one has a local part',
      rules: [python('{{version}}'), python('{{major}}.{{minor}}')],
      higher: 'v1.2.9+cu118',
      floating: ['1.2', 'latest'],
    },
    {
      name: 'if the higher one has an epoch',
      rules: [python('{{version}}'), python('{{major}}.{{minor}}')],
      higher: '1!1.2.0',
      floating: ['1.2', 'latest'],
    },
    {
      name: 'with numbers without a separator',
      rules: [version('{{major}}{{minor}}')],
      higher: 'v11.2.0',
      lower: 'v1.12.0',
      floating: ['112', 'latest'],
    },
    {
      name: 'from a regular expression',
      rules: [version('{{version}}'), 'type=match,pattern=v(\\d+),group=1'],
      floating: ['1', 'latest'],
    },
  ])('$name', async ({rules, higher = 'v1.2.9', lower = 'v1.2.3', floating}) => {
    const world = worldOf(rules)
    await world.release('v1.0.0')
    await world.release(higher)
    expect(world.releases()).toMatchObject(Object.fromEntries(floating.map((tag) => [tag, higher])))
    const rows = await world.release(lower)
    expect(world.releases()).toMatchObject(Object.fromEntries(floating.map((tag) => [tag, higher])))
    for (const tag of floating) expect(rows[tag]).toMatchObject({outcome: 'kept', level: 'notice'})
  })
})

test('tags with a v consider the tags with a v, and latest also an image that states a higher version', async () => {
  const world = worldOf(['type=semver,pattern={{raw}}', 'type=semver,pattern=v{{major}}.{{minor}}'])
  await world.release('v4.0.9')
  await world.release('v4.1.0', {rules: ['type=semver,pattern={{version}}']})
  const rows = await world.release('v4.0.7')
  expect(world.releases()).toEqual({
    'v4.0.7': 'v4.0.7',
    'v4.0.9': 'v4.0.9',
    'v4.0': 'v4.0.9',
    '4.1.0': 'v4.1.0',
    latest: 'v4.1.0',
  })
  expect(rows['v4.0']).toMatchObject({outcome: 'kept', level: 'notice'})
})

describe('a mutable tag that reads like a higher version', () => {
  test('does not give its image to latest, whose image states a higher version', async () => {
    const world = worldOf(['latest', '5.0.0,mutable=true'])
    await world.release('1.0.0')
    const rows = await world.release('1.0.0-rc.1')
    expect(world.releases()).toEqual({latest: '1.0.0', '5.0.0': '1.0.0-rc.1'})
    expect(rows['latest']).toMatchObject({outcome: 'kept'})
  })
})

describe('a tag that the user named', () => {
  const exact = 'type=semver,pattern={{version}}'
  test.each<{
    name: string
    rules: readonly string[]
    options?: RuleRun['options']
    higher?: string
    lower?: string
    tag: string
  }>([
    {name: 'a literal', rules: [exact, 'latest'], tag: 'latest'},
    {name: 'a literal alone', rules: ['latest'], tag: 'latest'},
    {name: 'raw', rules: [exact, 'type=raw,value=stable'], tag: 'stable'},
    {name: 'a name without a meaning', rules: [exact, 'lts'], tag: 'lts'},
    {name: 'with a suffix', rules: [exact, 'latest-alpine'], tag: 'latest-alpine'},
    {
      name: 'with the affixes of the flavor',
      rules: ['latest'],
      options: {flavor: {prefix: 'a-', suffix: '-b'}},
      tag: 'a-latest-b',
    },
    {name: 'of a variant', rules: ['stable'], options: {variant: 'alpine'}, tag: 'stable-alpine'},
    {name: 'in an environment', rules: ['stable'], options: {environment: 'staging'}, tag: 'stable-staging'},
    {name: 'of an environment', rules: ['type=env'], options: {environment: 'production'}, tag: 'production'},
    {name: 'latest of flavor', rules: ['stable'], options: {flavor: {latest: 'true'}}, tag: 'latest'},
    {name: 'a line', rules: ['v1'], higher: 'v1.3.0', tag: 'v1'},
    {
      name: 'a word in Git tags',
      rules: ['type=match,pattern=^[a-z]+'],
      higher: 'app-v2.0.0',
      lower: 'app-v1.2.9',
      tag: 'app',
    },
    {
      name: 'with calendar versions',
      rules: ['type=ref,event=tag', 'stable'],
      higher: '2026.10.0',
      lower: '2026.02.1',
      tag: 'stable',
    },
    {name: 'with four numbers', rules: ['stable'], higher: '1.2.3.10', lower: '1.2.3.9', tag: 'stable'},
    {name: 'with four numbers after three', rules: ['stable'], higher: '1.2.3.1', lower: '1.2.3', tag: 'stable'},
    {name: 'beside a mutable version', rules: [`${exact},mutable=true`, 'latest'], tag: 'latest'},
  ])('is not moved back: $name', async ({rules, options = {}, higher = 'v2.0.0', lower = 'v1.2.9', tag}) => {
    const world = worldOf(rules)
    await world.release(higher, {options})
    const rows = await world.release(lower, {options})
    expect(world.releases()).toMatchObject({[tag]: higher})
    expect(rows[tag]).toMatchObject({outcome: 'kept', level: 'notice', reason: {code: 'named-tag-stale'}})
    await world.release(lower, {options, policy: {onStale: 'overwrite', ifExists: 'verify'}})
    expect(world.releases()).toMatchObject({[tag]: lower})
    await world.release(higher, {options})
    expect(world.releases()).toMatchObject({[tag]: higher})
  })

  test('stays if a higher version is listed and no image states one', async () => {
    const world = worldOf(['type=semver,pattern={{version}}', 'latest'])
    await world.release('v2.0.0', {isUnstated: true})
    await world.release('v1.2.9', {isUnstated: true})
    expect(world.releases()).toMatchObject({latest: 'v2.0.0', '1.2.9': 'v1.2.9'})
  })

  test('follows commits if no version is known', async () => {
    const world = worldOf(['latest'], {listsTags: false})
    await world.release('v1.2.8', {isUnstated: true})
    await world.release('v2.0.0', {isUnstated: true, relation: () => 'ahead'})
    expect(world.releases()).toMatchObject({latest: 'v2.0.0'})
    const rows = await world.release('v1.2.9', {isUnstated: true, relation: () => 'behind'})
    expect(rows['latest']).toMatchObject({outcome: 'kept', level: 'notice'})
    expect(world.releases()).toMatchObject({latest: 'v2.0.0'})
  })
})

describe('a mutable full version', () => {
  const rules = ['type=raw,value=2.20.1,mutable=true', 'latest']

  test('follows commits, and so does latest beside it', async () => {
    const world = worldOf(rules)
    await world.release('a')
    await world.release('b', {relation: () => 'ahead'})
    expect(world.releases()).toEqual({'2.20.1': 'b', latest: 'b'})
    await world.release('c', {relation: () => 'behind'})
    expect(world.releases()).toEqual({'2.20.1': 'b', latest: 'b'})
  })
})

describe('without an exact tag of its line, a floating tag', () => {
  const rules = ['type=semver,pattern={{major}}.{{minor}}', 'type=semver,pattern={{major}}']

  test('is created, and moves forwards by the versions of the images', async () => {
    const world = worldOf(rules)
    await world.release('v1.2.3')
    const rows = await world.release('v1.2.4')
    expect(world.releases()).toEqual({'1.2': 'v1.2.4', '1': 'v1.2.4', latest: 'v1.2.4'})
    expect(Object.values(rows).map(({level}) => level)).toEqual(['info', 'info', 'info'])
  })

  test('stays at an unversioned image, with a warning', async () => {
    const world = worldOf(rules)
    await world.release('v1.2.3', {isUnstated: true})
    const rows = await world.release('v1.2.4')
    expect(world.releases()).toEqual({'1.2': 'v1.2.3', '1': 'v1.2.3', latest: 'v1.2.3'})
    expect(rows['1.2']).toMatchObject({outcome: 'kept', level: 'warning'})
    expect(rows['1.2']?.reason).toEqual({
      code: 'version-unknown',
      rule: 'type=semver,pattern={{major}}.{{minor}} (tags, line 1)',
      exactRule: 'type=semver,pattern={{version}}',
    })
    await world.release('v1.2.4', {policy: {floating: 'always'}})
    expect(world.releases()).toMatchObject({'1.2': 'v1.2.4'})
  })

  test.each([
    {
      name: 'yields to higher versions',
      other: 'v1.2.9',
      expected: 'v1.2.9',
      reason: {because: {code: 'points-to-higher-version', higher: '1.2.9'}},
    },
    {name: 'replaces a lower version', other: 'v1.2.2', expected: 'v1.2.3', reason: {code: 'new-tag'}},
    {
      name: 'yields to other builds',
      other: 'v1.2.3+b2',
      expected: 'v1.2.3+b2',
      reason: {because: {code: 'version-order-unknown'}},
    },
  ])('$name that is pushed between its PUT and the read back', async ({other, expected, reason}) => {
    let answered = 0
    const between: {run: (() => Promise<unknown>) | undefined} = {run: undefined}
    const world = worldOf(rules.slice(0, 1), {
      schedule: async (label) => {
        if (label.startsWith('answer') && label.includes('run1 PUT') && label.endsWith('/1.2')) answered += 1
        if (answered === 0 || between.run === undefined) return
        const {run} = between
        between.run = undefined
        await run()
      },
    })
    between.run = async () => world.release(other, {options: {flavor: {latest: 'false'}}, policy: {floating: 'always'}})
    const rows = await world.release('v1.2.3', {options: {flavor: {latest: 'false'}}})
    expect(between.run).toBeUndefined()
    expect(world.releases()).toEqual({'1.2': expected})
    expect(rows['1.2']?.reason).toMatchObject(reason)
  })
})

describe('tags', () => {
  const listing = (status: number, body: string): MemoryRegistryOptions => ({
    fault: ({client, path}) =>
      client === 'run3' && path.includes('/tags/list') ? {kind: 'answer', status, body, when: 'before'} : undefined,
  })
  test.each([
    {name: 'that does not exist', options: listing(404, '')},
    {name: 'that lags behind', options: listing(200, JSON.stringify({name: 'app', tags: ['1.2', '1', 'latest']}))},
  ])('$name moves no floating tag', async ({options}) => {
    const world = worldOf([], options)
    await world.release('v1.2.9', {isUnstated: true})
    await world.release('v2.0.0', {isUnstated: true})
    const before = world.releases()
    const rows = await world.release('v1.2.3', {isUnstated: true})
    expect(world.releases()).toMatchObject({
      '1.2': before['1.2'],
      '1': before['1'],
      latest: 'v2.0.0',
      '1.2.3': 'v1.2.3',
    })
    expect(rows['latest']).toMatchObject({outcome: 'kept', level: 'warning'})
    expect(rows['latest']?.reason).toMatchObject({
      code: 'tags-unlisted',
      cause: expect.stringMatching(/registry\.example\/app/),
    })
  })
})

test('a version does not follow the exact tag of another version', async () => {
  const world = worldOf([])
  const base = targetTag(`${app}:5.0.0`, {kind: 'release', scheme: 'semver', version: '5.0.0'})
  await world.release('v1.2.2', {tags: [base, ...releaseTags(app, '1.2.2')]})
  await world.release('v1.2.3', {tags: [base, ...releaseTags(app, '1.2.3')], policy: {ifExists: 'skip'}})
  expect(world.releases()).toMatchObject({'5.0.0': 'v1.2.2', '1.2.3': 'v1.2.3', '1.2': 'v1.2.3'})
})

test('a version that was published without floating tags counts for its version line, and gets none later', async () => {
  const world = worldOf([])
  await world.release('v1.2.3')
  await world.release('v2.0.0', {policy: {floating: 'never'}})
  const rows = await world.release('v1.2.4')
  expect(world.releases()).toMatchObject({'1.2': 'v1.2.4', latest: 'v1.2.3'})
  expect(rows['latest']?.reason).toEqual({code: 'higher-version', higher: '2.0.0', version: '1.2.4'})
  await world.release('v1.2.5', {policy: {onStale: 'overwrite'}})
  expect(world.releases()).toMatchObject({'1.2': 'v1.2.5', latest: 'v1.2.5'})
})

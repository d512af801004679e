import {describe, expect, test} from '@jest/globals'
import type {PruneInputs} from '../../src/inputs/prune/policy.ts'
import {boundedRegex} from '../../src/io/bounded-regex.ts'
import {isReferrerTag} from '../../src/oci/referrers-tag.ts'
import {manifestGraph} from '../../src/retention/graph.ts'
import {brokenImages} from '../../src/retention/broken-images.ts'
import {decideRetention} from '../../src/retention/decide/decide.ts'
import {dependsOnRefs} from '../../src/retention/decide/depends-on-refs.ts'
import {tooMuch} from '../../src/retention/decide/deletion-limit.ts'
import type {DeletionStep} from '../../src/retention/deletion-step.ts'
import type {LiveRefs} from '../../src/retention/live-refs.ts'
import {planDeletion} from '../../src/retention/plan-deletion.ts'
import type {RepositoryContent} from '../../src/retention/repository-content.ts'
import type {RetentionDecision} from '../../src/retention/tag-decision.ts'
import {testPlanner} from '../../testing/planner.ts'
import fc from '../../testing/properties.ts'
import {daysAgo, now, pruneInputs} from '../../testing/retention-policy.ts'
import {testContent, type TestManifest, type TestRepository} from '../../testing/retention.ts'
import {times} from '../../testing/rounds.ts'

const planner = await testPlanner()
const regex = boundedRegex()
const runs = {numRuns: times(80)}

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const
const refs = ['refs/heads/main', 'refs/heads/feature/a', 'refs/heads/b', 'refs/pull/1/merge', 'refs/pull/12/merge']
const commits = ['a', 'b', 'c'].map((digit) => digit.repeat(40))

const age = fc.option(fc.constantFrom(0, 0.01, 0.5, 1, 2, 5, 8, 10, 15, 20, 40, 100, 400, 800), {nil: undefined})

const manifest: fc.Arbitrary<TestManifest> = fc.oneof(
  {weight: 1, arbitrary: fc.constantFrom<TestManifest>('missing', 'unreadable')},
  {
    weight: 9,
    arbitrary: fc
      .record(
        {
          children: fc.uniqueArray(fc.constantFrom('part1', 'part2', 'absent'), {maxLength: 2}),
          subject: fc.constantFrom('a', 'b', 'absent', undefined, undefined),
          ref: fc.constantFrom(...refs, undefined, undefined),
          revision: fc.constantFrom(...commits, undefined),
          version: fc.constantFrom('1.0.1', '1.0.1-rc.1', undefined, undefined),
          runId: fc.constantFrom('7', undefined),
          created: age,
        },
        {noNullPrototype: true},
      )
      .map(({children, subject, created, ...facts}) => ({
        children,
        ...(subject !== undefined && {subject}),
        facts: {...facts, created: created === undefined ? undefined : daysAgo(created).toISOString()},
      })),
  },
)

const tag = fc.oneof(
  fc
    .tuple(fc.nat(2), fc.nat(2), fc.nat(3), fc.constantFrom('', '', '-rc.1', '-rc.2', '-alpine'))
    .map(([major, minor, patch, end]) => `${major}.${minor}.${patch}${end}`),
  fc.integer({min: 1, max: 30}).map((number) => `pr-${number}`),
  fc.constantFrom(...commits.map((commit) => `sha-${commit.slice(0, 7)}`)),
  fc.constantFrom('latest', '1.0', '1', 'main', 'edge', 'nightly', 'feature-a', 'b', 'x', 'y', 'nightly-1', 'v1.0.1'),
  fc.constantFrom('buildcache-b-amd64-1a2b3c4', 'buildcache-main-amd64-1a2b3c4', 'buildcache-tags-1a2b3c4'),
  fc.constantFrom('<a>', '<b>', '<absent>'),
)

const repository: fc.Arbitrary<TestRepository> = fc
  .record({
    manifests: fc.array(manifest, {minLength: names.length, maxLength: names.length}),
    tags: fc.dictionary(tag, fc.constantFrom(...names), {maxKeys: 16, noNullPrototype: true}),
    ages: fc.array(age, {minLength: names.length, maxLength: names.length}),
    isComplete: fc.boolean(),
    locked: fc.subarray(['a']),
  })
  .map(({manifests, tags, ages, isComplete, locked}) => ({
    manifests: {
      ...Object.fromEntries(names.map((name, index) => [name, manifests[index] ?? {}])),
      part1: {},
      part2: {},
      absent: 'missing' as const,
    },
    tags,
    isComplete,
    locked,
    pushedAt: Object.fromEntries(
      names.flatMap((name, index): [string, Date][] => {
        const days = ages[index]
        return days === undefined ? [] : [[name, daysAgo(days)]]
      }),
    ),
  }))

const olderThan = fc.constantFrom('', ',older-than=0', ',older-than=3d', ',older-than=30d')
const keep = fc.constantFrom('', ',keep=1', ',keep=2')
const line = fc.oneof(
  fc
    .tuple(fc.constantFrom('pr', 'branch', 'cache'), olderThan, keep)
    .map(([type, older, kept]) => `type=${type},gone=true${older}${kept}`),
  fc
    .tuple(fc.constantFrom('pr', 'branch', 'cache', 'commit', 'schedule', 'release', 'prerelease'), keep)
    .map(([type, kept]) => `type=${type},older-than=5d${kept}`),
  fc
    .tuple(fc.constantFrom('release', 'prerelease'), fc.constantFrom('minor', 'major', 'variant', 'component'))
    .map(([type, per]) => `type=${type},keep=1,per=${per}`),
  fc
    .tuple(fc.constantFrom('*', 'x', 'pr-1*', 'nightly-?', '1.*'), olderThan, keep)
    .map(([pattern, older, kept]) => `type=match,pattern=${pattern}${older}${kept}`),
  fc.tuple(fc.constantFrom('untagged', 'orphan'), olderThan, keep).map((parts) => `type=${parts.join('')}`),
)

const inputs: fc.Arbitrary<Readonly<Record<string, string>>> = fc
  .record({
    policy: fc.array(line, {minLength: 1, maxLength: 5}),
    'older-than': fc.constantFrom('', '0', '2d'),
    'delete-tags': fc.constantFrom('', '*', 'pr-*', 'x,y'),
    'keep-n-tagged': fc.constantFrom('', '1', '2'),
    'delete-partial-images': fc.constantFrom('true', 'false'),
  })
  .map(({policy, ...rest}) => ({
    ...rest,
    policy: policy.join('\n'),
    'keep-n-tagged': rest['delete-tags'] === '' ? '' : rest['keep-n-tagged'],
  }))

const live: fc.Arbitrary<LiveRefs> = fc.record({
  defaultBranch: fc.constantFrom('main', undefined),
  branches: fc.option(
    fc.subarray(['main', 'feature/a', 'b']).map((some) => new Set(some)),
    {nil: undefined},
  ),
  openPulls: fc.option(
    fc.subarray([1, 2, 3, 12]).map((some) => new Set(some)),
    {nil: undefined},
  ),
})

const situation = fc.record({repository, inputs, live})

interface Situation {
  readonly content: RepositoryContent
  readonly inputs: PruneInputs
  readonly live: LiveRefs
  readonly at?: Date
}

function decisionsOn({content, inputs: read, live: existing, at = now}: Situation): readonly RetentionDecision[] {
  return decideRetention({
    content,
    inputs: read,
    planner,
    component: undefined,
    refs: existing,
    source: undefined,
    deployed: new Set(),
    regex,
    now: at,
  }).decisions
}

function keyOf({tag: name, digest}: RetentionDecision): string {
  return name ?? digest
}

function deletedIn(given: Situation): ReadonlySet<string> {
  return new Set(decisionsOn(given).flatMap((one) => (one.verdict === 'delete' ? [keyOf(one)] : [])))
}

/** Names in the first set only. */
function only(first: ReadonlySet<string>, second: ReadonlySet<string>): readonly string[] {
  return [...first].filter((name) => !second.has(name))
}

/** Repository after these steps. */
function after(content: RepositoryContent, steps: readonly DeletionStep[]): RepositoryContent {
  const gone = new Set(steps.flatMap((step) => (step.kind === 'image' ? [step.digest] : [])))
  const untagged = new Set(steps.flatMap((step) => (step.kind === 'tag' ? [step.tag] : [])))
  return {
    ...content,
    manifests: new Map([...content.manifests].filter(([digest]) => !gone.has(digest))),
    tags: new Map([...content.tags].filter(([name, digest]) => !untagged.has(name) && !gone.has(digest))),
  }
}

describe('decisions', () => {
  test.each<{readonly name: string; readonly more: Readonly<Record<string, string>>}>([
    {name: 'a pattern to exclude', more: {'exclude-tags': 'pr-1*,1.0.*'}},
    {name: 'a protected tag', more: {protect: 'registry.example/acme/app:pr-1\nregistry.example/acme/app:1.0.1'}},
    {name: 'a higher age', more: {'older-than': '10d'}},
    {name: 'partial images', more: {'delete-partial-images': 'false'}},
  ])('with $name more, nothing more is deleted', ({more}) => {
    fc.assert(
      fc.property(situation, (given) => {
        const content = testContent(given.repository)
        const before = deletedIn({...given, content, inputs: pruneInputs(given.inputs)})
        const later = deletedIn({...given, content, inputs: pruneInputs({...given.inputs, ...more})})
        expect(only(later, before)).toEqual([])
      }),
      runs,
    )
  })

  test('with a line that keeps, or a higher number to keep, nothing more is deleted', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const content = testContent(given.repository)
        const before = deletedIn({...given, content, inputs: pruneInputs(given.inputs)})
        const policy = (given.inputs['policy'] ?? '').replaceAll('keep=1', 'keep=3')
        const more = {...given.inputs, policy: `${policy}\ntype=keep,pattern=*1`}
        expect(only(deletedIn({...given, content, inputs: pruneInputs(more)}), before)).toEqual([])
      }),
      runs,
    )
  })

  test('without branches and pull requests, a policy that does not depend on them deletes nothing more', () => {
    const lines = fc.array(
      fc.oneof(
        line,
        fc.constantFrom('b', '*', 'feature-*', 'm*').map((glob) => `type=branch,pattern=${glob},older-than=5d`),
        fc.constant('type=branch,older-than=5d,keep=1'),
      ),
      {minLength: 1, maxLength: 5},
    )
    const copied = fc.subarray(['b', 'x', 'feature-a', 'pr-1', 'buildcache-b-amd64-1a2b3c4'])
    fc.assert(
      fc.property(situation, lines, copied, (given, policy, tags) => {
        const copies = Object.fromEntries(tags.map((name, index) => [`copy${index}`, {copiedFor: name}]))
        const content = testContent({
          ...given.repository,
          manifests: {...given.repository.manifests, ...copies},
          tags: {...given.repository.tags, ...Object.fromEntries(tags.map((name, index) => [name, `copy${index}`]))},
        })
        const written = {...given.inputs, policy: policy.filter((one) => !/gone=|type=pr,/.test(one)).join('\n')}
        const read = pruneInputs(written.policy === '' ? {...written, policy: 'type=untagged'} : written)
        expect(dependsOnRefs(read, [])).toBe(false)
        const {defaultBranch, branches, openPulls} = given.live
        const known = {
          defaultBranch,
          branches: new Set([...(branches ?? []), ...(defaultBranch === undefined ? [] : [defaultBranch])]),
          openPulls: openPulls ?? new Set<number>(),
        }
        const unknown = {defaultBranch, branches: undefined, openPulls: undefined}
        const before = deletedIn({content, inputs: read, live: known})
        expect(only(deletedIn({content, inputs: read, live: unknown}), before)).toEqual([])
      }),
      runs,
    )
  })

  test('what was deleted is deleted later, too', () => {
    fc.assert(
      fc.property(situation, fc.integer({min: 1, max: 500}), (given, days) => {
        const read = {...given, content: testContent(given.repository), inputs: pruneInputs(given.inputs)}
        expect(only(deletedIn(read), deletedIn({...read, at: daysAgo(-days)}))).toEqual([])
      }),
      runs,
    )
  })

  test('of equal images, the younger ones stay', () => {
    const ages = fc.array(age, {minLength: 2, maxLength: 12})
    fc.assert(
      fc.property(ages, inputs, fc.constantFrom('sha-000000', 'nightly-', 'pr-'), (given, written, prefix) => {
        const tags = given.map((_, index) => `${prefix}${(index + 1).toString(prefix === 'pr-' ? 10 : 16)}`)
        const content = testContent({
          manifests: Object.fromEntries(tags.map((name) => [name, {}])),
          tags: Object.fromEntries(tags.map((name) => [name, name])),
          pushedAt: Object.fromEntries(
            tags.flatMap((name, index): [string, Date][] => {
              const days = given[index]
              return days === undefined ? [] : [[name, daysAgo(days)]]
            }),
          ),
        })
        // A pattern for all tags of the prefix, so that they are equal.
        const policy = (written['policy'] ?? '').replaceAll(/pattern=[^,\n]*/g, `pattern=${prefix}*`)
        const read = pruneInputs({...written, policy, 'delete-tags': written['delete-tags'] === '' ? '' : '*'})
        const existing = {defaultBranch: 'main', branches: new Set<string>(), openPulls: new Set<number>()}
        const deleted = deletedIn({content, inputs: read, live: existing})
        const [gone, kept] = [true, false].map((isGone) =>
          given.flatMap((days, index) => (deleted.has(tags[index] ?? '') === isGone ? [days ?? -1] : [])),
        )
        expect(Math.min(...(gone ?? []))).toBeGreaterThanOrEqual(Math.max(...(kept ?? [])))
      }),
      runs,
    )
  })

  test('the order of the lists does not matter', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const content = testContent(given.repository)
        const reversed = {
          ...content,
          tags: new Map([...content.tags].toReversed()),
          manifests: new Map([...content.manifests].toReversed()),
        }
        const read = {...given, inputs: pruneInputs(given.inputs)}
        const sorted = (one: RepositoryContent): readonly RetentionDecision[] =>
          decisionsOn({...read, content: one}).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
        expect(sorted(reversed)).toEqual(sorted(content))
      }),
      runs,
    )
  })

  test('a second run deletes nothing', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const content = testContent(given.repository)
        const read = {...given, inputs: pruneInputs(given.inputs)}
        const plan = (of: RepositoryContent): readonly DeletionStep[] =>
          planDeletion({content: of, decisions: decisionsOn({...read, content: of}), keptBesides: new Set()}).steps
        const steps = plan(content)
        expect(plan(after(content, steps))).toEqual([])
      }),
      runs,
    )
  })

  test('not more is deleted than the limit', () => {
    fc.assert(
      fc.property(situation, fc.integer({min: 0, max: 16}), (given, value) => {
        const content = testContent(given.repository)
        const decisions = decisionsOn({...given, content, inputs: pruneInputs(given.inputs)})
        const plan = planDeletion({content, decisions, keptBesides: new Set()})
        const read = {...pruneInputs(given.inputs), maxDeleted: {kind: 'count', value} as const}
        if (tooMuch({plan, content, decisions, inputs: read}) !== undefined) return
        const left = after(content, plan.steps).tags
        const gone = [...content.tags.keys()].filter((name) => !left.has(name) && !isReferrerTag(name))
        expect(gone.length).toBeLessThanOrEqual(value)
      }),
      runs,
    )
  })

  test('a referrer tag of an existing image is not decided on its own', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const content = testContent(given.repository)
        const decisions = decisionsOn({...given, content, inputs: pruneInputs(given.inputs)})
        const existing = [...content.manifests].filter(([, {kind}]) => kind !== 'missing').map(([digest]) => digest)
        const tags = new Set(existing.map((digest) => digest.replace(':', '-')))
        const own = decisions.filter(({tag: name}) => name !== undefined && tags.has(name))
        expect(own.every(({verdict, reason}) => verdict === 'keep' && reason.code === 'follows-subject')).toBe(true)
      }),
      runs,
    )
  })

  test('newest whole versions stay', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const content = testContent(given.repository)
        const decisions = decisionsOn({...given, content, inputs: pruneInputs(given.inputs)})
        const broken = new Set(brokenImages(content, manifestGraph(content)).map(({digest}) => digest))
        const releases = decisions.flatMap(({tag: name = '', digest, class: type, verdict}) => {
          const [, version = '', minor, suffix = ''] = /^v?((\d+\.\d+)\.\d+)(-.*)?$/.exec(name) ?? []
          const isWhole = !broken.has(digest) && content.manifests.get(digest)?.kind === 'read'
          return type === 'release' && isWhole
            ? [{line: `${minor}${suffix}`, patch: Number(version.split('.')[2]), verdict}]
            : []
        })
        for (const line of Map.groupBy(releases, (one) => one.line).values()) {
          const highest = Math.max(...line.map(({patch}) => patch))
          expect(line.filter(({patch}) => patch === highest).every(({verdict}) => verdict === 'keep')).toBe(true)
        }
      }),
      runs,
    )
  })

  test('floating tags and the default branch stay', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const deleted = deletedIn({...given, content: testContent(given.repository), inputs: pruneInputs(given.inputs)})
        expect(['latest', '1.0', '1', 'edge', 'nightly', 'main'].filter((name) => deleted.has(name))).toEqual([])
      }),
      runs,
    )
  })
})

test('a closed pull request has no tag of another one', () => {
  const number = fc.integer({min: 1, max: 1_000_000})
  fc.assert(
    fc.property(fc.uniqueArray(number, {minLength: 2, maxLength: 20}), fc.nat(), (numbers, chosen) => {
      const closed = numbers[chosen % numbers.length] ?? 0
      const tags = numbers.map((one) => `pr-${one}`)
      const content = testContent({
        manifests: Object.fromEntries(tags.map((name) => [name, {}])),
        tags: Object.fromEntries(tags.map((name) => [name, name])),
        pushedAt: Object.fromEntries(tags.map((name) => [name, daysAgo(9)])),
      })
      const existing = {
        defaultBranch: 'main',
        branches: new Set(['main']),
        openPulls: new Set(numbers.filter((one) => one !== closed)),
      }
      expect([...deletedIn({content, inputs: pruneInputs({}), live: existing})]).toEqual([`pr-${closed}`])
    }),
    runs,
  )
})

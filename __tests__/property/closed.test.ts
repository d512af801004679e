import {expect, test} from '@jest/globals'
import {TagboatError} from '../../src/errors/error.ts'
import type {PlannedEvent, TagPlanner} from '../../src/plan/tag-planner.ts'
import type {ClosedRef} from '../../src/retention/closed/closed-ref.ts'
import {ownTags} from '../../src/retention/closed/own-tags.ts'
import type {LiveRefs} from '../../src/retention/live-refs.ts'
import fc from '../../testing/properties.ts'
import {testPlanner} from '../../testing/planner.ts'
import {times} from '../../testing/rounds.ts'

const text = fc.constantFrom(
  '',
  'pr-',
  'x-12-',
  '-19',
  '1.',
  '.',
  '-',
  'v',
  'mq-',
  '{{base_ref}}-',
  '-{{branch}}',
  '{{short_ref_hash}}',
)
const value = fc
  .tuple(text, fc.constantFrom('{{pr}}', '{{pr}}', '{{branch}}', '{{base_ref}}', 'test'), text)
  .map((parts) => parts.join(''))
const version = fc.tuple(
  fc.constantFrom('', 'v', 'pr-', 'x-12-', '1.'),
  fc.constantFrom('{{major}}', '{{minor}}', '{{patch}}', '{{major}}.{{minor}}', '{{version}}'),
  fc.constantFrom('', '-19'),
)
const rule = fc.oneof(
  fc.constantFrom(
    'type=ref,event=pr',
    'type=ref,event=pr,prefix=',
    'type=ref,event=branch',
    'type=ref,event=branch,prefix=pr-',
    'type=ref,event=tag',
    'type=sha',
    'type=edge',
    'type=schedule,pattern=12',
    'pr-12',
    'type=raw,value=x-{{pr}}-19',
    'type=raw,value=x-12-{{pr}}',
    'type=raw,value={{#if (eq pr "12")}}chosen{{/if}}',
  ),
  value.map((one) => `type=raw,value=${one}`),
  value.map((one) => `type=match,value=${one},group=0,pattern=^.{1\\,4}`),
  version.map((parts) => `type=semver,pattern=${parts.join('')}`),
)
const inputs = fc.record({
  tags: fc.oneof(
    fc.constant(''),
    fc.array(rule, {minLength: 1, maxLength: 5}).map((lines) => lines.join('\n')),
  ),
  flavor: fc.constantFrom('', '', 'latest=true', 'prefix={{pr}}-', 'suffix=-a,onlatest=true'),
  variant: fc.constantFrom(undefined, undefined, '19'),
  environment: fc.constantFrom(undefined, undefined, 'staging'),
  component: fc.constantFrom(undefined, undefined, 'api'),
  'unique-branch-tags': fc.constantFrom('false', 'false', 'true'),
  'max-tag-length': fc.constantFrom('128', '20'),
})
const number = fc.constantFrom(1, 2, 12, 19, 26, 121, 267, 1219)
const branch = fc.constantFrom(
  'main',
  'v1',
  'pr-12',
  'pr/12',
  '12',
  'feature/a',
  'feature-a',
  'mq-main',
  'nightly',
  '1.2',
  'x-12-19',
)
const refs = fc.record({branches: fc.uniqueArray(branch), pulls: fc.uniqueArray(number)})

/** Planner of a step; undefined if its inputs are not valid. */
async function planned(given: Readonly<Record<string, string | undefined>>): Promise<TagPlanner | undefined> {
  try {
    return await testPlanner(given)
  } catch (error) {
    if (error instanceof TagboatError && error.code === 'input-invalid') return undefined
    throw error
  }
}

function live({branches, pulls}: {readonly branches: readonly string[]; readonly pulls: readonly number[]}): LiveRefs {
  return {defaultBranch: 'main', branches: new Set([...branches, 'main']), openPulls: new Set(pulls)}
}

function certain(
  planner: TagPlanner,
  closed: ClosedRef,
  alive: LiveRefs,
  component: string | undefined,
): readonly string[] {
  const tags = ownTags({planner, closed, refs: alive, component, published: []})
  return tags.flatMap(({tag, isCertain}) => (isCertain ? [tag] : []))
}

function pullOf(closed: number, baseRef = 'main'): ClosedRef {
  return {kind: 'pull', number: closed, headRef: 'feature', baseRef, fromFork: false}
}

const versions = ['1.0.0', '1.12.0', '12.0.0', '12.1.19', '1.2.12', '19.267.1', '1.12.19-rc.1']

/** Tags of everything that still exists. */
function tagsOfOthers(
  planner: TagPlanner,
  {branches, openPulls}: LiveRefs,
  component: string | undefined,
): readonly string[] {
  const events: readonly PlannedEvent[] = [
    ...[...(branches ?? [])].flatMap((name) => [
      {kind: 'branch', branch: name} as const,
      {kind: 'merge-group', branch: name} as const,
    ]),
    ...[...(openPulls ?? [])].map((one) => ({kind: 'pull', number: one}) as const),
    {kind: 'schedule'},
  ]
  const releases = versions.flatMap((one) =>
    planner({kind: 'tag', tag: `${component === undefined ? '' : `${component}/`}v${one}`}),
  )
  const ofVersions = releases.filter(({role}) => role.kind === 'release' || role.kind === 'version-line')
  return [...events.flatMap((event) => planner(event)), ...ofVersions].map(({tag}) => tag)
}

test('closed pull requests have disjoint tags', async () => {
  let found = 0
  await fc.assert(
    fc.asyncProperty(
      inputs,
      refs,
      fc.uniqueArray(number, {minLength: 2, maxLength: 3}),
      async (given, exists, numbers) => {
        const planner = await planned(given)
        if (planner === undefined) return
        const alive = live({...exists, pulls: exists.pulls.filter((one) => !numbers.includes(one))})
        const sets = numbers.map((one) => certain(planner, pullOf(one), alive, given.component))
        const all = sets.flat()
        expect(new Set(all).size).toBe(all.length)
        const others = tagsOfOthers(planner, alive, given.component)
        expect(all.filter((tag) => others.includes(tag))).toEqual([])
        found += all.length
      },
    ),
    {numRuns: times(300)},
  )
  expect(found).toBeGreaterThan(times(100))
})

test('deleted branches have tags of their own', async () => {
  let found = 0
  await fc.assert(
    fc.asyncProperty(inputs, refs, branch, async (given, exists, name) => {
      const planner = await planned(given)
      if (planner === undefined || name === 'main') return
      const alive = live({...exists, branches: exists.branches.filter((one) => one !== name)})
      const tags = certain(planner, {kind: 'branch', branch: name}, alive, given.component)
      const others = tagsOfOthers(planner, alive, given.component)
      expect(tags.filter((tag) => others.includes(tag))).toEqual([])
      found += tags.length
    }),
    {numRuns: times(300)},
  )
  expect(found).toBeGreaterThan(times(50))
})

test('the default strategy gives each pull request its own tag', async () => {
  const planner = await testPlanner({})
  fc.assert(
    fc.property(fc.integer({min: 1, max: 1_000_000}), fc.uniqueArray(number), (closed, open) => {
      const alive = live({branches: [], pulls: open.filter((one) => one !== closed)})
      expect(certain(planner, pullOf(closed), alive, undefined)).toEqual([`pr-${closed}`])
    }),
    {numRuns: times(200)},
  )
})

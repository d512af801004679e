import {expect, test} from '@jest/globals'
import {TagboatError} from '../../src/errors/error.ts'
import type {ImageFacts} from '../../src/oci/image-facts.ts'
import type {PlannedEvent, PlannedName, TagPlanner} from '../../src/plan/tag-planner.ts'
import {classifyTags} from '../../src/retention/classes/classify.ts'
import type {LiveRefs} from '../../src/retention/live-refs.ts'
import type {ClassifiedTag} from '../../src/retention/tag-decision.ts'
import {testPlanner} from '../../testing/planner.ts'
import fc from '../../testing/properties.ts'
import {testContent} from '../../testing/retention.ts'
import {times} from '../../testing/rounds.ts'

const sha = '860c1904a1ce19322e91ac35af1ab07466440c37'

const rule = fc.constantFrom(
  'type=schedule',
  "type=schedule,pattern={{date 'YYYYMMDD'}}",
  'type=semver,pattern={{version}}',
  'type=semver,pattern={{version}},prefix=api-',
  'type=semver,pattern={{version}}-{{sha}}',
  'type=semver,pattern={{major}}.{{minor}}',
  'type=semver,pattern={{major}},suffix=-x',
  'type=pep440,pattern={{version}}',
  'type=match,pattern=v(\\d+),group=1',
  'type=calver,pattern=YYYY.0M.0D',
  'type=edge',
  'type=edge,branch=b,suffix=-next',
  'type=ref,event=branch',
  'type=ref,event=branch,prefix=pr-',
  'type=ref,event=branch,suffix=-{{sha}}',
  'type=ref,event=tag',
  'type=ref,event=pr',
  'type=ref,event=pr,prefix=',
  'type=ref,event=pr,prefix=review/{{pr}}-',
  'type=ref,event=pr,prefix=1.',
  'type=raw,value=test',
  'type=raw,value=pr-{{pr}}-{{sha}}',
  'type=raw,value={{branch}}{{pr}}',
  'type=raw,value={{branch}}-{{short_ref_hash}}',
  'type=raw,value=main,enable={{is_default_branch}}',
  'type=sha',
  'type=sha,format=long,prefix=',
  '1.0.0',
)

const optional = <T>(values: readonly [T, ...T[]]): fc.Arbitrary<T | undefined> =>
  fc.option(fc.constantFrom(...values), {nil: undefined})

const inputs = fc
  .record({
    tags: fc.array(rule, {maxLength: 4}).map((lines) => lines.join('\n')),
    flavor: optional(['latest=true', 'prefix=p-', 'suffix=-s,onlatest=true']),
    variant: optional(['alpine']),
    'default-variant': optional(['true']),
    environment: optional(['staging']),
    'unique-branch-tags': optional(['true']),
    'max-tag-length': optional(['20']),
  })
  .map(({variant, 'default-variant': isDefault, ...rest}) => ({
    ...rest,
    variant,
    'default-variant': variant === undefined ? undefined : isDefault,
  }))

const branch = fc.constantFrom('main', 'feature/a', 'feature-a', 'b', '1.2', 'pr-12', '12', 'sha-860c190', 'v1.2.3')
const number = fc.integer({min: 1, max: 300})
const version = fc.tuple(fc.nat(30), fc.nat(12), fc.nat(31), fc.constantFrom('', '', '-rc.1', 'rc1', '-alpine'))
const event: fc.Arbitrary<PlannedEvent> = fc.oneof(
  branch.map((name) => ({kind: 'branch', branch: name, sha}) as const),
  number.map((one) => ({kind: 'pull', number: one, sha}) as const),
  version.map(([major, minor, patch, end]) => ({kind: 'tag', tag: `v${major}.${minor}.${patch}${end}`, sha}) as const),
)
const branches = fc.subarray(['feature/a', 'feature-a', 'b', 'pr-12', '12', '1.2'])

/** Facts of an image that was built for an event, as this program states them. */
function factsOf(planned: PlannedEvent, names: readonly PlannedName[]): Partial<ImageFacts> {
  const versions = names.flatMap(({role}) => ('version' in role ? [role.version.replace(/^v/, '')] : []))
  const stated = versions[0] === undefined ? {} : {version: versions[0]}
  switch (planned.kind) {
    case 'branch':
      return {...stated, revision: sha, ref: `refs/heads/${planned.branch}`}
    case 'pull':
      return {...stated, revision: sha, ref: `refs/pull/${planned.number}/merge`}
    case 'tag':
      return {...stated, revision: sha, ref: `refs/tags/${planned.tag}`}
    default:
      return stated
  }
}

async function plannerOf(given: Readonly<Record<string, string | undefined>>): Promise<TagPlanner | undefined> {
  try {
    return await testPlanner(given)
  } catch (error) {
    if (error instanceof TagboatError && error.code === 'input-invalid') return undefined
    throw error
  }
}

interface Classified {
  readonly planner: TagPlanner
  readonly names: readonly PlannedName[]
  readonly classes: readonly ClassifiedTag[]
}

async function classified(
  given: Readonly<Record<string, string | undefined>>,
  planned: PlannedEvent,
  {live, isStated}: {live: readonly string[]; isStated: boolean},
): Promise<Classified | undefined> {
  const planner = await plannerOf(given)
  if (planner === undefined) return undefined
  const names = planner(planned)
  const refs: LiveRefs = {defaultBranch: 'main', branches: new Set(['main', ...live]), openPulls: new Set()}
  const content = testContent({
    manifests: {image: {facts: isStated ? factsOf(planned, names) : {}}},
    tags: Object.fromEntries(names.map(({tag}) => [tag, 'image'])),
  })
  return {planner, names, classes: classifyTags({content, planner, component: undefined, refs})}
}

function gives(planner: TagPlanner, planned: PlannedEvent, tag: string): boolean {
  return planner(planned).some((name) => name.tag === tag)
}

/** Reports whether the rules give a tag for the owner of its class. */
function isOfOwner({tag, class: name, owner}: ClassifiedTag, planner: TagPlanner): boolean {
  if (name === 'cache' || owner === undefined) return true
  switch (owner.kind) {
    case 'pull':
      return gives(planner, {kind: 'pull', number: owner.number, sha}, tag)
    case 'branch':
      return gives(planner, {kind: 'branch', branch: owner.branch, sha}, tag)
    case 'tags':
      return true
  }
}

test('the rules give each tag to its owner', async () => {
  let owned = 0
  await fc.assert(
    fc.asyncProperty(inputs, event, branches, fc.boolean(), async (given, planned, live, isStated) => {
      const found = await classified(given, planned, {live, isStated})
      for (const one of found?.classes ?? []) {
        expect([one, isOfOwner(one, found?.planner ?? (() => []))]).toEqual([one, true])
        owned += one.owner === undefined ? 0 : 1
      }
    }),
    {numRuns: times(60)},
  )
  expect(owned).toBeGreaterThan(times(3))
})

test('a tag of an image that states its ref has no other owner that is gone', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, event, branches, async (given, planned, live) => {
      const found = await classified(given, planned, {live, isStated: true})
      for (const {owner} of found?.classes ?? []) {
        if (owner?.kind === 'pull') expect(planned).toMatchObject({kind: 'pull', number: owner.number})
        if (owner?.kind === 'branch' && ![...live, 'main'].includes(owner.branch))
          expect(planned).toMatchObject({kind: 'branch', branch: owner.branch})
      }
    }),
    {numRuns: times(60)},
  )
})

test('the tags of a Git tag are versions, fixed names, or of no class', async () => {
  const gitTag = version.map(([major, minor, patch, end]) => `v${major}.${minor}.${patch}${end}`)
  await fc.assert(
    fc.asyncProperty(inputs, gitTag, fc.boolean(), async (given, tag, isStated) => {
      const found = await classified(given, {kind: 'tag', tag, sha}, {live: [], isStated})
      const roles = new Map(found?.names.map((name) => [name.tag, name.role.kind]))
      for (const one of found?.classes ?? []) {
        const role = roles.get(one.tag)
        if (role === 'version-line') expect(['floating', 'other']).toContain(one.class)
        if (role === 'release') expect([one.tag, one.class]).not.toContain('pr')
        if (isStated)
          expect(one.class === 'branch' && one.owner?.kind === 'branch' && one.owner.branch !== 'main').toBe(false)
      }
    }),
    {numRuns: times(60)},
  )
})

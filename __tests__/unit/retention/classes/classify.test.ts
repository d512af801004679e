import {describe, expect, test} from '@jest/globals'
import type {ImageFacts} from '../../../../src/oci/image-facts.ts'
import {classifyTags} from '../../../../src/retention/classes/classify.ts'
import type {LiveRefs} from '../../../../src/retention/live-refs.ts'
import type {ClassifiedTag} from '../../../../src/retention/tag-decision.ts'
import {testPlanner} from '../../../../testing/planner.ts'
import {tagFor, testContent, type TestManifest} from '../../../../testing/retention.ts'

type Facts = Partial<ImageFacts>

const sha = '860c1904a1ce19322e91ac35af1ab07466440c37'

interface Case {
  readonly inputs?: Readonly<Record<string, string>>
  readonly branches?: readonly string[]
}

/** Classes of tags, each of which has an image that states these facts. */
async function classesOf(
  tags: Readonly<Record<string, Facts | TestManifest>>,
  {inputs = {}, branches = ['main']}: Case = {},
): Promise<readonly ClassifiedTag[]> {
  const manifests = Object.entries(tags).map(([tag, given]): [string, TestManifest] => [tag, asManifest(given)])
  const content = testContent({
    manifests: Object.fromEntries(manifests),
    tags: Object.fromEntries(Object.keys(tags).map((tag) => [tag, tag])),
  })
  const refs: LiveRefs = {defaultBranch: 'main', branches: new Set(branches), openPulls: new Set()}
  return classifyTags({content, planner: await testPlanner(inputs), component: inputs['component'], refs})
}

function asManifest(given: Facts | TestManifest): TestManifest {
  return typeof given === 'string' || isManifest(given) ? given : {facts: given}
}

function isManifest(given: object): given is TestManifest & object {
  return ['facts', 'artifactType', 'children'].some((name) => Object.hasOwn(given, name))
}

/** Class of a tag in short form: `pr 12`, `release 1.2.3 []-alpine`. */
function short({class: name, version, affixes, owner}: ClassifiedTag): string {
  const around =
    affixes === undefined || affixes.prefix + affixes.suffix === '' ? '' : `${affixes.prefix}[]${affixes.suffix}`
  const ofOwner =
    owner === undefined ? '' : owner.kind === 'branch' ? owner.branch : owner.kind === 'pull' ? owner.number : 'tags'
  return [name, version?.version, around, ofOwner].filter((part) => part !== undefined && part !== '').join(' ')
}

async function shortClass(tag: string, facts: Facts | TestManifest = {}, given: Case = {}): Promise<string> {
  const [found] = await classesOf({[tag]: facts}, given)
  return found === undefined ? '' : short(found)
}

describe('the default strategy', () => {
  test.each<{readonly tag: string; readonly facts?: Facts; readonly expected: string}>([
    {tag: 'latest', expected: 'floating'},
    {tag: 'edge', expected: 'floating'},
    {tag: 'nightly', expected: 'floating'},
    {tag: 'mq-main', expected: 'floating'},
    {tag: 'mq-release-1.x', expected: 'floating'},
    {tag: '1.2', expected: 'floating'},
    {tag: '1', expected: 'floating'},
    {tag: '24.10', expected: 'floating'},
    {tag: '24.10', facts: {version: 'numeric:24.10'}, expected: 'release 24.10'},
    {tag: '24.04', expected: 'release 24.04'},
    {tag: '1.2.3', expected: 'release 1.2.3'},
    {tag: 'v1.2.3', expected: 'release 1.2.3'},
    {tag: '2026.10.1', expected: 'release 2026.10.1'},
    {tag: '2026.02.0', expected: 'release 2026.02.0'},
    {tag: '1.2.3.4', expected: 'release 1.2.3.4'},
    {tag: '1.2.3', facts: {version: '1.2.3'}, expected: 'release 1.2.3'},
    {tag: '1.2.3', facts: {version: '2.0.0'}, expected: 'other'},
    {tag: '1.2.3-rc.1', expected: 'prerelease 1.2.3-rc.1'},
    {tag: '1.2.3-beta', expected: 'prerelease 1.2.3-beta'},
    {tag: '1.2.3-rc.1', facts: {version: '1.2.3-rc.1'}, expected: 'prerelease 1.2.3-rc.1'},
    {tag: '1.2.3-beast', facts: {version: '1.2.3-beast'}, expected: 'prerelease 1.2.3-beast'},
    {tag: '1.2.3-alpine', expected: 'release 1.2.3 []-alpine'},
    {tag: '1.2.3-1', expected: 'release 1.2.3 []-1'},
    {tag: '1.2.3-staging', facts: {version: '1.2.3'}, expected: 'release 1.2.3 []-staging'},
    {tag: '1.2.3-beta', facts: {version: '1.2.3'}, expected: 'release 1.2.3 []-beta'},
    {tag: 'main', expected: 'branch main'},
    {tag: 'sha-860c190', expected: 'commit'},
    {tag: 'sha-860c190', facts: {revision: sha}, expected: 'commit'},
    {tag: 'sha-860c190', facts: {revision: 'f'.repeat(40)}, expected: 'other'},
    {tag: 'sha-860c1904', expected: 'other'},
    {tag: 'sha-unknown', expected: 'other'},
    {tag: 'pr-12', expected: 'pr 12'},
    {tag: 'pr-267', expected: 'pr 267'},
    {tag: 'pr-012', expected: 'other'},
    {tag: 'pr-12a', expected: 'other'},
    {tag: 'my-pr-12', expected: 'other'},
    {tag: 'pr-12', facts: {ref: 'refs/pull/12/merge'}, expected: 'pr 12'},
    {tag: 'pr-12', facts: {ref: 'refs/pull/1/merge'}, expected: 'other'},
    {tag: 'pr-12', facts: {ref: 'refs/heads/main'}, expected: 'other'},
    {tag: 'feature-a', expected: 'other'},
    {tag: 'feature-a', facts: {ref: 'refs/heads/feature/a'}, expected: 'branch feature/a'},
    {tag: 'feature-a', facts: {ref: 'refs/heads/feature/b'}, expected: 'other'},
    {tag: 'feature-a', facts: {ref: 'refs/tags/feature-a'}, expected: 'other'},
    {tag: 'stable', facts: {ref: 'refs/heads/main'}, expected: 'other'},
    {tag: '1.2', facts: {ref: 'refs/tags/v1.2.3', version: '1.2.3'}, expected: 'floating'},
    {tag: 'v1.2.x', facts: {ref: 'refs/tags/v1.2.x'}, expected: 'other'},
    {tag: 'buildcache-main-amd64-1a2b3c4', expected: 'cache main'},
    {tag: 'buildcache-old-amd64-1a2b3c4', expected: 'cache'},
    {tag: 'buildcache-tags-amd64-1a2b3c4', expected: 'cache tags'},
    {tag: 'buildcache', expected: 'other'},
    {tag: 'customer', expected: 'other'},
  ])('$tag with $facts', async ({tag, facts, expected}) => {
    expect(await shortClass(tag, facts)).toBe(expected)
  })

  test('the tags of existing branches belong to them', async () => {
    const branches = ['main', 'feature/a', '1.2', 'latest']
    expect(await shortClass('feature-a', {}, {branches})).toBe('branch feature/a')
    expect(await shortClass('1.2', {}, {branches})).toBe('floating')
    expect(await shortClass('latest', {}, {branches})).toBe('floating')
  })

  test('a branch may be named like a pull request', async () => {
    const branches = ['main', 'pr-12']
    expect(await shortClass('pr-12', {}, {branches})).toBe('branch pr-12')
    expect(await shortClass('pr-12', {ref: 'refs/pull/12/merge'}, {branches})).toBe('pr 12')
    expect(await shortClass('pr-12', {ref: 'refs/heads/pr-12'})).toBe('branch pr-12')
  })

  test('an existing branch has the tag of a deleted one with the same tag', async () => {
    const facts = {ref: 'refs/heads/feature/a'}
    expect(await shortClass('feature-a', facts, {branches: ['feature-a']})).toBe('branch feature-a')
  })

  test.each(['', '.sig', '.att', '.sbom'])('the tag of a digest with "%s" is that of its referrers', async (kind) => {
    expect(await shortClass(tagFor('app', kind))).toBe('referrer')
  })

  test('a digest without a colon has no class', async () => {
    expect(await shortClass('sha256-860c190')).toBe('other')
  })

  test('an image that runs is not a cache', async () => {
    const image = {artifactType: 'application/vnd.oci.image.config.v1+json'}
    const cache = {artifactType: 'application/vnd.buildkit.cacheconfig.v0'}
    expect(await shortClass('buildcache-x-1a2b3c4', image)).toBe('other')
    expect(await shortClass('buildcache-x-1a2b3c4', cache)).toBe('cache')
  })

  test('an index states what its platforms state', async () => {
    const [tag] = await classesOf({
      'feature-a': {children: ['amd64']},
      amd64: {facts: {ref: 'refs/heads/feature/a'}},
    })
    expect(tag && short(tag)).toBe('branch feature/a')
  })

  test('a cache belongs to the longest branch', async () => {
    const branches = ['main', 'main-old', 'tags', 'x'.repeat(140)]
    const owners = await classesOf(
      {
        'buildcache-main-old-amd64-1a2b3c4': {},
        'buildcache-main-1a2b3c4': {},
        'buildcache-maintenance-1a2b3c4': {},
        'buildcache-tags-1a2b3c4': {},
        [`buildcache-${'x'.repeat(109)}-1a2b3c4`]: {},
      },
      {branches},
    )
    expect(owners.map(short)).toEqual([
      'cache main-old',
      'cache main',
      'cache',
      'cache tags',
      `cache ${'x'.repeat(140)}`,
    ])
  })
})

describe('other rules', () => {
  test.each<{readonly tags: string; readonly tag: string; readonly facts?: Facts; readonly expected: string}>([
    {tags: 'type=semver,pattern=v{{version}}-slim', tag: 'v1.2.3-slim', expected: 'release 1.2.3 []-slim'},
    {tags: 'type=semver,pattern={{version}},prefix=api-', tag: 'api-1.2.3', expected: 'release 1.2.3 api-[]'},
    {tags: 'type=semver,pattern={{version}},prefix=api-', tag: 'web-1.2.3', expected: 'other'},
    {tags: 'type=semver,pattern={{major}}.{{minor}}-x', tag: '1.2-x', expected: 'floating'},
    {tags: 'type=semver,pattern={{version}}-{{sha}}', tag: '1.2.3-860c190', expected: 'release 1.2.3 []-{commit:7}'},
    {tags: 'type=pep440,pattern={{version}}', tag: '1.2.3rc1', expected: 'prerelease 1.2.3rc1'},
    {tags: 'type=pep440,pattern={{version}}', tag: '1.2.3.dev4', expected: 'prerelease 1.2.3.dev4'},
    {tags: 'type=calver,pattern=YYYY.0M.0D', tag: '2026.02.03', expected: 'release 2026.02.03'},
    {tags: 'type=calver,pattern=YYYY.0M', tag: '2026.02', expected: 'release 2026.02'},
    {tags: 'type=sha,prefix=c-,format=long', tag: `c-${sha}`, expected: 'commit'},
    {tags: 'type=sha,prefix=', tag: '860c190', expected: 'other'},
    {tags: 'type=sha,prefix=', tag: '860c190', facts: {revision: sha}, expected: 'commit'},
    {tags: 'type=raw,value={{branch}}-{{sha}}', tag: 'dev-860c190', expected: 'other'},
    {tags: 'type=raw,value={{branch}}-{{sha}}', tag: 'dev-860c190', facts: {revision: sha}, expected: 'commit'},
    {tags: 'type=ref,event=pr,prefix=mr,suffix=-x', tag: 'mr12-x', expected: 'pr 12'},
    {tags: 'type=ref,event=pr,prefix=', tag: '12', expected: 'other'},
    {tags: 'type=ref,event=pr,prefix=', tag: '12', facts: {ref: 'refs/pull/12/merge'}, expected: 'pr 12'},
    {tags: 'type=raw,value=of-{{pr}}-{{sha}}', tag: 'of-7-860c190', expected: 'pr 7'},
    {tags: 'test\ntype=ref,event=pr', tag: 'test', facts: {ref: 'refs/pull/12/merge'}, expected: 'floating'},
    {tags: "type=schedule,pattern={{date 'YYYYMMDD'}}", tag: '20260203', expected: 'other'},
    {
      tags: "type=schedule,pattern=n-{{date 'YYYYMMDD'}}",
      tag: 'n-20260203',
      facts: {created: '2026-02-03T04:05:06Z', ref: 'refs/heads/main'},
      expected: 'schedule',
    },
    {
      tags: "type=schedule,pattern={{date 'YYYYMMDD'}}\ntype=ref,event=tag",
      tag: '20260203',
      facts: {created: '2026-02-03T04:05:06Z'},
      expected: 'schedule',
    },
    {tags: 'type=edge,branch=dev', tag: 'edge', facts: {ref: 'refs/heads/dev'}, expected: 'floating'},
    {tags: 'type=match,pattern=rel-(.*),group=1', tag: '1.2.3', expected: 'release 1.2.3'},
    {
      tags: 'type=match,pattern=\\d+-x',
      tag: '12-x',
      facts: {ref: 'refs/tags/rel-12-x'},
      expected: 'other',
    },
    {tags: 'type=ref,event=tag\ntype=ref,event=branch', tag: 'latest', expected: 'floating'},
    {tags: 'type=ref,event=tag\ntype=ref,event=branch', tag: 'main', expected: 'branch main'},
    {tags: '1.0.0', tag: '1.0.0', expected: 'release 1.0.0'},
  ])('$tags: $tag', async ({tags, tag, facts, expected}) => {
    expect(await shortClass(tag, facts, {inputs: {tags}})).toBe(expected)
  })

  test.each<{readonly inputs: Readonly<Record<string, string>>; readonly tag: string; readonly expected: string}>([
    {inputs: {variant: 'alpine'}, tag: '1.2.3-alpine', expected: 'release 1.2.3 []-alpine'},
    {inputs: {variant: 'alpine'}, tag: 'alpine', expected: 'floating'},
    {inputs: {variant: 'alpine'}, tag: 'pr-12-alpine', expected: 'pr 12'},
    {inputs: {variant: 'alpine'}, tag: 'pr-12', expected: 'other'},
    {inputs: {variant: 'alpine', 'default-variant': 'true'}, tag: 'pr-12', expected: 'pr 12'},
    {inputs: {variant: 'alpine', 'default-variant': 'true'}, tag: '1.2.3', expected: 'release 1.2.3'},
    {inputs: {environment: 'staging'}, tag: 'latest-staging', expected: 'floating'},
    {inputs: {environment: 'staging'}, tag: '1.2.3-staging', expected: 'release 1.2.3 []-staging'},
    {inputs: {environment: 'staging'}, tag: 'latest', expected: 'other'},
    {inputs: {component: 'api', flavor: 'prefix=api-'}, tag: 'api-1.2', expected: 'floating'},
    {inputs: {component: 'api', flavor: 'prefix=api-'}, tag: 'api-1.2.3', expected: 'release 1.2.3 api-[]'},
    {inputs: {component: '@acme/api'}, tag: '1.2.3-rc.1', expected: 'prerelease 1.2.3-rc.1'},
    {inputs: {flavor: 'prefix=app-'}, tag: 'pr-12', expected: 'pr 12'},
    {inputs: {flavor: 'suffix=-x,onlatest=true'}, tag: 'latest-x', expected: 'floating'},
    {inputs: {'unique-branch-tags': 'true'}, tag: 'a-54942fa', expected: 'branch a'},
    {inputs: {'max-tag-length': '20'}, tag: '1.2.3', expected: 'release 1.2.3'},
  ])('$inputs: $tag', async ({inputs, tag, expected}) => {
    expect(await shortClass(tag, {}, {inputs, branches: ['main', 'a']})).toBe(expected)
  })

  test('the variant that an image states is removed from its tags', async () => {
    const facts = {ref: 'refs/pull/12/merge', build: 'context=. variant=alpine'}
    expect(await shortClass('pr-12-alpine', facts)).toBe('pr 12')
    expect(await shortClass('pr-12-slim', facts)).toBe('other')
    expect(await shortClass('1.2-alpine', {build: 'variant=alpine'})).toBe('floating')
  })
})

test('without a list of branches, only images show their branch', async () => {
  const content = testContent({
    manifests: {a: {}, b: {facts: {ref: 'refs/heads/b'}}},
    tags: {a: 'a', b: 'b', 'buildcache-a-1a2b3c4': 'a'},
  })
  const refs: LiveRefs = {defaultBranch: undefined, branches: undefined, openPulls: undefined}
  const classes = classifyTags({content, planner: await testPlanner(), component: undefined, refs})
  expect(classes.map(short)).toEqual(['other', 'branch b', 'cache'])
})

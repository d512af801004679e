import {expect, test} from '@jest/globals'
import type {PlannedEvent, PlannedName} from '../../../src/plan/tag-planner.ts'
import {testPlanner} from '../../../testing/planner.ts'
import {sha} from '../../../testing/plans.ts'

/** Plans an event in a run for the default branch. */
async function planned(
  event: PlannedEvent,
  inputs: Readonly<Record<string, string>> = {},
): Promise<readonly PlannedName[]> {
  const planner = await testPlanner(inputs, {commitDate: '2025-12-31T23:59:59Z'})
  return planner(event)
}

async function namesOf(event: PlannedEvent, inputs?: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await planned(event, inputs)).map(({tag}) => tag)
}

test.each<{readonly name: string; readonly event: PlannedEvent; readonly tags: readonly string[]}>([
  {name: 'branch', event: {kind: 'branch', branch: 'feature/a'}, tags: ['feature-a']},
  {name: 'default branch', event: {kind: 'branch', branch: 'main', sha}, tags: ['main', 'edge', 'sha-860c190']},
  {name: 'pull request', event: {kind: 'pull', number: 12}, tags: ['pr-12']},
  {name: 'Git tag', event: {kind: 'tag', tag: 'v1.2.3'}, tags: ['1.2.3', '1.2', '1', 'latest']},
  {name: 'schedule', event: {kind: 'schedule'}, tags: ['nightly']},
  {name: 'merge queue', event: {kind: 'merge-group', branch: 'main', sha}, tags: ['mq-main', 'sha-860c190']},
])('the default strategy is that of a $name', async ({event, tags}) => {
  expect(await namesOf(event)).toEqual(tags)
})

test('each tag has its role and the kind of its rule', async () => {
  const given = {
    tags: 'type=ref,event=pr\ntype=raw,value=of-{{pr}}-{{sha}}\ntype=raw,value=1.0.0',
    flavor: 'latest=true',
  }
  const names = await planned({kind: 'pull', number: 7, sha}, given)
  expect(names.map(({tag, role, rule}) => [tag, role.kind, rule])).toEqual([
    ['pr-7', 'newest-commit', 'ref'],
    ['of-7-860c190', 'commit', 'raw'],
    ['1.0.0', 'release', 'raw'],
    ['latest', 'version-line', 'ref'],
  ])
})

test('variant, environment and flavor are added', async () => {
  const given = {variant: 'alpine', 'default-variant': 'true', environment: 'staging', flavor: 'prefix=app-'}
  expect(await namesOf({kind: 'branch', branch: 'a'}, given)).toEqual(['app-a-staging', 'app-a-alpine-staging'])
})

test('unique branch tags have the hash of their ref', async () => {
  expect(await namesOf({kind: 'branch', branch: 'a'}, {'unique-branch-tags': 'true'})).toEqual(['a-54942fa'])
})

test('a component has the versions of its own Git tags', async () => {
  const given = {component: 'api', tags: 'type=semver,pattern={{version}}\ntype=sha'}
  expect(await namesOf({kind: 'tag', tag: 'api/v1.2.3'}, given)).toEqual(['1.2.3', 'latest'])
  expect(await namesOf({kind: 'tag', tag: 'web/v1.2.3', sha}, given)).toEqual([])
})

test('a pull request has the default branch as its target', async () => {
  const given = {tags: 'type=raw,value=pr-{{pr}}-to-{{base_ref}}'}
  expect(await namesOf({kind: 'pull', number: 3}, given)).toEqual(['pr-3-to-main'])
  expect(await namesOf({kind: 'pull', number: 3, baseRef: 'v1'}, given)).toEqual(['pr-3-to-v1'])
})

test('the commit date belongs to one commit', async () => {
  const given = {tags: "type=raw,value={{branch}}-{{commit_date 'YYYYMMDD'}}"}
  expect(await namesOf({kind: 'branch', branch: 'a', sha}, given)).toEqual(['a-20251231'])
  expect(await namesOf({kind: 'branch', branch: 'a', sha: '1'.repeat(40)}, given)).toEqual([])
})

test.each([
  {name: 'a file', tags: 'type=file,path=package.json', version: ''},
  {name: 'the input `version`', tags: 'type=semver,pattern={{version}}', version: 'file:package.json'},
  {name: 'tags on it', tags: 'type=semver,pattern={{version}}', version: 'auto'},
  {name: 'another repository', tags: 'docker.io/acme/other:edge', version: ''},
])('a rule for $name gives nothing', async ({tags, version}) => {
  const given = {tags: `${tags}\ntype=ref,event=branch`, version}
  expect(await namesOf({kind: 'branch', branch: 'main', sha}, given)).toEqual(['main'])
})

test('a version that the step states is known', async () => {
  const given = {tags: 'type=semver,pattern={{version}}', version: '1.4.0'}
  expect(await namesOf({kind: 'branch', branch: 'main'}, given)).toEqual(['1.4.0', 'latest'])
})

test('a schedule has the time of its run', async () => {
  const given = {tags: "type=schedule,pattern={{date 'YYYYMMDD'}}"}
  expect(await namesOf({kind: 'schedule', at: new Date('2025-03-04T05:06:07Z')}, given)).toEqual(['20250304'])
})

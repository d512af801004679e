import {expect, test} from '@jest/globals'
import {filesCondition} from '../../../src/workflow-file/triggered-by.ts'
import {planOf} from '../../../testing/plan-of.ts'

test('a dry run publishes nothing, in text and in JSON', async () => {
  const text = 'dry-run: true\nimages: a/b\ntags: latest\n'
  expect((await planOf(text, '--ref', 'main')).stdout).toMatch(/^ {2}dry run: publishes/m)
  const {stdout} = await planOf(text, '--json')
  expect(JSON.parse(stdout)).toMatchObject({files: [{events: [{steps: [{dryRun: true}]}]}]})
  const {stdout: real} = await planOf(text.replace('true', 'false'), '--json')
  expect(JSON.parse(real)).toMatchObject({files: [{events: [{steps: [{dryRun: false}]}]}]})
})

test.each([
  {filter: 'paths', isNegative: false},
  {filter: 'paths-ignore', isNegative: true},
] as const)('a plan names the condition of $filter', async ({filter, isNegative}) => {
  const text = `on: {push: {${filter}: [docs/**]}}\njobs: {a: {steps: [{uses: tagboat/tagboat@v1}]}}\n`
  expect((await planOf(text, '--ref', 'main')).stdout).toContain(`\n  ${filesCondition(filter)}\n`)
  expect(filesCondition(filter).includes('not match')).toBe(isNegative)
})

const twice = `on: push
jobs:
  a:
    steps:
      - run: x
      - {uses: tagboat/tagboat@v1, with: {images: a/b, tags: one}}
      - {uses: tagboat/tagboat@v1, with: {images: a/b, tags: two}}
`

test('steps with one name have their numbers, which --step takes', async () => {
  const {stdout} = await planOf(twice)
  expect(stdout.match(/^ {2}a › .*$/gm)).toEqual([
    '  a › tagboat/tagboat@v1 (step 2)',
    '  a › tagboat/tagboat@v1 (step 3)',
  ])
  expect((await planOf(twice, '--step', '3')).stdout).toContain('two')
  await expect(planOf(twice, '--step', '9')).rejects.toThrow(
    'a › tagboat/tagboat@v1 (step 2), a › tagboat/tagboat@v1 (step 3)',
  )
})

test('a step without a tag lists none, and not that it publishes', async () => {
  const {stdout, exitCode} = await planOf('images: a/b\ntags: type=semver,pattern={{version}}\n', '--ref', 'main')
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(/^ {2}tags\n {4}none\n/m)
  expect(stdout).not.toMatch(/^ {2}publish$/m)
})

test('a rule without a match is shown once', async () => {
  const text = 'images: a/b\ntags: |\n  type=match,pattern=rel-(\\d+),group=1\n  latest\n'
  const {stdout} = await planOf(text, '--ref', 'v1.2.3')
  expect(stdout.match(/rel-/g)?.length).toBe(
    stdout
      .match(/^ {4}type=match.*$/gm)
      ?.join()
      .match(/rel-/g)?.length,
  )
  expect(stdout).not.toContain('Warning')
})

test('a promote invents no digest', async () => {
  const text = '- uses: tagboat/tagboat/promote@v1\n  with: {images: a/b, tags: latest, digests: "file:/tmp/digests"}\n'
  const {stdout} = await planOf(text)
  expect(stdout).not.toContain('sha256:')
  expect(stdout).toContain('digests is not known: the digests in /tmp/digests\n')
})

test.each([
  {
    ref: 'api/v2.0.0',
    titles: [
      'Tag api/v2.0.0: push of refs/tags/api/v2.0.0',
      'Tag v1.3.0-rc.1: push of refs/tags/v1.3.0-rc.1',
      'Release api/v2.0.0: release of refs/tags/api/v2.0.0',
    ],
  },
  {
    ref: 'v2.0.0-rc.2',
    titles: ['Tag v1.2.3: push of refs/tags/v1.2.3', 'Tag v2.0.0-rc.2: push of refs/tags/v2.0.0-rc.2'],
  },
  {
    ref: 'fix/a',
    titles: [
      'Default branch: push of refs/heads/main',
      'Branch fix/a: push of refs/heads/fix/a',
      'Tag v1.2.3: push of refs/tags/v1.2.3',
    ],
  },
])('all events with --ref $ref have the ref that their titles name', async ({ref, titles}) => {
  const {stdout} = await planOf('images: a/b\n', '--all-events', '--ref', ref)
  for (const title of titles) expect(stdout).toContain(`${title}, commit`)
})

test('one event with --ref is not named by another ref', async () => {
  const {stdout} = await planOf('images: a/b\n', '--event', 'version', '--ref', 'main')
  expect(stdout).toMatch(/^Branch main: push of refs\/heads\/main/)
})

test('a workflow that only others call is planned for the event of a caller', async () => {
  const only =
    'on: workflow_call\njobs: {a: {steps: [{uses: tagboat/tagboat@v1, with: {images: a/b, tags: "pr-{{pr}}"}}]}}\n'
  const {stdout} = await planOf(only, '--event', 'pull-request')
  expect(stdout).toContain('  called by')
  expect(stdout).toContain('pr-42')
  const both = only.replace('workflow_call', '[push, workflow_call]')
  expect((await planOf(both, '--event', 'pull-request')).stdout).toContain('`--called`')
  expect((await planOf(both, '--event', 'pull-request', '--called')).stdout).toContain('pr-42')
})

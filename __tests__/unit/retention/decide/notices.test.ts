import {describe, expect, test} from '@jest/globals'
import type {RetentionNotice} from '../../../../src/reasons/retention-notices.ts'
import {testPlanner} from '../../../../testing/planner.ts'
import {daysAgo, decideOn} from '../../../../testing/retention-policy.ts'
import {testContent} from '../../../../testing/retention.ts'

async function noticesOn(
  tags: readonly string[],
  inputs: Readonly<Record<string, string>>,
): Promise<readonly RetentionNotice[]> {
  const content = testContent({
    manifests: Object.fromEntries(tags.map((tag) => [tag, {}])),
    tags: Object.fromEntries(tags.map((tag) => [tag, tag])),
    pushedAt: Object.fromEntries(tags.map((tag) => [tag, daysAgo(100)])),
  })
  return (await decideOn(content, inputs)).notices
}

const tags = ['1.6.5', 'pr-1', 'sha-0000001', 'sha-0000002']

test.each<{
  readonly inputs: Readonly<Record<string, string>>
  readonly expected: readonly RetentionNotice[]
}>([
  {inputs: {}, expected: []},
  {inputs: {policy: 'type=cache,gone=true\ntype=untagged\ntype=orphan'}, expected: []},
  {
    inputs: {policy: 'type=prerelease,keep=1'},
    expected: [{code: 'line-unmatched', text: 'type=prerelease,keep=1'}],
  },
  {
    inputs: {policy: 'type=commit,older-than=1d'},
    expected: [{code: 'class-emptied', text: 'type=commit,older-than=1d', count: 2}],
  },
  {inputs: {policy: 'type=commit,older-than=1d,keep=1'}, expected: []},
  {inputs: {'exclude-tags': 'v*'}, expected: [{code: 'pattern-unmatched', input: 'exclude-tags', pattern: 'v*'}]},
  {
    inputs: {policy: 'type=keep,pattern=v*\ntype=pr,gone=true'},
    expected: [{code: 'pattern-unmatched', input: 'policy', pattern: 'v*'}],
  },
  {
    inputs: {'delete-tags': '^sha', 'use-regex': 'true'},
    expected: [{code: 'pattern-partial', input: 'delete-tags', pattern: '^sha', count: 2}],
  },
  {inputs: {'delete-tags': '*'}, expected: [{code: 'pattern-matches-all', input: 'delete-tags', pattern: '*'}]},
  {inputs: {'delete-tags': 'pr-*', 'exclude-tags': '1.*'}, expected: []},
  {
    inputs: {
      protect: 'registry.example/acme/app:1.6.6\nregistry.example/acme/app:1.6.5\nregistry.example/acme/other:1',
    },
    expected: [{code: 'protect-unmatched', reference: 'registry.example/acme/app:1.6.6'}],
  },
  {
    inputs: {protect: 'pr-1\nacme/app:1.6.5\npr-2\nacme/app:2\nacme/other:1.6.5\nregistry.other/acme/app:1.6.5'},
    expected: [
      {code: 'protect-elsewhere', text: 'pr-1', reference: 'docker.io/library/pr-1:latest', tag: 'pr-1'},
      {code: 'protect-elsewhere', text: 'acme/app:1.6.5', reference: 'docker.io/acme/app:1.6.5', tag: '1.6.5'},
    ],
  },
  {inputs: {'delete-tags': '1.6.5'}, expected: [{code: 'pattern-releases', input: 'delete-tags', pattern: '1.6.5'}]},
  {
    inputs: {policy: 'type=match,pattern=1.*'},
    expected: [{code: 'pattern-releases', input: 'policy', pattern: '1.*'}],
  },
])('$inputs', async ({inputs, expected}) => {
  expect(await noticesOn(tags, inputs)).toEqual(expected)
})

test.each([
  {inputs: {'delete-untagged': 'true'}, text: 'delete-untagged: true'},
  {inputs: {policy: 'type=untagged,older-than=1d\ntype=orphan'}, text: 'type=untagged,older-than=1d and type=orphan'},
])('$inputs finds nothing where only tags are listed', async ({inputs, text}) => {
  const content = {manifests: {a: {}}, tags: {a: 'a'}, pushedAt: {a: daysAgo(9)}}
  const on = async (isComplete: boolean): Promise<readonly RetentionNotice[]> =>
    (await decideOn(testContent({...content, isComplete}), Object.fromEntries(Object.entries(inputs)))).notices
  expect(await on(false)).toEqual([{code: 'untagged-unlisted', text}])
  expect(await on(true)).toEqual([])
})

test('the default policy has no notice where only tags are listed', async () => {
  const content = testContent({manifests: {a: {}}, tags: {a: 'a'}, pushedAt: {a: daysAgo(9)}, isComplete: false})
  expect((await decideOn(content)).notices).toEqual([])
})

describe('tags of refs that `tags` does not give', () => {
  const facts = {ref: 'refs/pull/1/merge'}
  const content = testContent({
    manifests: {a: {facts}, b: {}, c: {facts: {ref: 'refs/heads/x'}}},
    tags: {'pr-1': 'a', 'pr-2': 'b', 'x-1': 'c', y: 'b'},
    pushedAt: {a: daysAgo(9), b: daysAgo(9), c: daysAgo(9)},
  })

  test.each([
    {policy: '', text: 'type=pr,gone=true,older-than=1d', more: [{tag: 'x-1', count: 1}]},
    {policy: 'type=pr,gone=true', text: 'type=pr,gone=true', more: []},
  ])('are noted for $text', async ({policy, text, more}) => {
    const planner = await testPlanner({tags: 'type=ref,event=pr,prefix=review-'})
    const {notices} = await decideOn(content, {policy}, {planner})
    const branches = more.map((one) => ({code: 'refs-unnamed', text: 'type=branch,gone=true,older-than=7d', ...one}))
    expect(notices).toEqual([{code: 'refs-unnamed', text, tag: 'pr-1', count: 2}, ...branches])
  })

  test('are not noted if a line names one', async () => {
    const planner = await testPlanner({tags: 'type=ref,event=pr'})
    const {notices} = await decideOn(content, {policy: 'type=pr,gone=true'}, {planner})
    expect(notices).toEqual([])
  })
})

import {describe, expect, test} from '@jest/globals'
import {ecrConflicts} from '../../../../src/retention/lifecycle/ecr-conflicts.ts'
import type {LifecycleReason} from '../../../../src/reasons/prune/lifecycle-reasons.ts'
import {decideOn, daysAgo, pruneInputs} from '../../../../testing/retention-policy.ts'
import {testContent} from '../../../../testing/retention.ts'

interface Rule {
  readonly tagStatus?: string
  readonly tagPatternList?: readonly string[]
  readonly tagPrefixList?: readonly string[]
  readonly countType?: string
  readonly countNumber?: number
  readonly storageClass?: string
  readonly action?: string
}

function policyOf(...rules: readonly Rule[]): string {
  return JSON.stringify({
    rules: rules.map(({action = 'expire', ...selection}, index) => ({
      // In any order.
      rulePriority: 10 * (rules.length - index),
      selection: {tagStatus: 'tagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 30, ...selection},
      action: {type: action},
    })),
  })
}

const content = testContent({
  manifests: {release: {children: ['amd64']}, amd64: {}, old: {}, pull: {}, both: {}},
  tags: {
    '1.2.3': 'release',
    latest: 'release',
    'amd64-1.2.3': 'amd64',
    '1.2.2': 'old',
    'pr-1': 'pull',
    'sha-1': 'both',
    'x-1': 'both',
  },
  pushedAt: Object.fromEntries(['release', 'amd64', 'old', 'pull', 'both'].map((name) => [name, daysAgo(50)])),
})

async function conflicts(
  text: string,
  given: Readonly<Record<string, string>> = {},
): Promise<readonly LifecycleReason[]> {
  const inputs = {policy: 'type=pr,gone=true\ntype=untagged,older-than=7d', ...given}
  const {decisions} = await decideOn(content, inputs)
  return ecrConflicts(text, {inputs: pruneInputs(inputs), content, decisions})
}

const tagged = {code: 'kept-tags-expire', priority: 10, action: 'expire'} as const

describe('ecrConflicts', () => {
  test.each(['', '[]', '{"rules": 1}', '{"rules": [{}]}'])('%j is not a policy', async (text) => {
    expect(await conflicts(text)).toEqual([{code: 'policy-unreadable'}])
  })

  test.each([
    {what: 'at the same age', rule: {tagStatus: 'untagged', countNumber: 7}, expected: []},
    {
      what: 'earlier',
      rule: {tagStatus: 'untagged', countNumber: 1},
      expected: [{code: 'untagged-sooner', days: 1, keptDays: 7}],
    },
    {
      what: 'by their number',
      rule: {tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 5},
      expected: [{code: 'untagged-counted', count: 5}],
    },
    {what: 'of the archive', rule: {tagStatus: 'untagged', countNumber: 1, storageClass: 'archive'}, expected: []},
  ])('untagged images $what', async ({rule, expected}) => {
    expect(await conflicts(policyOf(rule))).toEqual(expected)
  })

  test('untagged images that no line deletes', async () => {
    const found = await conflicts(policyOf({tagStatus: 'untagged'}), {policy: 'type=pr,gone=true'})
    expect(found).toEqual([{code: 'untagged-sooner', days: 30, keptDays: undefined}])
  })

  test('tags that stay, by each pattern that must match', async () => {
    expect(await conflicts(policyOf({tagPatternList: ['1.*', 'l*']}))).toEqual([{...tagged, tags: ['1.2.3', 'latest']}])
    expect(await conflicts(policyOf({tagPatternList: ['1.*', 'nothing*']}))).toEqual([])
    expect(await conflicts(policyOf({tagPrefixList: ['sha-', 'x-']}))).toEqual([{...tagged, tags: ['sha-1', 'x-1']}])
  })

  test('only the first rule of an image counts, and an index protects its parts', async () => {
    const keep = {tagPatternList: ['1.*'], countType: 'imageCountMoreThan', countNumber: 9_999}
    expect(await conflicts(policyOf({tagPatternList: ['amd64*']}))).toEqual([])
    expect(await conflicts(policyOf({tagPatternList: ['latest']}, keep))).toEqual([])
  })

  test('the number of images, pulls and an archive', async () => {
    const counted = await conflicts(
      policyOf({tagPatternList: ['1.*'], countType: 'imageCountMoreThan', countNumber: 10}),
    )
    expect(counted).toEqual([{...tagged, tags: ['1.2.2', '1.2.3', 'latest']}])
    const pulled = {tagPatternList: ['1.2.2'], countType: 'sinceImagePulled', action: 'transition'}
    expect(await conflicts(policyOf(pulled))).toEqual([{...tagged, action: 'archive', tags: ['1.2.2']}])
  })

  test('what this step deletes, or keeps for its age only', async () => {
    expect(await conflicts(policyOf({tagPatternList: ['pr-*']}))).toEqual([])
    const young = {policy: 'type=match,pattern=x-*,older-than=60d\ntype=match,pattern=sha-*'}
    const either = {tagPatternList: ['x-*']}
    expect(await conflicts(policyOf({...either, countNumber: 90}), young)).toEqual([])
    expect(await conflicts(policyOf({...either, countNumber: 59}), young)).toEqual([
      {...tagged, tags: ['sha-1', 'x-1']},
    ])
  })
})

import {describe, expect, test} from '@jest/globals'
import {formatLifecycleReason} from '../../../../src/reasons/prune/lifecycle-reasons.ts'
import {lifecyclePolicy, type LifecycleRequest} from '../../../../src/retention/lifecycle/lifecycle-policy.ts'
import type {LifecycleText} from '../../../../src/retention/lifecycle/lifecycle-text.ts'
import {lifecycleStep} from '../../../../testing/clouds/lifecycle-scenes.ts'
import {pruneInputs} from '../../../../testing/retention-policy.ts'

const refs = {defaultBranch: 'main', branches: new Set(['main', 'develop']), openPulls: new Set<number>()}
const repositories = {
  ecr: {host: '123456789012.dkr.ecr.eu-west-1.amazonaws.com', path: 'team/app'},
  google: {host: 'europe-docker.pkg.dev', path: 'acme/images/team/app'},
  azure: {host: 'acme.azurecr.io', path: 'team/app'},
}

interface Case {
  readonly inputs?: Readonly<Record<string, string>>
  readonly step?: Readonly<Record<string, string>>
  readonly changes?: Partial<LifecycleRequest>
}

async function written(
  vendor: keyof typeof repositories,
  {inputs = {}, step = {tags: 'type=sha\ntype=ref,event=pr'}, changes}: Case = {},
): Promise<LifecycleText> {
  const repository = repositories[vendor]
  const given = pruneInputs({'keep-deployed': 'false', ...inputs})
  return lifecyclePolicy(vendor, {...(await lifecycleStep(step)), inputs: given, repository, refs, ...changes})
}

interface WrittenRule {
  readonly rulePriority: number
  readonly selection: {
    readonly tagStatus: string
    readonly tagPatternList?: readonly string[]
    readonly countNumber: number
  }
}

/** `PATTERN NUMBER` of each rule of Amazon ECR, without those of versions. */
function ecrRules({text}: LifecycleText): readonly string[] {
  const {rules} = JSON.parse(text ?? '{"rules": []}') as {readonly rules: readonly WrittenRule[]}
  expect(rules.map(({rulePriority}) => rulePriority)).toEqual(rules.map((_, index) => index + 1))
  return rules
    .map(
      ({selection: {tagStatus, tagPatternList, countNumber}}) =>
        `${(tagPatternList ?? [tagStatus]).join('+')} ${countNumber}`,
    )
    .filter((rule) => !/^v?\d\* /.test(rule))
}

function codes({notices}: LifecycleText): readonly string[] {
  return notices.map(({code}) => code)
}

const pulls = {policy: 'type=match,pattern=pr-*,older-than=36h\ntype=untagged,older-than=3d\ntype=orphan'}

describe('ecr', () => {
  test('rules that keep come first, those for younger images last', async () => {
    const policy = `${pulls.policy}\ntype=match,pattern=old-*,older-than=30d`
    const result = await written('ecr', {inputs: {policy, 'exclude-tags': 'pr-1?'}})
    const names = ['latest', 'latest-*', 'edge', 'edge-*', 'main', 'main-*']
    const keeps = ['pr-1*', 'sha-*', ...names, '*.*', 'sha256-*'].map((glob) => `${glob} 999999`)
    expect(ecrRules(result)).toEqual([...keeps, 'old-* 30', 'pr-* 2', 'untagged 3'])
    expect(codes(result)).toEqual(['line-by-graph', 'whole-images', 'no-limit'])
    const [first] = (JSON.parse(result.text ?? '') as {readonly rules: readonly object[]}).rules
    expect(first).toEqual({
      rulePriority: 1,
      description: 'Keep pr-1*',
      selection: {
        tagStatus: 'tagged',
        tagPatternList: ['pr-1*'],
        countType: 'imageCountMoreThan',
        countNumber: 999_999,
      },
      action: {type: 'expire'},
    })
  })

  test('tags that move stay, also those of variants', async () => {
    const result = await written('ecr', {inputs: {'delete-tags': 'pr-*', policy: 'type=orphan'}, step: {}})
    const names = ['main', 'edge', 'nightly', 'latest'].flatMap((name) => [`${name} 999999`, `${name}-* 999999`])
    expect(ecrRules(result)).toEqual([
      'sha-* 999999',
      ...names,
      'mq-* 999999',
      '*.* 999999',
      'sha256-* 999999',
      'pr-* 1',
    ])
  })

  test('the branch of an edge tag is known', async () => {
    const step = {tags: 'type=edge,branch=develop'}
    const result = await written('ecr', {inputs: {policy: 'type=match,pattern=e*'}, step})
    expect(ecrRules(result)).toContain('edge 999999')
  })

  test.each([
    {what: 'of a branch', step: {}, glob: 'sha-*'},
    {what: 'with a run number', step: {tags: 'type=sha\ntype=raw,value=build-{{run}}'}, glob: 'build-*'},
    {what: 'with the time', step: {tags: "type=sha\ntype=raw,value=b-{{date 'YYYY'}}"}, glob: 'sha-*'},
  ])('images that may have a tag $what stay', async ({step, glob}) => {
    const result = await written('ecr', {inputs: {policy: `type=match,pattern=${glob}`}, step})
    expect([result.text, codes(result)]).toEqual([undefined, ['pattern-unsafe']])
  })

  test('dated tags of schedules go', async () => {
    const step = {tags: "type=sha\ntype=schedule,pattern=nightly-{{date 'YYYYMMDD'}}"}
    const result = await written('ecr', {inputs: {policy: 'type=match,pattern=nightly-*,older-than=7d'}, step})
    expect(ecrRules(result).at(-1)).toBe('nightly-* 7')
  })

  test('several ages of one pattern are the lowest, staged images have two weeks', async () => {
    const policy =
      'type=match,pattern=pr-*,older-than=9d\ntype=match,pattern=pr-*\ntype=untagged\ntype=orphan,older-than=3d'
    const result = await written('ecr', {inputs: {policy, 'older-than': '5d'}})
    expect(ecrRules(result).slice(-2)).toEqual(['pr-* 5', 'untagged 14'])
  })

  test.each([
    {inputs: {'keep-deployed': 'auto', ...pulls}, code: 'deployments-unknown'},
    {inputs: {protect: `sha256:${'a'.repeat(64)}`, ...pulls}, code: 'digest-protected'},
    {inputs: {policy: 'type=match,pattern=pr-*', 'exclude-tags': '^v', 'use-regex': 'true'}, code: 'keeping-pattern'},
    {inputs: {policy: 'type=branch,older-than=3d'}, code: 'line-by-class'},
    {inputs: {policy: 'type=pr,gone=true'}, code: 'line-by-refs'},
    {inputs: {policy: 'type=match,pattern=pr-*,keep=3'}, code: 'line-by-number'},
    {inputs: {policy: 'type=orphan', 'delete-tags': 'pr-*', 'keep-n-tagged': '3'}, code: 'line-by-number'},
    {inputs: {policy: 'type=untagged\ntype=orphan', 'keep-n-untagged': '3'}, code: 'line-by-number'},
    {inputs: {policy: 'type=match,pattern=pr-?'}, code: 'pattern-unsuitable'},
    {inputs: {policy: 'type=match,pattern=*a*b*c*d*'}, code: 'pattern-unsuitable'},
    {inputs: {policy: 'type=match,pattern=1.*'}, code: 'pattern-covered'},
    {inputs: {policy: 'type=untagged,older-than=3d'}, code: 'untagged-orphans'},
    {inputs: {}, code: 'untagged-orphans'},
  ])('$code $#', async ({inputs, code}) => {
    const result = await written('ecr', {inputs})
    expect([result.text, codes(result)]).toEqual([undefined, expect.arrayContaining([code])])
  })

  test('without the branches, no tag goes', async () => {
    const result = await written('ecr', {inputs: pulls, changes: {refs: {...refs, branches: undefined}}})
    expect(ecrRules(result)).toEqual(['untagged 3'])
    expect(codes(result)).toContain('branches-unknown')
  })

  test('more than fifty rules are none', async () => {
    const excluded = Array.from({length: 45}, (_, index) => `keep-${index}`).join('\n')
    const result = await written('ecr', {inputs: {...pulls, 'exclude-tags': excluded}})
    expect(ecrRules(result)).toEqual(['untagged 3'])
    expect(result.notices).toContainEqual({code: 'too-many-rules', count: 66, limit: 50})
  })

  test('lines for other images do not count', async () => {
    const result = await written('ecr', {inputs: {policy: 'type=match,pattern=pr-*,images=ghcr.io/*'}})
    expect(result).toEqual({text: undefined, notices: []})
  })
})

interface WrittenPolicy {
  readonly name: string
  readonly action: object
  readonly condition: {readonly tagPrefixes?: readonly string[]}
}

function googlePolicies({text}: LifecycleText): readonly WrittenPolicy[] {
  return JSON.parse(text ?? '[]') as readonly WrittenPolicy[]
}

describe('google', () => {
  test('what stays has a policy that keeps, and a higher age keeps too', async () => {
    const policy =
      'type=match,pattern=pr-*,older-than=2d\ntype=match,pattern=old-*,older-than=30d\ntype=keep,pattern=pr-7'
    const digest = `sha256:${'a'.repeat(64)}`
    const result = await written('google', {inputs: {policy, protect: digest}})
    const [keep, ...others] = googlePolicies(result)
    expect(keep).toMatchObject({name: 'keep', action: {type: 'Keep'}})
    expect(keep?.condition.tagPrefixes).toEqual(expect.arrayContaining(['pr-7', 'sha-', '1', 'v1', 'sha256-']))
    const old = {tagPrefixes: ['old-']}
    expect(others).toEqual([
      {name: 'keep-digests', action: {type: 'Keep'}, condition: {versionNamePrefixes: [digest]}},
      {
        name: 'delete-after-2-days',
        action: {type: 'Delete'},
        condition: {tagPrefixes: ['pr-'], packageNamePrefixes: ['team/app'], olderThan: '2d'},
      },
      {name: 'keep-30-days', action: {type: 'Keep'}, condition: {...old, newerThan: '30d'}},
      {
        name: 'delete-after-30-days',
        action: {type: 'Delete'},
        condition: {...old, packageNamePrefixes: ['team/app'], olderThan: '30d'},
      },
    ])
    expect(codes(result)).toEqual(['whole-images', 'package-prefix', 'version-prefix', 'no-limit'])
    expect(result.notices).toContainEqual({code: 'package-prefix', prefix: 'team/app'})
  })

  test.each([
    {inputs: pulls, code: 'untagged-referrers'},
    {inputs: {policy: 'type=match,pattern=*-pr'}, code: 'pattern-unsuitable'},
    {inputs: {policy: 'type=match,pattern=pr-*', 'exclude-tags': '*-main'}, code: 'keeping-pattern'},
    {inputs: {policy: 'type=match,pattern=pr-*', 'exclude-tags': 'pr-*'}, code: 'pattern-covered'},
    {
      inputs: {policy: 'type=match,pattern=pr-*'},
      step: {tags: 'type=ref,event=pr\ntype=sha,prefix='},
      code: 'pattern-unsafe',
    },
    {
      inputs: {
        policy: [1, 2, 3, 4, 5, 6].map((days) => `type=match,pattern=x${days}-*,older-than=${days}d`).join('\n'),
      },
      code: 'too-many-rules',
    },
  ])('$code $#', async ({code, ...given}) => {
    expect(codes(await written('google', given))).toContain(code)
  })

  test('an old name of Google has its image after the project', async () => {
    const repository = {host: 'eu.gcr.io', path: 'acme/team/app'}
    const result = await written('google', {inputs: {policy: 'type=match,pattern=pr-*'}, changes: {repository}})
    expect(result.notices).toContainEqual({code: 'package-prefix', prefix: 'team/app'})
  })
})

test('azure has no text', async () => {
  expect(await written('azure', {inputs: pulls})).toEqual({text: undefined, notices: [{code: 'registry-unsuitable'}]})
})

test('sentences name what they are about', () => {
  expect(formatLifecycleReason({code: 'line-by-refs', text: 'type=pr'})).toMatch(/^type=pr is left out: /)
  expect(formatLifecycleReason({code: 'too-many-rules', count: 60, limit: 50})).toMatch(/60 .* 50/)
  expect(formatLifecycleReason({code: 'untagged-sooner', days: 1, keptDays: undefined})).toMatch(/ 1 days, which /)
  expect(formatLifecycleReason({code: 'untagged-sooner', days: 1, keptDays: 14})).toMatch(/ 14 days /)
  expect(formatLifecycleReason({code: 'policy-refused', answer: '403', remedy: undefined})).toMatch(/\(403\)\.$/)
  const tags = ['a', 'b']
  expect(formatLifecycleReason({code: 'kept-tags-expire', priority: 2, action: 'archive', tags})).toMatch(
    /archives .* a, b/,
  )
})

import {describe, expect, test} from '@jest/globals'
import {explainPlan} from '../../../src/plan/explain.ts'
import {ruleText} from '../../../src/tags/rules/rule.ts'
import type {PublishingAction} from '../../../src/inputs/spec/action-names.ts'
import {golden} from '../../../testing/golden.ts'
import {formatExplained} from '../../../testing/plan-lines.ts'
import {pushOf} from '../../../testing/plans.ts'
import {planOf} from '../../../testing/reports.ts'

const tag = pushOf('refs/tags/v1.2.3')

interface Row {
  readonly name: string
  readonly event: Parameters<typeof planOf>[0]
  readonly given: Readonly<Record<string, string>>
  readonly action?: PublishingAction
}

const rows: readonly Row[] = [
  {name: 'a version, with nothing set', event: tag, given: {}},
  {name: 'the default branch', event: pushOf('refs/heads/main'), given: {}},
  {name: 'a pull request', event: 'pull-request', given: {}},
  {
    name: 'several images, a whole reference, rules that gave nothing, a target',
    event: pushOf('refs/heads/feature/a'),
    given: {
      images: 'user/app\nquay.io/team/app',
      tags: 'type=ref,event=branch\ntype=semver,pattern={{version}}\nin.house/app:1',
      file: 'docker/Dockerfile',
      target: 'release',
      platforms: 'linux/amd64,linux/arm64',
    },
  },
  {name: 'a branch that was deleted', event: 'push-branch-deleted', given: {}},
  {name: 'a dry run', event: tag, given: {'dry-run': 'true', push: 'true', tags: 'x'}},
  {
    name: 'a build with caches and mirrors, that is loaded',
    event: tag,
    given: {
      tags: 'x',
      cache: 'gha',
      'cache-from': 'type=s3,region=r,bucket=b,secret_access_key=canary\nuser/app:cache',
      mirrors: 'docker.io=mirror.example',
      load: 'true',
    },
  },
  {
    name: 'a promote',
    event: tag,
    given: {
      tags: 'x',
      digests: `sha256:${'a'.repeat(64)}\nuser/app@sha256:${'b'.repeat(64)}`,
      platforms: 'linux/amd64,linux/arm64',
    },
    action: 'promote',
  },
  {
    name: 'a promote of a tag',
    event: tag,
    given: {tags: 'x', from: 'user/app:staging'},
    action: 'promote',
  },
]

describe('explainPlan', () => {
  test('the plan as the log shows it', async () => {
    const texts = await Promise.all(
      rows.map(async ({name, event, given, action = 'publish'}) => {
        const {plan, context, inputs} = await planOf(event, given, {}, action)
        return `## ${name}\n\n${formatExplained(explainPlan(plan, context, {inputs, action})).join('\n')}\n`
      }),
    )
    const actual = texts.join('\n')
    expect(actual).toBe(golden('plan.txt', () => actual))
  })
})

describe('ruleText', () => {
  test.each([
    {
      name: 'a line of the input',
      given: {origin: 'tags', line: 3, text: 'type=sha'},
      expected: 'type=sha (tags, line 3)',
    },
    {
      name: 'the default strategy',
      given: {origin: 'default', line: 1, text: 'type=sha'},
      expected: 'type=sha (default strategy)',
    },
  ] as const)('$name', ({given, expected}) => {
    expect(ruleText(given)).toBe(expected)
  })
})

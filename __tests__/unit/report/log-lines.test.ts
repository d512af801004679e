import {describe, expect, test} from '@jest/globals'
import type {PromoteRow} from '../../../src/promote/journal.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {finalLogLine, firstLogLine, tagLines} from '../../../src/report/log-lines.ts'
import {promoteReport} from '../../../src/report/promote-report.ts'
import {tagNotices} from '../../../src/report/tag-notices.ts'
import type {ExplainedRow} from '../../../src/promote/explained-rows.ts'
import type {Report} from '../../../src/report/report.ts'
import {formatReason} from '../../../src/reasons/reason.ts'
import {pushOf} from '../../../testing/plans.ts'
import {planOf} from '../../../testing/reports.ts'

const digest = `sha256:${'1'.repeat(64)}` as const
const other = `sha256:${'2'.repeat(64)}` as const
const staged = {digest, images: [], existing: false}
const build = {metadata: undefined, imageId: '', builder: undefined, durationMs: 1}
const release = pushOf('refs/tags/v1.2.3')

function row(outcome: PromoteRow['outcome'], after: PromoteRow['after'] = digest): ExplainedRow {
  const reference = {repository: {host: 'ghcr.io', path: 'o/app'}, tag: outcome}
  return {reference, before: undefined, after, outcome, code: 'up-to-date', reason: 'the reason', level: 'info'}
}

const [isNew, moved, unchanged, kept] = [row('new'), row('moved'), row('unchanged'), row('kept', other)]
const notCreated = {...row('kept'), after: undefined}

interface Case {
  readonly name: string
  readonly event?: Parameters<typeof planOf>[0]
  readonly given?: Partial<Report>
  readonly expected: string | undefined
}

describe('the log line and the annotation of a tag', () => {
  const short = (letter: string): string => `sha256:${letter.repeat(12)}`
  test.each<{row: ExplainedRow; line: string; notice: string}>([
    {
      row: row('new'),
      line: 'new       ghcr.io/o/app:new: the reason',
      notice: 'ghcr.io/o/app:new is new: the reason',
    },
    {
      row: {...row('moved'), before: other},
      line: `moved     ghcr.io/o/app:moved from ${short('2')}: the reason`,
      notice: `ghcr.io/o/app:moved was moved from ${short('2')}: the reason`,
    },
    {
      row: row('unchanged'),
      line: 'unchanged ghcr.io/o/app:unchanged: the reason',
      notice: 'ghcr.io/o/app:unchanged is unchanged: the reason',
    },
    {
      row: row('kept', other),
      line: `kept      ghcr.io/o/app:kept at ${short('2')}: the reason`,
      notice: `ghcr.io/o/app:kept stays at ${short('2')}: the reason`,
    },
    {
      row: {...row('kept'), after: undefined},
      line: 'not created ghcr.io/o/app:kept: the reason',
      notice: 'ghcr.io/o/app:kept is not created: the reason',
    },
    {
      row: row('failed'),
      line: 'failed    ghcr.io/o/app:failed: the reason',
      notice: 'ghcr.io/o/app:failed: the reason',
    },
    {
      row: row('restored', other),
      line: 'restored  ghcr.io/o/app:restored: the reason',
      notice: 'ghcr.io/o/app:restored: the reason',
    },
  ])('$line', ({row: given, line, notice}) => {
    expect(tagLines({rows: [given]})).toEqual([line])
    expect(tagNotices({rows: [{...given, level: 'notice'}]})).toEqual([{level: 'notice', text: notice}])
  })
})

describe('the annotation of a tag', () => {
  const inRegistry = (host: string, one: ExplainedRow): ExplainedRow => ({
    ...one,
    level: 'notice',
    reference: {...one.reference, repository: {host, path: 'o/app'}},
  })
  const inBoth = (one: ExplainedRow): readonly ExplainedRow[] =>
    ['one.example', 'two.example'].map((host) => inRegistry(host, one))
  const both = 'in one.example/o/app and two.example/o/app'

  test.each([
    {one: kept, text: `kept stays at sha256:222222222222 ${both}: the reason`},
    {one: {...kept, after: undefined}, text: `kept is not created ${both}: the reason`},
    {one: {...moved, before: other}, text: `moved was moved from sha256:222222222222 ${both}: the reason`},
    {one: isNew, text: `new is new ${both}: the reason`},
    {one: unchanged, text: `unchanged is unchanged ${both}: the reason`},
  ])('is one for several registries: $text', ({one, text}) => {
    expect(tagNotices({rows: inBoth(one)})).toEqual([{level: 'notice', text}])
  })

  test.each([
    {name: 'the image', change: {after: digest}},
    {name: 'the reason', change: {reason: 'another reason'}},
    {name: 'the level', change: {level: 'warning' as const}},
  ])('is one for each registry if $name differs', ({change}) => {
    const [first, second] = inBoth(kept)
    if (first === undefined || second === undefined) throw new Error('unreachable')
    expect(tagNotices({rows: [first, {...second, ...change}]})).toHaveLength(2)
  })

  test('is missing if the tag needs no attention', () => {
    expect(tagNotices({rows: [kept]})).toEqual([])
  })
})

describe('the log line of a tag', () => {
  test('has no reason for new tags', () => {
    const rows = [{...row('new'), code: 'new-tag' as const}]
    expect(tagLines({rows})).toEqual(['new       ghcr.io/o/app:new'])
  })

  test('names the versions of the other images', () => {
    const rows = [{...row('moved'), before: other}, row('kept', digest)]
    const versions = new Map([[other, '1.2.3,1.2.3-alpine'] as const])
    expect(tagLines({rows, versions})).toEqual([
      'moved     ghcr.io/o/app:moved from 1.2.3 (sha256:222222222222): the reason',
      'kept      ghcr.io/o/app:kept at sha256:111111111111: the reason',
    ])
  })
})

const image = {platform: 'linux/amd64', digest, compressedBytes: 1}
const published = {...staged, images: [image]}
const name = 'ghcr.io/octocat/hello-world:1.2.3'

interface FirstCase extends Omit<Case, 'expected'> {
  readonly inputs?: Readonly<Record<string, string>>
  readonly expected: string
}

describe('the first log line', () => {
  test.each<FirstCase>([
    {name: 'a release', expected: `Publishing ${name} with 5 tags`},
    {
      name: 'a release of two platforms',
      given: {platforms: ['linux/amd64', 'linux/arm64']},
      expected: `Publishing ${name} with 5 tags for linux/amd64, linux/arm64`,
    },
    {
      name: 'a release in four registries',
      inputs: {images: 'a/a\nb.example/b\nc.example/c\nd.example/d', tags: 'type=semver,pattern={{version}}'},
      expected: 'Publishing a/a:1.2.3, b.example/b:1.2.3, c.example/c:1.2.3, 1 more with 8 tags',
    },
    {name: 'a stage', given: {action: 'stage'}, expected: `Staging ${name}`},
    {
      name: 'a withdrawn version',
      given: {withdrawn: '1.2.3'},
      expected: `Publishing ${name} (withdrawn) with 5 tags`,
    },
    {name: 'a promotion', given: {action: 'promote'}, expected: `Promoting ${name} with 5 tags`},
    {
      name: 'a pull request',
      event: 'pull-request',
      given: {platforms: ['linux/arm64']},
      expected: `Building ghcr.io/codertocat/hello-world:pr-2 for linux/arm64 without a push (${formatReason({code: 'pull-request', number: 2})})`,
    },
    {
      name: 'a promotion that a pull request asks for',
      event: 'pull-request',
      given: {action: 'promote'},
      expected: `Not promoting ghcr.io/codertocat/hello-world:pr-2: ${formatReason({code: 'pull-request', number: 2})}`,
    },
    {name: 'a call', given: {called: 'check'}, expected: `Build of ${name} with call: check`},
    {
      name: 'a dry run',
      given: {dryRun: true},
      expected: `Dry run: nothing is built or changed. A real run would publish ${name} with 5 tags`,
    },
    {
      name: 'a dry run for a deleted branch',
      event: 'push-branch-deleted',
      given: {dryRun: true},
      expected: `Dry run: nothing to publish: ${formatReason({code: 'ref-deleted', ref: {kind: 'branch', name: 'feature/login'}})}`,
    },
    {
      name: 'a deleted branch',
      event: 'push-branch-deleted',
      expected: `Nothing to publish: ${formatReason({code: 'ref-deleted', ref: {kind: 'branch', name: 'feature/login'}})}`,
    },
  ])('of $name', async ({event = release, inputs = {}, given, expected}) => {
    const {plan} = await planOf(event, inputs)
    expect(firstLogLine({action: 'publish', plan, dryRun: false, ...given})).toBe(expected)
  })
})

describe('the last log line', () => {
  test.each([
    {
      rows: [kept, notCreated],
      left: /^Not published .* since 1 tag stays where it is and 1 is /,
    },
    {
      rows: [kept, kept, notCreated],
      left: /^Not published .* since 2 tags stay where they are and 1 /,
    },
    {rows: [notCreated], left: /^Not published .* since its tag is not created\. No tag of this run /},
    {rows: [notCreated, notCreated], left: /^Not published .* since its 2 tags are not created\. No tag of this run /},
  ])('does not say that a tag stays which does not exist: $left', async ({rows, left}) => {
    expect(finalLogLine({action: 'publish', plan: (await planOf(release)).plan, dryRun: false, staged, rows})).toMatch(
      left,
    )
  })

  test.each<Case>([
    {name: 'a tag', given: {staged, rows: [isNew]}, expected: `Published ${name} with 1 tag: ${digest}`},
    {
      name: 'tags of a platform',
      given: {staged: published, rows: [isNew, moved, kept], durationMs: 3_712},
      expected: `Published ${name} with 2 tags (1 kept) for linux/amd64 in 3.7 s: ${digest}`,
    },
    {
      name: 'a tag that was missing',
      given: {staged, rows: [isNew, unchanged]},
      expected: `Published ${name} with 1 tag (1 up to date): ${digest}`,
    },
    {
      name: 'a promotion',
      given: {action: 'promote', staged, rows: [moved]},
      expected: `Promoted ${name} with 1 tag: ${digest}`,
    },
    {
      name: 'a promotion that changes nothing',
      given: {action: 'promote', staged, rows: [unchanged]},
      expected: `Already promoted ${name} with 1 tag: ${digest}`,
    },
    {
      name: 'a mirror that failed',
      given: {staged, rows: [isNew, kept], unpublished: [{host: 'm.example', path: 'o/app'}]},
      expected: `Published ${name} with 1 tag (1 kept, not at m.example/o/app): ${digest}`,
    },
    {
      name: 'a repeated run',
      given: {staged, rows: [unchanged, unchanged]},
      expected: `Already published ${name} with 2 tags: ${digest}`,
    },
    {
      name: 'a withdrawn version that is published again',
      given: {staged, rows: [unchanged, kept], withdrawn: '1.2.3'},
      expected: `Already published ${name} (withdrawn) with 1 tag (1 kept): ${digest}`,
    },
    {
      name: 'newer images under every tag',
      given: {staged, rows: [kept, kept]},
      expected: `Not published ${name}, since its 2 tags stay where they are. They do not point to the image: ${digest}`,
    },
    {
      name: 'a new tag beside one that is not created',
      given: {staged, rows: [isNew, notCreated]},
      expected: `Published ${name} with 1 tag (1 not created): ${digest}`,
    },
    {
      name: 'tags that point elsewhere',
      given: {staged, rows: [kept, row('new', other)]},
      expected: `Staged ${name}, but no tag points to it, see above: ${digest}`,
    },
    {
      name: 'a stage',
      given: {action: 'stage', staged: published, durationMs: 125_000},
      expected: `Staged ${name} for linux/amd64 in 2 min 5 s: ${digest}`,
    },
    {
      name: 'a pull request',
      event: 'pull-request',
      given: {build, platforms: ['linux/amd64'], durationMs: 900},
      expected: `Built ghcr.io/codertocat/hello-world:pr-2 for linux/amd64 in 0.9 s, not pushed: ${formatReason({code: 'pull-request', number: 2})}`,
    },
    {
      name: 'a promotion that a pull request asks for',
      event: 'pull-request',
      given: {action: 'promote'},
      expected: `Not promoted: ${formatReason({code: 'pull-request', number: 2})}`,
    },
    {name: 'a call', event: 'pull-request', given: {build, called: 'check'}, expected: undefined},
    {name: 'a deleted branch', event: 'push-branch-deleted', expected: undefined},
    {
      name: 'a failure',
      given: {staged, rows: [isNew], failure: new TagboatError('push-denied')},
      expected: undefined,
    },
  ])('of $name', async ({event = release, given, expected}) => {
    const {plan} = await planOf(event, {})
    const report: Report = {action: 'publish', plan, dryRun: false, ...given}
    expect(finalLogLine(report.action === 'promote' ? promoteReport(report) : report)).toBe(expected)
  })
})

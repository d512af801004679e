import {describe, expect, test} from '@jest/globals'
import type {PromoteRow} from '../../../src/promote/journal.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {finalLogLine, tagLines, tagNotice} from '../../../src/report/log-lines.ts'
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
  return {reference, before: undefined, after, outcome, code: 'new-tag', reason: 'the reason', level: 'info'}
}

const [isNew, moved, unchanged, kept] = [row('new'), row('moved'), row('unchanged'), row('kept', other)]

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
      line: 'kept      ghcr.io/o/app:kept is not created: the reason',
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
    expect(tagNotice(given)).toBe(notice)
  })
})

describe('the last log line', () => {
  test.each<Case>([
    {name: 'a tag', given: {staged, rows: [isNew]}, expected: `Published ${digest} as 1 tag`},
    {name: 'tags', given: {staged, rows: [isNew, moved, kept]}, expected: `Published ${digest} as 2 tags`},
    {
      name: 'a tag that was missing',
      given: {staged, rows: [isNew, unchanged]},
      expected: `Published ${digest} as 1 tag; 1 tag already up to date`,
    },
    {
      name: 'a promotion',
      given: {action: 'promote', staged, rows: [moved]},
      expected: `Published ${digest} as 1 tag`,
    },
    {
      name: 'a repeated run',
      given: {staged, rows: [unchanged, unchanged]},
      expected: `Already up to date: 2 tags point to ${digest}`,
    },
    {
      name: 'newer images under every tag',
      given: {staged, rows: [kept, kept]},
      expected: `No tag was moved to ${digest}: 2 tags kept`,
    },
    {
      name: 'tags that point elsewhere',
      given: {staged, rows: [kept, row('new', other)]},
      expected: `Staged ${digest}, but no tag points to it: see above`,
    },
    {name: 'a stage', given: {action: 'stage', staged}, expected: `Staged ${digest}`},
    {
      name: 'a pull request',
      event: 'pull-request',
      given: {build},
      expected: `Built pr-2, not pushed: ${formatReason({code: 'pull-request', number: 2})}`,
    },
    {
      name: 'a promotion that a pull request asks for',
      event: 'pull-request',
      given: {action: 'promote'},
      expected: `Not promoted: ${formatReason({code: 'pull-request', number: 2})}`,
    },
    {name: 'a call', event: 'pull-request', given: {build, called: 'check'}, expected: undefined},
    {name: 'a dry run', given: {dryRun: true}, expected: undefined},
    {name: 'a dry run that would not push', event: 'pull-request', given: {dryRun: true}, expected: undefined},
    {name: 'a deleted branch', event: 'push-branch-deleted', expected: undefined},
    {
      name: 'a failure',
      given: {staged, rows: [isNew], failure: new TagboatError('push-denied')},
      expected: undefined,
    },
  ])('of $name', async ({event = release, given, expected}) => {
    const {plan} = await planOf(event, {})
    expect(finalLogLine({action: 'publish', plan, dryRun: false, ...given})).toBe(expected)
  })
})

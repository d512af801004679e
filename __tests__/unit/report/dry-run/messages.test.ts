import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../../src/errors/error.ts'
import type {ExplainedRow} from '../../../../src/promote/explained-rows.ts'
import {formatReason} from '../../../../src/reasons/reason.ts'
import {dryHeading, finalDryLine, previewCell, previewLines} from '../../../../src/report/dry-run.ts'
import {tagText} from '../../../../src/report/log-lines.ts'
import type {Report} from '../../../../src/report/report.ts'
import {pushOf} from '../../../../testing/plans.ts'
import {planOf} from '../../../../testing/reports.ts'

const digest = `sha256:${'1'.repeat(64)}` as const
const other = `sha256:${'2'.repeat(64)}` as const
const release = pushOf('refs/tags/v1.2.3')
const pull = formatReason({code: 'pull-request', number: 2})
const name = 'ghcr.io/octocat/hello-world:1.2.3'

function row(outcome: ExplainedRow['outcome'], changes: Partial<ExplainedRow> = {}): ExplainedRow {
  const reference = {repository: {host: 'r.example', path: 'app'}, tag: outcome}
  const images = {before: other, after: digest}
  return {reference, ...images, outcome, code: 'up-to-date', reason: 'why', level: 'info', ...changes}
}

const preview = [
  row('new', {before: undefined, code: 'new-tag'}),
  row('moved'),
  row('unchanged'),
  row('kept', {after: other}),
  row('kept', {before: undefined, after: undefined}),
  row('failed'),
]

async function reportOf(event: Parameters<typeof planOf>[0], changes: Partial<Report> = {}): Promise<Report> {
  const {plan} = await planOf(event, {})
  return {action: 'publish', plan, dryRun: true, ...changes}
}

test('the lines of the tags are about a run that has not happened', async () => {
  const versions = new Map([[other, '1.2.2']])
  const lines = previewLines(await reportOf(release, {preview, versions}), (one) => tagText(one, versions))
  expect(lines).toEqual([
    'would create     r.example/app:new',
    'would move       r.example/app:moved from 1.2.2 (sha256:222222222222): why',
    'would not change r.example/app:unchanged: why',
    'would keep       r.example/app:kept at 1.2.2 (sha256:222222222222): why',
    'would not create r.example/app:kept: why',
    'would refuse     r.example/app:failed: why',
  ])
})

test('a stage leaves its tags to a promote', async () => {
  const lines = previewLines(
    await reportOf(release, {action: 'stage', preview: preview.slice(1, 2)}),
    (one) => one.reason,
  )
  expect(lines).toEqual(['a promote would move why'])
})

test('the cells of the summary say the same', () => {
  expect(preview.map((one) => previewCell(one, (image) => image.slice(7, 10)))).toEqual([
    'would create',
    'would move from 222',
    'would not change',
    'would keep at 222',
    'would not create',
    'would refuse',
  ])
})

describe('the answer of a dry run', () => {
  const nothing = 'othing was built or changed.'

  test.each<{name: string; event?: 'pull-request'; changes: Partial<Report>; would: string}>([
    {name: 'without the registries', changes: {}, would: 'publish 5 tags'},
    {
      name: 'with the registries',
      changes: {preview},
      would: 'create 1 tag, move 1 tag, not change 1 tag, keep 1 tag, not create 1 tag, refuse 1 tag',
    },
    {name: 'that signs', changes: {work: {sign: ['key']}}, would: 'publish 5 tags, and sign the image'},
    {
      name: 'of a release that may be signed',
      changes: {work: {sign: ['key']}, preview: preview.slice(2, 3)},
      would: 'not change 1 tag, and sign what is not signed yet',
    },
    {name: 'of a stage', changes: {action: 'stage', preview}, would: 'push an untagged image'},
    {name: 'of a pull request', event: 'pull-request', changes: {}, would: 'not push'},
    {
      name: 'of a promote on a pull request',
      event: 'pull-request',
      changes: {action: 'promote'},
      would: 'promote nothing',
    },
  ])('$name', async ({event, changes, would}) => {
    const report = await reportOf(event ?? release, changes)
    const image = event === undefined ? name : 'ghcr.io/codertocat/hello-world:pr-2'
    const [reason, rest] = event === undefined ? ['push: auto, push of tag v1.2.3', ''] : [pull, `: ${pull}`]
    expect(finalDryLine(report, {name: image, reason})).toBe(
      `Dry run of ${image}: n${nothing} A real run would ${would}${rest}`,
    )
    expect(dryHeading(report, {name: ` \`${image}\``, reason})).toBe(
      `### Dry run \`${image}\`\n\nN${nothing} A real run would ${would} (${reason}).`,
    )
  })

  test('with nothing to publish has a heading, and no line besides the first', async () => {
    const report = await reportOf('push-branch-deleted')
    expect(finalDryLine(report, {name, reason: ''})).toBeUndefined()
    expect(dryHeading(report, {name: '', reason: 'gone'})).toMatch(/ Nothing to publish: gone$/)
  })

  test('that fails is the error', async () => {
    expect(
      finalDryLine(await reportOf(release, {failure: new TagboatError('tag-taken')}), {name, reason: ''}),
    ).toBeUndefined()
  })
})

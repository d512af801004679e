import {describe, expect, test} from '@jest/globals'
import type {BuildRecord} from '../../../src/buildx/progress/build-record.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {formatTagRef} from '../../../src/oci/reference.ts'
import type {PromoteRow} from '../../../src/promote/journal.ts'
import type {PublishedImage} from '../../../src/promote/read-back.ts'
import {explainRows} from '../../../src/promote/explained-rows.ts'
import type {Report} from '../../../src/report/report.ts'
import type {BuildReport, PreviousImage} from '../../../src/run/run-result.ts'
import {formatBytes} from '../../../src/oci/byte-size.ts'
import {summary} from '../../../src/report/summary.ts'
import {golden} from '../../../testing/golden.ts'
import {pushOf} from '../../../testing/plans.ts'
import {planOf} from '../../../testing/reports.ts'

const index = `sha256:${'1'.repeat(64)}` as const
const build: BuildReport = {
  metadata: {text: '{}', digest: index, platform: undefined},
  imageId: '',
  builder: {name: 'default', driver: 'docker'},
  durationMs: 12_345,
}
const images: readonly PublishedImage[] = [
  {platform: 'linux/amd64', digest: `sha256:${'2'.repeat(64)}`, compressedBytes: 1_234_567},
  {platform: 'linux/arm64', digest: `sha256:${'3'.repeat(64)}`, compressedBytes: 987},
]
const step = {isInstruction: true, cached: false, error: undefined}
const record: BuildRecord = {
  startedMs: 1_700_000_000_000,
  steps: [
    {...step, name: '[1/3] FROM base', platform: 'linux/amd64', startedMs: 10, durationMs: 0, cached: true},
    {...step, name: '[linux/amd64 2/3] RUN make | tee `x`', platform: 'linux/amd64', startedMs: 20, durationMs: 1_500},
    {...step, name: '[linux/arm64 2/3] RUN make | tee `x`', platform: 'linux/arm64', startedMs: 25, durationMs: 9_750},
    {...step, name: 'exporting', platform: undefined, isInstruction: false, startedMs: 9_900, durationMs: 800},
  ],
  warnings: [],
}
const previous: PreviousImage = {
  tag: 'stable',
  images: [{platform: 'linux/amd64', digest: `sha256:${'9'.repeat(64)}`, compressedBytes: 1_000_000}],
}
const release = pushOf('refs/tags/v1.2.3')

async function reportOf(
  event: Parameters<typeof planOf>[0],
  given: Readonly<Record<string, string>>,
  changes: Partial<Report> = {},
): Promise<Report> {
  const {plan, inputs} = await planOf(event, given)
  return {action: 'publish', plan, dryRun: inputs.publish.dryRun, ...changes}
}

const staged = {digest: index, images, existing: false}
const older = `sha256:${'9'.repeat(64)}` as const

type Row = Partial<Omit<PromoteRow, 'reference'>>

/** A row for each planned tag: it is new, unless `changes` has something else for its tag. */
function withRows(report: Report, changes: Readonly<Record<string, Row>> = {}): Report {
  const rows = report.plan.tags.map(({reference}): PromoteRow => {
    const {tag} = reference
    const made: PromoteRow = {
      reference,
      before: undefined,
      after: index,
      outcome: 'new',
      reason: {code: 'new-tag'},
      level: 'info',
    }
    return {...made, ...changes[tag]}
  })
  return {...report, rows: explainRows(rows)}
}

const moved: Row = {
  before: older,
  outcome: 'moved',
  reason: {code: 'highest-version', version: '1.2.3', line: '1.2.x'},
}
const kept: Row = {
  before: older,
  after: older,
  outcome: 'kept',
  reason: {code: 'higher-version', higher: '2.0.0', version: '1.2.3'},
  level: 'notice',
}

describe('the job summary', () => {
  test('in every situation', async () => {
    const reports: readonly (readonly [string, Report])[] = [
      [
        'published',
        withRows(await reportOf(release, {images: 'user/app\nghcr.io/o/app'}, {build, staged}), {
          '1.2': moved,
          latest: kept,
        }),
      ],
      [
        'published, with one unreadable registry',
        withRows(
          await reportOf(
            release,
            {tags: 'stable', images: 'user/app\nin.house/app'},
            {build, staged, unread: [{reference: 'in.house/app:stable', reason: 'no such host'}]},
          ),
        ),
      ],
      [
        'the release exists, and a tag is missing',
        withRows(await reportOf(release, {}, {staged: {...staged, existing: true}}), {
          '1.2.3': {
            before: index,
            outcome: 'unchanged',
            reason: {code: 'up-to-date'},
          },
        }),
      ],
      ['all tags kept', withRows(await reportOf(release, {tags: 'latest'}, {build, staged}), {latest: kept})],
      [
        'published, with warnings',
        withRows(
          await reportOf(
            release,
            {tags: 'stable'},
            {
              build,
              staged,
              warnings: [
                {text: 'No tag from type=edge (tags, line 2): the event is not a push', place: undefined},
                {text: 'FROM <x>: casing', place: {file: 'app/Dockerfile', line: 3, endLine: 3}},
                ...Array.from({length: 9}, (_, number) => ({text: `warning ${number}`, place: undefined})),
              ],
            },
          ),
        ),
      ],
      ['staged', await reportOf(release, {tags: 'stable', images: 'user/app'}, {action: 'stage', build, staged})],
      [
        'promoted',
        withRows(
          await reportOf(
            release,
            {tags: 'stable', images: 'user/app'},
            {action: 'promote', staged: {...staged, existing: true}},
          ),
        ),
      ],
      ['not promoted', await reportOf('pull-request', {}, {action: 'promote'})],
      [
        'a promote that failed in the middle',
        withRows(
          await reportOf(release, {}, {build, failure: new TagboatError('push-denied', {evidence: ['PUT 1: 403']})}),
          {
            '1.2': {...moved, after: older, outcome: 'restored', reason: {code: 'rolled-back', digest: older}},
            '1': {
              after: undefined,
              outcome: 'failed',
              reason: {code: 'push-failed', message: 'The registry denied access.'},
            },
            latest: {...kept, reason: {code: 'not-reached'}, level: 'info'},
          },
        ),
      ],
      [
        'the release is of another commit, and stays',
        withRows(await reportOf(release, {}, {build, staged}), {
          '1.2.3': {before: older, after: older, outcome: 'kept', reason: {code: 'if-exists-skip'}},
          '1.2': {
            before: older,
            after: older,
            outcome: 'kept',
            reason: {code: 'higher-version', higher: '1.2.9', version: '1.2.3'},
          },
        }),
      ],
      [
        'published, with the records of the build',
        withRows(await reportOf(release, {tags: 'stable'}, {build: {...build, record}, staged, previous}), {
          stable: {before: older, outcome: 'moved', reason: {code: 'commit-ahead', of: 'f'.repeat(40)}},
        }),
      ],
      [
        'a call of the build',
        await reportOf(
          'pull-request',
          {},
          {called: 'targets', build: {...build, callResult: 'TARGET  DESCRIPTION\napp     ```'}},
        ),
      ],
      [
        'a call that could not be made',
        await reportOf('pull-request', {}, {called: 'outline', failure: new TagboatError('dockerfile-missing')}),
      ],
      [
        'checks that could not be made',
        await reportOf('pull-request', {}, {called: 'check', failure: new TagboatError('dockerfile-missing')}),
      ],
      ['built, not published', await reportOf('pull-request', {}, {build: {...build, builder: undefined}})],
      [
        'built and loaded, not published',
        await reportOf(
          'pull-request',
          {},
          {build, loaded: {line: `Loaded ${index} (linux/amd64) as user/app:pr-2`, imageId: index}},
        ),
      ],
      ['a dry run', await reportOf(release, {'dry-run': 'true'})],
      ['nothing to publish', await reportOf('push-branch-deleted', {})],
      [
        'skipped rules',
        await reportOf(pushOf('refs/heads/main'), {tags: 'type=edge\ntype=semver,pattern={{version}}', push: 'false'}),
      ],
      [
        'a registry that holds something else',
        withRows(await reportOf(release, {tags: 'stable'}, {build, failure: new TagboatError('publish-unverified')}), {
          stable: {after: older, outcome: 'failed', reason: {code: 'push-unverified'}},
        }),
      ],
      [
        'a failure',
        await reportOf(
          release,
          {tags: 'stable'},
          {
            failure: new TagboatError('build-failed', {
              evidence: ['ERROR: ```', 'exit code 1'],
            }),
          },
        ),
      ],
    ]
    const sections = await Promise.all(
      reports.map(async ([name, report]) => `<!-- ${name} -->\n\n${await summary(report)}\n`),
    )
    const actual = sections.join('\n')
    expect(actual).toBe(golden('summary.md', () => actual))
  })
})

test('the digest of a publication is written once, besides the pull command', async () => {
  const report = withRows(await reportOf(release, {images: 'user/app\nghcr.io/o/app'}, {build, staged}))
  expect(report.plan.tags.length).toBeGreaterThan(2)
  expect((await summary(report)).split(index)).toHaveLength(3)
})

test('a platform that came from the cache as a whole has no build time', async () => {
  const steps = record.steps.map((one) =>
    one.platform === 'linux/arm64' ? {...one, durationMs: 0, cached: true} : one,
  )
  const markdown = await summary(await reportOf(release, {}, {build: {...build, record: {...record, steps}}, staged}))
  expect(markdown).toContain('| `linux/amd64` | 1.23 MB | 1.5 s |')
  expect(markdown).toContain('| `linux/arm64` | 987 B | cached |')
})

test('the summary of a run that had nothing to do names no tag', async () => {
  const {plan} = await planOf('push-branch-deleted')
  expect(await summary({action: 'publish', plan, dryRun: false})).not.toContain('feature-login')
  expect(plan.tagNames).toEqual(['feature-login'])
})

/** Cells of each row of the tables in this text, as GitHub splits them: at every bar that no backslash escapes. */
function rowsOf(markdown: string): readonly (readonly string[])[] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
}

/** Text without code, fences and escaped characters: the part in which Markdown has a meaning. */
function live(markdown: string): string {
  return markdown
    .replace(/^(`{3,})[\s\S]*?^\1$/gm, '')
    .replace(/\\[!-/:-@[-`{-~]/g, '')
    .replace(/`[^`\n]*`/g, '')
}

const hostile = [
  'a|b',
  'a`b`|c',
  '[click](https://evil.example)',
  '![x](https://evil.example/x.png)',
  '<img src=x onerror=alert(1)>',
  '</details><script>alert(1)</script>',
  '**bold** _it_ ~~gone~~',
  '&lt;b&gt;',
  'https://evil.example',
  'www.evil.example',
  'me_www.evil.example',
  'WWW.evil.example',
  'mona@evil.example',
  'mailto:mona@evil.example',
  'xmpp:mona@evil.example/x',
  'ftp://evil.example',
  '(http://evil.example)',
  '@octocat #1',
  '```',
  'back\\slash|bar',
]

describe('text that others wrote', () => {
  test.each(hostile)('%s breaks no table and means nothing', async (text) => {
    const context = pushOf('refs/heads/main', {fullRef: `refs/heads/${text}`, ref: {kind: 'branch', name: text}})
    const {plan} = await planOf(context, {tags: 'type=ref,event=branch', push: 'false'})
    const source = {origin: 'tags', line: 1, text} as const
    const report: Report = {
      action: 'publish',
      plan: {
        ...plan,
        push: {do: false, reason: {code: 'fork-without-credentials', repository: text, hosts: [text]}},
        tags: plan.tags.map((tag) => ({...tag, source, notes: [{code: 'hashed-tag', text}]})),
        skippedRules: [{source, reason: {code: 'other-branch', branch: text}, level: 'info'}],
      },
      dryRun: true,
      build: {...build, builder: {name: text, driver: text}},
      rows: plan.tags.map(({reference}) => ({
        reference,
        before: undefined,
        after: index,
        outcome: 'new',
        code: 'new-tag',
        reason: `as ${text} says`,
        level: 'info',
      })),
      unread: plan.tags.map((tag) => ({reference: formatTagRef(tag.reference), reason: text})),
      failure: new TagboatError('build-failed', {evidence: [text]}),
    }
    const markdown = await summary(report)
    expect(new Set(rowsOf(markdown).map((row) => row.length))).toEqual(new Set([4, 3, 2]))
    const meaningful = live(markdown).replace(
      /<details><summary>(?:Tag rules|Rules without a tag)<\/summary>|<\/details>|<br>/g,
      '',
    )
    expect(meaningful).not.toMatch(/[<>`*_~[\]@&]|:\/\/|www\./i)
  })

  test('a line break ends no row and no heading', async () => {
    const report = await reportOf(release, {tags: 'stable'})
    const text = 'one\n# two\r\n| three'
    const markdown = await summary({
      ...report,
      plan: {
        ...report.plan,
        version: text,
        push: {do: false, reason: {code: 'call-without-image', call: text}},
        tags: report.plan.tags.map((tag) => ({...tag, notes: [{code: 'hashed-tag', text}]})),
      },
    })
    expect(markdown.split('\n').filter((line) => /^(?:#+ two|\| three)/.test(line))).toEqual([])
  })
})

describe('the size of a summary', () => {
  const limit = 1024 * 1024
  const bytes = (text: string): number => Buffer.byteLength(text)

  test('a long one is shortened, with a note', async () => {
    const report = await reportOf(release, {tags: 'stable'}, {build, staged})
    const many = Array.from({length: 9_000}, (_, number) => ({
      reference: {repository: {host: 'ghcr.io', path: 'o/app'}, tag: `t${number}${'x'.repeat(120)}`},
      role: {kind: 'commit' as const},
      source: {origin: 'tags' as const, line: number, text: 'ü'.repeat(60)},
      notes: [],
    }))
    const markdown = await summary({...report, plan: {...report.plan, tags: many}})
    expect(bytes(markdown)).toBeLessThan(limit)
    expect(markdown).toMatch(/^### .*Published/)
    expect(markdown).toContain('linux/arm64')
    expect(markdown).toMatch(/omitted here[^\n]*$/)
  })

  test('an ordinary one is whole', async () => {
    const report = await reportOf(release, {}, {build, staged})
    expect(await summary(report)).not.toContain('omitted')
  })
})

describe('formatBytes', () => {
  test.each([
    {given: 0, expected: '0 B'},
    {given: 999, expected: '999 B'},
    {given: 1000, expected: '1.00 kB'},
    {given: 12_345, expected: '12.3 kB'},
    {given: 1_234_567, expected: '1.23 MB'},
    {given: 5_000_000_000, expected: '5.00 GB'},
    {given: 2e15, expected: '2000.0 TB'},
  ])('$given: $expected', ({given, expected}) => {
    expect(formatBytes(given)).toBe(expected)
  })
})

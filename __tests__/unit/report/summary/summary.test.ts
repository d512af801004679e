import {describe, expect, test} from '@jest/globals'
import type {BuildRecord} from '../../../../src/buildx/progress/build-record.ts'
import {TagboatError} from '../../../../src/errors/error.ts'
import {errorAddress, errorWarning} from '../../../../src/errors/render-error.ts'
import {formatTagRef} from '../../../../src/oci/reference.ts'
import type {PromoteRow} from '../../../../src/promote/journal.ts'
import {explainRows} from '../../../../src/promote/explained-rows.ts'
import {promoteReport} from '../../../../src/report/promote-report.ts'
import type {Report} from '../../../../src/report/report.ts'
import type {BuildReport} from '../../../../src/run/run-result.ts'
import {formatBytes} from '../../../../src/oci/byte-size.ts'
import type {PreviousImage, PublishedImage} from '../../../../src/oci/published-image.ts'
import {summary} from '../../../../src/report/summary/summary.ts'
import {failureSummary} from '../../../../src/report/summary/failure-section.ts'
import type {IssuedWarning} from '../../../../src/io/workflow.ts'
import type {Builder} from '../../../../src/buildx/inspect.ts'
import {formatPlanReason} from '../../../../src/reasons/plan-reasons.ts'
import {unchangedTags} from '../../../../src/report/unchanged-tags.ts'
import {golden} from '../../../../testing/golden.ts'
import {pushOf} from '../../../../testing/plans.ts'
import {planOf} from '../../../../testing/reports.ts'

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
const classicBuilder: Builder = {
  name: 'default',
  driver: 'docker',
  staging: 'none',
  dials: true,
  nodes: [],
  platforms: [],
  errors: [],
}

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

const absent: Row = {...kept, before: undefined, after: undefined}

function finished(report: Report): Report {
  return report.action === 'promote' ? promoteReport(report) : report
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
      reports.map(async ([name, report]) => `<!-- ${name} -->\n\n${await summary(finished(report))}\n`),
    )
    const actual = sections.join('\n')
    expect(actual).toBe(golden('summary.md', () => actual))
  })
})

test('a platform that came from the cache as a whole has no build time', async () => {
  const steps = record.steps.map((one) =>
    one.platform === 'linux/arm64' ? {...one, durationMs: 0, cached: true} : one,
  )
  const markdown = await summary(await reportOf(release, {}, {build: {...build, record: {...record, steps}}, staged}))
  expect(markdown).toContain('| `linux/amd64` | 1.23 MB | 1.5 s |')
  expect(markdown).toContain('| `linux/arm64` | 987 B | cached |')
})

test.each([
  {durationMs: 9_999, isDrawn: false},
  {durationMs: 10_000, isDrawn: true},
])('a build of $durationMs ms has a timeline: $isDrawn', async ({durationMs, isDrawn}) => {
  const steps = ['a', 'b'].map((name) => ({...step, name, platform: undefined, startedMs: 0, durationMs}))
  const markdown = await summary(await reportOf(release, {}, {build: {...build, record: {...record, steps}}, staged}))
  expect(markdown.includes('Timeline')).toBe(isDrawn)
})

describe('the line of facts', () => {
  const nowhere = {sha: '', commitUrl: 'https://github.com/x', runUrl: undefined}
  const origin = {
    sha: '860c1904a1ce19322e91ac35af1ab07466440c37',
    commitUrl: 'https://github.com/octocat/Hello-World/commit/860c190',
    runUrl: 'https://github.com/octocat/Hello-World/actions/runs/42',
  }
  const links = `[commit \`860c190\`](${origin.commitUrl}) · [run](${origin.runUrl})`

  async function line(given: Readonly<Record<string, string>>, changes: Partial<Report>): Promise<string | undefined> {
    const report = withRows(await reportOf(release, given, {build, staged, durationMs: 3_712, origin, ...changes}))
    return (await summary(finished(report))).split('\n\n')[1]
  }

  test.each<{
    name: string
    given?: Readonly<Record<string, string>>
    changes?: Partial<Report>
    expected: string
  }>([
    {
      name: 'has digest, platforms, time and links',
      expected: `\`sha256:111111111111\` · \`linux/amd64\` 1.23 MB · \`linux/arm64\` 987 B · 3.7 s · [package](https://ghcr.io/octocat/hello-world) · ${links}`,
    },
    {
      name: 'has no link to a registry without known pages, and no link that is not plain',
      given: {images: 'in.house/app'},
      changes: {origin: {...origin, commitUrl: undefined, runUrl: 'https://x/a) [b](javascript:0'}},
      expected: '`sha256:111111111111` · `linux/amd64` 1.23 MB · `linux/arm64` 987 B · 3.7 s',
    },
    {
      name: 'has a link to the package in each registry',
      given: {images: 'alpine\nquay.io/o/app\nin.house/app'},
      changes: {origin: nowhere},
      expected:
        '`sha256:111111111111` · `linux/amd64` 1.23 MB · `linux/arm64` 987 B · 3.7 s · [package at Docker Hub](https://hub.docker.com/_/alpine) · [package at quay.io](https://quay.io/repository/o/app)',
    },
    {
      name: 'has the number of many platforms',
      changes: {
        staged: {
          ...staged,
          images: ['386', 'amd64', 'arm64', 's390x'].map((architecture, index) => ({
            platform: `linux/${architecture}`,
            digest: older,
            compressedBytes: 1_000_000 + index * 100_000,
          })),
        },
        origin: nowhere,
      },
      expected:
        '`sha256:111111111111` · 4 platforms, 1.00 MB to 1.30 MB · 3.7 s · [package](https://ghcr.io/octocat/hello-world)',
    },
    ...[
      {
        of: 'and its repository',
        promoted: {revision: older.slice('sha256:'.length), source: 'https://github.com/octocat/other.git'},
        shown: ` · [commit \`9999999\`](https://github.com/octocat/other/commit/${'9'.repeat(64)})`,
      },
      {
        of: 'on a server that is not its own',
        promoted: {revision: older.slice('sha256:'.length), source: 'https://elsewhere.example/octocat/other'},
        shown: '',
      },
      {
        of: 'that is its own',
        promoted: {revision: origin.sha, source: undefined},
        shown: ` · [commit \`860c190\`](${origin.commitUrl})`,
      },
      {of: 'that it does not state', promoted: {revision: undefined, source: undefined}, shown: ''},
      {of: 'that is not a hash', promoted: {revision: '[main](x)', source: undefined}, shown: ''},
    ].map(({of, promoted, shown}) => ({
      name: `has the commit of a promoted image, ${of}`,
      given: {images: 'in.house/app'},
      changes: {action: 'promote' as const, promoted},
      expected: `\`sha256:111111111111\` · \`linux/amd64\` 1.23 MB · \`linux/arm64\` 987 B · 3.7 s${shown} · [run](${origin.runUrl})`,
    })),
  ])('$name', async ({given = {}, changes = {}, expected}) => {
    expect(await line(given, changes)).toBe(expected)
  })
})

describe('the table of tags', () => {
  async function rowsFor(images: readonly string[], tags: number): Promise<readonly (readonly string[])[]> {
    const inputs = {images: images.join('\n'), tags: Array.from({length: tags}, (_, index) => `t${index}`).join('\n')}
    return rowsOf(await summary(withRows(await reportOf(release, inputs, {staged}))))
  }

  test('has a row for each of 50 tags and a column for each of three registries', async () => {
    const rows = await rowsFor(['user/app', 'ghcr.io/user/app', 'quay.io/user/app'], 50)
    const [head = [], ...others] = rows.filter((row) => row.length === 4 && !row[2]?.includes('tags, line'))
    expect(head.map((cell) => cell.trim())).toEqual(['Tag', 'Docker Hub', 'ghcr.io', 'quay.io'])
    expect(others.filter(([tag = '']) => /^ `t\d+` $/.test(tag))).toHaveLength(50)
  })

  test('names the repositories if their paths differ, and is closed if it is long', async () => {
    const report = await reportOf(
      release,
      {images: 'user/app\nghcr.io/o/app', tags: Array.from({length: 26}, (_, index) => `t${index}`).join('\n')},
      {staged},
    )
    expect(await summary(withRows(report))).toContain(
      '<details><summary>26 tags</summary>\n\n| Tag | `user/app` | `ghcr.io/o/app` |',
    )
  })

  test('has an empty cell for a reference that only another repository has', async () => {
    const report = await reportOf(release, {images: 'user/app', tags: 'type=raw,value=x\nin.house/other:y'}, {})
    const rows = rowsOf(await summary(withRows(report))).filter((row) => row.length === 3)
    expect(rows.map((row) => row.map((cell) => cell.trim()))).toEqual([
      ['Tag', '`user/app`', '`in.house/other`'],
      ['---', '---', '---'],
      ['`x`', '🟢\u00a0new', ''],
      ['`y`', '', '🟢\u00a0new'],
    ])
  })

  test('names the version of another image, if it is known', async () => {
    const versions = new Map([[older, '1.2.2,1.2.2-alpine']])
    const report = withRows(await reportOf(release, {}, {staged, versions}), {'1.2': moved, latest: kept})
    const markdown = await summary(report)
    expect(markdown.replaceAll('\u00a0', ' ')).toContain('| `1.2` | 🟢 moved from `1.2.2` |')
    expect(markdown.replaceAll('\u00a0', ' ')).toContain('| `latest` | 🟡 kept at `1.2.2` |')
  })

  test.each([
    {action: 'publish', rows: {latest: kept}, left: /\n\nEvery tag was kept at the image that it points to\.\n/},
    {action: 'publish', rows: {latest: absent}, left: /\n\nNo tag was created\.\n/},
    {action: 'publish', rows: {latest: absent, x: kept}, left: /\n\nNo tag was moved or created\.\n/},
    {
      action: 'promote',
      rows: {latest: absent, x: {before: index, outcome: 'unchanged'}},
      left: /\n\nNo tag was moved; 1 tag was not created\.\n/,
    },
  ] as const)('of a $action names the tags that were left alone: $left', async ({action, rows, left}) => {
    const tags = Object.keys(rows).join('\n')
    const report = withRows(await reportOf(release, {tags}, {action, staged}), rows)
    expect(await summary(finished(report))).toMatch(left)
  })

  test('has the reason of each repository if they differ', async () => {
    const report = withRows(await reportOf(release, {images: 'user/app\nquay.io/o/app', tags: 'x'}, {staged}))
    const rows = report.rows?.map((row, index) => ({...row, reason: `reason ${index}`}))
    expect(await summary({...report, rows})).toContain('| Docker Hub: reason 0<br>quay.io: reason 1 |')
  })

  test('shows what a reason quotes as code', async () => {
    const report = withRows(await reportOf(release, {tags: 'x'}, {staged}))
    const rows = report.rows?.map((row) => ({...row, reason: 'list *2.0.0* in `withdrawn`'}))
    expect(await summary({...report, rows})).toContain('| list \\*2.0.0\\* in `withdrawn` |')
  })
})

describe('the steps of a run', () => {
  test('have a column each, with the verdicts of the gates before the tags', async () => {
    const report = await reportOf(
      release,
      {},
      {
        build: {...build, record},
        phases: [
          {name: 'builder', durationMs: 900},
          {name: 'login', durationMs: 120},
          {name: 'build', durationMs: 61_000},
          {name: 'push', durationMs: 12},
          {name: 'promote', durationMs: 300},
        ],
        gates: [
          {gate: 'platforms', outcome: 'passed', reason: '', durationMs: 0},
          {gate: 'test', outcome: 'failed', reason: '', durationMs: 1_250},
        ],
      },
    )
    expect((await summary(report)).replaceAll('\u00a0', ' ')).toContain(
      [
        '| Login | Build | Platforms | Test | Promote |',
        '| --- | --- | --- | --- | --- |',
        '| 0.1 s | 1 min 1 s, 1 of 3 steps cached | ✅ passed | ❌ failed in 1.3 s | 0.3 s |',
      ].join('\n'),
    )
  })
})

describe('the layers of an image', () => {
  const layer = (letter: string, sizeBytes: number): {digest: `sha256:${string}`; sizeBytes: number} => ({
    digest: `sha256:${letter.repeat(64)}`,
    sizeBytes,
  })
  const amd64 = {platform: 'linux/amd64', digest: older, compressedBytes: 1_000}
  const base = `[linux/amd64 1/2] FROM docker.io/library/alpine:3.22@sha256:${'d'.repeat(64)}`
  const records = {...record, steps: [{...step, name: base, platform: 'linux/amd64', startedMs: 0, durationMs: 1}]}

  async function section(before: readonly {digest: `sha256:${string}`; sizeBytes: number}[]): Promise<string> {
    const images = [{...amd64, layers: [layer('a', 10), layer('b', 2_000)]}]
    const changes = {
      build: {...build, record: records},
      staged: {...staged, images},
      previous: {tag: 'latest', version: '1.2.2', images: [{...amd64, layers: before}]},
    }
    return summary(withRows(await reportOf(release, {}, changes)))
  }

  test('are compared with those of the previous image', async () => {
    const markdown = await section([layer('a', 10), layer('c', 30)])
    expect(markdown).toContain('<summary>Image: 1 platform, 1 of 2 layers changed since <code>1.2.2</code></summary>')
    expect(markdown).toMatch(/^\| Platform \| Compressed size \| Change from `1.2.2` \| Changed layers \|/m)
    expect(markdown).toContain('| 1 of 2, 2.00 kB |')
    expect(markdown).toContain(
      'Base image `alpine:3.22` (`sha256:dddddddddddd`). The lowest layer is the same as in `1.2.2`.',
    )
  })

  test('show that another base image is used', async () => {
    const markdown = await section([layer('e', 10), layer('b', 2_000)])
    expect(markdown).toContain('The lowest layer is not the one in `1.2.2`.')
    expect(markdown).toContain('| 1 of 2, 10 B |')
  })
})

describe('warnings', () => {
  test('of one rule are one item, with their places', async () => {
    const at = (line: number, text: string): IssuedWarning => ({
      text,
      place: {file: 'Dockerfile', line, endLine: line, title: 'JSONArgsRecommended'},
    })
    const warnings = [at(3, 'use `[]`'), at(9, 'use `[]`'), at(3, 'use `[]`'), {text: 'other', place: undefined}]
    const report = await reportOf(release, {}, {build, staged, warnings})
    const items = (await summary(withRows(report))).split('\n').filter((line) => line.startsWith('- '))
    expect(items).toEqual(['- ⚠️ `JSONArgsRecommended` use `[]` (`Dockerfile:3`, `Dockerfile:9`)', '- ⚠️ other'])
  })

  test('with an error have its evidence and remedy in their item', async () => {
    const error = new TagboatError('disk-full', {message: 'Full.', evidence: ['GET x: 503', 'y'], remedy: 'Empty `z`.'})
    const about = errorWarning(error, 'Skipped.')
    const warnings = [
      {text: about.text, place: undefined, about},
      {text: 'two\nlines', place: undefined},
    ]
    const report = await reportOf(release, {}, {build, staged, warnings})
    const parts = (await summary(withRows(report))).split(/^(?=- ⚠️ )/m).slice(1)
    expect(parts.map((part) => part.split('\n\n<details>')[0]?.trimEnd())).toEqual([
      [
        '- ⚠️ **Skipped. Full.**',
        '',
        '  ```',
        '  GET x: 503',
        '  y',
        '  ```',
        '',
        `  **What to do:** Empty \`z\`. ([\`disk-full\`](${errorAddress('disk-full')}))`,
      ].join('\n'),
      '- ⚠️ two lines',
    ])
  })
})

describe('the summary of a failure', () => {
  async function lines(changes: Partial<Report>, event: Parameters<typeof planOf>[0] = release): Promise<string> {
    return summary(await reportOf(event, {tags: 'x'}, {failure: new TagboatError('build-failed'), ...changes}))
  }

  test('says that no tag changed, and has no table of them', async () => {
    const markdown = await lines({gates: [{gate: 'test', outcome: 'failed', reason: '', durationMs: 400}]})
    expect(markdown).toContain(unchangedTags)
    expect(rowsOf(markdown).map(([first = '']) => first.trim())).toEqual([
      'Test',
      '---',
      '❌ failed in 0.4 s'.replaceAll(' ', '\u00a0'),
    ])
  })

  test.each<{name: string; changes: Partial<Report>; event?: 'pull-request'}>([
    {name: 'a builder that pushes the tags itself', changes: {builder: classicBuilder}},
    {name: 'a stage', changes: {action: 'stage'}},
    {name: 'a dry run', changes: {dryRun: true}},
    {name: 'a pull request', changes: {}, event: 'pull-request'},
  ])('does not say it for $name', async ({changes, event}) => {
    expect(await lines(changes, event)).not.toContain(unchangedTags)
  })

  const tested = {gates: [{gate: 'test', outcome: 'failed', reason: '', durationMs: 400}] as const}
  const failedTest = new TagboatError('test-failed')

  test.each<{name: string; changes: Partial<Report>; event?: 'pull-request'; heading: string}>([
    {name: 'a publication', changes: {}, heading: 'Not published `ghcr.io/octocat/hello-world:x`'},
    {name: 'a stage', changes: {action: 'stage'}, heading: 'Not staged `ghcr.io/octocat/hello-world:x`'},
    {
      name: 'a tested pull request',
      changes: {build, failure: failedTest, ...tested},
      event: 'pull-request',
      heading: 'Built `ghcr.io/codertocat/hello-world:x`, test failed',
    },
    {
      name: 'a pull request after its build',
      changes: {build},
      event: 'pull-request',
      heading: 'Built `ghcr.io/codertocat/hello-world:x`, then failed',
    },
    {
      name: 'an unbuilt pull request',
      changes: {},
      event: 'pull-request',
      heading: 'Not built `ghcr.io/codertocat/hello-world:x`',
    },
    {
      name: 'a promote on a pull request',
      changes: {action: 'promote'},
      event: 'pull-request',
      heading: 'Not promoted `ghcr.io/codertocat/hello-world:x`',
    },
  ])('of $name is headed by what the run was to do', async ({changes, event, heading}) => {
    const [first, second] = (await lines(changes, event)).split('\n\n')
    expect(first).toBe(`### ❌ ${heading}`)
    if (event !== undefined) expect(second).toBe(formatPlanReason({code: 'pull-request', number: 2}))
  })

  test('before the plan has cause, evidence and remedy', () => {
    const failure = new TagboatError('input-invalid', {evidence: ['tags, line 1: x']})
    expect(failureSummary(failure)).toBe(
      [
        '### ❌ Not started',
        `**${failure.message}**`,
        '```\ntags, line 1: x\n```',
        '**What to do:** Correct each line listed above. Nothing has been built or changed. ([`input-invalid`](https://github.com/tagboat/tagboat/blob/main/docs/errors.md#input-invalid))',
      ].join('\n\n'),
    )
  })
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

function hostileStep(text: string): BuildRecord['steps'][number] {
  const name = `[1/1] FROM ${text.replace(/\s+/g, '')}@sha256:${'d'.repeat(64)}`
  return {...step, name, platform: text, startedMs: 0, durationMs: 20_000}
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
    const given: Report = {
      action: 'publish',
      plan: {
        ...plan,
        push: {do: false, reason: {code: 'fork-without-credentials', repository: text, hosts: [text]}},
        tags: plan.tags.map((tag) => ({...tag, source, notes: [{code: 'hashed-tag', text}]})),
        skippedRules: [{source, reason: {code: 'other-branch', branch: text}, level: 'info'}],
      },
      dryRun: false,
      build: {...build, builder: {name: text, driver: text}, record: {...record, steps: [hostileStep(text)]}},
      staged,
      previous: {tag: text, version: text, images},
      versions: new Map([[older, text]]),
      rows: plan.tags.map(({reference}) => ({
        reference,
        before: older,
        after: index,
        outcome: 'moved',
        code: 'new-tag',
        reason: `as ${text} says`,
        level: 'info',
      })),
      unread: plan.tags.map((tag) => ({reference: formatTagRef(tag.reference), reason: text})),
      warnings: [{text, place: {file: text, line: 1, endLine: 1, title: text}}],
    }
    const failure = new TagboatError('build-failed', {message: text, evidence: [text], remedy: text})
    for (const report of [given, {...given, failure}, {...given, dryRun: true, rows: undefined}]) {
      const markdown = await summary(report)
      for (const block of markdown.split('\n\n')) {
        expect(new Set(rowsOf(block).map((row) => row.length)).size).toBeLessThanOrEqual(1)
      }
      const meaningful = live(markdown)
        .replace(/<details><summary>[\w, :]+(?:<code>[\w.+-]*<\/code>)?<\/summary>|<\/details>|<br>/g, '')
        .replace(/\[(?:package|)\]\(https:[\w/.-]+#?[\w-]*\)|\*\*/g, '')
      expect(meaningful).not.toMatch(/[<>`*_~[\]@&]|:\/\/|www\./i)
    }
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

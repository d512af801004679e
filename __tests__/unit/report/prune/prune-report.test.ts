import {describe, expect, test} from '@jest/globals'
import {retentionError} from '../../../../src/errors/retention-error.ts'
import {pruneOutputs} from '../../../../src/report/prune/prune-outputs.ts'
import type {JudgedRepository, PruneReport} from '../../../../src/report/prune/prune-report.ts'
import {finalRows, rowsOf} from '../../../../src/report/prune/prune-rows.ts'
import {finalPruneLine, rowReason} from '../../../../src/report/prune/prune-sentence.ts'
import {pruneSummary} from '../../../../src/report/prune/prune-summary.ts'
import {firstPruneLine, rowGroups} from '../../../../src/report/prune/prune-lines.ts'
import {judgedOf, pruneReport} from '../../../../testing/pruned.ts'
import {named, tagFor, testContent, type TestRepository} from '../../../../testing/retention.ts'

const repository: TestRepository = {
  manifests: {
    old: {children: ['amd64', 'arm64'], blobs: {config: 10}},
    amd64: {blobs: {layer: 2_000_000}},
    arm64: {blobs: {other: 1_000_000}},
    kept: {children: ['lost'], platforms: {lost: 'linux/arm64'}},
    lost: 'missing',
    bare: {blobs: {lone: 70}},
  },
  tags: {'pr-1': 'old', '1.2.3': 'kept'},
}
const judged = judgedOf(repository, ['pr-1', 'bare'])
const nothing = judgedOf(repository, [])
const refusal = retentionError('prune-too-much')

function deleted(one: JudgedRepository): JudgedRepository {
  return {...one, results: one.plan.steps.map((step) => ({step, outcome: {kind: 'deleted'}}))}
}

function outputsOf(report: PruneReport): Readonly<Record<string, unknown>> {
  const values = pruneOutputs(report, finalRows(report.judged))
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, /^[[{]/.test(value) ? (JSON.parse(value) as unknown) : value]),
  )
}

describe('log lines', () => {
  test.each([
    {
      name: 'a dry run',
      report: pruneReport([judged]),
      final: /^Dry run: .*`dry-run: false`.* 1 of 2 tags and 1 untagged/,
    },
    {
      name: 'a deletion',
      report: pruneReport([deleted(judged)], {dryRun: false}),
      final: /^Deleted 1 of 2 .*, 3\.00 MB, in 1\.0 s$/,
    },
    {
      name: 'no deletion',
      report: pruneReport([nothing]),
      final: /nothing to delete in registry\.example\/acme\/app: all 2/,
    },
    {
      name: 'a skip',
      report: pruneReport([], {skip: {code: 'dependabot-token'}}),
      final: /^Nothing to delete: Dependabot/,
    },
  ])('end with the answer after $name', ({report, final}) => {
    expect(finalPruneLine(report, finalRows(report.judged))).toMatch(final)
  })

  test('begin with the answer', () => {
    const [row] = finalRows([judged])
    expect(row).toBeDefined()
    expect(firstPruneLine(judged, finalRows([judged]), true)).toMatch(/^Dry run: would delete 1 of 2 tags/)
    expect(firstPruneLine(judged, finalRows([judged]), false)).toMatch(/^Deleting 1 of 2 tags/)
    const refused = {...judged, failure: refusal}
    expect(firstPruneLine(refused, rowsOf(refused), false)).toMatch(/^Refusing to delete 1 of 2 tags/)
    expect(firstPruneLine(nothing, finalRows([nothing]), false)).toMatch(/^Nothing to delete in/)
  })

  test('have a line for each decision, with the identifier of the version', () => {
    const content = {...testContent(repository), ids: new Map([[named('old'), '4711']])}
    const groups = rowGroups(judged, finalRows([{...judged, content}]))
    expect(groups.map(({lines}) => lines.length)).toEqual([2, 1])
    expect(groups[0]?.title).toContain('and 2 platforms')
    expect(groups[0]?.lines[0]).toMatch(/^registry\.example\/acme\/app:pr-1 \(sha256:[0-9a-f]{12}, version 4711\): /)
  })
})

test('a tag of signatures names its image, and whether both stay', () => {
  const reason = {code: 'follows-subject', image: 'pr-1'} as const
  expect(rowReason({reason, fate: 'kept'})).toBe('it belongs to pr-1, and stays with it')
  expect(rowReason({reason, fate: 'deleted'})).toBe('it belongs to pr-1, and goes with it')
})

describe('the outputs', () => {
  test('preview a deletion', () => {
    expect(outputsOf(pruneReport([judged]))).toMatchObject({
      skipped: 'false',
      deleted: [
        {reference: 'registry.example/acme/app:pr-1', digest: named('old'), class: 'match', code: 'no-rule'},
        {reference: `registry.example/acme/app@${named('bare')}`, class: 'untagged'},
      ],
      kept: [{reference: 'registry.example/acme/app:1.2.3', class: 'other'}],
      'deleted-count': '2',
      'kept-count': '1',
      bytes: '3000080',
      remaining: '0',
      broken: [{reference: 'registry.example/acme/app:1.2.3', missing: [{platform: 'linux/arm64'}]}],
      plan: {dryRun: true, repositories: [{repository: 'registry.example/acme/app', tags: 2, bytes: 3_000_080}]},
    })
  })

  test('of a refused run delete nothing', () => {
    const report = pruneReport([{...judged, failure: refusal}])
    expect(outputsOf(report)).toMatchObject({deleted: [], 'deleted-count': '0', 'kept-count': '3', bytes: '0'})
  })

  test('count remaining deletions', () => {
    const results = judged.plan.steps.map((step) => ({step, outcome: {kind: 'remaining'}}) as const)
    expect(outputsOf(pruneReport([{...judged, results}], {dryRun: false}))['remaining']).toBe('2')
  })

  test('list at most a thousand entries, and a plan that fits', () => {
    const names = Array.from({length: 1_500}, (_, index) => `pr-${index}`)
    const many = judgedOf(
      {manifests: {a: {}, b: {}}, tags: {...Object.fromEntries(names.map((name) => [name, 'a'])), x: 'b'}},
      names,
    )
    const values = pruneOutputs(pruneReport([many]), finalRows([many]))
    expect(JSON.parse(values.deleted)).toHaveLength(1_000)
    expect(values['deleted-count']).toBe('1500')
    expect(values.plan.length).toBeLessThanOrEqual(40 * 1024)
    expect(JSON.parse(values.plan)).toMatchObject({omitted: ['decisions']})
  })
})

describe('the job summary', () => {
  test.each([
    {
      name: 'a dry run',
      report: pruneReport([judged]),
      heading: '### Would delete 1 of 2 tags and 1 untagged image of `registry.example/acme/app`, 3.00 MB',
    },
    {
      name: 'a deletion',
      report: pruneReport([deleted(judged)], {dryRun: false}),
      heading: '### ✅ Deleted 1 of 2 tags and 1 untagged image of `registry.example/acme/app`, 3.00 MB',
    },
    {
      name: 'a refusal',
      report: pruneReport([{...judged, failure: refusal}]),
      heading: '### ❌ A real run',
    },
    {
      name: 'a failure',
      report: pruneReport([], {
        dryRun: false,
        unjudged: [{repository: judged.repository, isBestEffort: false, failure: refusal}],
      }),
      heading: '### ❌ Deleted nothing of `registry.example/acme/app`',
    },
    {
      name: 'no deletion',
      report: pruneReport([nothing]),
      heading: '### Nothing to delete',
    },
    {
      name: 'a skip',
      report: pruneReport([], {skip: {code: 'fork-token', number: 7}}),
      heading: '### Nothing to delete',
    },
  ])('of $name begins with the answer', async ({report, heading}) => {
    expect((await pruneSummary(report)).slice(0, heading.length)).toBe(heading)
  })

  test('of a refusal says that it is one', async () => {
    const summary = await pruneSummary(pruneReport([{...judged, failure: refusal}], {dryRun: false}))
    expect(summary).toMatch(/^### ❌ Refused to delete 1 of 2 tags/)
    expect(summary).toContain('| Class | Policy deletes | Keep |')
    expect(summary).toMatch(/Refused: .* deletes: 2/)
    expect(summary).not.toMatch(/Would be deleted|Would delete/)
  })

  test('counts tags of signatures apart', async () => {
    const signature = tagFor('old', '.sig')
    const signed = judgedOf({...repository, tags: {...repository.tags, [signature]: 'bare'}}, ['pr-1'])
    expect(await pruneSummary(pruneReport([signed]))).toMatch(/^### Would delete 1 of 2 tags and 1 referrer tag of /)
  })

  test('has a bar for each class', async () => {
    const lines = (await pruneSummary(pruneReport([judged]))).split('\n')
    expect(lines.filter((line) => line.includes('░') || line.includes('█'))).toEqual([
      '| tags of patterns | 1 | 0 | 3.00 MB | `████████████████████` |',
      '| other tags | 0 | 1 |  | `░░░░░░░░░░░░░░░░░░░░` |',
      '| untagged images | 1 | 0 | 70 B | `████████████████████` |',
      '| **all** | 2 | 1 | 3.00 MB | `█████████████░░░░░░░` |',
    ])
  })

  test('names what is broken', async () => {
    expect(await pruneSummary(pruneReport([judged]))).toContain('`1.2.3` lacks linux/arm64 (sha256:')
  })

  test('says how to restore, and until when', async () => {
    const restorable = {...deleted(judged), restorableUntil: new Date('2026-12-30T00:00:00Z')}
    expect(await pruneSummary(pruneReport([restorable], {dryRun: false}))).toMatch(
      /2026-12-30.*packages\/container\/app\/versions/,
    )
    expect(await pruneSummary(pruneReport([restorable]))).not.toMatch(/2026-12-30|cannot restore/)
    expect(await pruneSummary(pruneReport([judged]))).toMatch(/cannot restore/)
  })

  test('has at most 1 MiB', async () => {
    const names = Array.from({length: 9_000}, (_, index) => `pr-${index}-${'x'.repeat(100)}`)
    const tags = Object.fromEntries(names.map((name) => [name, 'a']))
    const many = judgedOf({manifests: {a: {}, b: {}}, tags: {...tags, x: 'b'}}, names)
    const all = Array.from({length: 8}, () => many)
    expect(Buffer.byteLength(await pruneSummary(pruneReport(all)))).toBeLessThan(1024 * 1024)
  })

  test('keeps markup in names as text', async () => {
    const evil = judgedOf({manifests: {a: {}}, tags: {'x|y': 'a'}}, ['x|y'])
    expect(await pruneSummary(pruneReport([evil]))).toContain('`x\\|y`')
  })
})

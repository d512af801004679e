import {describe, expect, test} from '@jest/globals'
import {retentionError} from '../../../../src/errors/retention-error.ts'
import type {ExecutedStep, StepOutcome} from '../../../../src/prune/execution/execution.ts'
import type {JudgedRepository} from '../../../../src/report/prune/prune-report.ts'
import {finalRows, formatRowReference, rowsOf} from '../../../../src/report/prune/prune-rows.ts'
import {judgedOf} from '../../../../testing/pruned.ts'
import {named, testContent, type TestRepository} from '../../../../testing/retention.ts'

const repository: TestRepository = {
  manifests: {
    old: {children: ['amd64'], blobs: {config: 10}},
    amd64: {blobs: {layer: 1_000, shared: 500}},
    kept: {blobs: {shared: 500}},
    bare: {blobs: {lone: 70}},
  },
  tags: {'pr-1': 'old', 'pr-1-extra': 'old', '1.2.3': 'kept', main: 'kept'},
}

/** Fate and code of each row by its tag, or the name of its image. */
function fates(judged: JudgedRepository): Readonly<Record<string, string>> {
  return Object.fromEntries(rowsOf(judged).map(({tag, fate, reason}) => [tag ?? 'bare', `${fate} ${reason.code}`]))
}

function resultsOf({plan}: JudgedRepository, outcome: StepOutcome): readonly ExecutedStep[] {
  return plan.steps.map((step) => ({step, outcome}))
}

describe('the fate of a tag', () => {
  test('is that of the decision, if nothing else is known', () => {
    const judged = judgedOf(repository, ['pr-1', 'pr-1-extra', 'bare'])
    const kept = 'kept no-rule'
    const deleted = 'deleted no-rule'
    expect(fates(judged)).toEqual({'pr-1': deleted, 'pr-1-extra': deleted, '1.2.3': kept, main: kept, bare: deleted})
  })

  test('can be removal alone', () => {
    expect(fates(judgedOf(repository, ['main']))).toMatchObject({main: 'deleted no-rule', '1.2.3': 'kept no-rule'})
  })

  test('is to stay without a step for it', () => {
    const {plan, ...judged} = judgedOf(repository, ['main'])
    expect(fates({...judged, plan: {...plan, steps: []}})).toMatchObject({main: 'left shares-image'})
  })

  test.each([
    {result: {kind: 'gone'}, fate: 'deleted no-rule'},
    {result: {kind: 'changed'}, fate: 'left changed'},
    {result: {kind: 'remaining'}, fate: 'left remaining'},
    {result: {kind: 'spared'}, fate: 'left spared'},
    {result: {kind: 'kept', reason: 'last-version', answer: ''}, fate: 'left registry-last-version'},
    {result: {kind: 'kept', reason: 'downloads', answer: ''}, fate: 'left registry-downloads'},
    {result: {kind: 'kept', reason: 'needed', answer: ''}, fate: 'left registry-needed'},
    {result: {kind: 'kept', reason: 'locked', answer: ''}, fate: 'left registry-locked'},
    {result: {kind: 'denied', answer: '403'}, fate: 'left registry-denied'},
    {result: {kind: 'unsupported', answer: '405'}, fate: 'left registry-unsupported'},
    {result: {kind: 'failed', answer: '500'}, fate: 'left registry-failed'},
  ] as const)('is $fate after the result $result.kind', ({result, fate}) => {
    const judged = judgedOf(repository, ['main'])
    expect(fates({...judged, results: resultsOf(judged, result)})['main']).toBe(fate)
  })
})

test('a tag that was removed before its image failed is deleted, and frees nothing', () => {
  const judged = judgedOf(repository, ['pr-1', 'pr-1-extra'])
  const results = judged.plan.steps.map((step): ExecutedStep => {
    const outcome = {kind: 'failed', answer: '500'} as const
    return step.digest === named('old') ? {step, outcome, removedTags: ['pr-1']} : {step, outcome: {kind: 'remaining'}}
  })
  const found = {...judged, results}
  expect(fates(found)).toMatchObject({'pr-1': 'deleted no-rule', 'pr-1-extra': 'left registry-failed'})
  expect(rowsOf(found).map(({bytes}) => bytes)).toEqual([0, 0, 0, 0])
})

test.each([
  {kind: 'denied', answer: '403'},
  {kind: 'unsupported', answer: '405'},
] as const)('after $kind deletions alone, the next run does not delete the rest', (outcome) => {
  const judged = judgedOf(repository, ['pr-1', 'pr-1-extra', 'main', 'bare'])
  const results = resultsOf(judged, {kind: 'remaining'}).map((one, index) => (index === 0 ? {...one, outcome} : one))
  const left = rowsOf({...judged, results}).filter(({fate}) => fate === 'left')
  expect(new Set(left.map(({reason}) => reason.code))).toEqual(new Set([`registry-${outcome.kind}`, 'untried']))
  const [first, ...others] = results.toReversed()
  const some = first === undefined ? [] : [{...first, outcome: {kind: 'deleted'} as const}, ...others]
  expect(rowsOf({...judged, results: some}).some(({reason}) => reason.code === 'untried')).toBe(false)
})

describe('an untagged image', () => {
  test.each([
    {
      name: 'that a tag needs',
      changes: {manifests: {bare: {}, a: {children: ['bare']}}, tags: {x: 'a'}},
      code: 'needed-by',
    },
    {name: 'where none are listed', changes: {isComplete: false}, code: 'not-listed'},
    {name: 'that is locked', changes: {locked: ['bare']}, code: 'registry-locked'},
    {name: 'that cannot be read', changes: {manifests: {bare: 'unreadable'}, tags: {}}, code: 'cannot-be-read'},
  ] as const)('$name', ({changes, code}) => {
    expect(fates(judgedOf({...repository, ...changes}, ['bare']))['bare']).toBe(`left ${code}`)
  })
})

test('the first tag of an image has the size that its deletion frees', () => {
  const rows = rowsOf(judgedOf(repository, ['pr-1', 'pr-1-extra', 'bare']))
  expect(Object.fromEntries(rows.map(({tag, bytes}) => [tag ?? 'bare', bytes]))).toEqual({
    'pr-1': 1_010,
    'pr-1-extra': 0,
    '1.2.3': 0,
    main: 0,
    bare: 70,
  })
})

test('a refused repository has no deleted rows', () => {
  const judged = judgedOf(repository, ['pr-1', 'pr-1-extra'], {failure: retentionError('prune-too-much')})
  expect(rowsOf(judged).filter(({fate}) => fate === 'deleted')).toHaveLength(2)
  expect(finalRows([judged]).filter(({fate}) => fate === 'deleted')).toEqual([])
  expect(finalRows([judged]).map(({reason}) => reason.code)).toEqual(['refused', 'refused', 'no-rule', 'no-rule'])
})

test('rows are sorted by class and name', () => {
  const tags = {'pr-10': 'kept', 'pr-9': 'kept', latest: 'kept'}
  const judged = judgedOf({manifests: {kept: {}, bare: {}}, tags}, ['bare'])
  const decisions = judged.decisions.map((one) => (one.tag?.startsWith('pr-') ? {...one, class: 'pr' as const} : one))
  expect(rowsOf({...judged, decisions}).map(({tag}) => tag)).toEqual(['pr-9', 'pr-10', 'latest', undefined])
})

test('commits are sorted by age, the newest first', () => {
  const tags = {'sha-0000001': 'kept', 'sha-0000002': 'kept', 'sha-0000003': 'kept', 'sha-0000004': 'kept'}
  const judged = judgedOf({manifests: {kept: {}}, tags}, [])
  const dates = [2, 3, undefined, 1]
  const decisions = judged.decisions.map((one, index) => {
    const date = dates[index]
    return {...one, class: 'commit' as const, ...(date !== undefined && {date})}
  })
  const sorted = rowsOf({...judged, decisions}).map(({tag}) => tag)
  expect(sorted).toEqual(['sha-0000003', 'sha-0000002', 'sha-0000001', 'sha-0000004'])
})

test('a row is named by its tag, or else by its digest', () => {
  const names = rowsOf(judgedOf(repository, ['bare'])).map(formatRowReference)
  expect(names[0]).toBe('registry.example/acme/app:1.2.3')
  expect(names.at(-1)).toBe(`registry.example/acme/app@${named('bare')}`)
})

test('only a deleted image has the identifier of its version', () => {
  const ids = new Map([
    [named('kept'), '1'],
    [named('old'), '2'],
  ])
  const content = {...testContent(repository), ids}
  const rows = rowsOf(judgedOf(repository, ['main', 'pr-1', 'pr-1-extra'], {content}))
  const found = Object.fromEntries(rows.map(({tag, fate, id}) => [tag ?? 'bare', `${fate} ${id ?? 'none'}`]))
  expect(found).toEqual({main: 'deleted none', '1.2.3': 'kept 1', 'pr-1': 'deleted 2', 'pr-1-extra': 'deleted 2'})
})

test('a row has the text of its line', () => {
  const {decisions, ...judged} = judgedOf(repository, ['pr-1'])
  const lines = new Map([[2, 'type=pr,gone=true']])
  const [row, ...others] = rowsOf({...judged, lines, decisions: decisions.map((one) => ({...one, line: 2}))})
  expect(row?.rule).toBe('type=pr,gone=true')
  expect(others).not.toEqual([])
})

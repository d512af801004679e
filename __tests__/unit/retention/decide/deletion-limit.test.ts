import {describe, expect, test} from '@jest/globals'
import type {TagboatError} from '../../../../src/errors/error.ts'
import type {DeletionLimit} from '../../../../src/inputs/prune/policy.ts'
import {tooMuch} from '../../../../src/retention/decide/deletion-limit.ts'
import {planDeletion} from '../../../../src/retention/plan-deletion.ts'
import {pruneInputs} from '../../../../testing/retention-policy.ts'
import {decide, tagFor, testContent} from '../../../../testing/retention.ts'

function refusal(deleted: number, total: number, limit: DeletionLimit): string | undefined {
  const names = Array.from({length: total}, (_, index) => `t${index}`)
  const content = testContent({
    manifests: Object.fromEntries(names.map((name) => [name, {}])),
    tags: {...Object.fromEntries(names.map((name) => [name, name])), [tagFor('t0', '.sig')]: 't0'},
  })
  const decisions = decide(content, names.slice(0, deleted))
  const plan = planDeletion({content, decisions, keptBesides: new Set()})
  return tooMuch({plan, content, decisions, inputs: {...pruneInputs({}), maxDeleted: limit}})?.code
}

test.each([
  {deleted: 10, total: 20, limit: {kind: 'percent', value: 50}, code: undefined},
  {deleted: 11, total: 20, limit: {kind: 'percent', value: 50}, code: 'prune-too-much'},
  {deleted: 18, total: 19, limit: {kind: 'percent', value: 50}, code: undefined},
  {deleted: 3, total: 10, limit: {kind: 'count', value: 3}, code: undefined},
  {deleted: 4, total: 10, limit: {kind: 'count', value: 3}, code: 'prune-too-much'},
  {deleted: 0, total: 0, limit: {kind: 'count', value: 0}, code: undefined},
  {deleted: 2, total: 2, limit: {kind: 'percent', value: 99}, code: 'prune-too-much'},
  {deleted: 2, total: 2, limit: {kind: 'count', value: 9}, code: 'prune-too-much'},
  {deleted: 29, total: 30, limit: {kind: 'percent', value: 100}, code: undefined},
  {deleted: 30, total: 30, limit: {kind: 'percent', value: 100}, code: 'prune-too-much'},
  {deleted: 1, total: 1, limit: {kind: 'percent', value: 100}, code: 'prune-too-much'},
] as const)('$deleted of $total tags with $limit.value, $limit.kind: $code', ({deleted, total, limit, code}) => {
  expect(refusal(deleted, total, limit)).toBe(code)
})

/** Error of a run that deletes three of so many tags, the last two by a line of the policy. */
function errorOf(
  inputs: Readonly<Record<string, string>>,
  total: number,
  line: number | undefined,
): TagboatError | undefined {
  const names = Array.from({length: total}, (_, index) => `t${index}`)
  const content = testContent({
    manifests: {a: {}, b: {}},
    tags: Object.fromEntries(names.map((name, index) => [name, index < 3 ? 'a' : 'b'])),
  })
  const decisions = decide(content, names.slice(0, 3)).map((one, index) => ({
    ...one,
    ...(index > 0 && line !== undefined && {line}),
  }))
  const plan = planDeletion({content, decisions, keptBesides: new Set()})
  return tooMuch({plan, content, decisions, inputs: pruneInputs({'max-deleted': '1', ...inputs})})
}

describe('the error', () => {
  test('counts the tags of each line', () => {
    const policy = '\n\n\ntype=match,pattern=t*'
    expect(errorOf({policy, 'delete-tags': 't0'}, 4, 4)?.evidence).toEqual([
      'max-deleted: 1',
      'policy, line 4: 2',
      'delete-tags: 1',
    ])
  })

  test('names default lines', () => {
    const error = errorOf({}, 4, 1)
    expect(error?.evidence).toContain('default policy, type=pr,gone=true,older-than=1d: 2')
    expect(error?.remedy).toContain('or else set a `policy` with other lines.')
  })

  test.each([
    {inputs: {'delete-tags': 't*'}, remedy: /or else correct `delete-tags`\./},
    {inputs: {policy: 'type=match,pattern=t*'}, remedy: /or else correct the lines of `policy`\./},
    {inputs: {policy: 'type=orphan', 'delete-tags': 't*'}, remedy: /correct the lines of `policy` or `delete-tags`\./},
  ])('for $inputs names what to correct', ({inputs, remedy}) => {
    expect(errorOf(Object.fromEntries(Object.entries(inputs)), 4, undefined)?.remedy).toMatch(remedy)
  })

  test('has no limit if all go', () => {
    const error = errorOf({'delete-tags': 't*', 'max-deleted': '100%'}, 3, undefined)
    expect([error?.message, error?.evidence]).toEqual([
      expect.stringMatching(/ all 3 tags of registry\.example/),
      ['delete-tags: 3'],
    ])
    expect(error?.remedy).toMatch(/^Name a tag that stays in `exclude-tags`.* or correct `delete-tags`\./)
  })
})

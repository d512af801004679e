import {expect, test} from '@jest/globals'
import type {DeletionLimit} from '../../../../src/inputs/prune/policy.ts'
import {tooMuch} from '../../../../src/retention/decide/deletion-limit.ts'
import {planDeletion} from '../../../../src/retention/plan-deletion.ts'
import {decide, tagFor, testContent} from '../../../../testing/retention.ts'

function refusal(deleted: number, total: number, limit: DeletionLimit): string | undefined {
  const names = Array.from({length: total}, (_, index) => `t${index}`)
  const content = testContent({
    manifests: Object.fromEntries(names.map((name) => [name, {}])),
    tags: {...Object.fromEntries(names.map((name) => [name, name])), [tagFor('t0', '.sig')]: 't0'},
  })
  const decisions = decide(content, names.slice(0, deleted))
  const plan = planDeletion({content, decisions, keptBesides: new Set()})
  return tooMuch({plan, content, decisions, limit})?.code
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

test('the error counts the tags of each line', () => {
  const content = testContent({manifests: {a: {}}, tags: {x: 'a', y: 'a', z: 'a'}})
  const [first, ...others] = decide(content, ['x', 'y', 'z'])
  if (first === undefined) throw new Error('no decision')
  const decisions = [first, ...others.map((one) => ({...one, line: 4}))]
  const plan = planDeletion({content, decisions, keptBesides: new Set()})
  const error = tooMuch({plan, content, decisions, limit: {kind: 'count', value: 1}})
  expect(error?.evidence).toEqual(['max-deleted: 1', 'policy, line 4: 2', 'delete-tags: 1'])
})

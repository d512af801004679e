import {describe, expect, test} from '@jest/globals'
import type {ClosedRef} from '../../../../src/retention/closed/closed-ref.ts'
import {
  branchWithoutUse,
  decideClosed,
  existsAgain,
  type ClosedTags,
} from '../../../../src/retention/closed/decide-closed.ts'
import type {LiveRefs} from '../../../../src/retention/live-refs.ts'
import {testContent, type TestManifest} from '../../../../testing/retention.ts'

const source = 'https://github.com/acme/app'
const pull: ClosedRef = {kind: 'pull', number: 12, headRef: 'feature', baseRef: 'main', fromFork: false}
const branch: ClosedRef = {kind: 'branch', branch: 'feature'}
const known: LiveRefs = {defaultBranch: 'main', branches: new Set(['main', 'old']), openPulls: new Set([9])}
const unknown: LiveRefs = {defaultBranch: 'main', branches: undefined, openPulls: undefined}

/** Verdict and code of each tag: `delete pull-closed`. */
function decisionsOf(image: TestManifest, changes: Partial<ClosedTags> = {}): Readonly<Record<string, string>> {
  const content = testContent({manifests: {image}, tags: {'pr-12': 'image', other: 'image', cache: 'image'}})
  const own = [{tag: 'pr-12', isCertain: true}]
  const decisions = decideClosed(content, {closed: pull, own, caches: [], refs: known, source, ...changes})
  return Object.fromEntries(decisions.map((one) => [String(one.tag), `${one.verdict} ${one.class} ${one.reason.code}`]))
}

test.each<{
  readonly name: string
  readonly ref: string | undefined
  readonly isCertain: boolean
  readonly expected: string
}>([
  {name: 'the closed ref', ref: 'refs/pull/12/merge', isCertain: false, expected: 'delete pr pull-closed'},
  {name: 'none, with a proof', ref: undefined, isCertain: true, expected: 'delete pr pull-closed'},
  {name: 'none, without a proof', ref: undefined, isCertain: false, expected: 'keep pr ref-unstated'},
  {name: 'another one', ref: 'refs/heads/main', isCertain: true, expected: 'keep pr of-other-ref'},
  {name: 'a longer number', ref: 'refs/pull/121/merge', isCertain: true, expected: 'keep pr of-other-ref'},
])('an image that states $name', ({ref, isCertain, expected}) => {
  const decisions = decisionsOf({facts: {ref}}, {own: [{tag: 'pr-12', isCertain}]})
  expect(decisions).toEqual({'pr-12': expected})
})

test('images of other repositories', () => {
  const ref = 'refs/pull/12/merge'
  const [own, other] = ['acme/App', 'acme/other'].map((name) =>
    decisionsOf({facts: {ref, source: `https://github.com/${name}`}}),
  )
  expect(own).toEqual({'pr-12': 'delete pr pull-closed'})
  expect(other).toEqual({'pr-12': 'keep pr other-source'})
})

test('unknown refs are the reason to keep a tag', () => {
  const own = [{tag: 'pr-12', isCertain: false}]
  expect(decisionsOf({}, {own, refs: unknown})).toEqual({'pr-12': 'keep pr refs-unknown'})
})

test('platforms state refs', () => {
  const content = testContent({
    manifests: {index: {children: ['amd64']}, amd64: {facts: {ref: 'refs/heads/feature'}}},
    tags: {feature: 'index'},
  })
  const own = [{tag: 'feature', isCertain: false}]
  expect(decideClosed(content, {closed: branch, own, caches: [], refs: unknown, source})).toMatchObject([
    {tag: 'feature', class: 'branch', verdict: 'delete', reason: {code: 'branch-gone', branch: 'feature'}},
  ])
})

test('absent tags have no decision', () => {
  const own = [{tag: 'pr-12-slim', isCertain: true}]
  expect(decisionsOf({}, {own, caches: ['cache', 'cache-2']})).toEqual({cache: 'delete cache branch-gone'})
})

describe('an unused cache', () => {
  test.each<{
    readonly name: string
    readonly closed: ClosedRef
    readonly refs: LiveRefs
    readonly expected: string | undefined
  }>([
    {name: 'that was deleted', closed: branch, refs: known, expected: 'feature'},
    {name: 'that was deleted, without a list', closed: branch, refs: unknown, expected: 'feature'},
    {name: 'that exists again', closed: {kind: 'branch', branch: 'old'}, refs: known, expected: undefined},
    {name: 'of its pull request', closed: pull, refs: known, expected: 'feature'},
    {name: 'of its request, unlisted', closed: pull, refs: unknown, expected: undefined},
    {name: 'that exists', closed: {...pull, headRef: 'old'}, refs: known, expected: undefined},
    {name: 'of a fork', closed: {...pull, fromFork: true}, refs: known, expected: undefined},
    {name: 'without a name', closed: {...pull, headRef: undefined}, refs: known, expected: undefined},
    {name: 'that is the default', closed: {kind: 'branch', branch: 'main'}, refs: unknown, expected: undefined},
  ])('$name', ({closed, refs, expected}) => {
    expect(branchWithoutUse(closed, refs)).toBe(expected)
  })
})

test.each<{readonly closed: ClosedRef; readonly refs: LiveRefs; readonly expected: boolean}>([
  {closed: pull, refs: known, expected: false},
  {closed: {...pull, number: 9}, refs: known, expected: true},
  {closed: {...pull, number: 9}, refs: unknown, expected: false},
  {closed: branch, refs: known, expected: false},
  {closed: {kind: 'branch', branch: 'old'}, refs: known, expected: true},
])('$closed.kind $closed.number$closed.branch exists again: $expected', ({closed, refs, expected}) => {
  expect(existsAgain(closed, refs)).toBe(expected)
})

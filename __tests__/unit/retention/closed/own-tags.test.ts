import {describe, expect, test} from '@jest/globals'
import {closedRef, isClosedRef, type ClosedRef} from '../../../../src/retention/closed/closed-ref.ts'
import {ownTags, type OwnTag} from '../../../../src/retention/closed/own-tags.ts'
import type {LiveRefs} from '../../../../src/retention/live-refs.ts'
import {testPlanner} from '../../../../testing/planner.ts'
import {contextOf} from '../../../../testing/reports.ts'

const pull: ClosedRef = {kind: 'pull', number: 12, headRef: 'feature', baseRef: 'main', fromFork: false}
const branch: ClosedRef = {kind: 'branch', branch: 'feature/a'}

function refs(branches: readonly string[] | undefined, openPulls: readonly number[] | undefined): LiveRefs {
  return {
    defaultBranch: 'main',
    branches: branches && new Set(['main', ...branches]),
    openPulls: openPulls && new Set(openPulls),
  }
}

interface Scene {
  readonly name: string
  readonly closed?: ClosedRef
  readonly inputs?: Readonly<Record<string, string>>
  readonly live?: LiveRefs
  readonly published?: readonly string[]
  /** Tags that are its own for certain. */
  readonly certain?: readonly string[]
  /** Tags that are its own if their image states it. */
  readonly unproved?: readonly string[]
}

async function tagsOf({closed = pull, inputs = {}, live, published = []}: Scene): Promise<readonly OwnTag[]> {
  const planner = await testPlanner(inputs)
  return ownTags({planner, closed, refs: live ?? refs([], []), component: inputs['component'], published})
}

test.each<Scene>([
  {name: 'its tag by the default strategy', certain: ['pr-12']},
  {name: 'each variant', inputs: {variant: 'slim', 'default-variant': 'true'}, certain: ['pr-12', 'pr-12-slim']},
  {name: 'no tag that each pull request has', inputs: {tags: 'type=raw,value=test'}},
  {name: 'no tag of a commit', inputs: {tags: 'type=sha\ntype=raw,value=pr-{{pr}}-{{sha}}'}},
  {name: 'no `latest`', inputs: {flavor: 'latest=true'}, certain: ['pr-12']},
  {name: 'nothing of its target', inputs: {tags: 'type=raw,value={{base_ref}}-next'}},
  {
    name: 'no tag of an open pull request',
    inputs: {tags: String.raw`type=match,pattern=^\d,value={{pr}},group=0`},
    live: refs([], [19]),
  },
  {
    name: 'a tag that was cut before its number, if the image states it',
    inputs: {tags: 'type=raw,value=review-of-pull-request-{{pr}}', 'max-tag-length': '20'},
    unproved: ['review-of-pu-b36312e'],
  },
  {name: 'no tag of a branch', live: refs(['pr/12'], [])},
  {name: 'no merge queue tag', inputs: {tags: 'type=raw,value={{pr}}{{base_ref}}'}, live: refs(['12main'], [])},
  {name: 'no tag that this run publishes', published: ['pr-12']},
  {name: 'no tag of a major version', inputs: {tags: 'type=raw,value={{pr}}\ntype=semver,pattern={{major}}'}},
  {
    name: 'no tag of a minor version',
    inputs: {tags: 'type=raw,value=1.{{pr}}\ntype=semver,pattern={{major}}.{{minor}}'},
  },
  {
    name: 'no version of its component',
    inputs: {component: 'api', tags: 'type=raw,value=v{{pr}}\ntype=semver,pattern=v{{major}}'},
  },
  {name: 'a pre-release of no version', inputs: {tags: 'type=raw,value=0.0.0-pr.{{pr}}'}, certain: ['0.0.0-pr.12']},
  {
    name: 'no tag of the number that it also contains',
    inputs: {tags: 'type=raw,value=x-{{pr}}-19\ntype=raw,value=x-12-{{pr}}'},
    certain: ['x-12-12'],
  },
  {name: 'a tag of an unknown branch, if the image states it', live: refs(undefined, []), unproved: ['pr-12']},
  {name: 'one of an unknown pull request, too', live: refs([], undefined), unproved: ['pr-12']},
  {name: 'its branch tag', closed: branch, inputs: {tags: 'type=ref,event=branch'}, certain: ['feature-a']},
  {name: 'one that a Git tag could have, if the image states it', closed: branch, unproved: ['feature-a']},
  {name: 'not that of a branch with a similar name', closed: branch, live: refs(['feature-a'], [])},
  {
    name: 'that of each branch, with unique tags',
    closed: branch,
    inputs: {'unique-branch-tags': 'true'},
    live: refs(['feature-a'], []),
    certain: ['feature-a-1901a3a'],
  },
  {name: 'no open request', closed: {kind: 'branch', branch: 'pr-12'}, live: refs([], [12])},
  {name: 'no merge queue name', closed: {kind: 'branch', branch: 'mq-v1'}, live: refs(['v1'], [])},
  {
    name: 'no name of the schedule',
    closed: {kind: 'branch', branch: 'nightly'},
    inputs: {tags: 'type=ref,event=branch\ntype=schedule'},
  },
  {
    name: 'a branch of an unknown list, if the image states it',
    closed: branch,
    live: refs(undefined, undefined),
    unproved: ['feature-a'],
  },
])('a closed ref has $name', async ({certain = [], unproved = [], ...scene}) => {
  const tags = await tagsOf(scene)
  expect(tags).toEqual([
    ...certain.map((tag) => ({tag, isCertain: true})),
    ...unproved.map((tag) => ({tag, isCertain: false})),
  ])
})

describe('the closed ref of an event', () => {
  test.each([
    {event: 'pull-request-closed', expected: {kind: 'pull', number: 2, baseRef: 'master', fromFork: false}},
    {event: 'pull-request-merged', expected: {kind: 'pull', number: 2, headRef: 'changes'}},
    {event: 'push-branch-deleted', expected: {kind: 'branch'}},
    {event: 'delete-tag', expected: undefined},
    {event: 'push-tag-deleted', expected: undefined},
    {event: 'pull-request', expected: undefined},
    {event: 'push-branch', expected: undefined},
    {event: 'release-deleted', expected: undefined},
  ])('$event', ({event, expected}) => {
    const found = closedRef(contextOf(event))
    if (expected === undefined) expect(found).toBeUndefined()
    else expect(found).toMatchObject(expected)
  })

  test.each<{readonly closed: ClosedRef; readonly ref: string; readonly is: boolean}>([
    {closed: pull, ref: 'refs/pull/12/merge', is: true},
    {closed: pull, ref: 'refs/pull/12/head', is: true},
    {closed: pull, ref: 'refs/pull/1/merge', is: false},
    {closed: pull, ref: 'refs/heads/12', is: false},
    {closed: branch, ref: 'refs/heads/feature/a', is: true},
    {closed: branch, ref: 'refs/heads/feature', is: false},
  ])('is $ref: $is', ({closed, ref, is}) => {
    expect(isClosedRef(ref, closed)).toBe(is)
  })
})

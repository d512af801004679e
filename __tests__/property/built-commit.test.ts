import {describe, expect, test} from '@jest/globals'
import {followBuiltCommit, type BuiltCommit} from '../../src/context/built-commit.ts'
import {isOwnRepository} from '../../src/context/repository-url.ts'
import {readContext} from '../../src/context/event.ts'
import type {GitContext} from '../../src/context/git-context.ts'
import {eventNames, loadEvent} from '../../testing/events.ts'
import {propose} from '../../testing/plans.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const contexts = eventNames()
  .map((name): GitContext => readContext(loadEvent(name).environment, loadEvent(name).payload))
  .filter(({gone}) => !gone)
const sha = 'b'.repeat(40)
const context = fc.constantFrom(...contexts)
const ref = fc.constantFrom(
  'refs/heads/main',
  'refs/heads/master',
  'refs/heads/topic',
  'refs/tags/v1.2.3',
  'refs/tags/main',
)
const upstream = fc.record({
  event: fc.constantFrom('push', 'pull_request', 'pull_request_target', 'schedule', 'release'),
  fromFork: fc.boolean(),
  byDependabot: fc.boolean(),
  headBranch: fc.constantFrom('main', 'master', 'v1.2.3', undefined),
  headSha: fc.constantFrom(sha, 'c'.repeat(40), undefined),
})
const built: fc.Arbitrary<BuiltCommit> = fc.record({
  sha: fc.constant(sha),
  commitDate: fc.constantFrom(undefined, '2026-01-02T03:04:05Z'),
  branch: fc.option(ref, {nil: undefined}),
  refs: fc.array(ref, {maxLength: 3}),
  knowsTags: fc.boolean(),
  followsEvent: fc.constantFrom(true, false, undefined),
  isMadeHere: fc.boolean(),
  origin: fc.constantFrom(
    undefined,
    '/srv/git/x',
    'https://github.com/stranger/x',
    'git@github.com:Codertocat/Hello-World.git',
  ),
  isEnclosed: fc.boolean(),
})
/** Event, or the same event of a workflow_run. */
const situation = fc.tuple(context, fc.option(upstream, {nil: undefined}), built).map(([event, after, commit]) => ({
  event: after === undefined || event.ref.kind !== 'branch' ? event : {...event, upstream: after},
  commit,
}))

describe('the built commit', () => {
  test('is that of tags and labels, and a warning contains both commits', () => {
    fc.assert(
      fc.property(situation, ({event, commit}) => {
        const {context: found, remark} = followBuiltCommit(event, commit)
        expect(found.sha).toEqual(sha)
        expect(found.commitDate).toEqual(commit.commitDate)
        expect(found.instead).toMatchObject({sha: event.sha, fullRef: event.fullRef})
        expect(remark.text).toContain(sha)
        expect(remark.text).toContain(event.sha)
      }),
      {numRuns: times(300)},
    )
  })

  test('of a fork gets no branch tag, by default or by rules, for any event', () => {
    const strange = situation.filter(({event, commit}) => {
      const after = event.upstream
      const isStrange = after !== undefined && (after.fromFork || after.event.startsWith('pull_request'))
      return isStrange || event.ref.kind === 'pull' || (!isOwnRepository(event, commit) && !commit.isEnclosed)
    })
    const rules = [
      'type=ref,event=branch',
      'type=edge',
      'type=raw,value=latest,enable={{is_default_branch}}',
      'type=sha',
    ]
    fc.assert(
      fc.property(strange, fc.constantFrom([], rules), ({event, commit}, tags) => {
        const {context: found} = followBuiltCommit(event, commit)
        const names = propose(found, tags).names
        // A Git tag may have the name of a branch.
        const forbidden = found.ref.kind === 'tag' ? ['edge'] : ['main', 'master', 'edge', 'latest']
        expect(names.filter((name) => forbidden.includes(name))).toEqual([])
      }),
      {numRuns: times(300)},
    )
  })

  test('gets a branch tag only if the branch is known to contain it', () => {
    fc.assert(
      fc.property(situation, ({event, commit}) => {
        const {context: found} = followBuiltCommit(event, commit)
        if (found.ref.kind !== 'branch') return
        const {upstream: after} = event
        const isOfRun = after?.headSha === sha && found.ref.name === after.headBranch
        const isHeld = commit.refs.includes(found.fullRef) || commit.branch === found.fullRef
        expect(isOfRun || isHeld || (commit.isEnclosed && !isOwnRepository(event, commit))).toBe(true)
      }),
      {numRuns: times(300)},
    )
  })

  test('is read for every pull request', () => {
    fc.assert(
      fc.property(situation, ({event, commit}) => {
        if (event.ref.kind !== 'pull') return
        expect(followBuiltCommit(event, commit).context.fullRef).toBe(event.fullRef)
      }),
      {numRuns: times(300)},
    )
  })
})

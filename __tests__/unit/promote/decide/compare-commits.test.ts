import {expect, test} from '@jest/globals'
import {noFacts} from '../../../../src/oci/image-facts.ts'
import {parseTagRef} from '../../../../src/oci/reference.ts'
import {compareCommits} from '../../../../src/promote/decide/compare-commits.ts'
import type {CommitReason} from '../../../../src/reasons/commit-reasons.ts'
import type {Holding} from '../../../../src/promote/decide/registry-state.ts'

const parsed = parseTagRef('ghcr.io/o/app:main')
if (!parsed.ok) throw new Error(parsed.reason)
const reference = parsed.value

const older = '2026-01-01T00:00:00Z'
const newer = '2026-01-02T00:00:00Z'
type TagStates = Partial<Holding>

const unstated: Holding = {
  reference,
  digest: `sha256:${'a'.repeat(64)}`,
  ...noFacts,
  revision: 'theirs',
  relation: 'unknown',
}

test.each<{name: string; held: TagStates; date?: string; run?: string; build?: string; expected: string; code: string}>(
  [
    {
      name: 'the same revision',
      held: {revision: 'ours', relation: 'unknown', runId: '9'},
      run: '1',
      expected: 'same',
      code: 'same-commit',
    },
    {
      name: 'the same revision, packaged by an earlier run',
      held: {revision: 'ours', runId: '1', build: 'around=a'},
      run: '2',
      build: 'around=b',
      expected: 'newer',
      code: 'run-order',
    },
    {
      name: 'the same revision, packaged by a later run',
      held: {revision: 'ours', relation: 'unknown', runId: '2', build: 'around=a', commitDate: older},
      run: '1',
      date: newer,
      build: 'around=b',
      expected: 'older',
      code: 'run-order',
    },
    {
      name: 'the same revision and packaging',
      held: {revision: 'ours', runId: '2', build: 'around=a'},
      run: '1',
      build: 'around=a target=x',
      expected: 'same',
      code: 'same-commit',
    },
    {
      name: 'unknown, another packaging of a newer commit by an earlier run',
      held: {relation: 'unknown', runId: '1', build: 'around=a', commitDate: newer},
      run: '2',
      date: older,
      build: 'around=b',
      expected: 'newer',
      code: 'run-order',
    },
    {name: 'identical', held: {relation: 'identical'}, expected: 'same', code: 'same-commit'},
    {
      name: 'ahead, whatever dates say',
      held: {relation: 'ahead', commitDate: newer},
      date: older,
      expected: 'newer',
      code: 'commit-ahead',
    },
    {
      name: 'behind, whatever run ids say',
      held: {relation: 'behind', runId: '1'},
      run: '2',
      expected: 'older',
      code: 'commit-behind',
    },
    {
      name: 'diverged, a later run of an older commit',
      held: {relation: 'diverged', runId: '1', commitDate: newer},
      run: '2',
      date: older,
      expected: 'newer',
      code: 'run-order',
    },
    {
      name: 'diverged, an earlier run',
      held: {relation: 'diverged', runId: '10'},
      run: '9',
      expected: 'older',
      code: 'run-order',
    },
    {
      name: 'diverged, the same run',
      held: {relation: 'diverged', runId: '2'},
      run: '2',
      expected: 'unclear',
      code: 'commit-order-unknown',
    },
    {
      name: 'diverged, no run ids, a newer date',
      held: {relation: 'diverged', commitDate: older},
      date: newer,
      expected: 'newer',
      code: 'commit-dates',
    },
    {
      name: 'unknown, an older date and a later run',
      held: {relation: 'unknown', runId: '1', commitDate: newer},
      run: '2',
      date: older,
      expected: 'older',
      code: 'commit-dates',
    },
    {
      name: 'unknown, a newer date',
      held: {relation: 'unknown', commitDate: older},
      date: newer,
      expected: 'newer',
      code: 'commit-dates',
    },
    {
      name: 'unknown, dates of other zones',
      held: {relation: 'unknown', commitDate: '2026-01-02T01:00:00+01:00'},
      date: newer,
      expected: 'unclear',
      code: 'commit-order-unknown',
    },
    {
      name: 'unknown, equal dates, a later run',
      held: {relation: 'unknown', commitDate: older, runId: '1'},
      date: older,
      run: '2',
      expected: 'newer',
      code: 'run-order',
    },
    {
      name: 'unknown, equal dates, an earlier run',
      held: {relation: 'unknown', commitDate: older, runId: '2'},
      date: older,
      run: '1',
      expected: 'older',
      code: 'run-order',
    },
    {
      name: 'unknown, run ids beyond a double',
      held: {relation: 'unknown', runId: '90071992547409921'},
      run: '90071992547409922',
      expected: 'newer',
      code: 'run-order',
    },
    {
      name: 'unknown, no date that is one',
      held: {relation: 'unknown', commitDate: 'yesterday'},
      date: newer,
      expected: 'unclear',
      code: 'commit-order-unknown',
    },
    {
      name: 'unknown, no run id that is one',
      held: {relation: 'unknown', runId: '1.5'},
      run: '2',
      expected: 'unclear',
      code: 'commit-order-unknown',
    },
    {
      name: 'unknown, nothing',
      held: {relation: 'unknown', revision: undefined},
      expected: 'unclear',
      code: 'commit-order-unknown',
    },
  ],
)('$name: $expected', ({held, date, run, build, expected, code}) => {
  const holding: Holding = {...unstated, ...held}
  const own = {revision: 'ours', commitDate: date, runId: run, digest: undefined, tags: undefined, build}
  expect(compareCommits(holding, own)).toMatchObject({order: expected, because: {code}})
})

test.each<{name: string; held: TagStates; expected: CommitReason}>([
  {name: 'ahead', held: {relation: 'ahead'}, expected: {code: 'commit-ahead', of: 'theirs'}},
  {name: 'behind', held: {relation: 'behind'}, expected: {code: 'commit-behind', of: 'theirs'}},
  {
    name: 'a later run',
    held: {relation: 'diverged', runId: '1'},
    expected: {code: 'run-order', run: '2', otherRun: '1', isLater: true},
  },
  {
    name: 'an earlier run',
    held: {relation: 'diverged', runId: '3'},
    expected: {code: 'run-order', run: '2', otherRun: '3', isLater: false},
  },
  {name: 'a newer date', held: {commitDate: older}, expected: {code: 'commit-dates', date: newer, otherDate: older}},
])('what decides: $name', ({held, expected}) => {
  const own = {revision: 'ours', commitDate: newer, runId: '2', digest: undefined, tags: undefined, build: undefined}
  expect(compareCommits({...unstated, ...held}, own).because).toEqual(expected)
})

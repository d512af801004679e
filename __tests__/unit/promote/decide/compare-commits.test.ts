import {expect, test} from '@jest/globals'
import {noFacts} from '../../../../src/oci/image-facts.ts'
import {parseTagRef} from '../../../../src/oci/reference.ts'
import {compareCommits} from '../../../../src/promote/decide/compare-commits.ts'
import type {CommitReason} from '../../../../src/reasons/commit-reasons.ts'
import type {TagState} from '../../../../src/promote/decide/registry-state.ts'

const parsed = parseTagRef('ghcr.io/o/app:main')
if (!parsed.ok) throw new Error(parsed.reason)
const reference = parsed.value

const older = '2026-01-01T00:00:00Z'
const newer = '2026-01-02T00:00:00Z'
type Facts = Partial<TagState>

const unstated: TagState = {
  reference,
  digest: `sha256:${'a'.repeat(64)}`,
  ...noFacts,
  revision: 'other-commit',
  relation: 'unknown',
}

test.each<{name: string; facts: Facts; date?: string; run?: string; build?: string; expected: string; code: string}>([
  {
    name: 'the same revision',
    facts: {revision: 'this-commit', relation: 'unknown', runId: '9'},
    run: '1',
    expected: 'same',
    code: 'same-commit',
  },
  {
    name: 'the same revision, packaged by an earlier run',
    facts: {revision: 'this-commit', runId: '1', build: 'around=a'},
    run: '2',
    build: 'around=b',
    expected: 'newer',
    code: 'run-order',
  },
  {
    name: 'the same revision, packaged by a later run',
    facts: {revision: 'this-commit', relation: 'unknown', runId: '2', build: 'around=a', commitDate: older},
    run: '1',
    date: newer,
    build: 'around=b',
    expected: 'older',
    code: 'run-order',
  },
  {
    name: 'the same revision and packaging',
    facts: {revision: 'this-commit', runId: '2', build: 'around=a'},
    run: '1',
    build: 'around=a target=x',
    expected: 'same',
    code: 'same-commit',
  },
  {
    name: 'unknown, another packaging by an earlier run of a newer commit',
    facts: {relation: 'unknown', runId: '1', build: 'around=a', commitDate: newer},
    run: '2',
    date: older,
    build: 'around=b',
    expected: 'newer',
    code: 'run-order',
  },
  {name: 'identical', facts: {relation: 'identical'}, expected: 'same', code: 'same-commit'},
  {
    name: 'ahead, whatever the dates',
    facts: {relation: 'ahead', commitDate: newer},
    date: older,
    expected: 'newer',
    code: 'commit-ahead',
  },
  {
    name: 'behind, whatever the run ids',
    facts: {relation: 'behind', runId: '1'},
    run: '2',
    expected: 'older',
    code: 'commit-behind',
  },
  {
    name: 'diverged, a later run of an older commit',
    facts: {relation: 'diverged', runId: '1', commitDate: newer},
    run: '2',
    date: older,
    expected: 'newer',
    code: 'run-order',
  },
  {
    name: 'diverged, an earlier run',
    facts: {relation: 'diverged', runId: '10'},
    run: '9',
    expected: 'older',
    code: 'run-order',
  },
  {
    name: 'diverged, the same run',
    facts: {relation: 'diverged', runId: '2'},
    run: '2',
    expected: 'unclear',
    code: 'commit-order-unknown',
  },
  {
    name: 'diverged, no run ids, a newer date',
    facts: {relation: 'diverged', commitDate: older},
    date: newer,
    expected: 'newer',
    code: 'commit-dates',
  },
  {
    name: 'unknown, an older date and a later run',
    facts: {relation: 'unknown', runId: '1', commitDate: newer},
    run: '2',
    date: older,
    expected: 'older',
    code: 'commit-dates',
  },
  {
    name: 'unknown, a newer date',
    facts: {relation: 'unknown', commitDate: older},
    date: newer,
    expected: 'newer',
    code: 'commit-dates',
  },
  {
    name: 'unknown, equal dates in two time zones',
    facts: {relation: 'unknown', commitDate: '2026-01-02T01:00:00+01:00'},
    date: newer,
    expected: 'unclear',
    code: 'commit-order-unknown',
  },
  {
    name: 'unknown, equal dates, a later run',
    facts: {relation: 'unknown', commitDate: older, runId: '1'},
    date: older,
    run: '2',
    expected: 'newer',
    code: 'run-order',
  },
  {
    name: 'unknown, equal dates, an earlier run',
    facts: {relation: 'unknown', commitDate: older, runId: '2'},
    date: older,
    run: '1',
    expected: 'older',
    code: 'run-order',
  },
  {
    name: 'unknown, run ids beyond the safe integers',
    facts: {relation: 'unknown', runId: '90071992547409921'},
    run: '90071992547409922',
    expected: 'newer',
    code: 'run-order',
  },
  {
    name: 'unknown, an invalid date',
    facts: {relation: 'unknown', commitDate: 'yesterday'},
    date: newer,
    expected: 'unclear',
    code: 'commit-order-unknown',
  },
  {
    name: 'unknown, an invalid run id',
    facts: {relation: 'unknown', runId: '1.5'},
    run: '2',
    expected: 'unclear',
    code: 'commit-order-unknown',
  },
  {
    name: 'unknown, without facts',
    facts: {relation: 'unknown', revision: undefined},
    expected: 'unclear',
    code: 'commit-order-unknown',
  },
])('$name: $expected', ({facts, date, run, build, expected, code}) => {
  const current: TagState = {...unstated, ...facts}
  const thisRun = {revision: 'this-commit', commitDate: date, runId: run, digest: undefined, tags: undefined, build}
  expect(compareCommits(current, thisRun)).toMatchObject({order: expected, because: {code}})
})

test.each<{name: string; facts: Facts; expected: CommitReason}>([
  {name: 'ahead', facts: {relation: 'ahead'}, expected: {code: 'commit-ahead', of: 'other-commit'}},
  {name: 'behind', facts: {relation: 'behind'}, expected: {code: 'commit-behind', of: 'other-commit'}},
  {
    name: 'a later run',
    facts: {relation: 'diverged', runId: '1'},
    expected: {code: 'run-order', run: '2', otherRun: '1', isLater: true},
  },
  {
    name: 'an earlier run',
    facts: {relation: 'diverged', runId: '3'},
    expected: {code: 'run-order', run: '2', otherRun: '3', isLater: false},
  },
  {name: 'a newer date', facts: {commitDate: older}, expected: {code: 'commit-dates', date: newer, otherDate: older}},
])('what decides: $name', ({facts, expected}) => {
  const thisRun = {
    revision: 'this-commit',
    commitDate: newer,
    runId: '2',
    digest: undefined,
    tags: undefined,
    build: undefined,
  }
  expect(compareCommits({...unstated, ...facts}, thisRun).because).toEqual(expected)
})

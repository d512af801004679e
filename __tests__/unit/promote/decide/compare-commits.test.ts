import {expect, test} from '@jest/globals'
import {parseTagRef} from '../../../../src/oci/reference.ts'
import {compareCommits} from '../../../../src/promote/decide/compare-commits.ts'
import type {Holding} from '../../../../src/promote/decide/registry-state.ts'

const parsed = parseTagRef('ghcr.io/o/app:main')
if (!parsed.ok) throw new Error(parsed.reason)
const reference = parsed.value

const older = '2026-01-01T00:00:00Z'
const newer = '2026-01-02T00:00:00Z'
type Held = Partial<Holding>

test.each<{name: string; held: Held; date?: string; run?: string; build?: string; expected: string}>([
  {name: 'the same revision', held: {revision: 'ours', relation: 'unknown', runId: '9'}, run: '1', expected: 'same'},
  {
    name: 'the same revision, packaged by an earlier run',
    held: {revision: 'ours', runId: '1', build: 'around=a'},
    run: '2',
    build: 'around=b',
    expected: 'newer',
  },
  {
    name: 'the same revision, packaged by a later run',
    held: {revision: 'ours', relation: 'unknown', runId: '2', build: 'around=a', commitDate: older},
    run: '1',
    date: newer,
    build: 'around=b',
    expected: 'older',
  },
  {
    name: 'the same revision and packaging',
    held: {revision: 'ours', runId: '2', build: 'around=a'},
    run: '1',
    build: 'around=a target=x',
    expected: 'same',
  },
  {
    name: 'unknown, another packaging of a newer commit by an earlier run',
    held: {relation: 'unknown', runId: '1', build: 'around=a', commitDate: newer},
    run: '2',
    date: older,
    build: 'around=b',
    expected: 'newer',
  },
  {name: 'identical', held: {relation: 'identical'}, expected: 'same'},
  {name: 'ahead, whatever dates say', held: {relation: 'ahead', commitDate: newer}, date: older, expected: 'newer'},
  {name: 'behind, whatever run ids say', held: {relation: 'behind', runId: '1'}, run: '2', expected: 'older'},
  {
    name: 'diverged, a later run of an older commit',
    held: {relation: 'diverged', runId: '1', commitDate: newer},
    run: '2',
    date: older,
    expected: 'newer',
  },
  {name: 'diverged, an earlier run', held: {relation: 'diverged', runId: '10'}, run: '9', expected: 'older'},
  {name: 'diverged, the same run', held: {relation: 'diverged', runId: '2'}, run: '2', expected: 'unclear'},
  {
    name: 'diverged, no run ids, a newer date',
    held: {relation: 'diverged', commitDate: older},
    date: newer,
    expected: 'newer',
  },
  {
    name: 'unknown, an older date and a later run',
    held: {relation: 'unknown', runId: '1', commitDate: newer},
    run: '2',
    date: older,
    expected: 'older',
  },
  {name: 'unknown, a newer date', held: {relation: 'unknown', commitDate: older}, date: newer, expected: 'newer'},
  {
    name: 'unknown, dates of other zones',
    held: {relation: 'unknown', commitDate: '2026-01-02T01:00:00+01:00'},
    date: newer,
    expected: 'unclear',
  },
  {
    name: 'unknown, equal dates, a later run',
    held: {relation: 'unknown', commitDate: older, runId: '1'},
    date: older,
    run: '2',
    expected: 'newer',
  },
  {
    name: 'unknown, equal dates, an earlier run',
    held: {relation: 'unknown', commitDate: older, runId: '2'},
    date: older,
    run: '1',
    expected: 'older',
  },
  {
    name: 'unknown, run ids beyond a double',
    held: {relation: 'unknown', runId: '90071992547409921'},
    run: '90071992547409922',
    expected: 'newer',
  },
  {
    name: 'unknown, no date that is one',
    held: {relation: 'unknown', commitDate: 'yesterday'},
    date: newer,
    expected: 'unclear',
  },
  {name: 'unknown, no run id that is one', held: {relation: 'unknown', runId: '1.5'}, run: '2', expected: 'unclear'},
  {name: 'unknown, nothing', held: {relation: 'unknown', revision: undefined}, expected: 'unclear'},
])('$name: $expected', ({held, date, run, build, expected}) => {
  const holding: Holding = {
    reference,
    digest: `sha256:${'a'.repeat(64)}`,
    revision: 'theirs',
    created: undefined,
    commitDate: undefined,
    runId: undefined,
    version: undefined,
    tags: undefined,
    build: undefined,
    relation: 'unknown',
    ...held,
  }
  const own = {revision: 'ours', commitDate: date, runId: run, digest: undefined, tags: undefined, build}
  const {order, because} = compareCommits(holding, own)
  expect(order).toBe(expected)
  expect(because).not.toMatch(/undefined/)
})

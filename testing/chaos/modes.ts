import {randomFor, type Random} from './random.ts'
import type {RunEnd} from './lifetime.ts'
import type {PlannedRun} from './run.ts'
import {commit, release, type Subject} from './subject.ts'
import {noFaults, type Deletes, type Visibility, type Conditions} from './conditions.ts'

export const modes = [
  'single',
  'same-build',
  'other-build',
  'other-commit',
  'versions',
  'branch',
  'mixed',
  'lagging',
  'losing',
] as const
export type Mode = (typeof modes)[number]

export interface Plan {
  readonly conditions: Conditions
  /** Runs that overlap, per wave. Each wave begins when the previous one has ended. The first waves publish earlier images. */
  readonly waves: readonly (readonly PlannedRun[])[]
}

export interface PlanOptions {
  /** Share of the runs that are killed or cancelled. */
  readonly endings: number
}

/** Plans a round. */
export function planOf(mode: Mode, seed: number, {endings}: PlanOptions): Plan {
  const random = randomFor(seed, `plan of ${mode}`)
  const conditions = conditionsOf(mode, random)
  const subjects = subjectsOf(mode, random)
  const before = publishedBefore(mode, random).map((subject, index) =>
    planned(`before${index + 1}`, subject, conditions),
  )
  let count = 0
  const run = (subject: Subject, build: string, startMs: number): PlannedRun => {
    count += 1
    return {
      ...planned(`run${count}`, subject, conditions),
      conditions,
      build,
      startMs,
      end: mode === 'lagging' ? {kind: 'completed'} : planEnd(random, endings),
      readsStateFirst: random.chance(0.5),
      loss: mode === 'losing' ? random.pick(['child', 'blob', undefined]) : undefined,
    }
  }
  const first = subjects.map(({subject, build}) => run(subject, build, random.between(0, random.pick([0, 100, 1_500]))))
  const again = random.chance(0.4)
    ? first
        .filter(() => random.chance(0.5))
        .map(({subject, build}) => run(subject, random.chance(0.5) ? build : `${build} again`, 0))
    : []
  return {conditions, waves: [...before.map((one) => [one]), first, again]}
}

/** Plans a run without faults. The registry behaves as in the rest of the round. */
export function planned(
  client: string,
  subject: Subject,
  conditions: Conditions,
  build = `build of ${client}`,
): PlannedRun {
  return {
    client,
    subject,
    build,
    startMs: 0,
    end: {kind: 'completed'},
    conditions: {
      ...noFaults,
      visibility: conditions.visibility,
      deletes: conditions.deletes,
      listsTags: conditions.listsTags,
    },
    readsStateFirst: false,
    isNewImage: true,
    loss: undefined,
  }
}

function conditionsOf(mode: Mode, random: Random): Conditions {
  const deletes = random.pick<Deletes>(['tag', 'manifest', 'unsupported'])
  if (mode === 'lagging')
    return {
      ...noFaults,
      deletes,
      visibility: random.pick<Visibility>(['late', 'replicas']),
      delay: random.pick([0, 0.2]),
    }
  const strength = random.pick([0, 0.3, 1, 1, 2])
  const some = (max: number): number => (random.chance(0.6) ? random.number() * max * strength : 0)
  return {
    delay: some(0.3),
    drop: some(0.1),
    status: some(0.1),
    refused: some(0.01),
    doubled: some(0.1),
    ignored: some(0.05),
    silence: some(0.01),
    visibility: random.chance(0.25) ? random.pick<Visibility>(['late', 'replicas']) : 'at once',
    deletes,
    listsTags: true,
  }
}

function planEnd(random: Random, endings: number): RunEnd {
  if (!random.chance(endings)) return {kind: 'completed'}
  const kind = random.pick(['killed', 'killed', 'cancelled'] as const)
  return {kind, request: random.between(1, 70), laterMs: random.between(0, 60)}
}

interface Build {
  readonly subject: Subject
  readonly build: string
}

const versions = ['1.2.2', '1.2.3', '1.2.4', '1.3.0', '2.0.0'] as const

function publishedBefore(mode: Mode, random: Random): readonly Subject[] {
  if (random.chance(0.2)) return []
  const commits = [commit(1)]
  const releases = [release('1.2.2')]
  if (mode === 'branch') return commits
  return mode === 'mixed' ? [...releases, release('1.2.2', '-alpine'), ...commits] : releases
}

function subjectsOf(mode: Mode, random: Random): readonly Build[] {
  const count = random.pick([2, 2, 3])
  const numbers = Array.from({length: count}, (_, index) => index + 1)
  const buildOf = (subject: Subject, index: number): Build => ({subject, build: `build ${index}`})
  switch (mode) {
    case 'single':
      return [buildOf(release('1.2.3'), 1)]
    case 'same-build':
      return numbers.map(() => buildOf(release('1.2.3'), 1))
    case 'other-build':
      return numbers.map((index) => buildOf(release('1.2.3'), index))
    case 'other-commit':
      return numbers.map((index) => buildOf(release('1.2.3', '', index), index))
    case 'versions':
      return numbers.map((index) => buildOf(release(random.pick(versions)), index))
    case 'branch':
      return numbers.map((index) => buildOf(commit(random.between(2, 5)), index))
    case 'mixed':
      return numbers.map((index) => buildOf(anySubject(random), index))
    case 'losing':
      return [buildOf(release('1.2.3'), 1), buildOf(release('1.3.0'), 2)]
    case 'lagging':
      return subjectsOf(random.pick(['single', 'same-build', 'other-build', 'versions', 'branch', 'mixed']), random)
  }
}

function anySubject(random: Random): Subject {
  if (random.chance(0.25)) return commit(random.between(2, 5))
  return release(random.pick(versions), random.pick(['', '', '-alpine']))
}

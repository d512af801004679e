import {dice, type Dice} from './dice.ts'
import type {Fate} from './life.ts'
import type {PlannedRun} from './run.ts'
import {commit, release, type Subject} from './subject.ts'
import {calm, type Deletes, type Visibility, type Weather} from './weather.ts'

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
  readonly weather: Weather
  /** Each wave begins when the one before has ended; the first is what was there before. */
  readonly waves: readonly (readonly PlannedRun[])[]
}

export interface PlanOptions {
  /** Of the runs, how many are killed or cancelled. */
  readonly endings: number
}

/** What happens in a round. */
export function planOf(mode: Mode, seed: number, {endings}: PlanOptions): Plan {
  const roll = dice(seed, `plan of ${mode}`)
  const weather = weatherOf(mode, roll)
  const subjects = subjectsOf(mode, roll)
  const before = formerly(mode, roll).map((subject, index) => planned(`before${index + 1}`, subject, weather))
  let count = 0
  const run = (subject: Subject, build: string, startMs: number): PlannedRun => {
    count += 1
    return {
      ...planned(`run${count}`, subject, weather),
      weather,
      build,
      startMs,
      fate: mode === 'lagging' ? {kind: 'well'} : fateOf(roll, endings),
      readsStateFirst: roll.chance(0.5),
      loss: mode === 'losing' ? roll.pick(['child', 'blob', undefined]) : undefined,
    }
  }
  const first = subjects.map(({subject, build}) => run(subject, build, roll.between(0, roll.pick([0, 100, 1_500]))))
  const again = roll.chance(0.4)
    ? first
        .filter(() => roll.chance(0.5))
        .map(({subject, build}) => run(subject, roll.chance(0.5) ? build : `${build} again`, 0))
    : []
  return {weather, waves: [...before.map((one) => [one]), first, again]}
}

/** A run without faults; what the registry shows is as in the rest of the round. */
export function planned(client: string, subject: Subject, weather: Weather, build = `build of ${client}`): PlannedRun {
  return {
    client,
    subject,
    build,
    startMs: 0,
    fate: {kind: 'well'},
    weather: {...calm, visibility: weather.visibility, deletes: weather.deletes, listsTags: weather.listsTags},
    readsStateFirst: false,
    isNewImage: true,
    loss: undefined,
  }
}

function weatherOf(mode: Mode, roll: Dice): Weather {
  const deletes = roll.pick<Deletes>(['tag', 'manifest', 'unsupported'])
  if (mode === 'lagging')
    return {...calm, deletes, visibility: roll.pick<Visibility>(['late', 'replicas']), delay: roll.pick([0, 0.2])}
  const strength = roll.pick([0, 0.3, 1, 1, 2])
  const some = (most: number): number => (roll.chance(0.6) ? roll.number() * most * strength : 0)
  return {
    delay: some(0.3),
    drop: some(0.1),
    status: some(0.1),
    refused: some(0.01),
    doubled: some(0.1),
    ignored: some(0.05),
    silence: some(0.01),
    visibility: roll.chance(0.25) ? roll.pick<Visibility>(['late', 'replicas']) : 'at once',
    deletes,
    listsTags: true,
  }
}

function fateOf(roll: Dice, endings: number): Fate {
  if (!roll.chance(endings)) return {kind: 'well'}
  const kind = roll.pick(['killed', 'killed', 'cancelled'] as const)
  return {kind, request: roll.between(1, 70), laterMs: roll.between(0, 60)}
}

interface Build {
  readonly subject: Subject
  readonly build: string
}

const versions = ['1.2.2', '1.2.3', '1.2.4', '1.3.0', '2.0.0'] as const

function formerly(mode: Mode, roll: Dice): readonly Subject[] {
  if (roll.chance(0.2)) return []
  const commits = [commit(1)]
  const releases = [release('1.2.2')]
  if (mode === 'branch') return commits
  return mode === 'mixed' ? [...releases, release('1.2.2', '-alpine'), ...commits] : releases
}

function subjectsOf(mode: Mode, roll: Dice): readonly Build[] {
  const count = roll.pick([2, 2, 3])
  const numbers = Array.from({length: count}, (_, index) => index + 1)
  const own = (subject: Subject, index: number): Build => ({subject, build: `build ${index}`})
  switch (mode) {
    case 'single':
      return [own(release('1.2.3'), 1)]
    case 'same-build':
      return numbers.map(() => own(release('1.2.3'), 1))
    case 'other-build':
      return numbers.map((index) => own(release('1.2.3'), index))
    case 'other-commit':
      return numbers.map((index) => own(release('1.2.3', '', index), index))
    case 'versions':
      return numbers.map((index) => own(release(roll.pick(versions)), index))
    case 'branch':
      return numbers.map((index) => own(commit(roll.between(2, 5)), index))
    case 'mixed':
      return numbers.map((index) => own(anything(roll), index))
    case 'losing':
      return [own(release('1.2.3'), 1), own(release('1.3.0'), 2)]
    case 'lagging':
      return subjectsOf(roll.pick(['single', 'same-build', 'other-build', 'versions', 'branch', 'mixed']), roll)
  }
}

function anything(roll: Dice): Subject {
  if (roll.chance(0.25)) return commit(roll.between(2, 5))
  return release(roll.pick(versions), roll.pick(['', '', '-alpine']))
}

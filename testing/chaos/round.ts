import {renderError} from '../../src/errors/error.ts'
import {VirtualClock, type Clock} from './clock.ts'
import {dice} from './dice.ts'
import {
  checkExact,
  checkFloating,
  checkNewest,
  checkNotLost,
  checkReadBack,
  checkVersions,
  checkWhole,
  floatingNames,
  Verdict,
} from './invariants.ts'
import {planned, planOf, type Mode, type PlanOptions} from './modes.ts'
import type {Event} from './network.ts'
import {inVirtualTime, play, type Attempt, type EndedRun, type PlannedRun} from './run.ts'
import type {Subject} from './subject.ts'
import {World} from './world.ts'

export interface RoundOptions extends PlanOptions {
  /** Faults and runs that are left out, by name: `run2 14 dropped after`, `run3`. */
  readonly without: ReadonlySet<string>
  /** Virtual time and runs in this process unless given. */
  readonly clock?: Clock
  readonly attempt?: Attempt
}

export interface Round {
  readonly mode: Mode
  readonly seed: number
  readonly verdict: Verdict
  readonly runs: readonly EndedRun[]
  readonly faults: readonly {readonly name: string; readonly kind: string}[]
  readonly events: readonly Event[]
  /** How much time passed in it. */
  readonly virtualMs: number
}

/** Plays one round: the runs, then a clean one of any of them, then all of them again. */
export async function playRound(
  mode: Mode,
  seed: number,
  {clock = new VirtualClock(), attempt = inVirtualTime, ...options}: RoundOptions,
): Promise<Round> {
  const {weather, waves} = planOf(mode, seed, options)
  const world = new World({seed, weather, without: options.without, clock, attempt})
  const verdict = new Verdict()
  for (const wave of waves)
    await playWave(
      world,
      wave.filter(({client}) => !options.without.has(client)),
    )
  const chaotic = world.ended.filter(({planned: {client}}) => client.startsWith('run'))
  const former = world.ended.filter((run) => !chaotic.includes(run))
  for (const run of mode === 'lagging' ? world.ended : former) checkRepeated(world, verdict, run)
  const again = dice(seed, 'afterwards')
  const [first] = chaotic
  if (first !== undefined) await healOnce(world, verdict, again.pick([first, ...chaotic]))
  await repeatAll(world, verdict, [...former, ...chaotic])
  checkExact(world, verdict)
  checkFloating(world, verdict)
  checkReadBack(world, verdict)
  checkNotLost(world, verdict)
  checkWhole(world, verdict)
  const {network} = world
  return {
    mode,
    seed,
    verdict,
    runs: world.ended,
    faults: network.faults,
    events: network.events,
    virtualMs: clock.now,
  }
}

/** Longer than any delay, and than any delayed visibility. */
const quietMs = 8_000

/** Everything that was sent has had its effect, and is visible, when it ends. */
async function playWave(world: World, wave: readonly PlannedRun[]): Promise<readonly EndedRun[]> {
  const ended = await world.clock.until(Promise.all(wave.map(async (run) => play(world, run))))
  await world.clock.until(world.clock.sleep(quietMs))
  world.ended.push(...ended)
  return ended
}

/** One more run: of any version that is published, or of the newest commit. */
async function healOnce(world: World, verdict: Verdict, of: EndedRun): Promise<void> {
  const {subject, weather} = of.planned
  const target = subject.kind === 'release' ? subject : newestOf(world)
  if (target === undefined) return
  const [run] = await playWave(world, [planned('healer', target, weather)])
  if (run === undefined) return
  checkRepeated(world, verdict, run)
  if (target.kind === 'commit') checkNewest(verdict, world, run)
  else if (run.result?.failure === undefined) checkVersions(world, verdict, floatingNames(run), {mayLack: true})
}

function newestOf({ended}: World): Subject | undefined {
  const commits = ended.flatMap(({planned: {subject}}) => (subject.kind === 'commit' ? [subject] : []))
  return commits.toSorted((a, b) => b.number - a.number)[0]
}

/** Where two commits share a version, no run of it may end well, and then nothing is said of its line. */
async function repeatAll(world: World, verdict: Verdict, runs: readonly EndedRun[]): Promise<void> {
  const names = new Set<string>()
  for (const [index, {planned: former}] of runs.entries()) {
    const build = index % 2 === 0 ? former.build : `${former.build} repeated`
    const [run] = await playWave(world, [planned(`again${index + 1}`, former.subject, former.weather, build)])
    if (run === undefined) continue
    checkRepeated(world, verdict, run)
    if (run.result?.failure === undefined) for (const name of floatingNames(run)) names.add(name)
  }
  checkVersions(world, verdict, names)
}

/** A repeated run ends well, unless another commit has the tag. */
function checkRepeated(world: World, verdict: Verdict, run: EndedRun): void {
  const {subject} = run.planned
  const isTaken = world.ended.some(
    ({planned: other}) => other.subject.name === subject.name && other.subject.revision !== subject.revision,
  )
  if (isTaken && run.result?.failure?.code === 'tag-taken') return
  checkGreen(verdict, run)
}

function checkGreen(verdict: Verdict, {planned: {client}, result}: EndedRun): void {
  const failure = result?.failure
  verdict.check('a clean run is green', failure === undefined ? undefined : `${client}: ${renderError(failure)}`)
}

import {renderError} from '../../src/errors/render-error.ts'
import {VirtualClock, type Clock} from './clock.ts'
import {randomFor} from './random.ts'
import {
  checkExact,
  checkFloating,
  checkNewest,
  checkNotLost,
  checkReadBack,
  checkVersions,
  checkComplete,
  floatingNames,
  Verdict,
} from './invariants.ts'
import {planned, planOf, type Mode, type PlanOptions} from './modes.ts'
import type {Event} from './network.ts'
import {inVirtualTime, execute, type ExecuteRun, type EndedRun, type PlannedRun} from './run.ts'
import type {Subject} from './subject.ts'
import {World} from './world.ts'

export interface RoundOptions extends PlanOptions {
  /** Names of the faults and runs to leave out, such as `run2 14 dropped after` and `run3`. */
  readonly without: ReadonlySet<string>
  /** Default: virtual time. */
  readonly clock?: Clock
  /** Default: runs in this process. */
  readonly executeRun?: ExecuteRun
}

export interface Round {
  readonly mode: Mode
  readonly seed: number
  readonly verdict: Verdict
  readonly runs: readonly EndedRun[]
  readonly faults: readonly {readonly name: string; readonly kind: string}[]
  readonly events: readonly Event[]
  /** Duration of the round on its clock. */
  readonly virtualMs: number
}

/** Executes a round: the planned runs, then one of them without faults, then all of them again. */
export async function executeRound(
  mode: Mode,
  seed: number,
  {clock = new VirtualClock(), executeRun = inVirtualTime, ...options}: RoundOptions,
): Promise<Round> {
  const {conditions, waves} = planOf(mode, seed, options)
  const world = new World({seed, conditions, without: options.without, clock, executeRun})
  const verdict = new Verdict()
  for (const wave of waves)
    await executeWave(
      world,
      wave.filter(({client}) => !options.without.has(client)),
    )
  const chaotic = world.endedRuns.filter(({planned: {client}}) => client.startsWith('run'))
  const earlier = world.endedRuns.filter((run) => !chaotic.includes(run))
  for (const run of mode === 'lagging' ? world.endedRuns : earlier) checkRepeated(world, verdict, run)
  const again = randomFor(seed, 'afterwards')
  const [first] = chaotic
  if (first !== undefined) await repairOnce(world, verdict, again.pick([first, ...chaotic]))
  await repeatAll(world, verdict, [...earlier, ...chaotic])
  checkExact(world, verdict)
  checkFloating(world, verdict)
  checkReadBack(world, verdict)
  checkNotLost(world, verdict)
  checkComplete(world, verdict)
  const {network} = world
  return {
    mode,
    seed,
    verdict,
    runs: world.endedRuns,
    faults: network.faults,
    events: network.events,
    virtualMs: clock.now,
  }
}

/** Pause that is longer than every delay of a request and of its visibility. */
const quietMs = 8_000

/** Executes runs at the same time, and waits until the effects of all requests are visible. */
async function executeWave(world: World, wave: readonly PlannedRun[]): Promise<readonly EndedRun[]> {
  const endedRuns = await world.clock.until(Promise.all(wave.map(async (run) => execute(world, run))))
  await world.clock.until(world.clock.sleep(quietMs))
  world.endedRuns.push(...endedRuns)
  return endedRuns
}

/** Executes one run without faults, of a published version or of the newest commit. */
async function repairOnce(world: World, verdict: Verdict, of: EndedRun): Promise<void> {
  const {subject, conditions} = of.planned
  const target = subject.kind === 'release' ? subject : newestOf(world)
  if (target === undefined) return
  const [run] = await executeWave(world, [planned('repair', target, conditions)])
  if (run === undefined) return
  checkRepeated(world, verdict, run)
  if (target.kind === 'commit') checkNewest(verdict, world, run)
  else if (run.result?.failure === undefined) checkVersions(world, verdict, floatingNames(run), {mayLack: true})
}

function newestOf({endedRuns}: World): Subject | undefined {
  const commits = endedRuns.flatMap(({planned: {subject}}) => (subject.kind === 'commit' ? [subject] : []))
  return commits.toSorted((a, b) => b.number - a.number)[0]
}

/** Repeats all runs, and checks the version lines of those that succeed. If two commits have the same version, they fail. */
async function repeatAll(world: World, verdict: Verdict, runs: readonly EndedRun[]): Promise<void> {
  const names = new Set<string>()
  for (const [index, {planned: original}] of runs.entries()) {
    const build = index % 2 === 0 ? original.build : `${original.build} repeated`
    const [run] = await executeWave(world, [planned(`again${index + 1}`, original.subject, original.conditions, build)])
    if (run === undefined) continue
    checkRepeated(world, verdict, run)
    if (run.result?.failure === undefined) for (const name of floatingNames(run)) names.add(name)
  }
  checkVersions(world, verdict, names)
}

/** Invariant: a repeated run succeeds, unless the tag belongs to another commit. */
function checkRepeated(world: World, verdict: Verdict, run: EndedRun): void {
  const {subject} = run.planned
  const isTaken = world.endedRuns.some(
    ({planned: other}) => other.subject.name === subject.name && other.subject.revision !== subject.revision,
  )
  if (isTaken && run.result?.failure?.code === 'tag-taken') return
  checkSuccess(verdict, run)
}

function checkSuccess(verdict: Verdict, {planned: {client}, result}: EndedRun): void {
  const failure = result?.failure
  verdict.check(
    'a run without faults succeeds',
    failure === undefined ? undefined : `${client}: ${renderError(failure)}`,
  )
}

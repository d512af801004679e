/**
 * Long runs of chaos: promotes over a registry in memory, with faults, delays and kills, in virtual time.
 *
 *   npm run chaos -- [--rounds 1000] [--seed 1] [--mode single,branch] [--endings 0.3]
 *   npm run chaos -- --mode branch --seed 42 --trace     # one round, with every event
 *   npm run chaos -- --mode branch --seed 42 --shrink    # a violation with as few faults as possible
 *
 *   npm run chaos -- --processes --rounds 5              # processes with the bundle in dist/, real HTTP and real signals
 *
 * `--rounds` is the number of rounds of each mode, `--endings` the share of runs that are killed or cancelled. The exit code is
 * 1 if a round violated an invariant; the output shows how to repeat that round.
 */
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {parseArgs} from 'node:util'
import {RealClock} from '../testing/chaos/clock.ts'
import {Figures, formatFigures} from '../testing/chaos/figures.ts'
import {modes, type Mode} from '../testing/chaos/modes.ts'
import {inProcesses} from '../testing/chaos/processes.ts'
import {executeRound, type Round, type RoundOptions} from '../testing/chaos/round.ts'
import {shrink} from '../testing/chaos/shrink.ts'

const {values: options} = parseArgs({
  options: {
    rounds: {type: 'string', default: '1000'},
    seed: {type: 'string', default: '1'},
    mode: {type: 'string', default: modes.join(',')},
    endings: {type: 'string', default: '0.3'},
    processes: {type: 'boolean', default: false},
    trace: {type: 'boolean', default: false},
    shrink: {type: 'boolean', default: false},
  },
})
const endings = Number(options.endings)
const firstSeed = Number(options.seed)
const chosen = options.mode.split(',').map((name) => {
  const mode = modes.find((one) => one === name)
  if (mode === undefined) throw new Error(`unknown mode ${name}; use one of ${modes.join(', ')}`)
  return mode
})

/** Factor for delays in real time. */
const pace = 0.1
const workspace = mkdtempSync(path.join(tmpdir(), 'tagboat-chaos-'))
process.once('exit', () => {
  rmSync(workspace, {recursive: true, force: true})
})

function roundOptions(): RoundOptions {
  const usual = {endings, without: new Set<string>()}
  return options.processes ? {...usual, clock: new RealClock(pace), executeRun: inProcesses(workspace)} : usual
}

function printRound(round: Round): void {
  for (const {at, client, text} of round.events) console.log(`${String(at).padStart(7)} ${client.padEnd(8)} ${text}`)
  for (const {invariant, text} of round.verdict.violations) console.log(`violated: ${invariant}: ${text}`)
}

async function one(mode: Mode): Promise<void> {
  const round = await executeRound(mode, firstSeed, roundOptions())
  const [violation] = round.verdict.violations
  printRound(
    options.shrink && violation !== undefined ? await shrink(mode, firstSeed, {endings}, violation.invariant) : round,
  )
}

async function many(): Promise<void> {
  const figures = new Map<string, Figures>()
  for (const mode of chosen) {
    const sums = new Figures()
    figures.set(mode, sums)
    for (let seed = firstSeed; seed < firstSeed + Number(options.rounds); seed += 1) {
      const round = await executeRound(mode, seed, roundOptions())
      sums.add(round)
      for (const {invariant, text} of round.verdict.violations) {
        console.log(`${mode} ${seed}: ${invariant}: ${text.split('\n')[0] ?? ''}`)
        process.exitCode = 1
      }
    }
  }
  console.log(formatFigures(figures))
}

if (options.trace || options.shrink) for (const mode of chosen) await one(mode)
else await many()

import {shellWord} from '../../buildx/command-line.ts'
import {checkValues} from '../../simulation/values/check-values.ts'
import {canBeGiven, givenValues, type GivenPair, type GivenValues} from '../../simulation/values/given-values.ts'
import type {Workflow} from '../../workflow-file/workflow.ts'
import {pairName, pairsOf, UsageError, type CommandLine} from '../command-line.ts'

/** Values of a command line. */
interface CommandValues {
  readonly given: GivenValues
  /** Checks that the workflows have the inputs, steps and jobs whose values are given. @throws UsageError */
  check(workflows: readonly Workflow[]): void
}

/** Options of the contexts that have one of their own. `--value` gives values of all contexts. */
const ownOptions: ReadonlyMap<string, string> = new Map([
  ['vars', 'var'],
  ['inputs', 'input'],
  ['env', 'env'],
])

/** Reads the options that give values. @throws UsageError */
export function commandValues(line: CommandLine): CommandValues {
  const own = [...ownOptions].flatMap(([context, option]) =>
    pairsOf(line, option).map(([name, value]) => ({
      option: `--${option} ${name}`,
      pair: pair(`${context}.${name}`, value),
    })),
  )
  const others = pairsOf(line, 'value').map(([name, value]) => ({option: `--value ${name}`, pair: pair(name, value)}))
  const all = [...own, ...others]
  const pairs = all.map((one) => one.pair)
  const refuse = ([problem]: ReturnType<typeof checkValues>): void => {
    if (problem !== undefined) throw new UsageError(`${all[problem.index]?.option ?? ''}: ${problem.message}`)
  }
  const {given, problems} = givenValues(pairs)
  refuse(problems)
  return {
    given,
    check: (workflows) => {
      refuse(checkValues(pairs, workflows))
    },
  }
}

function pair(name: string, value: string): GivenPair {
  return [name, value]
}

/** Option that gives a value, such as `--var TAGS=VALUE`; undefined if none does. */
export function optionFor(name: string): string | undefined {
  if (!canBeGiven(name)) return undefined
  const [, context = '', rest = ''] = /^(\w+)\.([\w-]+)$/.exec(name) ?? []
  const own = ownOptions.get(context)
  if (own !== undefined) return `--${own} ${rest}=VALUE`
  return `--value ${shellWord(`${pairName(name)}=VALUE`)}`
}

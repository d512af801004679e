import {nearest} from '../../inputs/syntax/nearest.ts'
import type {WorkflowOptions} from '../../simulation/workflow/simulated-workflow.ts'
import type {Workflow} from '../../workflow-file/workflow.ts'
import {pairsOf, UsageError, type CommandLine} from '../command-line.ts'

/** Values that the command line gives in place of those of GitHub. */
export type GivenValues = Required<Pick<WorkflowOptions, 'vars' | 'inputs' | 'env' | 'values'>>

/** Options of the contexts that have one of their own. `--value` gives values of all contexts. */
const ownOptions: ReadonlyMap<string, string> = new Map([
  ['vars', 'var'],
  ['inputs', 'input'],
  ['env', 'env'],
])

/** Names of values that only a run knows, besides those in `ownOptions`. */
const runValue =
  /^(?:steps\.[\w-]+\.(?:outputs\.[\w-]+|outcome|conclusion)|needs\.[\w-]+\.(?:outputs\.[\w-]+|result)|secrets\.\w+|github\.event\.[\w.-]+|(?:job|strategy)\.[\w.-]+)$/

/** Reads the options that give values. @throws UsageError */
export function givenValues(line: CommandLine): GivenValues {
  const pairs = Object.entries(pairsOf(line, 'value'))
  for (const [name] of pairs) if (optionFor(name) === undefined) throw new UsageError(notAValue(name))
  const below = (context: string): Readonly<Record<string, string>> => {
    const own = pairs.filter(([name]) => name.startsWith(`${context}.`))
    return Object.fromEntries(own.map(([name, value]) => [name.slice(context.length + 1), value]))
  }
  return {
    vars: {...pairsOf(line, 'var'), ...below('vars')},
    inputs: {...pairsOf(line, 'input'), ...below('inputs')},
    env: {...pairsOf(line, 'env'), ...below('env')},
    values: Object.fromEntries(pairs.filter(([name]) => runValue.test(name))),
  }
}

function notAValue(name: string): string {
  return `--value needs steps.ID.outputs.NAME, needs.JOB.outputs.NAME, secrets.NAME or the like, not ${name}`
}

/** Option that gives a value, such as `--var TAGS=VALUE`; undefined if none does. */
export function optionFor(name: string): string | undefined {
  const [, context = '', rest = ''] = /^(\w+)\.([\w-]+)$/.exec(name) ?? []
  const own = ownOptions.get(context)
  if (own !== undefined) return `--${own} ${rest}=VALUE`
  return runValue.test(name) ? `--value ${name}=VALUE` : undefined
}

/** Checks that the workflows have the steps and jobs whose values are given. @throws UsageError */
export function checkValues({values}: Pick<GivenValues, 'values'>, workflows: readonly Workflow[]): void {
  const jobs = workflows.flatMap((workflow) => workflow.jobs)
  const ids = {
    steps: jobs.flatMap(({steps}) => steps.flatMap(({id}) => (id === undefined ? [] : [id.text]))),
    // A job alone needs jobs that are not in the text.
    needs: jobs.flatMap(({id, needs}) => [id, ...needs]),
  }
  for (const name of Object.keys(values)) {
    const [context = '', id = ''] = name.split('.')
    if (context !== 'steps' && context !== 'needs') continue
    if (ids[context].includes(id)) continue
    const similar = nearest(id, ids[context])
    const what = context === 'steps' ? 'step' : 'job'
    throw new UsageError(
      `--value ${name}: no ${what} has the ID ${id}${similar === undefined ? '' : `. Did you mean ${similar}?`}`,
    )
  }
}

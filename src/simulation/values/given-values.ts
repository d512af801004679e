import type {WorkflowOptions} from '../workflow/simulated-workflow.ts'
import {commitFact, commitTags, fileOf, isCommitFact, isRunFact} from './fact-names.ts'

/** Value in place of one that only a run knows, by its whole name, such as `vars.TAGS` or `file:package.json`. */
export type GivenPair = readonly [name: string, value: string]

/** Values for a simulation, by the place that each has there. */
export type GivenValues = Required<Pick<WorkflowOptions, 'vars' | 'inputs' | 'env' | 'files' | 'values'>> &
  Pick<WorkflowOptions, 'tagsOfCommit'>

/** Problem of a value. Its message follows the name and a colon, without a capital at its start and without a period. */
export interface ValueProblem {
  /** Index of the pair. */
  readonly index: number
  readonly message: string
}

/** Place of a value in a simulation. */
interface ValuePlace {
  readonly part: keyof GivenValues
  /** Name there, such as `TAGS` for `vars.TAGS`. */
  readonly name: string
}

/** Contexts of which each entry can be given. */
const ownContext = /^(?<part>vars|inputs|env)\.(?<name>[\w-]+)$/

/** Other names of values that only a run knows. */
const runValue =
  /^(?:steps\.[\w-]+\.(?:outputs\.[\w-]+|outcome|conclusion)|needs\.[\w-]+\.(?:outputs\.[\w-]+|result)|secrets\.\w+|github\.event\.[\w.-]+|(?:job|strategy)\.[\w.-]+)$/

/** Splits values by their names. A value with a problem does not count. */
export function givenValues(pairs: readonly GivenPair[]): {
  readonly given: GivenValues
  readonly problems: readonly ValueProblem[]
} {
  const problems = pairs.flatMap(([name], index): readonly ValueProblem[] => {
    if (placeOf(name) === undefined) return [{index, message: notAName(name)}]
    const first = pairs.slice(0, index).find(([before]) => key(before) === key(name))
    return first === undefined ? [] : [{index, message: givenTwice(name, first)}]
  })
  const valid = pairs.filter((_, index) => problems.every((problem) => problem.index !== index))
  const placed = valid.flatMap(([name, value]) => {
    const place = placeOf(name)
    return place === undefined ? [] : [{...place, value}]
  })
  const below = (part: ValuePlace['part']): Readonly<Record<string, string>> =>
    Object.fromEntries(placed.filter((one) => one.part === part).map(({name, value}) => [name, value]))
  const tags = placed.find(({part}) => part === 'tagsOfCommit')?.value
  const given = {
    vars: below('vars'),
    inputs: below('inputs'),
    env: below('env'),
    files: below('files'),
    values: below('values'),
    ...(tags !== undefined && {tagsOfCommit: tags.split(/[\s,]+/).filter((tag) => tag !== '')}),
  }
  return {given, problems}
}

/** Reports whether a value can be given by its name. */
export function canBeGiven(name: string): boolean {
  return placeOf(name) !== undefined
}

/** Name that two values share if they are for the same place. In paths and refs, capitals matter. */
function key(name: string): string {
  const place = placeOf(name)
  if (place === undefined) return name
  const isExact = place.part === 'files' || isCommitFact(name)
  return `${place.part} ${isExact ? place.name : place.name.toLowerCase()}`
}

function givenTwice(name: string, [first]: GivenPair): string {
  return `the value is given twice${first === name ? '' : `, also as ${first}`}`
}

function placeOf(name: string): ValuePlace | undefined {
  // A manual run has its inputs twice.
  const {part, name: own} = ownContext.exec(name.replace(/^github\.event\.inputs\./, 'inputs.'))?.groups ?? {}
  if ((part === 'vars' || part === 'inputs' || part === 'env') && own !== undefined) return {part, name: own}
  const file = fileOf(name)
  if (file !== undefined) return {part: 'files', name: file}
  if (name === commitTags) return {part: 'tagsOfCommit', name}
  return runValue.test(name) || isRunFact(name) || isCommitFact(name) ? {part: 'values', name} : undefined
}

const forms = [
  ...['vars.NAME', 'inputs.NAME', 'env.NAME', 'secrets.NAME', 'steps.ID.outputs.NAME', 'steps.ID.outcome'],
  ...[
    'steps.ID.conclusion',
    'needs.JOB.outputs.NAME',
    'needs.JOB.result',
    'github.event.NAME',
    'github.actor',
    'job.NAME',
  ],
  ...['strategy.NAME', 'file:PATH', commitTags, commitFact('REF')],
]

function notAName(name: string): string {
  return name === '' ? 'the name is empty' : `a value needs a name such as ${forms.join(', ')}, not ${name}`
}

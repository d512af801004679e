import {isInputName} from '../../src/inputs/spec/all-inputs.ts'
import type {Simulated, SimulatedFailure} from '../../src/simulation/simulated.ts'
import type {SimulatedStep} from '../../src/simulation/workflow/simulated-workflow.ts'
import {canBeGiven} from '../../src/simulation/values/given-values.ts'
import {writtenInputs} from '../../src/simulation/workflow/written-inputs.ts'
import type {Workflow, Written} from '../../src/workflow-file/workflow.ts'
import type {
  Finding,
  Need,
  Pair,
  Range,
  ShownFailure,
  ShownPlan,
  ShownRule,
  ShownTag,
  StepAnswer,
  StepOutcome,
} from './messages.ts'
import {lineOf} from './places.ts'
import {listAt, record, textAt} from './json.ts'

/** Text of a file, and the inputs of one of its steps. */
interface StepSource {
  readonly text: string
  /** Inputs by name in lower case. */
  readonly inputs: ReadonlyMap<string, Written>
}

/** Result of a step with places in the file. */
export function shownStep(step: SimulatedStep, workflow: Workflow): StepAnswer {
  const source = {text: workflow.text, inputs: writtenInputs(step, workflow)}
  const problems = step.result?.failure?.problems ?? []
  return {
    title: workflow.kind === 'workflow' || workflow.kind === 'jobs' ? `${step.job} › ${step.name}` : step.name,
    leg: step.leg && legText(step.leg),
    outcome: outcomeOf(step, source),
    findings: [
      ...step.faults.map(({key, place, message}): Finding => ({
        ...{from: place.start, to: place.end},
        level: 'error',
        message: `${key}: ${message}.`,
      })),
      ...problems.map((problem) => finding(problem, source)),
    ],
  }
}

function legText(leg: Readonly<Record<string, unknown>>): string {
  return Object.entries(leg)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
}

function outcomeOf(step: SimulatedStep, source: StepSource): StepOutcome {
  const {state, reason = '', unknown, faults, result, action} = step
  if (state === 'skipped') return {kind: 'skipped', reason}
  const needs = unknown.map(neededBy)
  if (state === 'unknown') return {kind: 'unknown', reason: sentence(reason), needs, pushes: step.pushes}
  if (state === 'invalid' || result === undefined) {
    const evidence = faults.map(({key, place, message}) => ({
      text: `${key}: ${message}.`,
      place: {from: place.start, to: place.end},
    }))
    const message = reason === '' ? 'An expression of this step is not valid.' : sentence(reason)
    return {kind: 'failed', failure: {code: 'expression', message, evidence, remedy: ''}}
  }
  if (result.plan !== undefined && action !== 'prune') {
    const plan = shownPlan(result, record(result.plan), source)
    return {
      kind: 'planned',
      plan: {action, ...plan, needs},
    }
  }
  if (result.failure === undefined) return {kind: 'skipped', reason: result.skipped ?? ''}
  return {kind: 'failed', failure: shownFailure(result.failure, source)}
}

function neededBy({input, names}: SimulatedStep['unknown'][number]): Need {
  return {input, names: names.map((name) => ({name, canBeGiven: canBeGiven(name)}))}
}

/** Reason as a sentence. */
function sentence(reason: string): string {
  const text = reason.charAt(0).toUpperCase() + reason.slice(1)
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** Failure, whose evidence are the problems with their places, if it has such problems. */
function shownFailure({code, message, evidence, remedy, problems}: SimulatedFailure, source: StepSource): ShownFailure {
  const shown =
    problems.length === 0
      ? evidence.map((text) => ({text, place: undefined}))
      : problems.map((problem) => {
          const {message: text, remedy: help, ...place} = finding(problem, source)
          return {text: `${text} ${help ?? ''}`, place}
        })
  // Each problem has its own remedy.
  return {code, message, evidence: shown, remedy: problems.length === 0 ? remedy : ''}
}

function finding(
  {input, line, column, message, remedy}: SimulatedFailure['problems'][number],
  {text, inputs}: StepSource,
): Finding {
  const written = inputs.get(input)
  const range = written === undefined ? {from: 0, to: 0} : rangeIn(text, written, {input, line, column})
  return {...range, level: 'error', message: `${input}: ${message}.`, remedy}
}

/** Range of a problem: the name of an input that does not exist, otherwise a line of the value. */
function rangeIn(
  text: string,
  written: Written,
  {
    input,
    line,
    column,
  }: Pick<SimulatedFailure['problems'][number], 'input'> & {
    readonly line: number | undefined
    readonly column: number | undefined
  },
): Range {
  const {key} = written
  return isInputName(input) ? lineOf(text, written, line, column) : {from: key.start, to: key.end}
}

function shownPlan(
  {notices, warnings, skipped, failure, explained, pushFails, dryRun = false, ruleWarnings = []}: Simulated,
  plan: Readonly<Record<string, unknown>>,
  source: StepSource,
): Omit<ShownPlan, 'action' | 'needs'> {
  // A run without anything to publish has no tags.
  const list = (name: string): readonly unknown[] => (skipped === undefined ? listAt(plan, name) : [])
  const rules = {rule: (json: unknown): ShownRule => shownRule(record(json), source)}
  const tags = list('tags').map((tag) => shownTag(record(tag), rules.rule))
  // Whole references in `tags` can have other repositories than `images`. A stage has no tags to push.
  const ofTags = [...new Set(tags.map(({repository}) => repository))]
  const reason = skipped ?? textAt(plan, 'reason')
  const isDryRun = dryRun && skipped === undefined
  return {
    pushes: plan['push'] === true && skipped === undefined && !dryRun,
    isDryRun,
    pushFails,
    pushReason: isDryRun ? `Without \`dry-run\`: ${reason}` : reason,
    repositories: ofTags.length === 0 ? listAt(plan, 'images').map(String) : ofTags,
    version: skipped === undefined && typeof plan['version'] === 'string' ? plan['version'] : undefined,
    tags,
    skipped: list('skippedRules').map((rule) => ({
      rule: rules.rule(record(rule)['rule']),
      reason: textAt(record(rule), 'reason'),
    })),
    // A promote builds nothing, and sets no labels.
    labels: (explained?.labels ?? []).map(pair),
    annotations: list('annotations').map(pair),
    warnings: warnings.filter((warning) => warning !== pushFails && !ruleWarnings.includes(warning)),
    notices,
    refusal: failure && shownFailure(failure, source),
  }
}

function shownTag(json: Readonly<Record<string, unknown>>, rule: (json: unknown) => ShownRule): ShownTag {
  const tag = textAt(json, 'tag')
  const reference = textAt(json, 'reference')
  const outcome = outcomes.find((one) => one === json['outcome'])
  return {
    tag,
    repository: reference.endsWith(`:${tag}`) ? reference.slice(0, -tag.length - 1) : reference,
    isExact: json['kind'] === 'exact',
    rule: rule(json['rule']),
    reason: textAt(json, 'note'),
    // The badge says that a tag is new.
    registry: outcome && {outcome, reason: json['code'] === 'new-tag' ? '' : textAt(json, 'reason')},
  }
}

const outcomes = ['new', 'moved', 'unchanged', 'kept', 'not-created', 'failed'] as const

/** Rule with the place of its line. A rule of the default strategy has none. */
function shownRule(json: Readonly<Record<string, unknown>>, {text, inputs}: StepSource): ShownRule {
  const written = json['origin'] === 'tags' ? inputs.get('tags') : undefined
  const {line} = json
  const place = written && lineOf(text, written, typeof line === 'number' ? line : undefined)
  return {text: textAt(json, 'text'), place}
}

function pair(line: unknown): Pair {
  const text = String(line)
  const at = text.indexOf('=')
  return [text.slice(0, at), text.slice(at + 1)]
}

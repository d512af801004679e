import type {Simulated, SimulatedFailure} from '../../src/simulation/simulated.ts'
import type {WrittenMap} from '../../src/workflow-file/workflow.ts'
import type {Finding, Pair, ShownFailure, ShownPlan, ShownRule, ShownTag, StepAnswer} from './messages.ts'
import {lineOf} from './places.ts'
import {listAt, record, textAt} from './json.ts'

interface StepSource {
  /** Text of the whole file. */
  readonly text: string
  readonly inputs: WrittenMap
  readonly title: string
  readonly leg: string | undefined
}

/** Result of a step with places in the file. */
export function shownStep(simulated: Simulated, source: StepSource): StepAnswer {
  const {title, leg} = source
  const plan = simulated.plan === undefined ? undefined : shownPlan(simulated, record(simulated.plan), source)
  const failure = simulated.failure && shownFailure(simulated.failure, source)
  return {
    title,
    leg,
    outcome:
      plan !== undefined
        ? {kind: 'planned', plan}
        : failure === undefined
          ? {kind: 'skipped', reason: simulated.skipped ?? ''}
          : {kind: 'failed', failure},
    findings: simulated.failure?.problems.map((problem) => finding(problem, source)) ?? [],
  }
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
  return {code, message, evidence: shown, remedy}
}

function finding(
  {input, line, column, message, remedy}: SimulatedFailure['problems'][number],
  {text, inputs}: StepSource,
): Finding {
  const written = inputs.get(input)
  const range = written === undefined ? {from: 0, to: 0} : lineOf(text, written, line, column)
  return {...range, level: 'error', message: `${input}: ${message}.`, remedy}
}

function shownPlan(
  {notices, warnings, skipped, failure}: Simulated,
  plan: Readonly<Record<string, unknown>>,
  source: StepSource,
): ShownPlan {
  const rules = {rule: (json: unknown): ShownRule => shownRule(record(json), source)}
  return {
    pushes: plan['push'] === true && skipped === undefined,
    pushReason: skipped ?? textAt(plan, 'reason'),
    repositories: listAt(plan, 'images').map(String),
    version: typeof plan['version'] === 'string' ? plan['version'] : undefined,
    tags: listAt(plan, 'tags').map((tag) => shownTag(record(tag), rules.rule)),
    skipped: listAt(plan, 'skippedRules').map((rule) => ({
      rule: rules.rule(record(rule)['rule']),
      reason: textAt(record(rule), 'reason'),
    })),
    labels: listAt(plan, 'labels').map(pair),
    annotations: listAt(plan, 'annotations').map(pair),
    warnings,
    notices,
    refusal: failure && shownFailure(failure, source),
    hasRegistry: false,
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
    registry: outcome && {outcome, reason: textAt(json, 'reason')},
  }
}

const outcomes = ['new', 'moved', 'unchanged', 'kept', 'failed'] as const

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

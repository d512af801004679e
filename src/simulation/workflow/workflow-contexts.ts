import {fieldAt, textAt} from '../../context/payload.ts'
import {OpenContext, TextContext, UnknownValue} from '../../workflow-file/expressions/partial-data.ts'
import type {Contexts} from '../../workflow-file/expressions/evaluate-expression.ts'
import {secretText} from '../../workflow-file/expressions/secret-text.ts'
import {isRecord} from '../../workflow-file/record.ts'
import type {DispatchInput, Workflow} from '../../workflow-file/workflow.ts'
import {isSameName, sameName} from '../values/same-name.ts'
import {payloadContext} from './payload-context.ts'
import type {EvaluatedMap} from './evaluate-inputs.ts'
import type {WorkflowOptions} from './simulated-workflow.ts'

/** Contexts that all jobs of a run have. */
export function sharedContexts(workflow: Workflow, options: WorkflowOptions): Contexts {
  const {event, vars = {}, values = {}} = options
  const {name} = workflow
  const env = {...options.env}
  const secrets = secretsOf(values)
  const inputs = inputsOf(workflow, options)
  // A workflow that is called has the payload of its caller, whose inputs are others.
  const isDispatch = event.environment['GITHUB_EVENT_NAME'] === 'workflow_dispatch' && options.isCalled !== true
  const ofEvent = payloadContext(event, below(values, 'github.event'))
  const payload = isDispatch ? {...ofEvent, inputs: textsOf(inputs)} : ofEvent
  return {
    github: {...event.github, event: payload, ...(name && {workflow: name.text})},
    env: workflow.kind === 'workflow' ? env : new OpenContext(env),
    vars: new OpenContext(vars),
    secrets: hasSecrets(options)
      ? new TextContext((name) => secrets.get(name.toUpperCase()) ?? secretText(name))
      : {GITHUB_TOKEN: secretText('GITHUB_TOKEN')},
    inputs,
    runner: {
      os: 'Linux',
      arch: 'X64',
      name: 'GitHub Actions 1',
      temp: '/github/temp',
      tool_cache: '/opt/hostedtoolcache',
    },
    strategy: withGiven({'fail-fast': true}, namedValues(values, 'strategy')),
    job: new OpenContext(namedValues(values, 'job')),
    matrix: {},
  }
}

/** Secrets that are given, by their names in capitals: GitHub does not distinguish capitals in names of secrets. */
function secretsOf(values: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(below(values, 'secrets')).map(([name, text]) => [name.toUpperCase(), text]))
}

/** Values whose names begin with a name, by the rest of their names. */
function below(values: Readonly<Record<string, string>>, root: string): Readonly<Record<string, string>> {
  const own = Object.entries(values).filter(([name]) => name.startsWith(`${root}.`))
  return Object.fromEntries(own.map(([name, value]) => [name.slice(root.length + 1), value]))
}

/**
 * Values below a name, as maps that may have more entries: `a.b` of `steps.a.b`. `ids` are names as the workflow writes
 * them, in place of those that differ in capitals.
 */
export function namedValues(
  values: Readonly<Record<string, string>>,
  root: string,
  ids: readonly string[] = [],
): Readonly<Record<string, unknown>> {
  const inner = Object.entries(below(values, root)).map(([name, value]) => {
    const [head = '', ...rest] = name.split('.')
    return [[sameName(head, ids) ?? head, ...rest].join('.'), value] as const
  })
  const heads = new Set(inner.map(([name]) => name.split('.', 1)[0] ?? ''))
  const entries = [...heads].map((head) => {
    const value = inner.find(([name]) => name === head)?.[1]
    return [head, value ?? new OpenContext(namedValues(Object.fromEntries(inner), head))] as const
  })
  return Object.fromEntries<unknown>(entries)
}

/** Text that is given for an entry of a map of given values; undefined if there is none. */
export function givenText(given: unknown, name: string): string | undefined {
  const value = given instanceof OpenContext ? given.known[name] : undefined
  return typeof value === 'string' ? value : undefined
}

/** Map that may have more entries, with given values in place of its own, at any depth. */
export function withGiven(known: unknown, given: Readonly<Record<string, unknown>>): OpenContext {
  const own = known instanceof OpenContext ? known.known : isRecord(known) ? known : {}
  const entries = Object.entries(given).map(([name, value]) => {
    const key = sameName(name, Object.keys(own)) ?? name
    return [key, value instanceof OpenContext ? withGiven(own[key], value.known) : value] as const
  })
  return new OpenContext({...own, ...Object.fromEntries<unknown>(entries)})
}

/** Reports whether GitHub passes secrets to the run: not for a pull request of a fork or of Dependabot. */
export function hasSecrets({event: {environment, payload}}: WorkflowOptions): boolean {
  if (environment['GITHUB_ACTOR'] === 'dependabot[bot]') return false
  if (environment['GITHUB_EVENT_NAME'] !== 'pull_request') return true
  const [head, base] = ['head', 'base'].map((side) => textAt(payload, 'pull_request', side, 'repo', 'full_name'))
  return head !== undefined && head === base
}

/**
 * Context `inputs`: those of a manual run or of a call, with their defaults and types. Other events have none. A part of a
 * workflow can have any.
 */
function inputsOf({on, kind}: Workflow, {event, isCalled = false, inputs = {}}: WorkflowOptions): unknown {
  const name = event.environment['GITHUB_EVENT_NAME'] ?? ''
  const isManual = name === 'workflow_dispatch' && !isCalled
  if (kind === 'workflow' && !isManual && !isCalled) return {}
  const sent = isCalled ? undefined : fieldAt(event.payload, 'inputs')
  const all: Readonly<Record<string, unknown>> = {...(isRecord(sent) ? sent : {}), ...inputs}
  const declared = on.get(isCalled ? 'workflow_call' : name)?.inputs ?? new Map<string, DispatchInput>()
  if (declared.size === 0) return kind === 'workflow' ? {} : new OpenContext(all)
  const entries = [...declared].map(([key, input]) => {
    const given = Object.entries(all).findLast(([one]) => isSameName(one, key))?.[1]
    const text = typeof given === 'string' ? given : usualInput(input)
    if (text === undefined && !isManual) return [key, new UnknownValue(`inputs.${key}`)] as const
    return [key, typedInput(input.type, text ?? '')] as const
  })
  return Object.fromEntries(entries)
}

/** Inputs as the payload has them: all are texts. */
function textsOf(inputs: unknown): unknown {
  if (typeof inputs !== 'object' || inputs === null || inputs instanceof OpenContext) return inputs
  const text = (value: unknown): unknown =>
    typeof value === 'boolean' || typeof value === 'number' ? String(value) : value
  return Object.fromEntries(Object.entries(inputs).map(([name, value]: [string, unknown]) => [name, text(value)]))
}

/** Value that an input has if none is given; undefined without a default. */
export function usualInput({type, options, default: written}: DispatchInput): string | undefined {
  return written ?? (type === 'choice' ? options[0] : undefined)
}

function typedInput(type: string, text: string): unknown {
  if (type === 'boolean') return text === 'true'
  return type === 'number' && text !== '' ? Number(text) : text
}

/** Contexts with the status of the job after the steps before, as `job.status`, unless it is given. */
export function withJobStatus(contexts: Contexts, status: string): Contexts {
  const {job} = contexts
  return {...contexts, job: withGiven({status}, job instanceof OpenContext ? job.known : {})}
}

/** Contexts with evaluated variables added to `env`. Those that are not known are unknown values. */
export function withEnv(contexts: Contexts, {values, unknown}: EvaluatedMap): Contexts {
  const before = contexts['env']
  const added = Object.fromEntries<unknown>([
    ...values,
    ...unknown.map(({input, names}) => [input, new UnknownValue(...names)] as const),
  ])
  if (before instanceof OpenContext) return {...contexts, env: new OpenContext({...before.known, ...added})}
  return {...contexts, env: {...(isRecord(before) ? before : {}), ...added}}
}

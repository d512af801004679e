import type {Contexts, Scope} from '../../workflow-file/expressions/evaluate-expression.ts'

const ofJob = ['github', 'needs', 'strategy', 'matrix', 'vars', 'inputs'] as const
const ofStep = [...ofJob, 'job', 'runner', 'env', 'steps'] as const

interface Available {
  readonly contexts: readonly string[]
  readonly functions: Scope['functions']
}

const status = ['always', 'cancelled', 'success', 'failure'] as const

const inStep: Available = {contexts: [...ofStep, 'secrets'], functions: ['hashFiles']}

/** Contexts and special functions that GitHub allows in keys of a workflow. */
const allowed = {
  env: {contexts: ['github', 'secrets', 'inputs', 'vars'], functions: []},
  'jobs.if': {contexts: ['github', 'needs', 'vars', 'inputs'], functions: status},
  'jobs.strategy': {contexts: ['github', 'needs', 'vars', 'inputs'], functions: []},
  'jobs.continue-on-error': {contexts: ofJob, functions: []},
  'jobs.env': {contexts: [...ofJob, 'secrets'], functions: []},
  'jobs.outputs': {contexts: [...ofStep, 'secrets'], functions: []},
  'jobs.with': {contexts: ofJob, functions: []},
  'steps.if': {contexts: ofStep, functions: [...status, 'hashFiles']},
  'steps.continue-on-error': inStep,
  'steps.env': inStep,
  'steps.with': inStep,
} as const satisfies Readonly<Record<string, Available>>

/**
 * Contexts and functions that expressions of a key can use, by "Context availability"
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability).
 */
export function availableIn(key: keyof typeof allowed, contexts: Contexts): Scope {
  const {contexts: names, functions}: Available = allowed[key]
  return {contexts: Object.fromEntries(Object.entries(contexts).filter(([name]) => names.includes(name))), functions}
}

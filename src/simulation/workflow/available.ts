import type {Contexts} from '../../workflow-file/expressions/evaluate-expression.ts'

/** Contexts that GitHub allows in keys of a workflow, where it does not allow all. */
const allowed = {
  env: ['github', 'secrets', 'inputs', 'vars'],
  'jobs.if': ['github', 'needs', 'vars', 'inputs'],
  'jobs.strategy': ['github', 'needs', 'vars', 'inputs'],
  'jobs.env': ['github', 'needs', 'strategy', 'matrix', 'vars', 'secrets', 'inputs'],
  'jobs.with': ['github', 'needs', 'strategy', 'matrix', 'inputs', 'vars'],
  'steps.if': ['github', 'needs', 'strategy', 'matrix', 'job', 'runner', 'env', 'vars', 'steps', 'inputs'],
} as const

/**
 * Contexts that expressions of a key can use, by "Context availability"
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability).
 */
export function availableIn(key: keyof typeof allowed, contexts: Contexts): Contexts {
  const names: readonly string[] = allowed[key]
  return Object.fromEntries(Object.entries(contexts).filter(([name]) => names.includes(name)))
}

import type {EventKind} from './git-context.ts'

/** Event of a run: the variables of the runner and the payload, unchanged. */
export interface RunEvent {
  readonly kind: EventKind
  /** `github.event_name`. */
  readonly name: string
  readonly environment: Environment
  readonly payload: unknown
}

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Variable of the runner ("Default environment variables":
 * https://docs.github.com/en/actions/reference/workflows-and-actions/variables). Undefined if it is empty: the runner
 * sets variables that do not apply to an event to the empty text.
 */
export function variable(environment: Environment, name: string): string | undefined {
  const value = environment[name]
  return value === '' ? undefined : value
}

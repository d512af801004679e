import type {EventKind} from './git-context.ts'

/** What the runner says of an event: its variables and the payload, both as they came. */
export interface RunEvent {
  readonly kind: EventKind
  /** `github.event_name`. */
  readonly name: string
  readonly environment: Environment
  readonly payload: unknown
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * A variable of the runner ("Default environment variables":
 * https://docs.github.com/en/actions/reference/workflows-and-actions/variables). It sets those that do not apply to an
 * event to the empty text: these count as not set.
 */
export function variable(environment: Environment, name: string): string | undefined {
  const value = environment[name]
  return value === '' ? undefined : value
}

import type {Secret} from '../errors/secret.ts'
import type {BoundedRegex} from './bounded-regex.ts'
import type {Environment, RawInputs} from './environment.ts'
import type {Files} from './files.ts'
import type {GitHub} from './github.ts'
import type {Http} from './http.ts'
import {markerVariable} from './leftovers.ts'
import type {Processes} from './process.ts'
import type {Command, CommandResult} from './command.ts'
import type {Waiting} from './waiting.ts'
import type {Workflow} from './workflow.ts'

/** Everything outside that a command touches. */
export interface Edges {
  readonly workflow: Workflow
  readonly environment: Environment
  readonly inputs: RawInputs
  readonly files: Files
  readonly processes: Processes
  /** A short program that a cancellation does not end. */
  readonly lasting: (command: Command) => Promise<CommandResult>
  /** Marks the processes of this run. */
  readonly marker: string
  /** A UUID, another one each time. */
  readonly unique: () => string
  readonly now: () => Date
  /** Aborted with a TagboatError `cancelled` when the runner asks for the end. */
  readonly signal: AbortSignal
  /** For expressions that users wrote. */
  readonly regex: BoundedRegex
  /** Requests and waits end when the signal is aborted: that of the run, or one with a time of its own. */
  http(signal: AbortSignal): Http
  waiting(signal: AbortSignal): Waiting
  gitHub(token: Secret, apiUrl: string): GitHub
}

/** Where the repository is checked out. */
export function workspace({environment: variables}: Edges): string {
  return variables['GITHUB_WORKSPACE'] ?? '.'
}

/**
 * What children inherit: this step's variables without its inputs and state, which hold secrets that are not theirs, and
 * with the mark of this run. `GITHUB_STATE` names the file that says what the post step removes, which is not theirs either.
 * `DOCKER_AUTH_CONFIG` would come before the logins of the step: what it holds is in the home.
 */
export function childEnvironment({environment: variables, marker}: Edges): Readonly<Record<string, string>> {
  const inherited = Object.entries(variables).filter(
    ([name]) => !/^(?:(?:INPUT|STATE)_|(?:DOCKER_AUTH_CONFIG|GITHUB_STATE)$)/.test(name),
  )
  return Object.fromEntries([
    ...inherited.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    [markerVariable, marker],
  ])
}

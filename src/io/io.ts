import type {Secret} from '../errors/secret.ts'
import type {BoundedRegex} from './bounded-regex.ts'
import type {Environment, RawInputs} from './environment.ts'
import type {Http2Connection} from './connections/http2-connection.ts'
import type {SocketAddress, UpgradeAddress} from './connections/socket-connection.ts'
import type {LoopbackServer, ServedRequest, ServedResponse} from './connections/loopback-server.ts'
import type {Files} from './files.ts'
import type {GitHub} from './github.ts'
import type {Http} from './http.ts'
import type {Phases} from './phases.ts'
import type {Processes} from './process.ts'
import type {Command, CommandResult} from './command.ts'
import type {Timer} from './timer.ts'
import type {Workflow} from './workflow.ts'

/** Side effects of a command: workflow commands, files, processes, network, time and randomness. */
export interface Io {
  readonly workflow: Workflow
  readonly environment: Environment
  readonly inputs: RawInputs
  readonly files: Files
  readonly processes: Processes
  /** Runs a short program that cancellation does not stop. */
  readonly lasting: (command: Command) => Promise<CommandResult>
  /**
   * Connects to an HTTP/2 server, at its address or else by a program that connects its standard streams to it.
   * Cancellation ends the connection.
   */
  readonly connect: (command: Command, address?: SocketAddress) => Promise<Http2Connection>
  /** Connects to an HTTP/2 server of this machine at its address, and by no program. Cancellation ends the connection. */
  readonly dial: (address: SocketAddress) => Promise<Http2Connection>
  /** Starts a server on a new Unix socket that passes its connections on to a server of this machine. */
  readonly relay: (address: UpgradeAddress, path: string) => Promise<AsyncDisposable>
  /** Starts an HTTP server that only programs of this machine reach. */
  readonly serve: (respond: (request: ServedRequest) => Promise<ServedResponse>) => Promise<LoopbackServer>
  /** Value that marks the processes of this run. */
  readonly marker: string
  /** Returns a new UUID. */
  readonly unique: () => string
  readonly now: () => Date
  /** Calls `work` at intervals, in milliseconds, until the returned function is called or the program ends. */
  readonly every: (ms: number, work: () => void) => () => void
  /** Durations of the steps of this run. */
  readonly phases: Phases
  /** Signal that the runner cancels the step; its reason is a TagboatError `cancelled`. */
  readonly signal: AbortSignal
  /** Matcher for regular expressions from inputs. */
  readonly regex: BoundedRegex
  /** Creates a client whose requests end when the signal is aborted. */
  http(signal: AbortSignal): Http
  timer(signal: AbortSignal): Timer
  gitHub(token: Secret, apiUrl: string): GitHub
}

/** Variable in the environment of every process that a run starts, and of no other step of the job. */
export const markerVariable = 'TAGBOAT_RUN'

/** Path of the checkout (`GITHUB_WORKSPACE`). */
export function workspace({environment: variables}: Io): string {
  return variables['GITHUB_WORKSPACE'] ?? '.'
}

/**
 * Environment of child processes: the variables of this step and the marker of this run. Inputs and state are left out,
 * since they contain secrets; so is `GITHUB_STATE`, the file that lists what the post step removes, and the right to
 * request ID tokens of the job, with which a child could log in to a cloud.
 * `DOCKER_AUTH_CONFIG` would take precedence over the logins of the step; its content is in the private Docker
 * configuration.
 */
export function childEnvironment({
  environment: variables,
  marker,
}: Pick<Io, 'environment' | 'marker'>): Readonly<Record<string, string>> {
  const inherited = Object.entries(variables).filter(
    ([name]) => !/^(?:(?:INPUT|STATE)_|(?:DOCKER_AUTH_CONFIG|GITHUB_STATE)$)/.test(name) && !isIdTokenVariable(name),
  )
  return Object.fromEntries([
    ...inherited.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    [markerVariable, marker],
  ])
}

/** Reports whether a variable is for requests of ID tokens: https://docs.github.com/actions/reference/security/oidc */
export function isIdTokenVariable(name: string): boolean {
  return /^ACTIONS_ID_TOKEN_REQUEST_(?:URL|TOKEN)$/.test(name)
}

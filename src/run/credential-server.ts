import path from 'node:path'
import {runPrefix} from '../credentials/config-directory.ts'
import {clientFiles, helperName} from '../credentials/credential-client.ts'
import {record, withFileLogins, type DockerConfig} from '../credentials/docker-config.ts'
import {credentialKey} from '../credentials/login.ts'
import {errorMessage, toTagboatError} from '../errors/error.ts'
import {serveLocally} from '../io/connections/local-service.ts'
import type {Io} from '../io/io.ts'
import {runtime, writeProgram} from '../io/program-file.ts'
import {normaliseHost} from '../oci/reference.ts'
import type {MintedCredentials} from './clouds.ts'
import type {PrivateDockerConfig} from './private-config.ts'

/** Server of the credentials of clouds. Docker's programs ask it through a credential helper. */
export interface CredentialServer extends Disposable {
  /** Private configuration whose programs use the helper. */
  readonly dockerConfig: PrivateDockerConfig
  /** Refuses all further requests for a host. */
  readonly leaveOut: (host: string) => void
}

/**
 * Time in ms for which the credentials of a response are valid: Buildx keeps them for 4 minutes and 50 seconds
 * (docker/buildx, util/dockerutil/dockerconfig/configprovider.go).
 */
const keptMs = 295_000

/** Response of a helper that has no login, with which the program continues anonymously. */
const notFound = 'credentials not found in native keychain'

/**
 * Starts the server, and adds its helper to the private configuration. Undefined with a notice if this machine does not
 * permit it.
 */
export async function serveCredentials(
  minted: readonly MintedCredentials[],
  dockerConfig: PrivateDockerConfig,
  io: Io,
): Promise<CredentialServer | undefined> {
  const directory = path.join(dockerConfig.directory, `${runPrefix}login`)
  const pipe = runtime.platform === 'win32' ? `\\\\.\\pipe\\tagboat-${io.unique()}` : undefined
  const left = new Set<string>()
  try {
    await io.files.makeNewDirectory(directory)
    const files = clientFiles({...runtime, address: pipe ?? socketName})
    await Promise.all([...files].map(async ([name, text]) => writeProgram(path.join(directory, name), text)))
    const service = await serveLocally(pipe ?? path.join(directory, socketName), responder(minted, left, io))
    return {
      dockerConfig: served(dockerConfig, directory, minted),
      leaveOut: (host) => left.add(host),
      [Symbol.dispose]() {
        service[Symbol.dispose]()
      },
    }
  } catch (error) {
    io.workflow.notice(
      `Docker gets the logins in a file of this step, since it cannot ask for them: ${errorMessage(error)}`,
    )
    return undefined
  }
}

const socketName = 'step'

/**
 * Response to a request: a login as JSON, or a text that is none. A refusal of a cloud is shown once, since the build may
 * succeed without the login.
 */
function responder(
  minted: readonly MintedCredentials[],
  left: ReadonlySet<string>,
  {workflow, signal}: Io,
): (key: string) => Promise<string> {
  const warned = new Set<string>()
  return async (key) => {
    const host = normaliseHost(key)
    const source = minted.find((one) => one.host === host)
    if (source === undefined || left.has(host)) return notFound
    try {
      const {username, password} = await source.get({validMs: keptMs})
      return JSON.stringify({ServerURL: key, Username: username, Secret: password.reveal()})
    } catch (error) {
      if (signal.aborted) return notFound
      const isFirst = !warned.has(host)
      warned.add(host)
      if (isFirst) {
        const {errorWarning} = await import('../errors/render-error.ts')
        workflow.warning(errorWarning(toTagboatError(error), `Building without a login to ${host}.`))
      }
      return notFound
    }
  }
}

function served(
  dockerConfig: PrivateDockerConfig,
  directory: string,
  minted: readonly MintedCredentials[],
): PrivateDockerConfig {
  const keys = minted.map(({host}) => credentialKey(host))
  const {env, userConfig} = dockerConfig
  return {...dockerConfig, env: withPath(env, directory), userConfig: withHelper(userConfig, keys)}
}

/** Configuration that gets the logins for these keys from the helper, in place of all other sources. */
function withHelper(config: DockerConfig, keys: readonly string[]): DockerConfig {
  const plain = withFileLogins(config, keys)
  const helpers = Object.fromEntries(keys.map((key) => [key, helperName]))
  return {...plain, credHelpers: {...record(plain['credHelpers']), ...helpers}}
}

/** Adds a directory to the beginning of PATH, whose name Windows writes as `Path`. */
function withPath(env: Readonly<Record<string, string>>, directory: string): Readonly<Record<string, string>> {
  const name = Object.keys(env).find((one) => one.toUpperCase() === 'PATH') ?? 'PATH'
  const paths = env[name] ?? ''
  return {...env, [name]: paths === '' ? directory : `${directory}${path.delimiter}${paths}`}
}

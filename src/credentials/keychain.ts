import type {Secret} from '../errors/secret.ts'
import {normaliseHost} from '../oci/reference.ts'
import type {CredentialsOf, RegistryCredentials} from '../registry/auth/credentials.ts'
import {askHelper, type HelperEdges} from './credential-program.ts'
import {fileCredentials, helperFor, type DockerConfig} from './docker-config.ts'
import {credentialKey, type Login} from './login.ts'

export interface KeychainOptions extends HelperEdges {
  /** Of this step: they come before everything that the user has set up. */
  readonly logins: readonly Login[]
  /** With the logins of `DOCKER_AUTH_CONFIG`. */
  readonly userConfig: DockerConfig
  /** Called with each secret before it is given to anybody, so that the runner can mask it. */
  readonly onSecret: (text: string) => void
}

/**
 * What this run knows for a registry host: the logins of the step, then what the Docker CLI would find, in its order
 * (docker/cli, configfile.GetCredentialsStore): the helper of `credHelpers` or `credsStore`, or where neither is set the file
 * itself. A helper that keeps no login is the last word, as for the CLI. Each host is looked up once, however many ask at the same
 * time.
 * @throws TagboatError `credential-helper-failed`: a helper that fails is never taken for one that knows nothing.
 */
export function keychain(options: KeychainOptions): CredentialsOf {
  const known = new Map<string, Promise<RegistryCredentials | undefined>>()
  return async (host) => {
    const normalised = normaliseHost(host)
    const found = known.get(normalised) ?? masked(lookUp(normalised, options), options)
    known.set(normalised, found)
    return found
  }
}

async function lookUp(host: string, options: KeychainOptions): Promise<RegistryCredentials | undefined> {
  const {logins, userConfig} = options
  const login = logins.find((one) => one.host === host)
  if (login !== undefined) return {kind: 'basic', username: login.username, password: login.password}
  const name = helperFor(userConfig, host)
  return name === undefined ? fileCredentials(userConfig, host) : askHelper({name, key: credentialKey(host)}, options)
}

async function masked(
  lookup: Promise<RegistryCredentials | undefined>,
  {onSecret}: KeychainOptions,
): Promise<RegistryCredentials | undefined> {
  const credentials = await lookup
  if (credentials === undefined) return undefined
  const secret: Secret = credentials.kind === 'basic' ? credentials.password : credentials.token
  if (!secret.isEmpty) onSecret(secret.reveal())
  return credentials
}

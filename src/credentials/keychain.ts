import type {Secret} from '../errors/secret.ts'
import {normaliseHost} from '../oci/reference.ts'
import type {CredentialLookup, RegistryCredentials} from '../registry/auth/credentials.ts'
import type {Need} from './cloud/renewed.ts'
import type {HelperIo} from './credential-program.ts'
import {fileCredentials, helperFor, type DockerConfig} from './docker-config.ts'
import {credentialKey, type Login} from './login.ts'
import {loginForScope} from './scoped-logins.ts'

/** Login for a registry, or for a part of it, and the source of its credentials. */
interface LoginSource extends Pick<Login, 'host' | 'scope'> {
  readonly get: (need: Need) => Promise<RegistryCredentials>
}

/** Sources of credentials, in the order of their priority. */
export interface KeychainOptions extends HelperIo {
  /** Logins of this step. They have priority over the user's configuration. */
  readonly logins: readonly Login[]
  /** Credentials that clouds issue. They replace themselves before they expire, so they are not kept here. */
  readonly minted?: readonly LoginSource[]
  /** Configuration of the user, with the logins of `DOCKER_AUTH_CONFIG`. */
  readonly userConfig: DockerConfig
  /** Called with each secret before it is returned, so that the runner can mask it. */
  readonly onSecret: (text: string) => void
}

/**
/**
 * Looks up the credentials for a repository: first the logins of the step and those of clouds, of which the longest
 * scope decides, then those of the Docker CLI for the host, in its order (docker/cli, configfile.GetCredentialsStore):
 * the helper of `credHelpers` or `credsStore`, or the file itself if neither is set. If a helper has no login, the file
 * is not used, as in the CLI. Concurrent calls for a host share one lookup. A helper is queried again for credentials in
 * place of those that were refused.
 * @throws TagboatError `credential-helper-failed` if a helper fails.
 */
export function keychain(options: KeychainOptions): CredentialLookup {
  const known = new Map<string, Promise<RegistryCredentials | undefined>>()
  const logins = [...options.logins.map(asSource), ...(options.minted ?? [])]
  return async (host, {scope, refused} = {}) => {
    const normalised = normaliseHost(host)
    const login = loginForScope(logins, host, scope)
    if (login !== undefined) return maskSecret(login.get({refused}), options)
    const kept = known.get(normalised)
    const isRefused = refused !== undefined && (await kept) === refused
    // Another request that was refused may have replaced them meanwhile.
    const current = known.get(normalised)
    const found = isRefused && current === kept ? undefined : current
    const lookup = found ?? maskSecret(lookUp(normalised, options), options)
    known.set(normalised, lookup)
    return lookup
  }
}

/** Login whose credentials are always the same object, by which a refusal names them. */
function asSource({host, scope, username, password}: Login): LoginSource {
  const credentials = {kind: 'basic', username, password} as const
  return {host, scope, get: async () => Promise.resolve(credentials)}
}

async function lookUp(host: string, options: KeychainOptions): Promise<RegistryCredentials | undefined> {
  const {userConfig} = options
  const name = helperFor(userConfig, host)
  if (name === undefined) return fileCredentials(userConfig, host)
  const {runCredentialHelper} = await import('./credential-program.ts')
  return runCredentialHelper({name, key: credentialKey(host)}, options)
}

async function maskSecret(
  lookup: Promise<RegistryCredentials | undefined>,
  {onSecret}: KeychainOptions,
): Promise<RegistryCredentials | undefined> {
  const credentials = await lookup
  if (credentials === undefined) return undefined
  const secret: Secret = credentials.kind === 'basic' ? credentials.password : credentials.token
  if (!secret.isEmpty) onSecret(secret.reveal())
  return credentials
}

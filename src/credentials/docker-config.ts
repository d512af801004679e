import {Secret} from '../errors/secret.ts'
import {dockerHub, normaliseHost} from '../oci/reference.ts'
import type {RegistryCredentials} from '../registry/auth/credentials.ts'

/** The Docker CLI's configuration file, as far as Tagboat reads or changes it; every other key is kept as it is. */
export type DockerConfig = Readonly<Record<string, unknown>>

/**
 * The text of a `config.json`; an empty one has no settings, as the Docker CLI has it. @throws SyntaxError when it is no
 * JSON object. Its message quotes the text, which may be a login.
 */
export function parseDockerConfig(text: string): DockerConfig {
  // Editors on Windows put a byte order mark before it.
  const json = text.replace(/^\uFEFF/, '').trim()
  const value: unknown = json === '' ? {} : JSON.parse(json)
  if (!isRecord(value)) throw new SyntaxError('it is no JSON object')
  return value
}

/**
 * A configuration in which the logins for these keys are kept in the file itself. An empty entry in `credHelpers` wins
 * over `credsStore` (docker/cli, configfile.GetCredentialsStore), so that a login never reaches the user's own store. It
 * is there only where a store or a helper would take the login: skopeo and podman take it for a helper without a name.
 */
export function withFileLogins(config: DockerConfig, keys: readonly string[]): DockerConfig {
  const auths = Object.entries(record(config['auths'])).filter(([key]) => !keys.includes(key))
  const helpers = record(config['credHelpers'])
  const taken = keys.filter((key) => isSet(helpers[key]) || (isSet(config['credsStore']) && !(key in helpers)))
  return withEmptyHelpers({...config, auths: Object.fromEntries(auths)}, taken)
}

/**
 * The same, for a file that `docker login` is to fill: with no `auths`, `credHelpers` or `credsStore` at all, the CLI
 * would look for a store of the machine (docker/cli, configfile.ContainsAuth and credentials.DetectDefaultStore).
 */
export function forLogin(config: DockerConfig, keys: readonly string[]): DockerConfig {
  const own = withFileLogins(config, keys)
  const isBare = ['auths', 'credHelpers'].every((name) => Object.keys(record(own[name])).length === 0)
  return isBare && !isSet(own['credsStore']) ? withEmptyHelpers(own, keys) : own
}

function withEmptyHelpers(config: DockerConfig, keys: readonly string[]): DockerConfig {
  if (keys.length === 0) return config
  const empty = Object.fromEntries(keys.map((key) => [key, '']))
  return {...config, credHelpers: {...record(config['credHelpers']), ...empty}}
}

function isSet(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** The first configuration with the logins of the others added. */
export function mergeAuths(config: DockerConfig, others: readonly DockerConfig[]): DockerConfig {
  const added = others.flatMap((other) => Object.entries(record(other['auths'])))
  return {...config, auths: {...record(config['auths']), ...Object.fromEntries(added)}}
}

/**
 * The configuration with the logins of `DOCKER_AUTH_CONFIG`: a text with the `auths` of a configuration file, which for the
 * Docker CLI come before its file and its stores. One that cannot be read is none, as for the CLI.
 */
export function withEnvironmentLogins(config: DockerConfig, text: string): DockerConfig {
  const given = Object.entries(record(readableConfig(text)['auths']))
  const auths = Object.fromEntries(given.filter(([, entry]) => credentialsIn(record(entry)) !== undefined))
  const keys = Object.keys(auths)
  return keys.length === 0 ? config : mergeAuths(withFileLogins(config, keys), [{auths}])
}

function readableConfig(text: string): DockerConfig {
  try {
    return parseDockerConfig(text)
  } catch {
    return {}
  }
}

/**
 * What the file itself holds for this registry, tokens included. A token that the registry takes as it is comes before
 * one for its token server, and that before a password, as BuildKit has it.
 */
export function fileCredentials(config: DockerConfig, registry: string): RegistryCredentials | undefined {
  const auths = record(config['auths'])
  for (const key of [...keysOf(registry), ...likeKeys(auths, registry)]) {
    const credentials = credentialsIn(record(auths[key]))
    if (credentials !== undefined) return credentials
  }
  return undefined
}

/** Keys in another form than the CLI's own: it looks at their host alone (docker/cli, credentials.ConvertToHostname). */
function likeKeys(auths: Readonly<Record<string, unknown>>, registry: string): readonly string[] {
  const host = normaliseHost(registry)
  return Object.keys(auths).filter((key) => key !== '' && normaliseHost(key) === host)
}

function credentialsIn(entry: Readonly<Record<string, unknown>>): RegistryCredentials | undefined {
  const {auth, username, password, identitytoken, registrytoken} = entry
  if (isSet(registrytoken)) return {kind: 'bearer', token: new Secret(registrytoken)}
  if (isSet(identitytoken)) return {kind: 'identity-token', token: new Secret(identitytoken)}
  if (!isSet(auth)) {
    const isPlain = typeof username === 'string' && typeof password === 'string'
    return isPlain ? {kind: 'basic', username, password: new Secret(password)} : undefined
  }
  const text = Buffer.from(auth, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon === -1) return undefined
  return {kind: 'basic', username: text.slice(0, colon), password: new Secret(text.slice(colon + 1))}
}

/**
 * The program that keeps the login for this registry: `NAME` of `docker-credential-NAME`. Undefined where the file itself
 * does, which is what an empty entry of `credHelpers` asks for
 * (https://docs.docker.com/reference/cli/docker/login/#credential-helpers).
 */
export function helperFor(config: DockerConfig, registry: string): string | undefined {
  const helpers = record(config['credHelpers'])
  const key = keysOf(registry).find((one) => one in helpers)
  const name = key === undefined ? config['credsStore'] : helpers[key]
  return isSet(name) ? name : undefined
}

/** Every form in which tools write the key of a login for this registry, the Docker CLI's own first. */
function keysOf(registry: string): readonly string[] {
  const host = normaliseHost(registry)
  const hosts: readonly string[] = host === dockerHub.name ? dockerHub.aliases : [host]
  const forms = hosts.flatMap((name) => [name, `https://${name}`, `https://${name}/v1/`, `https://${name}/v2/`])
  return host === dockerHub.name ? [dockerHub.credentialKey, ...forms] : forms
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether the user has logged in to this registry before this step, or named a helper for it. */
export function hasLoginFor(config: DockerConfig, registry: string): boolean {
  const auths = record(config['auths'])
  const helpers = record(config['credHelpers'])
  return keysOf(registry).some((key) => key in auths || isSet(helpers[key])) || likeKeys(auths, registry).length > 0
}

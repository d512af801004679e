import {Secret} from '../errors/secret.ts'
import {dockerHub, normaliseHost} from '../oci/reference.ts'
import type {RegistryCredentials} from '../registry/auth/credentials.ts'

/** Configuration file of the Docker CLI, as parsed JSON. Keys that Tagboat does not know are preserved. */
export type DockerConfig = Readonly<Record<string, unknown>>

/**
 * Parses a `config.json`. Empty text has no settings, as for the Docker CLI.
 * @throws SyntaxError if the text is not a JSON object. Its message quotes the text, which may contain a login.
 */
export function parseDockerConfig(text: string): DockerConfig {
  // Editors on Windows write a byte order mark.
  const json = text.replace(/^\uFEFF/, '').trim()
  const value: unknown = json === '' ? {} : JSON.parse(json)
  if (!isRecord(value)) throw new SyntaxError('it is not a JSON object')
  return value
}

/**
 * Configuration that stores the logins for these keys in the file itself. An empty entry in `credHelpers` overrides
 * `credsStore` (docker/cli, configfile.GetCredentialsStore), so that a login never reaches the user's credential store.
 * The entry is added only if a store or a helper would get the login: skopeo and podman read it as a helper without a
 * name.
 */
export function withFileLogins(config: DockerConfig, keys: readonly string[]): DockerConfig {
  const auths = Object.entries(record(config['auths'])).filter(([key]) => !keys.includes(key))
  const helpers = record(config['credHelpers'])
  const overridden = keys.filter((key) => isSet(helpers[key]) || (isSet(config['credsStore']) && !(key in helpers)))
  return withEmptyHelpers({...config, auths: Object.fromEntries(auths)}, overridden)
}

/**
 * Configuration for `docker login`, which stores the logins for these keys in the file itself. Without `auths`,
 * `credHelpers` and `credsStore` the CLI would use a default store of the system (docker/cli, configfile.ContainsAuth
 * and credentials.DetectDefaultStore).
 */
export function forLogin(config: DockerConfig, keys: readonly string[]): DockerConfig {
  const result = withFileLogins(config, keys)
  const isBare = ['auths', 'credHelpers'].every((name) => Object.keys(record(result[name])).length === 0)
  return isBare && !isSet(result['credsStore']) ? withEmptyHelpers(result, keys) : result
}

function withEmptyHelpers(config: DockerConfig, keys: readonly string[]): DockerConfig {
  if (keys.length === 0) return config
  const empty = Object.fromEntries(keys.map((key) => [key, '']))
  return {...config, credHelpers: {...record(config['credHelpers']), ...empty}}
}

function isSet(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Adds the logins of the other configurations to the first one. */
export function mergeAuths(config: DockerConfig, others: readonly DockerConfig[]): DockerConfig {
  const added = others.flatMap((other) => Object.entries(record(other['auths'])))
  return {...config, auths: {...record(config['auths']), ...Object.fromEntries(added)}}
}

/**
 * Adds the logins of `DOCKER_AUTH_CONFIG`, a text with the `auths` of a configuration file. For the Docker CLI they
 * have priority over its file and its stores. Text that is not a configuration is ignored, as by the CLI.
 */
export function withEnvironmentLogins(config: DockerConfig, text: string): DockerConfig {
  const entries = Object.entries(record(readableConfig(text)['auths']))
  const auths = Object.fromEntries(entries.filter(([, entry]) => credentialsIn(record(entry)) !== undefined))
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
 * Credentials for a registry in the file itself, tokens included. A registry token has priority over an identity token,
 * and that over a password, as in BuildKit.
 */
export function fileCredentials(config: DockerConfig, registry: string): RegistryCredentials | undefined {
  const auths = record(config['auths'])
  for (const key of [...keysOf(registry), ...equivalentKeys(auths, registry)]) {
    const credentials = credentialsIn(record(auths[key]))
    if (credentials !== undefined) return credentials
  }
  return undefined
}

/**
 * Keys of `auths` in other forms than the CLI's own. It compares their hosts (docker/cli,
 * credentials.ConvertToHostname).
 */
function equivalentKeys(auths: Readonly<Record<string, unknown>>, registry: string): readonly string[] {
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
 * Name of the credential helper for a registry: `NAME` of `docker-credential-NAME`. Undefined if the file itself stores
 * the login, which an empty entry of `credHelpers` requests
 * (https://docs.docker.com/reference/cli/docker/login/#credential-helpers).
 */
export function helperFor(config: DockerConfig, registry: string): string | undefined {
  const helpers = record(config['credHelpers'])
  const key = keysOf(registry).find((one) => one in helpers)
  const name = key === undefined ? config['credsStore'] : helpers[key]
  return isSet(name) ? name : undefined
}

/** All forms in which tools write the key of a login for a registry, that of the Docker CLI first. */
function keysOf(registry: string): readonly string[] {
  const host = normaliseHost(registry)
  const hosts: readonly string[] = host === dockerHub.name ? dockerHub.aliases : [host]
  const forms = hosts.flatMap((name) => [name, `https://${name}`, `https://${name}/v1/`, `https://${name}/v2/`])
  return host === dockerHub.name ? [dockerHub.credentialKey, ...forms] : forms
}

/** Object in a configuration; empty for a value of another kind. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reports whether the configuration has a login or a credential helper for this registry. */
export function hasLoginFor(config: DockerConfig, registry: string): boolean {
  const auths = record(config['auths'])
  const helpers = record(config['credHelpers'])
  return (
    keysOf(registry).some((key) => key in auths || isSet(helpers[key])) || equivalentKeys(auths, registry).length > 0
  )
}

/** The Docker CLI's configuration file, as far as Tagboat reads or changes it; every other key is kept as it is. */
export type DockerConfig = Readonly<Record<string, unknown>>

export interface DockerAuth {
  readonly username: string
  readonly password: string
}

/** The text of a `config.json`. @throws SyntaxError when it is no JSON object. */
export function parseDockerConfig(text: string): DockerConfig {
  const value: unknown = JSON.parse(text)
  if (!isRecord(value)) throw new SyntaxError('it is no JSON object')
  return value
}

/**
 * A configuration in which the logins for these keys are kept in the file itself. An empty entry in `credHelpers` wins
 * over `credsStore` (docker/cli, configfile.GetCredentialsStore), so that a login never reaches the user's own store.
 */
export function withFileLogins(config: DockerConfig, keys: readonly string[]): DockerConfig {
  const own = Object.fromEntries(keys.map((key) => [key, '']))
  const auths = Object.entries(record(config['auths'])).filter(([key]) => !keys.includes(key))
  return {...config, auths: Object.fromEntries(auths), credHelpers: {...record(config['credHelpers']), ...own}}
}

/** The first configuration with the logins of the others added. */
export function mergeAuths(config: DockerConfig, others: readonly DockerConfig[]): DockerConfig {
  const added = others.flatMap((other) => Object.entries(record(other['auths'])))
  return {...config, auths: {...record(config['auths']), ...Object.fromEntries(added)}}
}

/** The login that the file itself holds under this key, if it does. */
export function authOf(config: DockerConfig, key: string): DockerAuth | undefined {
  const encoded = record(record(config['auths'])[key])['auth']
  if (typeof encoded !== 'string') return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon === -1 ? undefined : {username: text.slice(0, colon), password: text.slice(colon + 1)}
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether the user has logged in to this registry before this step, or named a helper for it. */
export function hasLoginFor(config: DockerConfig, host: string): boolean {
  const key = [host, `https://${host}`].find(
    (name) => name in record(config['auths']) || name in record(config['credHelpers']),
  )
  return key !== undefined
}

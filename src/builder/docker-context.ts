type Variables = Readonly<Record<string, string | undefined>>

/**
 * Name of the current context of the Docker CLI: DOCKER_CONTEXT, else `currentContext` of its configuration.
 * DOCKER_HOST takes precedence over both and means the context `default`
 * (https://docs.docker.com/reference/cli/docker/#environment-variables).
 */
export function currentContext(env: Variables, configured: unknown): string {
  if (isSet(env['DOCKER_HOST'])) return defaultContext
  const names = [env['DOCKER_CONTEXT'], configured]
  return names.find(isSet) ?? defaultContext
}

/** Name of the current context of the Docker CLI in a run, which is also the name of the builder of its engine. */
export function contextOf({env, userConfig}: ContextSource): string {
  return currentContext(env, userConfig['currentContext'])
}

/** Environment and configuration of the Docker CLI. */
interface ContextSource {
  readonly env: Variables
  readonly userConfig: Readonly<Record<string, unknown>>
}

/**
 * Docker CLI options that select the engine of a Buildx endpoint, which is the name of a context or an address. Empty
 * for the engine of the current context.
 */
export function engineOptions(endpoint: string, current: string, env: Variables): readonly string[] {
  if (endpoint === '' || endpoint === current) return []
  if (!endpoint.includes('://')) return ['--context', endpoint]
  const host = env['DOCKER_HOST']
  const own = isSet(host) ? [host] : defaultSockets
  return current === defaultContext && own.includes(endpoint) ? [] : ['--host', endpoint]
}

/** Address of the engine of the context `default`. */
export function defaultHost(env: Variables): string {
  const host = env['DOCKER_HOST']
  return isSet(host) ? host : defaultSocket
}

/** Context of the Docker CLI without settings. */
export const defaultContext = 'default'
/** Addresses that the Docker CLI uses without a context. */
const defaultSocket = 'unix:///var/run/docker.sock'
const defaultSockets: readonly string[] = [defaultSocket, 'npipe:////./pipe/docker_engine']

function isSet(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

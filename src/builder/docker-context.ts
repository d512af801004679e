type Variables = Readonly<Record<string, string | undefined>>

/**
 * The name of the context that the Docker CLI works with where none is named: that of the environment, else the `currentContext`
 * of its configuration. An address in DOCKER_HOST comes before both, and is the context `default`
 * (https://docs.docker.com/reference/cli/docker/#environment-variables).
 */
export function currentContext(env: Variables, configured: unknown): string {
  if (isSet(env['DOCKER_HOST'])) return defaultContext
  const names = [env['DOCKER_CONTEXT'], configured]
  return names.find(isSet) ?? defaultContext
}

/**
 * The options of the Docker CLI with which it speaks to the engine that Buildx calls so: the name of a context, or an address.
 * None for the engine that it speaks to anyway, `current` being its context.
 */
export function engineOptions(endpoint: string, current: string, env: Variables): readonly string[] {
  if (endpoint === '' || endpoint === current) return []
  if (!endpoint.includes('://')) return ['--context', endpoint]
  const host = env['DOCKER_HOST']
  const own = isSet(host) ? [host] : defaultSockets
  return current === defaultContext && own.includes(endpoint) ? [] : ['--host', endpoint]
}

const defaultContext = 'default'
/** Where the Docker CLI looks without any context. */
const defaultSockets: readonly string[] = ['unix:///var/run/docker.sock', 'npipe:////./pipe/docker_engine']

function isSet(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

import {addressSecrets} from '../errors/addresses.ts'
import type {RawInputs} from '../io/environment.ts'

/** Environment variables with the addresses of proxies and engines. */
const addressVariables = /^(?:(?:https?|all|ftp)_proxy|docker_host|buildkit_host)$/i

/** Attributes of a cache backend that are secret (https://docs.docker.com/build/cache/backends/). */
const cacheKey = /(?:^|[,\s"])(?:secret_access_key|session_token|account_key|(?:gh)?token)=([^,\s"]+)/g
const cacheInputs = ['cache-from', 'cache-to']

/**
 * Secrets in inputs that are not meant for secrets: passwords and signatures in the addresses of any input, and the keys of
 * cache backends. Includes the secrets in the environment variables of proxies and engines.
 */
export function secretsInTexts(
  inputs: RawInputs,
  variables: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const named = Object.entries(variables).filter(([name]) => addressVariables.test(name))
  const addresses = [...inputs.values(), ...named.map(([, value]) => value ?? '')].flatMap(addressSecrets)
  const keys = cacheInputs.flatMap((name) =>
    [...(inputs.get(name) ?? '').matchAll(cacheKey)].map(([, value = '']) => value),
  )
  return [...new Set([...addresses, ...keys])]
}

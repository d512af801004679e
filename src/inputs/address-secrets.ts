import {addressSecrets} from '../errors/addresses.ts'
import type {RawInputs} from '../io/environment.ts'

/** Variables with which programs of a run find what they talk to. */
const addressVariables = /^(?:(?:https?|all|ftp)_proxy|docker_host|buildkit_host)$/i

/** Attributes of a cache that hold a key (https://docs.docker.com/build/cache/backends/). */
const cacheKey = /(?:^|[,\s"])(?:secret_access_key|session_token|account_key|(?:gh)?token)=([^,\s"]+)/g
const cacheInputs = ['cache-from', 'cache-to']

/**
 * Secrets in inputs that are not meant to hold one: passwords and signatures in addresses, whatever input they are in, and keys
 * of caches. Those of the variables that name proxies and engines too.
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

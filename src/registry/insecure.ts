import {errorMessage} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'
import {BlockList, isIP} from 'node:net'
import {field, parseJson} from '../oci/manifest.ts'

/**
 * Predicate for the registries that the Docker engine treats as insecure: `insecure-registries` of its `daemon.json`,
 * hosts with their port and networks in CIDR notation
 * (https://docs.docker.com/reference/cli/dockerd/#insecure-registries). Invalid text lists none. Docker also resolves
 * names to match networks; here only addresses match them.
 */
export function insecureRegistries(daemonJson: string): (host: string) => boolean {
  const listed = field(parseJson(Buffer.from(daemonJson.replace(/^\uFEFF/, ''))), 'insecure-registries')
  return insecureHosts(texts(listed))
}

/** Registries as the Docker engine knows them: `docker info --format '{{json .RegistryConfig}}'`. */
export interface EngineRegistries {
  readonly isInsecure: (host: string) => boolean
  /** Addresses of the mirrors of Docker Hub, such as `https://mirror.example`. */
  readonly mirrors: readonly string[]
}

/** Parses the registries of `docker info`. Invalid text lists none. */
export function engineRegistries(json: string): EngineRegistries {
  const config = parseJson(Buffer.from(json))
  const indexes = field(config, 'IndexConfigs')
  const named = typeof indexes === 'object' && indexes !== null ? Object.entries(indexes) : []
  const insecure = named.flatMap(([host, index]) => (field(index, 'Secure') === false ? [host] : []))
  return {
    isInsecure: insecureHosts([...insecure, ...texts(field(config, 'InsecureRegistryCIDRs'))]),
    mirrors: texts(field(config, 'Mirrors')),
  }
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

/** Predicate for hosts with their port and networks in CIDR notation. */
function insecureHosts(listed: readonly string[]): (host: string) => boolean {
  const entries = listed.map(withoutScheme)
  const hosts = new Set(entries)
  const networks = new BlockList()
  for (const entry of entries) addNetwork(entry, networks)
  return (host) => {
    const name = host.toLowerCase()
    if (hosts.has(name)) return true
    const address = withoutBrackets(name.replace(/:\d+$/, ''))
    const family = familyOf(address)
    return family !== undefined && networks.check(address, family)
  }
}

/** Entry without a scheme, which Docker removes with a warning. */
function withoutScheme(entry: string): string {
  return entry
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
}

/** Adds an entry such as `10.0.0.0/8` or `fd00::/8`. Entries of other forms are ignored. */
function addNetwork(entry: string, networks: BlockList): void {
  const [, address = '', length = ''] = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry) ?? []
  const family = familyOf(address)
  const prefix = Number(length)
  if (family === undefined || prefix > (family === 'ipv4' ? 32 : 128)) return
  networks.addSubnet(address, prefix, family)
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  if (version === 0) return undefined
  return version === 4 ? 'ipv4' : 'ipv6'
}

function withoutBrackets(address: string): string {
  return address.replace(/^\[|\]$/g, '')
}

/** Reports whether a server responded to TLS with something else, as a registry with plain HTTP does. */
export function isWithoutTls(error: unknown): boolean {
  const code = errorCode(error)
  if (code === undefined || !/^(?:ERR_SSL_|EPROTO$)/.test(code)) return false
  return /wrong[ _]version[ _]number|(?:packet|data)[ _]length[ _]too[ _]long|http[ _]request/i.test(
    `${code} ${errorMessage(error)}`,
  )
}

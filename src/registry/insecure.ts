import {field, parseJson} from '../oci/manifest.ts'

/**
 * Which registries the Docker engine calls insecure: `insecure-registries` of its `daemon.json`, hosts with their port and
 * networks as CIDR (https://docs.docker.com/reference/cli/dockerd/#insecure-registries). A text that is no configuration
 * names none. Docker looks a name's addresses up for networks; here a network holds only hosts that are written as addresses.
 */
export function insecureRegistries(daemonJson: string): (host: string) => boolean {
  const listed = field(parseJson(Buffer.from(daemonJson.replace(/^\uFEFF/, ''))), 'insecure-registries')
  const entries = (Array.isArray(listed) ? listed : []).filter((entry) => typeof entry === 'string').map(bare)
  const hosts = new Set(entries)
  const networks = entries.flatMap((entry) => parseNetwork(entry) ?? [])
  return (host) => {
    const name = host.toLowerCase()
    if (hosts.has(name)) return true
    const address = parseAddress(name.replace(/:\d+$/, ''))
    return address !== undefined && networks.some((network) => holds(network, address))
  }
}

/** Docker cuts off a scheme, with a warning. */
function bare(entry: string): string {
  return entry
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
}

interface Address {
  readonly bits: 32 | 128
  readonly value: bigint
}

interface Network extends Address {
  readonly prefix: number
}

function holds({bits, value, prefix}: Network, address: Address): boolean {
  const rest = BigInt(bits - prefix)
  return address.bits === bits && address.value >> rest === value >> rest
}

function parseNetwork(text: string): Network | undefined {
  const [, host = '', length = ''] = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(text) ?? []
  const address = parseAddress(host)
  const prefix = Number(length)
  return address === undefined || length === '' || prefix > address.bits ? undefined : {...address, prefix}
}

/** `10.0.0.1`, `fd00::1` or `[fd00::1]`. */
function parseAddress(text: string): Address | undefined {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number)
  if (octets !== undefined)
    return octets.some((octet) => octet > 255) ? undefined : {bits: 32, value: joined(octets, 8n)}
  const url = `http://[${text.replace(/^\[|\]$/g, '')}]/`
  if (!text.includes(':') || !URL.canParse(url)) return undefined
  // URLs write an IPv6 address in hexadecimal groups, with `::` for zeros (RFC 5952).
  const [head = '', tail] = new URL(url).hostname.slice(1, -1).split('::')
  const [first, last] = [groups(head), groups(tail ?? '')]
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length
  return {bits: 128, value: joined([...first, ...Array<number>(zeros).fill(0), ...last], 16n)}
}

function groups(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

function joined(parts: readonly number[], width: bigint): bigint {
  return parts.reduce((sum, part) => (sum << width) | BigInt(part), 0n)
}

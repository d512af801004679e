import {BlockList, isIP} from 'node:net'

/** Hosts that are never reached through a proxy, as in Go's net/http. */
const thisMachine = 'localhost,127.0.0.0/8,::1'

/** Proxy settings of the environment. */
export interface ProxyRules {
  /** Variables that name proxies, in the form of `proxyEnv` of Node's agents. */
  readonly variables: Readonly<Record<string, string>>
  /** Reports whether requests to an address bypass the proxy. */
  readonly isExempt: (url: URL) => boolean
}

/**
 * Reads the proxy settings. NO_PROXY is interpreted as Docker's tools do
 * (https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config): Node supports neither subdomains of a name nor networks.
 */
export function proxyRules(variables: Readonly<Record<string, string | undefined>>): ProxyRules {
  const either = (name: string): string =>
    [variables[name.toLowerCase()], variables[name]].find((value) => value !== undefined && value !== '') ?? ''
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY'].flatMap((name): [string, string][] => {
    const given = either(name)
    // Go accepts a proxy without a scheme; Node ignores it. An invalid URL is ignored here.
    const url = given === '' || given.includes('://') ? given : `http://${given}`
    return URL.canParse(url) ? [[name, url]] : []
  })
  const exemptions = `${thisMachine},${either('NO_PROXY')}`.toLowerCase().split(',').map(exemption)
  return {
    variables: Object.fromEntries(proxies),
    isExempt: ({hostname, port, protocol}) => {
      const usual = protocol === 'https:' ? '443' : '80'
      const host = {name: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? usual : port}
      return exemptions.some((isExempt) => isExempt(host))
    },
  }
}

interface Host {
  /** Lower-case host name; an IPv6 address without brackets. */
  readonly name: string
  readonly port: string
}

/**
 * Parses an entry of NO_PROXY: `*`, a network, an address, a name (with its subdomains) or `.name` (its subdomains
 * only). The last three may have a port.
 */
function exemption(text: string): (host: Host) => boolean {
  const entry = text.trim()
  if (entry === '') return () => false
  if (entry === '*') return () => true
  const [, network = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? []
  if (bits !== '') return inNetwork(network, Number(bits))
  const [, written = '', port] = isIP(entry) === 0 ? (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []) : [entry, entry]
  const name = written.replace(/^\[|\]$/g, '').replace(/^\*(?=\.)/, '')
  const isNamed = isIP(name) === 0 ? isBelow(name) : inNetwork(name, isIP(name) === 4 ? 32 : 128)
  return (host) => (port === undefined || port === host.port) && isNamed(host)
}

function isBelow(name: string): (host: Host) => boolean {
  const suffix = name.startsWith('.') ? name : `.${name}`
  return (host) => host.name === name || host.name.endsWith(suffix)
}

function inNetwork(address: string, bits: number): (host: Host) => boolean {
  const version = isIP(address)
  if (version === 0 || bits > (version === 4 ? 32 : 128)) return () => false
  const list = new BlockList()
  list.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6')
  return ({name}) => isIP(name) !== 0 && list.check(name, isIP(name) === 4 ? 'ipv4' : 'ipv6')
}

import {BlockList, isIP} from 'node:net'

/** This machine is never asked through a proxy, as Go's programs have it: a registry there may have no other name. */
const thisMachine = 'localhost,127.0.0.0/8,::1'

/** Which proxy is used for what. */
export interface ProxyRules {
  /** The variables that name proxies, as Node's agents take them (`proxyEnv`). */
  readonly variables: Readonly<Record<string, string>>
  /** Whether an address is asked without a proxy. */
  readonly isExempt: (url: URL) => boolean
}

/**
 * The rules that the environment gives. Node has its own idea of NO_PROXY, in which a name stands for itself alone and there are no
 * networks; here it is read as Docker's tools read it (https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config).
 */
export function proxyRules(variables: Readonly<Record<string, string | undefined>>): ProxyRules {
  const either = (name: string): string =>
    [variables[name.toLowerCase()], variables[name]].find((value) => value !== undefined && value !== '') ?? ''
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY'].flatMap((name): [string, string][] => {
    const given = either(name)
    // Go takes a proxy without a scheme; Node would leave it out. An address that is none must not end the run here.
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
  /** Lower-cased, an address of IPv6 without its brackets. */
  readonly name: string
  readonly port: string
}

/** One entry of NO_PROXY: `*`, a network, an address, a name with all below it, `.name` for what is below it; the last three with a port or without. */
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

import {tlsDetails} from './tls-trouble.ts'

/** Reason why a server does not respond, besides TLS. */
type Trouble = 'proxy' | 'refused' | 'unknown-name' | 'no-name-server' | 'no-route' | 'timeout' | 'closed'

/** Codes and texts of Node.js, and texts of Go. A time limit of Go also follows from the others, so it is last but one. */
const patterns: readonly (readonly [Trouble, RegExp])[] = [
  ['proxy', /\bproxyconnect tcp\b/i],
  ['refused', /\bECONNREFUSED\b|\bconnection refused\b|\bactively refused it\b/i],
  ['unknown-name', /\bENOTFOUND\b|\bno such host\b/i],
  [
    'no-name-server',
    /\bEAI_AGAIN\b|\bserver misbehaving\b|\bname resolution\b|\blookup \S+(?: on \S+)?: (?:read|dial) udp\b/i,
  ],
  ['no-route', /\bE(?:HOST|NET)UNREACH\b|\bno route to host\b|\bnetwork is unreachable\b/i],
  [
    'timeout',
    /\bE(?:SOCKET)?TIMEDOUT\b|\bi\/o timeout\b|\bcontext deadline exceeded\b|\bTLS handshake timeout\b|\bClient\.Timeout\b/i,
  ],
  [
    'closed',
    /\bECONNRESET\b|\bEPIPE\b|\bsocket hang up\b|\bconnection reset by peer\b|\bbroken pipe\b|": EOF\b|\bunexpected EOF\b/i,
  ],
]

/** Message about a connection that failed. */
interface ConnectionDetails {
  readonly message: string
  readonly remedy: string
  /** Reason in plain words, for the evidence. */
  readonly reason: string
}

/**
 * Details of a failed connection to a host, by the error of Node.js with its code, or the text of a program in Go.
 * Undefined for other errors.
 */
export function connectionDetails(text: string, host: string): ConnectionDetails | undefined {
  const tls = tlsDetails(text, host)
  if (tls !== undefined) return tls
  const trouble = patterns.find(([, pattern]) => pattern.test(text))?.[0]
  if (trouble === undefined) return undefined
  const reason = reasons[trouble](addressIn(text, host))
  return {message: `${host} did not respond: ${reason}.`, remedy: remedies[trouble](host), reason}
}

/** Address that a program connected to, after `to`; empty if it is the host itself, or unknown. */
function addressIn(text: string, host: string): string {
  const [, go, node] = /\bdial tcp (\S{1,300}:\d+): |\bconnect E[A-Z]+ (\S{1,300}:\d+)/.exec(text) ?? []
  const address = go ?? node
  return address === undefined || address === host ? '' : ` to ${address}`
}

/** Reason with the code of Node.js. The code of every trouble with TLS is the same, so it is left out. */
export function reasonWithCode({reason}: Pick<ConnectionDetails, 'reason'>, code: string | undefined): string {
  return code === undefined || code === 'EPROTO' ? reason : `${reason} (${code})`
}

const reasons: Readonly<Record<Trouble, (to: string) => string>> = {
  proxy: () => 'the proxy of this runner did not respond',
  refused: (to) => `the connection${to} was refused`,
  'unknown-name': () => 'no server has this host name',
  'no-name-server': () => 'the name server did not respond',
  'no-route': (to) => `there is no route${to === '' ? ' to it' : to}`,
  timeout: (to) => `the connection${to} timed out`,
  closed: () => 'the connection was closed before the response',
}

const remedies: Readonly<Record<Trouble, (host: string) => string>> = {
  proxy: () => 'Check HTTP_PROXY and HTTPS_PROXY of this runner and of its Docker engine, and that the proxy runs.',
  refused: (host) => `Check the port of ${host}, and that the registry runs and accepts connections from this runner.`,
  'unknown-name': unknownNameRemedy,
  'no-name-server': () => 'Run the job again. If the failure persists, check the name server of this runner.',
  'no-route': (host) => `Use a runner that is connected to ${host}, or check the network and the firewall of this one.`,
  timeout: (host) =>
    `Check that this runner can reach ${host} (proxy, firewall). Run the job again if the failure was temporary.`,
  closed: (host) => `Run the job again. If the failure persists, check ${host} and the proxy in front of it.`,
}

/** Regions in names of AWS, and locations in those of Artifact Registry. Every existing one has a server. */
const places =
  /\.(?<region>[a-z]+(?:-[a-z]+)+-\d+)\.(?:amazonaws\.(?:com|eu)|api\.aws|on\.aws)|^(?<location>[a-z0-9-]+)-docker\.pkg\.dev$/

function unknownNameRemedy(host: string): string {
  const {region, location} = places.exec(host)?.groups ?? {}
  if (region !== undefined)
    return `Check the region ${region} in the name of the registry: AWS has no such region, or no server for ${host} in it.`
  if (location !== undefined) return `Check the location ${location} in the name of the registry.`
  return `Check the spelling of ${host}. A name of a private network needs a runner whose name server knows it.`
}

/** Remedy for a host whose region probably does not exist; undefined for any other trouble. */
export function unknownRegionRemedy({reason, remedy}: ConnectionDetails, host: string): string | undefined {
  return reason === reasons['unknown-name']('') && places.test(host) ? remedy : undefined
}

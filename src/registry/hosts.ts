import {dockerHub} from '../oci/reference.ts'
import {isLoopback, isThisMachine} from './auth/challenge.ts'

/** Host of the API of a registry, `host[:port]`. That of Docker Hub differs from its name in references. */
export function apiHost(host: string): string {
  return host === dockerHub.name ? dockerHub.apiHost : host
}

/** Reports whether a host is `[::1]`, `localhost` or `127.…`, with any port. */
export function isLoopbackHost(host: string): boolean {
  return isLoopback(hostnameOf(host))
}

/** Reports whether a host is this machine, under any name. */
export function isOnThisMachine(host: string): boolean {
  return isThisMachine(hostnameOf(host))
}

function hostnameOf(host: string): string {
  return URL.canParse(`https://${host}`) ? new URL(`https://${host}`).hostname : ''
}

import {dockerHub} from '../oci/reference.ts'
import {isLoopback, isThisMachine} from './auth/challenge.ts'

/** Where the API of a registry answers, `host[:port]`. Docker Hub's name in references is not its server's. */
export function apiHost(host: string): string {
  return host === dockerHub.name ? dockerHub.apiHost : host
}

/** `[::1]`, `localhost` or `127.…`, with any port. */
export function isLoopbackHost(host: string): boolean {
  return isLoopback(hostnameOf(host))
}

/** The same, under every name of this machine. */
export function isOnThisMachine(host: string): boolean {
  return isThisMachine(hostnameOf(host))
}

function hostnameOf(host: string): string {
  return URL.canParse(`https://${host}`) ? new URL(`https://${host}`).hostname : ''
}

/** ECR, private and public: https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
export function isEcr(host: string): boolean {
  return (
    /^\d{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)$/.test(
      host,
    ) || host === 'public.ecr.aws'
  )
}

export const ghcrHost = 'ghcr.io'

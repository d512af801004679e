import {hostsWithoutLogin} from '../credentials/choose-logins.ts'
import type {DockerConfig} from '../credentials/docker-config.ts'
import type {Login} from '../credentials/login.ts'
import {TagboatError} from '../errors/error.ts'
import {cloudVendor} from '../oci/cloud-vendor.ts'
import {ghcrHost} from '../oci/ghcr.ts'
import {dockerHub, type Repository} from '../oci/reference.ts'
import {isLoopbackHost} from '../registry/hosts.ts'

/** Images of a run, and the logins that it has. */
export interface LoginQuestion {
  /** Repositories of the images, and of the caches that the build writes. */
  readonly repositories: readonly Repository[]
  /** Whether the run pushes. If it does not, nothing is known about the logins that a push would get. */
  readonly pushes: boolean
  readonly logins: readonly Pick<Login, 'host' | 'scope'>[]
  readonly userConfig: DockerConfig
}

/**
 * Rejects a login without `registry` that is for Docker Hub only by default: it has no image, and the registry of an
 * image has no login.
 * @throws TagboatError `input-invalid`
 */
export function rejectUnnamedRegistry({repositories, pushes, logins, userConfig}: LoginQuestion): void {
  if (repositories.some(({host}) => host === dockerHub.name)) return
  const known = pushes ? repositories : repositories.filter(({host}) => !getsLogin(host))
  const [host] = hostsWithoutLogin({pushedTo: known, userConfig}, logins).filter((one) => !isLoopbackHost(one))
  if (host === undefined) return
  throw new TagboatError('input-invalid', {
    evidence: [
      `registry: it is empty, so username and password are for Docker Hub, but it has no image, and ${host} has no login.`,
    ],
    remedy: `Set \`registry: ${host}\`. If the login is for base images of Docker Hub, set \`registry: docker.io\`.`,
  })
}

/** Reports whether a push to a registry may get a login that no input has. */
function getsLogin(host: string): boolean {
  return host === ghcrHost || cloudVendor(host) !== undefined
}

import type {EcrApi} from '../credentials/cloud/ecr-api.ts'
import type {MintedSource} from '../credentials/cloud/minted.ts'
import type {LoginScope} from '../inputs/credentials/login-scope.ts'
import type {CloudInputs} from '../inputs/credentials/cloud-inputs.ts'
import {cloudVendor} from '../oci/cloud-vendor.ts'
import type {Repository} from '../oci/reference.ts'
import type {DockerConfig} from '../credentials/docker-config.ts'
import type {Login} from '../credentials/login.ts'
import type {Environment} from '../io/environment.ts'
import type {Io} from '../io/io.ts'

/** Credentials that are requested from a cloud when they are first used, and again before they expire. */
export interface MintedCredentials {
  readonly host: string
  /** Part of the registry that they are for; undefined for all of it. */
  readonly scope?: LoginScope | undefined
  readonly isOptional: boolean
  readonly get: MintedSource
  /** API of Amazon ECR with the identity of the credentials; absent for other registries. */
  readonly ecr?: EcrApi | undefined
}

/** Registries of a run, and what is known about their credentials. */
export interface CloudUser {
  readonly inputs: CloudInputs | undefined
  readonly pushedTo: readonly Repository[]
  /** Registries that the run uses, but can do without. */
  readonly otherHosts: readonly string[]
  /** Registries that the build may read from. */
  readonly readHosts: readonly string[]
  readonly logins: readonly Login[]
  readonly userConfig: DockerConfig
  readonly retries: number
}

/**
 * Opens the credentials that clouds issue for the registries of a run. The code for it is loaded only if a registry, an
 * input or a variable calls for it. Nothing is requested yet.
 * @throws TagboatError `aws-role-missing`
 */
export async function cloudCredentials(user: CloudUser, io: Io): Promise<readonly MintedCredentials[]> {
  const hosts = [...user.pushedTo.map(({host}) => host), ...user.otherHosts, ...user.readHosts]
  if (hosts.length === 0 || !mayNeedClouds(hosts, user.inputs, io.environment)) return []
  const {openCloudCredentials} = await import('./cloud-credentials.ts')
  return openCloudCredentials(user, io)
}

function mayNeedClouds(hosts: readonly string[], inputs: CloudInputs | undefined, environment: Environment): boolean {
  if (inputs !== undefined) return true
  return hosts.some((host) => {
    const vendor = cloudVendor(host)
    if (vendor === undefined || vendor === 'aws') return vendor !== undefined
    return variables[vendor].some((name) => isExported(environment, name))
  })
}

/** Variables of earlier steps that `chooseIdentities` reads. For Amazon ECR, also their absence matters. */
const variables = {
  google: ['GOOGLE_GHA_CREDS_PATH', 'GOOGLE_APPLICATION_CREDENTIALS'],
  azure: ['AZURE_CLIENT_ID'],
  'docker-hub': ['DOCKERHUB_OIDC_CONNECTIONID'],
} as const

function isExported(environment: Environment, name: string): boolean {
  return (environment[name] ?? '') !== ''
}

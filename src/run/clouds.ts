import type {EcrApi} from '../credentials/cloud/ecr-api.ts'
import type {MintedSource} from '../credentials/cloud/minted.ts'
import type {LoginScope} from '../inputs/credentials/login-scope.ts'
import type {CloudInputs} from '../inputs/credentials/cloud-inputs.ts'
import {isEcr} from '../oci/ecr.ts'
import {dockerHub, type Repository} from '../oci/reference.ts'
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
  const hosts = [...user.pushedTo.map(({host}) => host), ...user.otherHosts]
  if (hosts.length === 0 || !mayNeedClouds(hosts, user.inputs, io.environment)) return []
  const {openCloudCredentials} = await import('./cloud-credentials.ts')
  return openCloudCredentials(user, io)
}

function mayNeedClouds(hosts: readonly string[], inputs: CloudInputs | undefined, environment: Environment): boolean {
  if (inputs !== undefined || hosts.some(isEcr)) return true
  const isGoogle =
    googleFiles.some((name) => isExported(environment, name)) && hosts.some((host) => /pkg\.dev$|gcr\.io$/.test(host))
  const isAzure = isExported(environment, 'AZURE_CLIENT_ID') && hosts.some((host) => host.includes('.azurecr.'))
  return (
    isGoogle || isAzure || (isExported(environment, 'DOCKERHUB_OIDC_CONNECTIONID') && hosts.includes(dockerHub.name))
  )
}

/** Variables with the path of a credential file, as `exportedGoogleFile` reads them. */
const googleFiles = ['GOOGLE_GHA_CREDS_PATH', 'GOOGLE_APPLICATION_CREDENTIALS']

function isExported(environment: Environment, name: string): boolean {
  return (environment[name] ?? '') !== ''
}

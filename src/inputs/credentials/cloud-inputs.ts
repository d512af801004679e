import type {InputReader} from '../input-reader.ts'
import type {InputName} from '../spec/spec.ts'
import type {EcrCreate} from './ecr-create.ts'
import {accountOf, bareProvider, identityFormats} from './identity-formats.ts'
import type {AzureIdentity, GoogleIdentity, IdentityItem} from './identity.ts'

/** Identities for which clouds issue the credentials of registries. */
export interface CloudInputs {
  readonly awsRoles: readonly {
    readonly arn: string
    /** Twelve digits. */
    readonly account: string
  }[]
  /** Region for hosts that name none. */
  readonly awsRegion: string | undefined
  readonly ecr: 'auto' | 'true' | 'false'
  /** Settings of missing repositories; undefined if none is created. */
  readonly ecrCreate?: EcrCreate | undefined
  readonly google: GoogleIdentity | undefined
  readonly azure: AzureIdentity | undefined
  readonly dockerHubConnection: string | undefined
  /** User name of a login to Docker Hub without a password: the organization of the connection. */
  readonly dockerHubUser: string | undefined
  /** Identities of single registries, which have priority over the others. */
  readonly items: readonly IdentityItem[]
}

/** Reads the inputs with the identities for clouds. A malformed one is a problem, before anything is requested. */
export function readCloudInputs(reader: InputReader): Omit<CloudInputs, 'dockerHubUser' | 'items'> {
  const google = readGoogle(reader)
  const connection = reader.optionalText('dockerhub-connection-id')
  const {isValid, remedy} = identityFormats['dockerhub-connection-id']
  // Not quoted: a token may be in the wrong place.
  if (connection !== undefined && !isValid(connection))
    reader.problem('dockerhub-connection-id', {}, 'this is not a UUID', remedy)
  return {
    awsRoles: readRoles(reader),
    awsRegion: readRegion(reader),
    ecr: reader.choice('ecr', ['auto', 'true', 'false']),
    google,
    azure: readAzure(reader),
    dockerHubConnection: connection,
  }
}

/** Reports a value that does not have the format of its input. */
function check(reader: InputReader, name: InputName & keyof typeof identityFormats, text: string): boolean {
  const {isValid, reason, remedy} = identityFormats[name]
  if (!isValid(text)) reader.problem(name, {}, `"${text}" is ${reason}`, remedy)
  return isValid(text)
}

function readRoles(reader: InputReader): CloudInputs['awsRoles'] {
  return reader.list('aws-role').flatMap(({text, number, column}) => {
    const account = accountOf(text)
    if (account !== undefined) return [{arn: text, account}]
    const {reason, remedy} = identityFormats['aws-role']
    reader.problem('aws-role', {line: number, column}, `"${text}" is ${reason}`, remedy)
    return []
  })
}

function readRegion(reader: InputReader): string | undefined {
  const region = reader.optionalText('aws-region')
  return region === undefined || !check(reader, 'aws-region', region) ? undefined : region
}

function readGoogle(reader: InputReader): CloudInputs['google'] {
  const provider = reader.optionalText('gcp-workload-identity-provider')
  const serviceAccount = reader.optionalText('gcp-service-account')
  if (provider === undefined) {
    if (serviceAccount !== undefined)
      reader.problem('gcp-service-account', {}, 'it has no effect alone', 'Set gcp-workload-identity-provider, too.')
    return undefined
  }
  check(reader, 'gcp-workload-identity-provider', provider)
  if (serviceAccount !== undefined) check(reader, 'gcp-service-account', serviceAccount)
  return {provider: bareProvider(provider), serviceAccount}
}

function readAzure(reader: InputReader): CloudInputs['azure'] {
  const [clientId, tenantId] = [reader.optionalText('azure-client-id'), reader.optionalText('azure-tenant-id')]
  if (clientId === undefined && tenantId === undefined) return undefined
  if (clientId === undefined || tenantId === undefined) {
    const [given, missing] =
      clientId === undefined
        ? (['azure-tenant-id', 'azure-client-id'] as const)
        : (['azure-client-id', 'azure-tenant-id'] as const)
    reader.problem(given, {}, `it has no effect without ${missing}`, `Set ${missing}, too.`)
    return undefined
  }
  check(reader, 'azure-client-id', clientId)
  check(reader, 'azure-tenant-id', tenantId)
  return {clientId, tenantId}
}

import type {InputReader} from '../input-reader.ts'

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
  readonly google: {readonly provider: string; readonly serviceAccount: string | undefined} | undefined
  readonly azure: {readonly clientId: string; readonly tenantId: string} | undefined
  readonly dockerHubConnection: string | undefined
  /** User name of a login to Docker Hub without a password: the organization of the connection. */
  readonly dockerHubUser: string | undefined
}

/** Reads the inputs with the identities for clouds. A malformed one is a problem, before anything is requested. */
export function readCloudInputs(reader: InputReader): Omit<CloudInputs, 'dockerHubUser'> {
  const google = readGoogle(reader)
  const connection = reader.optionalText('dockerhub-connection-id')
  if (connection !== undefined && !uuid.test(connection))
    reader.problem('dockerhub-connection-id', {}, 'this is not a UUID', 'Copy the ID of the connection in Docker Home.')
  return {
    awsRoles: readRoles(reader),
    awsRegion: readRegion(reader),
    ecr: reader.choice('ecr', ['auto', 'true', 'false']),
    google,
    azure: readAzure(reader),
    dockerHubConnection: connection,
  }
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const roleArn = /^arn:aws[a-z-]*:iam::(\d{12}):role\/[\w+=,.@/-]+$/

function readRoles(reader: InputReader): CloudInputs['awsRoles'] {
  return reader.list('aws-role').flatMap(({text, number, column}) => {
    const account = roleArn.exec(text)?.[1]
    if (account !== undefined) return [{arn: text, account}]
    const remedy = 'Write the ARN of a role: arn:aws:iam::123456789012:role/name.'
    reader.problem('aws-role', {line: number, column}, `"${text}" is not the ARN of a role`, remedy)
    return []
  })
}

function readRegion(reader: InputReader): string | undefined {
  const region = reader.optionalText('aws-region')
  if (region === undefined || /^[a-z]{2,5}(?:-[a-z]+)+-\d{1,2}$/.test(region)) return region
  reader.problem('aws-region', {}, `"${region}" is not a region`, 'Write a region such as eu-west-1.')
  return undefined
}

const providerName = /^projects\/\d+\/locations\/global\/workloadIdentityPools\/[\w-]+\/providers\/[\w-]+$/

function readGoogle(reader: InputReader): CloudInputs['google'] {
  const given = reader.optionalText('gcp-workload-identity-provider')
  const serviceAccount = reader.optionalText('gcp-service-account')
  if (given === undefined) {
    if (serviceAccount !== undefined)
      reader.problem('gcp-service-account', {}, 'it has no effect alone', 'Set gcp-workload-identity-provider, too.')
    return undefined
  }
  // Forms in which the console and the command line show it.
  const provider = given.replace(/^(?:https:)?\/\/iam\.googleapis\.com\//, '')
  if (!providerName.test(provider)) {
    const remedy =
      'Write projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER, with the number of the project.'
    reader.problem('gcp-workload-identity-provider', {}, `"${given}" is not the full name of a provider`, remedy)
  }
  if (serviceAccount !== undefined && !/^[^\s@/]+@[^\s@/]+$/.test(serviceAccount))
    reader.problem('gcp-service-account', {}, `"${serviceAccount}" is not an e-mail address`, accountRemedy)
  return {provider, serviceAccount}
}

const accountRemedy = 'Write the e-mail of the service account: name@project.iam.gserviceaccount.com.'

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
  if (!uuid.test(clientId))
    reader.problem('azure-client-id', {}, `"${clientId}" is not a UUID`, 'Write the application (client) ID.')
  if (!uuid.test(tenantId) && !/^[\w-]+(?:\.[\w-]+)+$/.test(tenantId))
    reader.problem('azure-tenant-id', {}, `"${tenantId}" is neither a UUID nor a domain`, 'Write the ID of the tenant.')
  return {clientId, tenantId}
}

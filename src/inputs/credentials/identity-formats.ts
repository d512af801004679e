import {isHost} from '../../oci/reference.ts'

/** Format of a text that names an identity. */
interface IdentityFormat {
  readonly isValid: (text: string) => boolean
  /** Reason for refusing a text: `not the ARN of a role`. */
  readonly reason: string
  readonly remedy: string
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const roleArn = /^arn:aws[a-z-]*:iam::(\d{12}):role\/[\w+=,.@/-]+$/
const providerName = /^projects\/\d+\/locations\/global\/workloadIdentityPools\/[\w-]+\/providers\/[\w-]+$/

/** Formats of the values that inputs and items of `registry-auth` share, by the name of the input. */
export const identityFormats = {
  'aws-role': {
    isValid: (text) => roleArn.test(text),
    reason: 'not the ARN of a role',
    remedy: 'Write the ARN of a role: arn:aws:iam::123456789012:role/name.',
  },
  'aws-region': {
    isValid: (text) => /^[a-z]{2,5}(?:-[a-z]+)+-\d{1,2}$/.test(text),
    reason: 'not a region',
    remedy: 'Write a region such as eu-west-1.',
  },
  'gcp-workload-identity-provider': {
    isValid: (text) => providerName.test(bareProvider(text)),
    reason: 'not the full name of a provider',
    remedy:
      'Write projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER, with the number of the project.',
  },
  'gcp-service-account': {
    isValid: (text) => /^[^\s@/]+@[^\s@/]+$/.test(text),
    reason: 'not an e-mail address',
    remedy: 'Write the e-mail of the service account: name@project.iam.gserviceaccount.com.',
  },
  'azure-client-id': {
    isValid: (text) => uuid.test(text),
    reason: 'not a UUID',
    remedy: 'Write the application (client) ID.',
  },
  'azure-tenant-id': {
    isValid: (text) => uuid.test(text) || /^[\w-]+(?:\.[\w-]+)+$/.test(text),
    reason: 'neither a UUID nor a domain',
    remedy: 'Write the ID of the tenant.',
  },
  'dockerhub-connection-id': {
    isValid: (text) => uuid.test(text),
    reason: 'not a UUID',
    remedy: 'Copy the ID of the connection in Docker Home.',
  },
} as const satisfies Readonly<Record<string, IdentityFormat>>

/** Formats of the values that only items of `registry-auth` have. */
export const itemFormats: Readonly<Record<string, IdentityFormat>> = {
  ...identityFormats,
  'role-session-name': {
    isValid: (text) => /^[\w+=,.@-]{2,64}$/.test(text),
    reason: 'not the name of a session',
    remedy: 'Write 2 to 64 letters, digits or characters of _+=,.@-.',
  },
  'role-duration-seconds': {
    isValid: (text) => /^\d{3,5}$/.test(text) && Number(text) >= 900 && Number(text) <= 43_200,
    reason: 'not a number of seconds from 900 to 43200',
    remedy: 'Remove it, or write at most the maximum session duration of the role.',
  },
  robot: {
    isValid: (text) => /^[\w.-]+\+[\w.-]+$/.test(text),
    reason: 'not the name of a robot',
    remedy: 'Write the organization and the robot: organization+robot.',
  },
  platform: {
    isValid: isHost,
    reason: 'not a host',
    remedy: 'Write only the host of the JFrog platform, such as example.jfrog.io.',
  },
}

/** Account in the ARN of a role. */
export function accountOf(role: string): string | undefined {
  return roleArn.exec(role)?.[1]
}

/** Name of a provider without the host, which the console and the command line show. */
export function bareProvider(name: string): string {
  return name.replace(/^(?:https:)?\/\/iam\.googleapis\.com\//, '')
}

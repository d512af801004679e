import type {Repository} from './reference.ts'

/** Registry host of Amazon ECR: https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
export type EcrHost =
  | {readonly kind: 'public'}
  | {
      readonly kind: 'private'
      /** Twelve digits. */
      readonly account: string
      readonly region: string
      readonly isFips: boolean
      readonly isDualStack: boolean
      /** Domain of the host: `amazonaws.com`, `on.aws`. */
      readonly domain: string
    }

/** Maximum number of filters that exclude tags of a repository in Amazon ECR from its immutability. */
export const maxExclusionFilters = 5

/** Reports whether a host is Amazon ECR, private or public. */
export function isEcr(host: string): boolean {
  return parseEcrHost(host) !== undefined
}

/** Parses the host of a registry. Undefined if it is not Amazon ECR. */
export function parseEcrHost(host: string): EcrHost | undefined {
  if (host === 'public.ecr.aws' || host === 'ecr-public.aws.com') return {kind: 'public'}
  const [, account, dash, fips, region, domain] = privateHost.exec(host) ?? []
  if (account === undefined || region === undefined || domain === undefined) return undefined
  return {kind: 'private', account, region, isFips: fips !== undefined, isDualStack: dash === '-', domain}
}

/** Hosts of an account, by partition: standard and FIPS names, dual-stack names, sovereign and isolated regions. */
const privateHost =
  /^(\d{12})\.dkr([.-])ecr(-fips)?\.([a-z0-9-]+)\.(amazonaws\.(?:com(?:\.cn)?|eu)|on\.aws|on\.amazonwebservices\.(?:com\.cn|eu)|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/

/** Partitions of regions by the beginning of their names: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
const partitions: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, 'aws-cn'],
  [/^us-gov-/, 'aws-us-gov'],
  [/^eusc-/, 'aws-eusc'],
  [/^us-isob-/, 'aws-iso-b'],
  [/^eu-isoe-/, 'aws-iso-e'],
  [/^us-isof-/, 'aws-iso-f'],
  [/^us-iso-/, 'aws-iso'],
]

/** ARN of a private repository; undefined if its host does not contain region and account. */
export function repositoryArn({host, path}: Repository): string | undefined {
  const parsed = parseEcrHost(host)
  if (parsed?.kind !== 'private') return undefined
  const {region, account} = parsed
  const partition = partitions.find(([pattern]) => pattern.test(region))?.[1] ?? 'aws'
  return `arn:${partition}:ecr:${region}:${account}:repository/${path}`
}

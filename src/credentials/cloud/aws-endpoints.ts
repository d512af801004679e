import type {EcrHost} from '../../oci/ecr.ts'

/** Endpoints of AWS that give access to a registry host. */
export interface AwsEndpoints {
  readonly region: string
  /** API of Amazon ECR, or of Amazon ECR Public. */
  readonly ecr: URL
  /** AWS Security Token Service. */
  readonly sts: URL
  /** Audience of the ID token that the identity provider of the account expects by default. */
  readonly audience: string
}

/** Region of the API of Amazon ECR Public, the only one that issues tokens. */
const publicRegion = 'us-east-1'

/**
 * Derives the endpoints from a registry host, which names account, region, partition, FIPS and dual-stack
 * (https://docs.aws.amazon.com/general/latest/gr/ecr.html, https://docs.aws.amazon.com/general/latest/gr/sts.html).
 * `AWS_ENDPOINT_URL_ECR` and `AWS_ENDPOINT_URL_STS` replace them, as for AWS's own tools
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
 * @throws TypeError if such a variable is not a URL.
 */
export function awsEndpoints(host: EcrHost, environment: Readonly<Record<string, string | undefined>>): AwsEndpoints {
  const {region, ecr, sts} = host.kind === 'public' ? publicEndpoints() : privateEndpoints(host)
  return {
    region,
    ecr: replaced(environment['AWS_ENDPOINT_URL_ECR']) ?? new URL(ecr),
    sts: replaced(environment['AWS_ENDPOINT_URL_STS']) ?? new URL(sts),
    audience: region.startsWith('cn-') ? 'sts.amazonaws.com.cn' : 'sts.amazonaws.com',
  }
}

interface Addresses {
  readonly region: string
  readonly ecr: string
  readonly sts: string
}

function publicEndpoints(): Addresses {
  return {
    region: publicRegion,
    ecr: `https://api.ecr-public.${publicRegion}.amazonaws.com`,
    sts: `https://sts.${publicRegion}.amazonaws.com`,
  }
}

function privateEndpoints(host: Extract<EcrHost, {kind: 'private'}>): Addresses {
  const {region, isFips, isDualStack} = host
  const fips = isFips ? '-fips' : ''
  const {suffix, dualStack} = domainsOf(host)
  return isDualStack
    ? {region, ecr: `https://ecr${fips}.${region}.${dualStack}`, sts: `https://sts${fips}.${region}.${dualStack}`}
    : {region, ecr: `https://api.ecr${fips}.${region}.${suffix}`, sts: `https://sts${fips}.${region}.${suffix}`}
}

/** Domains of the APIs of a partition. */
function domainsOf({region, domain}: Extract<EcrHost, {kind: 'private'}>): {
  readonly suffix: string
  readonly dualStack: string
} {
  if (region.startsWith('cn-')) return {suffix: 'amazonaws.com.cn', dualStack: 'api.amazonwebservices.com.cn'}
  if (region.startsWith('eusc-')) return {suffix: 'amazonaws.eu', dualStack: 'api.amazonwebservices.eu'}
  // An isolated partition has one domain for all of its services.
  return {
    suffix: domain.startsWith('amazonaws.') || domain === 'on.aws' ? 'amazonaws.com' : domain,
    dualStack: 'api.aws',
  }
}

function replaced(address: string | undefined): URL | undefined {
  return address === undefined || address === '' ? undefined : new URL(address)
}

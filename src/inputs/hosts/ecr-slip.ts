import {parseEcrHost} from '../../oci/ecr.ts'

/** Mistake in a host of Amazon ECR, with its remedy. */
interface EcrSlip {
  readonly message: string
  readonly remedy: string
}

/** A name of the service, or an account, with a domain of AWS or most of one. Load balancers have other names. */
const privateLike =
  /(?:^|[.-])(?:dkr|ecr)[.-](?:.*\.)?(?:ama?z[a-z]*|aws)(?:[.:]|$)|^\d{5,}\.(?:.*\.)?(?:amazonaws|aws)(?:[.:]|$)/
const publicLike = /^(?:public[.-]ecr|ecr[.-]public)\.(?:.*\.)?(?:ama?z[a-z]*|aws)(?:[.:]|$)/
const regionName = /^[a-z]+(?:-[a-z]+)+-\d+$/

/** Mistake in a host that is nearly that of a registry in Amazon ECR; undefined if it is one, or nothing like it. */
export function ecrSlip(host: string): EcrSlip | undefined {
  const parsed = parseEcrHost(host)
  if (parsed?.kind === 'public') return undefined
  if (parsed === undefined && publicLike.test(host))
    return {message: 'this is not the host of Amazon ECR Public', remedy: 'Write public.ecr.aws/ALIAS/NAME.'}
  const isNear = privateLike.test(host) && !host.includes('.vpce.')
  const message = parsed === undefined ? isNear && wrongPart(host) : wrongPlace(parsed.region, parsed.domain)
  return message === undefined || message === false ? undefined : {message, remedy}
}

const remedy =
  'Write ACCOUNT.dkr.ecr.REGION.amazonaws.com, such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com; in China, it ends in amazonaws.com.cn.'

/** The first part of a private host that is wrong. */
function wrongPart(host: string): string {
  const [name = '', port] = host.split(':')
  if (port !== undefined && parseEcrHost(name) !== undefined) return 'a host of Amazon ECR has no port'
  const [account = '', ...rest] = name.split('.')
  return wrongAccount(account) ?? wrongService(rest) ?? 'this is not a host of Amazon ECR'
}

function wrongAccount(account: string): string | undefined {
  if (account === 'api') return 'this is the API of Amazon ECR, and not a registry'
  if (!/^\d+$/.test(account)) return `the account is missing before "${account}"`
  return account.length === 12 ? undefined : `the account ${account} has ${account.length} digits instead of 12`
}

/** Mistake in the parts after the account. */
function wrongService([first = '', second = '', ...others]: readonly string[]): string | undefined {
  if (/^dkr-ecr(?:-fips)?$/.test(first)) return wrongPlace(second, others.join('.'))
  if (first === 'dkr')
    return /^ecr(?:-fips)?$/.test(second)
      ? wrongPlace(others[0] ?? '', others.slice(1).join('.'))
      : '"ecr." is missing after "dkr."'
  return first.startsWith('ecr') ? '"dkr." is missing before "ecr"' : '"dkr.ecr." is missing after the account'
}

function wrongPlace(region: string, domain: string): string | undefined {
  if (/^(?:amazon|aws$|on$)/.test(region)) return `the region is missing before "${region}"`
  if (!regionName.test(region)) return `"${region}" is not the name of a region`
  if (!domains.test(domain)) return `"${domain}" is not a domain of AWS`
  const isChinese = region.startsWith('cn-')
  return isChinese === domain.endsWith('.cn') || /gov$|uk$|eu$/.test(domain)
    ? undefined
    : `the region ${region} is not in the domain "${domain}"`
}

/** Domains of the partitions of AWS. */
const domains =
  /^(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.aws|on\.amazonwebservices\.(?:com\.cn|eu)|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/

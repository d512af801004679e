import {cloudError} from '../../errors/cloud-error.ts'
import type {TagboatError} from '../../errors/error.ts'
import {Secret} from '../../errors/secret.ts'
import type {AwsIdentity} from '../../inputs/credentials/identity.ts'
import type {HttpResponse} from '../../io/http.ts'
import type {AwsEndpoints} from './aws-endpoints.ts'
import type {AwsKeys} from './aws-signature.ts'
import {claimLines, requestIdToken, type Claims} from './id-token.ts'
import {askTokenService, statusLine, type TokenServiceIo} from './token-service.ts'
import {xmlTexts} from './xml-texts.ts'

/** Keys, and the principal that they belong to. */
export interface Principal {
  readonly keys: AwsKeys
  /** Name for the log: `role arn:… as repo:…`. */
  readonly name: string
  readonly until: Date | undefined
}

/** Role, and the account of the registry that it is for; undefined if the host of the registry does not name it. */
type AssumedRole = Extract<AwsIdentity, {kind: 'role'}> & {readonly registryAccount?: string | undefined}

/** Lifetime of the session in seconds, which only has to last for the next request. */
const defaultSeconds = 3600

/**
 * Assumes a role with the ID token of the job:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 * @throws TagboatError `aws-role-refused`, `aws-provider-missing`, `aws-failed`, `oidc-unavailable`, `oidc-failed`.
 */
export async function assumeRole(
  {role, audience, sessionName, sessionSeconds, registryAccount}: AssumedRole,
  {sts, audience: usual}: AwsEndpoints,
  io: TokenServiceIo,
): Promise<Principal> {
  const {token, claims} = await requestIdToken(audience ?? usual, io)
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: sessionName ?? defaultName(io.environment),
    DurationSeconds: String(sessionSeconds ?? defaultSeconds),
    WebIdentityToken: token.reveal(),
  })
  const request = {
    name: 'AssumeRoleWithWebIdentity',
    method: 'POST',
    url: new URL('/', sts),
    headers: {'content-type': 'application/x-www-form-urlencoded'},
    body: Buffer.from(form.toString()),
    isTransient,
    unreachable: 'aws-failed',
  } as const
  const response = await askTokenService(request, io)
  const texts = await xmlTexts(response.body)
  const keys = response.status === 200 ? readKeys(texts) : undefined
  if (keys === undefined)
    throw refusal(statusLine(request, response), response, {texts, claims, role, registryAccount, io})
  io.secrets.keep(keys.secretAccessKey.reveal())
  if (keys.sessionToken !== undefined) io.secrets.keep(keys.sessionToken.reveal())
  return {keys, name: `role ${role} as ${claims.sub}`, until: expiryOf(texts)}
}

/** Failures of STS while it reads the keys of GitHub, and throttling. */
function isTransient(status: number, text: string): boolean {
  return /\bIDPCommunicationError\b|retrieve verification key|\bThrottling/.test(text) && status < 500
}

/** 2 to 64 characters of `[\w+=,.@-]`. It appears in CloudTrail. */
function defaultName(environment: TokenServiceIo['environment']): string {
  const repository = (environment['GITHUB_REPOSITORY'] ?? '').replace(/[^\w+=,.@-]/g, '-')
  return `tagboat-${environment['GITHUB_RUN_ID'] ?? ''}-${repository}`.slice(0, 64)
}

function readKeys(texts: ReadonlyMap<string, string>): AwsKeys | undefined {
  const [id, secret, session] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map((name) => texts.get(name))
  if (id === undefined || secret === undefined || session === undefined) return undefined
  return {accessKeyId: id, secretAccessKey: new Secret(secret), sessionToken: new Secret(session)}
}

function expiryOf(texts: ReadonlyMap<string, string>): Date | undefined {
  const expiry = texts.get('Expiration') ?? ''
  return Number.isNaN(Date.parse(expiry)) ? undefined : new Date(expiry)
}

interface RefusalFacts {
  readonly texts: ReadonlyMap<string, string>
  readonly claims: Claims
  readonly role: string
  readonly registryAccount: string | undefined
  readonly io: TokenServiceIo
}

function refusal(line: string, {status}: HttpResponse, facts: RefusalFacts): TagboatError {
  const {texts, claims, role, io} = facts
  const [code = '', message = ''] = [texts.get('Code'), texts.get('Message')].map((text) => io.secrets.hide(text ?? ''))
  const foreign = foreignAccount(facts)
  const evidence = [
    line,
    ...(code === '' ? [] : [`${code}: ${message}`]),
    ...claimLines(claims),
    ...(foreign === undefined ? [] : [foreign]),
  ]
  if (code === 'AccessDenied')
    return cloudError('aws-role-refused', {
      message: `AWS did not let this job assume the role ${role}.`,
      evidence,
      remedy: `${foreign === undefined ? '' : foreignRemedy}${trustRemedy(claims)}`,
    })
  if (code === 'InvalidIdentityToken')
    return cloudError('aws-provider-missing', {evidence, remedy: providerRemedy(claims, role)})
  return cloudError('aws-failed', {
    message: status >= 500 ? 'AWS STS failed.' : `AWS STS refused the request for the role ${role}.`,
    evidence,
  })
}

/** Line about a role that is not of the account of the registry; undefined if it is, or if that is not known. */
function foreignAccount({role, registryAccount}: RefusalFacts): string | undefined {
  const account = role.split(':')[4] ?? ''
  if (registryAccount === undefined || registryAccount === account) return undefined
  return `the role is of the account ${account}, and the registry of the account ${registryAccount}`
}

const foreignRemedy =
  'If the role should be of the account of the registry, correct its ARN; if not, the policy of the repository has to allow it, too. '

/** Condition for the trust policy of the role. Subjects of newer repositories contain the IDs of owner and repository. */
function trustRemedy({iss, sub, aud}: Claims): string {
  const provider = iss.replace(/^https:\/\//, '')
  return `Check that the role exists, and that its trust policy allows sts:AssumeRoleWithWebIdentity with the conditions "${provider}:aud": "${aud}" and "${provider}:sub": "${sub}".`
}

function providerRemedy({iss, aud}: Claims, role: string): string {
  const account = role.split(':')[4] ?? ''
  return `Create an IAM identity provider in the account ${account} with the URL ${iss} and the audience ${aud}.`
}

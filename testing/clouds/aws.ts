import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {json, type GitHubTokens} from './github-tokens.ts'

/** Stand-in for AWS STS and the API of Amazon ECR. It refuses what AWS refuses, in the words of AWS. */
export interface AwsDouble {
  /** Answers a request to STS or ECR; undefined for other hosts. */
  readonly answer: (request: HttpRequest) => HttpResponse | undefined
}

interface AwsOptions {
  readonly tokens: GitHubTokens
  /** Account of the roles and of the registries. */
  readonly account: string
  /** Other accounts with an identity provider and roles. */
  readonly otherAccounts?: readonly string[]
  /** Audiences of the identity provider; undefined if the account has none. */
  readonly audiences?: readonly string[] | undefined
  /** Subject that the trust policy of each role allows. */
  readonly roles: Readonly<Record<string, string>>
  /** Role sessions that may not call `GetAuthorizationToken`. */
  readonly deniedRoles?: readonly string[]
  readonly now?: () => Date
}

export const sessionKeys = {id: 'ASIAEXAMPLE', secret: 'canary-secret-key', session: 'canary-session-token'} as const

/** Token of the session of a role. The first role has that of `sessionKeys`. */
function sessionOf(role: string, roles: AwsOptions['roles']): string {
  const index = Object.keys(roles).indexOf(role)
  return index <= 0 ? sessionKeys.session : `${sessionKeys.session}-${index}`
}

export function awsDouble(options: AwsOptions): AwsDouble {
  const now = options.now ?? (() => new Date('2026-01-02T03:04:05Z'))
  return {
    answer(request) {
      const {host} = request.url
      if (!/\.(?:amazonaws\.(?:com(?:\.cn)?|eu)|api\.aws)$/.test(host)) return undefined
      if (/^sts[.-]/.test(host)) return sts(request, options, now())
      return /^(?:api\.)?ecr[.-]/.test(host) ? ecr(request, {...options, now: now()}) : undefined
    },
  }
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
function sts(request: HttpRequest, options: AwsOptions, now: Date): HttpResponse {
  const form = new URLSearchParams(textOf(request))
  const name = form.get('RoleSessionName') ?? ''
  const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded' && request.method === 'POST'
  if (!isForm || form.get('Version') !== '2011-06-15') return error(400, 'InvalidAction', 'Could not find operation')
  if (request.headers['authorization'] !== undefined) return error(400, 'InvalidAction', 'This request is not signed')
  if (!/^[\w+=,.@-]{2,64}$/.test(name))
    return error(400, 'ValidationError', 'roleSessionName failed to satisfy constraint')
  return assume(form, options, now)
}

function assume(
  form: URLSearchParams,
  {tokens, audiences, roles, account, otherAccounts = []}: AwsOptions,
  now: Date,
): HttpResponse {
  const role = form.get('RoleArn') ?? ''
  const claims = tokens.verify(form.get('WebIdentityToken') ?? '')
  if (claims === undefined) return error(400, 'InvalidIdentityToken', 'The ID Token provided is not a valid JWT.')
  if (audiences === undefined) {
    const message = `No OpenIDConnect provider found in your account for ${tokens.issuer}`
    return error(400, 'InvalidIdentityToken', message)
  }
  if (!audiences.includes(String(claims['aud']))) return error(400, 'InvalidIdentityToken', 'Incorrect token audience')
  if (Number(claims['exp']) * 1000 < now.getTime()) return error(400, 'ExpiredTokenException', 'Token expired')
  if (![account, ...otherAccounts].includes(accountOf(role)) || roles[role] !== claims['sub'])
    return error(403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity')
  const {id, secret} = sessionKeys
  const session = sessionOf(role, roles)
  const result = `<Credentials><AccessKeyId>${id}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey><SessionToken>${session}</SessionToken><Expiration>2026-01-02T04:04:05Z</Expiration></Credentials>`
  const body = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>${result}</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`
  return {status: 200, headers: {'content-type': 'text/xml'}, body: Buffer.from(body)}
}

function accountOf(role: string): string {
  return role.split(':')[4] ?? ''
}

function error(status: number, code: string, message: string): HttpResponse {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`
  return {status, headers: {'content-type': 'text/xml'}, body: Buffer.from(body)}
}

interface EcrState extends Omit<AwsOptions, 'now'> {
  readonly now: Date
}

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html */
function ecr(request: HttpRequest, state: EcrState): HttpResponse {
  const {headers, url} = request
  const isPublic = url.host.includes('ecr-public')
  const target = `${isPublic ? 'SpencerFrontendService' : 'AmazonEC2ContainerRegistry_V20150921'}.GetAuthorizationToken`
  if (headers['x-amz-target'] !== target || headers['content-type'] !== 'application/x-amz-json-1.1')
    return json(400, {__type: 'UnknownOperationException'})
  const scope = `/${isPublic ? 'us-east-1/ecr-public' : `${url.host.split('.').at(-3) ?? ''}/ecr`}/aws4_request`
  const authorization = headers['authorization'] ?? ''
  if (!authorization.startsWith('AWS4-HMAC-SHA256 Credential=') || !authorization.includes(scope))
    return json(400, {__type: 'InvalidSignatureException', message: 'Credential should be scoped to a valid region.'})
  return tokenFor(request, isPublic, state)
}

function tokenFor(
  {headers}: HttpRequest,
  isPublic: boolean,
  {account, roles, deniedRoles = [], now}: EcrState,
): HttpResponse {
  const session = headers['x-amz-security-token']
  const assumed = Object.keys(roles).find((role) => sessionOf(role, roles) === session)
  const isSession = (headers['authorization'] ?? '').includes(sessionKeys.id)
  if (isSession && assumed === undefined && session !== sessionKeys.session)
    return json(400, {
      __type: 'UnrecognizedClientException',
      message: 'The security token included in the request is invalid.',
    })
  if (assumed !== undefined && deniedRoles.includes(assumed)) {
    const service = isPublic ? 'ecr-public' : 'ecr'
    const message = `User: ${assumed} is not authorized to perform: ${service}:GetAuthorizationToken on resource: *`
    return json(400, {__type: 'AccessDeniedException', message})
  }
  const token = Buffer.from(`AWS:canary-password-of-${assumed === undefined ? account : accountOf(assumed)}`).toString(
    'base64',
  )
  const data = {authorizationToken: token, expiresAt: now.getTime() / 1000 + 12 * 3600}
  return json(200, {authorizationData: isPublic ? data : [{...data, proxyEndpoint: `https://${account}.example`}]})
}

function textOf({body}: HttpRequest): string {
  return body instanceof Uint8Array ? Buffer.from(body).toString() : ''
}

import {cloudError} from '../../errors/cloud-error.ts'
import {TagboatError} from '../../errors/error.ts'
import {Secret} from '../../errors/secret.ts'
import type {AwsIdentity} from '../../inputs/credentials/identity.ts'
import type {HttpResponse} from '../../io/http.ts'
import {parseEcrHost, type EcrHost} from '../../oci/ecr.ts'
import {field, parseJson} from '../../oci/manifest.ts'
import {awsEndpoints, type AwsEndpoints} from './aws-endpoints.ts'
import {signed, type AwsKeys} from './aws-signature.ts'
import {assumeRole, type Principal} from './aws-sts.ts'
import type {Minted} from './minted.ts'
import {Shared, type Need} from './renewed.ts'
import {askTokenService, errorLines, errorsIn, statusLine, type TokenServiceIo} from './token-service.ts'

/** Host of a registry, and the identity for it. */
export interface EcrRequest {
  readonly host: string
  readonly identity: AwsIdentity
  /** Region of a host that names none. */
  readonly region?: string | undefined
}

/** Keys for the API of a registry of Amazon ECR. */
interface EcrAccess {
  readonly isPublic: boolean
  readonly endpoints: AwsEndpoints
  readonly keys: AwsKeys
}

/** Passwords of Amazon ECR. Registries with one identity share its session, and those of one region the password. */
export class AmazonTokens {
  readonly #io: TokenServiceIo
  readonly #sessions: Shared<Principal>
  readonly #passwords: Shared<Minted>

  constructor(io: TokenServiceIo) {
    const {now} = io.retrier.timer
    this.#io = io
    this.#sessions = new Shared(now)
    this.#passwords = new Shared(now)
  }

  /**
   * Requests a password for a registry of Amazon ECR. It is valid for 12 hours, for all registries of a region.
   * @throws TagboatError `aws-role-refused`, `aws-provider-missing`, `oidc-unavailable`, `oidc-failed`, `ecr-denied`,
   *   `aws-failed`.
   */
  async password({host, identity, region}: EcrRequest, need: Need = {}): Promise<Minted> {
    const io = this.#io
    const {registry, endpoints} = this.#locate({host, region})
    // The secret key of a pair is hidden in the JSON of a key; its access key determines it.
    const key = [identity, endpoints.ecr]
    return this.#passwords.get(key, need, async () => {
      const principal = await this.#principal(identity, endpoints, registry)
      const access = {isPublic: registry.kind === 'public', endpoints, keys: principal.keys}
      const authorization = await authorizationToken(host, access, io)
      return {...authorization, kind: 'basic', identity: principal.name}
    })
  }

  /** Returns the keys for the API of a registry, and its address. @throws TagboatError of `password` */
  async access({identity, ...place}: EcrRequest): Promise<EcrAccess> {
    const {registry, endpoints} = this.#locate(place)
    const {keys} = await this.#principal(identity, endpoints, registry)
    return {isPublic: registry.kind === 'public', endpoints, keys}
  }

  #locate({host, region}: Omit<EcrRequest, 'identity'>): {
    readonly registry: EcrHost
    readonly endpoints: AwsEndpoints
  } {
    const registry = parseEcrHost(host) ?? aliasOf(region)
    if (registry === undefined) throw regionMissing(host)
    return {registry, endpoints: awsEndpoints(registry, this.#io.environment)}
  }

  async #principal(identity: AwsIdentity, endpoints: AwsEndpoints, registry: EcrHost): Promise<Principal> {
    switch (identity.kind) {
      case 'role':
        return this.#sessions.get([identity, partitionOf(endpoints)], {}, async () =>
          assumeRole({...identity, registryAccount: accountOf(registry)}, endpoints, this.#io),
        )
      case 'keys':
        return {keys: environmentKeys(this.#io), name: 'AWS keys', until: undefined}
      case 'pair':
        return {keys: pairKeys(identity, this.#io), name: 'AWS keys', until: undefined}
    }
  }
}

/** Account of a registry; undefined if its host names none. */
function accountOf(registry: EcrHost): string | undefined {
  return registry.kind === 'private' && registry.account !== '' ? registry.account : undefined
}

/** Endpoint of the tokens without its region: a session of one region is valid in the others of its partition. */
function partitionOf({sts, region}: AwsEndpoints): string {
  return sts.host.replace(region, '')
}

/** Registry under another name. */
function aliasOf(region: string | undefined): EcrHost | undefined {
  if (region === undefined || region === '') return undefined
  return {kind: 'private', account: '', region, isFips: false, isDualStack: false, domain: 'amazonaws.com'}
}

function regionMissing(host: string): TagboatError {
  return cloudError('aws-failed', {
    message: `The region of ${host} is not known, which is Amazon ECR by \`ecr: true\`.`,
    remedy: 'Set `aws-region`.',
  })
}

/** Keys that aws-actions/configure-aws-credentials exports, if they are complete. */
function environmentKeys({environment, secrets}: Pick<TokenServiceIo, 'environment' | 'secrets'>): AwsKeys {
  const [accessKeyId = '', secret = '', session = ''] = keyNames.map((name) => environment[name])
  return keptKeys({accessKeyId, secretAccessKey: new Secret(secret)}, session, secrets)
}

/** Keys of a login. Those of a session need its token, which only the environment can have, as for docker/login-action. */
function pairKeys(
  {accessKeyId, secretAccessKey}: Extract<AwsIdentity, {kind: 'pair'}>,
  {environment, secrets}: Pick<TokenServiceIo, 'environment' | 'secrets'>,
): AwsKeys {
  const session = accessKeyId.startsWith('ASIA') ? (environment['AWS_SESSION_TOKEN'] ?? '') : ''
  return keptKeys({accessKeyId, secretAccessKey}, session, secrets)
}

/** Keys whose secrets are hidden from now on. */
function keptKeys(
  {accessKeyId, secretAccessKey}: Pick<AwsKeys, 'accessKeyId' | 'secretAccessKey'>,
  session: string,
  secrets: TokenServiceIo['secrets'],
): AwsKeys {
  for (const text of [secretAccessKey.reveal(), session]) if (text !== '') secrets.keep(text)
  return {accessKeyId, secretAccessKey, sessionToken: session === '' ? undefined : new Secret(session)}
}

const keyNames = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const

/** Reports whether the environment has the keys of an AWS principal. */
export function hasEnvironmentKeys(environment: TokenServiceIo['environment']): boolean {
  return [keyNames[0], keyNames[1]].every((name) => (environment[name] ?? '') !== '')
}

/** Request to the API of Amazon ECR, and its response of any status. */
interface EcrExchange {
  readonly request: Awaited<ReturnType<typeof signed>>
  readonly response: HttpResponse
}

/** Sends a request to the API of a registry. @throws TagboatError `aws-failed` without a response. */
export async function callEcr(
  operation: string,
  body: object,
  {access: {isPublic, endpoints, keys}, io}: {readonly access: EcrAccess; readonly io: TokenServiceIo},
): Promise<EcrExchange> {
  const prefix = isPublic ? 'SpencerFrontendService' : 'AmazonEC2ContainerRegistry_V20150921'
  const request = await signed(
    {
      endpoint: endpoints.ecr,
      region: endpoints.region,
      service: isPublic ? 'ecr-public' : 'ecr',
      target: `${prefix}.${operation}`,
      body,
      now: io.retrier.timer.now(),
    },
    keys,
  )
  const question = {...request, name: operation, isTransient: isThrottled, unreachable: 'aws-failed'} as const
  return {request, response: await askTokenService(question, io)}
}

/** Reports whether the API has too many requests, which it states with status 400. */
function isThrottled(status: number, text: string): boolean {
  return status === 400 && /\b(?:Throttling|TooManyRequests)Exception\b/.test(text)
}

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html */
async function authorizationToken(
  host: string,
  access: EcrAccess,
  io: TokenServiceIo,
): Promise<Omit<Minted, 'kind' | 'identity'>> {
  const {request, response} = await callEcr('GetAuthorizationToken', {}, {access, io})
  const found = readToken(response)
  if (found === undefined) throw refusal(statusLine(request, response), response, {host, io})
  io.secrets.keep(found.password.reveal())
  return found
}

/** The token is `AWS:<password>` in Base64. ECR returns a list of one, ECR Public the object itself. */
function readToken({status, body}: HttpResponse): Omit<Minted, 'kind' | 'identity'> | undefined {
  const data = field(parseJson(body), 'authorizationData')
  const first: unknown = Array.isArray(data) ? data[0] : data
  const token = field(first, 'authorizationToken')
  if (status !== 200 || typeof token !== 'string') return undefined
  const [username = '', ...password] = Buffer.from(token, 'base64').toString('utf8').split(':')
  const expiry = field(first, 'expiresAt')
  const until = typeof expiry === 'number' ? new Date(expiry * 1000) : undefined
  return {username, password: new Secret(password.join(':')), until}
}

function refusal(
  line: string,
  response: HttpResponse,
  {host, io}: {readonly host: string; readonly io: TokenServiceIo},
): TagboatError {
  const isDenied = errorsIn(response, io).some(({code}) => denial.test(code))
  return new TagboatError(isDenied ? 'ecr-denied' : 'aws-failed', {
    message: isDenied ? `AWS issued no password for ${host}.` : `The API of Amazon ECR failed.`,
    evidence: [line, ...errorLines(response, io)],
    ...(isDenied && {remedy: tokenRemedy}),
  })
}

const denial = /ACCESSDENIED|UNRECOGNIZEDCLIENT|INVALIDSIGNATURE|EXPIREDTOKEN/

const tokenRemedy =
  'Allow `ecr:GetAuthorizationToken` on `*` in a policy of this identity; for public.ecr.aws, `ecr-public:GetAuthorizationToken` and `sts:GetServiceBearerToken`.'

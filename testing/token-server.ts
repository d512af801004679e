import {createPrivateKey, randomUUID, sign, X509Certificate, type KeyObject} from 'node:crypto'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import type {IncomingMessage} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {makeCertificate} from './certificate.ts'
import {loopback} from './loopback.ts'
import {tokenAnswer, type Access} from './memory-registry/authorization.ts'
import {tokenPath, type TokenIssuer} from './memory-registry/token-service.ts'
import type {Action, IncomingRequest, Users} from './memory-registry/types.ts'

export interface TokenServerOptions {
  readonly users: Users
  /** Users by valid identity token. */
  readonly identityTokens?: Readonly<Record<string, string>>
  /** Seconds for which the registry accepts a token. Default: 300. */
  readonly lifetimeSeconds?: number
  /** Value of `expires_in`. Default: the lifetime. With a larger number, clients get 401. */
  readonly statedSeconds?: number
  /** Actions that a user may do. Default: all for users, and none for anonymous requests (undefined). */
  readonly allows?: (user: string | undefined, repository: string) => readonly Action[]
}

/** Request for a token, and its status. */
export interface TokenRequest {
  readonly method: string
  /** Scopes `repository:NAME:ACTIONS` of the query or of the form. */
  readonly scopes: readonly string[]
  readonly status: number
}

/**
 * Token server on a loopback address for the real registry (`auth: token`). It checks passwords and identity tokens, and
 * signs tokens (https://distribution.github.io/distribution/spec/auth/jwt/) with a key that the registry trusts.
 */
export interface TokenServer extends AsyncDisposable {
  /** Host and port: `127.0.0.1:PORT`. */
  readonly host: string
  /** Section for the configuration of the registry. */
  readonly configuration: Readonly<Record<string, string>>
  /** Requests in order of arrival. */
  readonly requests: readonly TokenRequest[]
  /** Creates a token. With a negative lifetime, it has expired. */
  token(access: readonly Access[], lifetimeSeconds?: number): string
  /** Sets the lifetime of the next tokens, and `expires_in`. */
  setLifetime(lifetimeSeconds: number, statedSeconds?: number): void
  stop(): Promise<void>
}

const service = 'tagboat-test-registry'
const issuer = 'tagboat-test-tokens'
const defaultLifetimeSeconds = 300
/** Time after its expiry for which the registry accepts a token (distribution, token.Leeway). */
const leewaySeconds = 60

export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tagboat-tokens-'))
  const {certificate, key} = await makeCertificate(folder, issuer)
  const sealed: Seal = {
    key: createPrivateKey(await readFile(key)),
    chain: [new X509Certificate(await readFile(certificate)).raw.toString('base64')],
  }
  const lifetime = {
    seconds: options.lifetimeSeconds ?? defaultLifetimeSeconds,
    stated: options.statedSeconds ?? options.lifetimeSeconds ?? defaultLifetimeSeconds,
  }
  const issuing = tokenIssuer(options, (subject, access) => ({
    token: signed(sealed, {subject, access, lifetimeSeconds: lifetime.seconds}),
    times: {expires_in: lifetime.stated, issued_at: new Date().toISOString()},
  }))
  const requests: TokenRequest[] = []
  const server = await loopback((incoming, response) => {
    readRequest(incoming).then(
      (request) => {
        const {status, headers, body} = tokenAnswer(request, issuing)
        requests.push({method: request.method, scopes: scopesIn(request), status})
        response.writeHead(status, {...headers}).end(body)
      },
      () => response.destroy(),
    )
  })
  const stop = async (): Promise<void> => {
    await server[Symbol.asyncDispose]()
    await rm(folder, {recursive: true, force: true})
  }
  return {
    host: server.host,
    configuration: {realm: `http://${server.host}${tokenPath}`, service, issuer, rootcertbundle: certificate},
    requests,
    token: (access, lifetimeSeconds = defaultLifetimeSeconds) =>
      signed(sealed, {subject: 'test', access, lifetimeSeconds}),
    setLifetime(lifetimeSeconds, statedSeconds = lifetimeSeconds) {
      lifetime.seconds = lifetimeSeconds
      lifetime.stated = statedSeconds
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function tokenIssuer(
  {users, identityTokens = {}, allows}: TokenServerOptions,
  issue: TokenIssuer['issue'],
): TokenIssuer {
  const identities = new Map(Object.entries(identityTokens))
  return {
    users,
    issue(user, scopes) {
      const allowed = scopes.map(({repository, actions}) => {
        const granted = allows?.(user, repository) ?? (user === undefined ? [] : actions)
        return {repository, actions: actions.filter((action) => granted.includes(action))}
      })
      return issue(user, allowed)
    },
    identityToken(user) {
      const token = randomUUID()
      identities.set(token, user)
      return token
    },
    userOf: (identityToken) => identities.get(identityToken),
  }
}

async function readRequest(incoming: IncomingMessage): Promise<IncomingRequest> {
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) chunks.push(chunk)
  const origin = `http://${incoming.headers.host ?? ''}`
  const {pathname: path, searchParams: query} = new URL(incoming.url ?? '/', origin)
  const {authorization} = incoming.headers
  const method = (incoming.method ?? 'GET') as IncomingRequest['method']
  return {client: '', method, path, query, headers: {authorization}, origin, body: Buffer.concat(chunks)}
}

function scopesIn({method, query, body}: IncomingRequest): readonly string[] {
  const parameters = method === 'POST' ? new URLSearchParams(body.toString('utf8')) : query
  return parameters.getAll('scope').flatMap((scope) => scope.split(' '))
}

interface Seal {
  readonly key: KeyObject
  /** Value of `x5c`: the certificate in DER and base64. */
  readonly chain: readonly string[]
}

interface Claims {
  readonly subject: string | undefined
  readonly access: readonly Access[]
  readonly lifetimeSeconds: number
}

function signed({key, chain}: Seal, {subject = '', access, lifetimeSeconds}: Claims): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: issuer,
    sub: subject,
    aud: service,
    // The registry adds the leeway to the expiry.
    exp: now + lifetimeSeconds - leewaySeconds,
    nbf: now,
    iat: now,
    jti: randomUUID(),
    access: access.map(({repository, actions}) => ({type: 'repository', name: repository, actions})),
  }
  const text = [{typ: 'JWT', alg: 'ES256', x5c: chain}, claims].map(encoded).join('.')
  // RFC 7518, section 3.4: the two numbers of the signature are concatenated, not encoded in DER.
  const signature = sign('sha256', Buffer.from(text), {key, dsaEncoding: 'ieee-p1363'})
  return `${text}.${signature.toString('base64url')}`
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

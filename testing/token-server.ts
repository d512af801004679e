import {createPrivateKey, randomUUID, sign, X509Certificate, type KeyObject} from 'node:crypto'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import type {IncomingMessage} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {makeCertificate} from './certificate.ts'
import {loopback} from './loopback.ts'
import {tokenAnswer, type Access} from './memory-registry/authorization.ts'
import {tokenPath, type TokenIssuer} from './memory-registry/token-desk.ts'
import type {Action, IncomingRequest, Users} from './memory-registry/types.ts'

export interface TokenServerOptions {
  readonly users: Users
  /** Valid identity tokens, each with its user. */
  readonly identityTokens?: Readonly<Record<string, string>>
  /** For how long the registry takes a token; 300 unless given. */
  readonly lifetimeSeconds?: number
  /** What the answer says in `expires_in`; the lifetime unless given. A larger number makes clients meet with a 401. */
  readonly saidSeconds?: number
  /** What a user may do; everything unless given, and nothing for somebody unknown. */
  readonly allows?: (user: string | undefined, repository: string) => readonly Action[]
}

/** A request for a token, as it was answered. */
export interface TokenRequest {
  readonly method: string
  /** `repository:NAME:ACTIONS`; of the query, or of the form. */
  readonly scopes: readonly string[]
  readonly status: number
}

/**
 * A token server on loopback, for the real registry with `auth: token`: it checks passwords and identity tokens, and signs
 * tokens (https://distribution.github.io/distribution/spec/auth/jwt/) with a key whose certificate the registry trusts.
 */
export interface TokenServer extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  /** The section of the registry's configuration. */
  readonly configuration: Readonly<Record<string, string>>
  /** In the order of their arrival. */
  readonly requests: readonly TokenRequest[]
  /** A token for a test's own requests; with a lifetime below 0 it has expired. */
  token(access: readonly Access[], lifetimeSeconds?: number): string
  /** From here on, tokens live as long, and say so. */
  setLifetime(lifetimeSeconds: number, saidSeconds?: number): void
  stop(): Promise<void>
}

const service = 'tagboat-test-registry'
const issuer = 'tagboat-test-tokens'
const defaultLifetimeSeconds = 300
/** The registry takes a token for as long after its end, for clocks that differ (distribution, token.Leeway). */
const leewaySeconds = 60

export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tagboat-tokens-'))
  const {certificate, key} = await makeCertificate(folder, issuer)
  const sealed: Seal = {
    key: createPrivateKey(await readFile(key)),
    chain: [new X509Certificate(await readFile(certificate)).raw.toString('base64')],
  }
  const life = {
    seconds: options.lifetimeSeconds ?? defaultLifetimeSeconds,
    said: options.saidSeconds ?? options.lifetimeSeconds ?? defaultLifetimeSeconds,
  }
  const issuing = tokenIssuer(options, (subject, access) => ({
    token: signed(sealed, {subject, access, lifetimeSeconds: life.seconds}),
    times: {expires_in: life.said, issued_at: new Date().toISOString()},
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
    setLifetime(lifetimeSeconds, saidSeconds = lifetimeSeconds) {
      life.seconds = lifetimeSeconds
      life.said = saidSeconds
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
  /** The certificate of the key, in DER and base64, as `x5c` holds it. */
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
    // The lifetime is the one that the registry really grants.
    exp: now + lifetimeSeconds - leewaySeconds,
    nbf: now,
    iat: now,
    jti: randomUUID(),
    access: access.map(({repository, actions}) => ({type: 'repository', name: repository, actions})),
  }
  const text = [{typ: 'JWT', alg: 'ES256', x5c: chain}, claims].map(encoded).join('.')
  // RFC 7518, section 3.4: the two numbers of the signature one after the other, not in DER.
  const signature = sign('sha256', Buffer.from(text), {key, dsaEncoding: 'ieee-p1363'})
  return `${text}.${signature.toString('base64url')}`
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

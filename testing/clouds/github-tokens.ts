import {generateKeyPairSync, sign, verify, type KeyObject} from 'node:crypto'
import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'

/** Claims of an ID token. Times are in seconds since the epoch. */
export type TokenClaims = Readonly<Record<string, string | number>>

/** Stand-in for the ID token service of GitHub Actions: https://docs.github.com/actions/reference/security/oidc */
export interface GitHubTokens {
  /** Variables of a job with `id-token: write`. */
  readonly environment: Readonly<Record<string, string>>
  readonly issuer: string
  /** Audiences that were requested. */
  readonly audiences: readonly string[]
  /** Answers a request for a token: only with the request token of the job, and an audience. */
  readonly answer: (request: HttpRequest) => HttpResponse
  /** Claims of a token with a valid signature; undefined for any other text. */
  readonly verify: (token: string) => TokenClaims | undefined
}

interface GitHubTokensOptions {
  readonly sub?: string
  /** Additional claims, such as those of the workflow. */
  readonly claims?: () => TokenClaims
  readonly now?: () => Date
  /** Base of the request URL. */
  readonly origin?: string
  /** Responses before the first token. */
  readonly failures?: readonly HttpResponse[]
}

export const subject = 'repo:octocat/app:ref:refs/heads/main'

/** Lifetime of GitHub's tokens, in seconds. */
const lifetime = 300

export function gitHubTokens(options: GitHubTokensOptions = {}): GitHubTokens {
  const {
    sub = subject,
    claims: further,
    now = () => new Date('2026-01-02T03:04:05Z'),
    origin = 'https://tokens.example',
  } = options
  const issuer = 'https://token.actions.githubusercontent.com'
  const {privateKey, publicKey} = keyPair()
  const failures = [...(options.failures ?? [])]
  const audiences: string[] = []
  const environment = {
    ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}/idtoken?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'canary-request-token',
  }
  return {
    environment,
    issuer,
    audiences,
    answer({method, url, headers}) {
      const failure = failures.shift()
      if (failure !== undefined) return failure
      const audience = url.searchParams.get('audience')
      if (method !== 'GET' || url.searchParams.get('api-version') !== '2.0') return json(400, {message: 'bad request'})
      if (headers['authorization'] !== `Bearer ${environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN}`)
        return json(401, {message: 'unauthorized'})
      if (audience === null || audience === '') return json(400, {message: 'no audience'})
      audiences.push(audience)
      const issued = Math.floor(now().getTime() / 1000)
      const claims = {iss: issuer, sub, aud: audience, iat: issued, exp: issued + lifetime, ...further?.()}
      return json(200, {count: 1, value: signedToken(claims, privateKey)})
    },
    verify: (token) => verifiedClaims(token, publicKey),
  }
}

export function json(status: number, body: unknown): HttpResponse {
  return {status, headers: {}, body: Buffer.from(JSON.stringify(body))}
}

/** JSON Web Token with a signature that is not verified. */
export function unsignedToken(claims: TokenClaims): string {
  return `e30.${base64url(JSON.stringify(claims))}.canary`
}

interface KeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

let keys: KeyPair | undefined

/** Keys of all stand-ins of a process. GitHub's tokens have the algorithm RS256, and some clients take no other. */
function keyPair(): KeyPair {
  keys ??= generateKeyPairSync('rsa', {modulusLength: 2048})
  return keys
}

function signedToken(claims: TokenClaims, key: KeyObject): string {
  const text = [{alg: 'RS256', typ: 'JWT', kid: 'tests'}, claims]
    .map((part) => base64url(JSON.stringify(part)))
    .join('.')
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
}

function verifiedClaims(token: string, key: KeyObject): TokenClaims | undefined {
  const [header = '', claims = '', signature = ''] = token.split('.')
  const isValid = verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))
  return isValid ? (JSON.parse(Buffer.from(claims, 'base64url').toString()) as TokenClaims) : undefined
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}

import {TagboatError} from '../../errors/error.ts'
import {Secret} from '../../errors/secret.ts'
import {field, parseJson} from '../../oci/manifest.ts'
import {askTokenService, errorLines, statusLine, type TokenServiceIo} from './token-service.ts'

/** ID token of the job: https://docs.github.com/actions/reference/security/oidc */
export interface IdToken {
  readonly token: Secret
  readonly claims: Claims
}

/** Claims of an ID token that the conditions of clouds use. */
export interface Claims {
  readonly iss: string
  readonly sub: string
  readonly aud: string
  /** Workflow with the job, of a reusable workflow another one than that of the run. */
  readonly jobWorkflowRef: string
  /** `owner/name` of the repository of the run. */
  readonly repository: string
  /** `public`, `private` or `internal`; empty if the server does not state it. */
  readonly visibility: string
}

/** Reports whether this job may request ID tokens. */
export function canRequestIdToken({environment}: Pick<TokenServiceIo, 'environment'>): boolean {
  return (
    (environment['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '') !== '' &&
    (environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '') !== ''
  )
}

/**
 * Requests an ID token for an audience. It is valid for five minutes, so it is requested where it is used.
 * @throws TagboatError `oidc-unavailable` if the job has no permission, `oidc-failed` if GitHub issues no token.
 */
export async function requestIdToken(audience: string, io: TokenServiceIo): Promise<IdToken> {
  const {environment} = io
  const address = environment['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? ''
  if (!canRequestIdToken(io) || !URL.canParse(address)) throw unavailable(environment)
  const url = new URL(address)
  url.searchParams.set('audience', audience)
  const headers = {authorization: `Bearer ${environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''}`}
  return fetchIdToken({url, headers, field: 'value'}, io)
}

/** Address that returns an ID token. */
export interface IdTokenSource {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Field of the JSON with the token; undefined if the response is the token. */
  readonly field: string | undefined
}

/** Requests an ID token from an address. @throws TagboatError `oidc-failed` */
export async function fetchIdToken(source: IdTokenSource, io: TokenServiceIo): Promise<IdToken> {
  const {url, headers, field: name} = source
  const request = {
    name: 'ID token',
    method: 'GET',
    url,
    headers,
    isTransient: isPending,
    unreachable: 'oidc-failed',
  } as const
  const response = await askTokenService(request, io)
  const token = name === undefined ? response.body.toString().trim() : field(parseJson(response.body), name)
  if (response.status !== 200 || typeof token !== 'string' || token === '') {
    throw new TagboatError('oidc-failed', {evidence: [statusLine(request, response), ...errorLines(response, io)]})
  }
  io.secrets.keep(token)
  return {token: new Secret(token), claims: readClaims(token)}
}

/** GitHub refuses tokens to a job that its servers do not know as running yet. */
function isPending(status: number, text: string): boolean {
  return status === 403 && /\b(?:Pending|Delayed)\b/i.test(text)
}

function unavailable(environment: TokenServiceIo['environment']): TagboatError {
  const names = ['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN']
  const missing = names.filter((name) => (environment[name] ?? '') === '')
  return new TagboatError('oidc-unavailable', {evidence: missing.map((name) => `${name} is not set`)})
}

/** Reads the claims of a token, whose signature only the clouds verify. Absent claims are empty. */
function readClaims(token: string): Claims {
  const claims = payloadOf(token)
  const text = (name: string): string => {
    const value = field(claims, name)
    return typeof value === 'string' ? value : ''
  }
  return {
    iss: text('iss'),
    sub: text('sub'),
    aud: text('aud'),
    jobWorkflowRef: text('job_workflow_ref'),
    repository: text('repository'),
    visibility: text('repository_visibility'),
  }
}

/** Lines of evidence with the claims that a condition compares. */
export function claimLines({iss, sub, aud, jobWorkflowRef}: Claims): readonly string[] {
  return [
    `iss: ${iss}`,
    `sub: ${sub}`,
    `aud: ${aud}`,
    ...(jobWorkflowRef === '' ? [] : [`job_workflow_ref: ${jobWorkflowRef}`]),
  ]
}

/** Reads the time when a JSON Web Token expires. Undefined for a text of another form. */
export function readExpiry(token: string): Date | undefined {
  const seconds = field(payloadOf(token), 'exp')
  return typeof seconds === 'number' ? new Date(seconds * 1000) : undefined
}

/** Reads the subject of a JSON Web Token. Empty for a text of another form. */
export function readSubject(token: string): string {
  const subject = field(payloadOf(token), 'sub')
  return typeof subject === 'string' ? subject : ''
}

function payloadOf(token: string): unknown {
  const [, payload = ''] = token.split('.')
  return parseJson(Buffer.from(payload, 'base64url'))
}

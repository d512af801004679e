import type {IncomingMessage, ServerResponse} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'
import type {HttpRequest} from '../../src/io/http.ts'
import {gitHubTokens, type TokenClaims} from '../clouds/github-tokens.ts'
import {loopback} from '../loopback.ts'
import {Refusal, type Answer} from './answer.ts'
import {createAuthorities, trustDocuments, type TrustDocuments} from './authorities.ts'
import {certificatePath, issueCertificate} from './fulcio.ts'
import {entriesPath, startRekor} from './rekor.ts'
import {timestamp, timestampPath} from './timestamps.ts'

export type ServiceName = 'token' | 'certificate' | 'log' | 'timestamp'

/** Event instead of the answer to a request. */
export type Fault =
  /** An answer with this status. */
  | {readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>>}
  /** An open connection without an answer. */
  | {readonly kind: 'silence'}
  /** The right answer, after a time. */
  | {readonly kind: 'slow'; readonly ms: number}
  /** The service does its work, and the connection breaks before the answer. */
  | {readonly kind: 'lost'}
  /** The answer of another size: bytes without an end. */
  | {readonly kind: 'endless'}
  /** A certificate for another key than the requested one. */
  | {readonly kind: 'other-key'}
  /** An entry of the log with another signature than that of the log. */
  | {readonly kind: 'wrong-signature'}

/** Instance of Sigstore on loopback: Fulcio, Rekor v1, a timestamp authority, and GitHub's issuer of ID tokens. */
export interface Sigstore extends TrustDocuments, AsyncDisposable {
  readonly url: string
  /** Variables of a job with `id-token: write`. */
  readonly environment: Readonly<Record<string, string>>
  /** Requests to the services, in order. */
  readonly requests: readonly ServiceName[]
  /** Kinds of the entries of the log. */
  readonly entries: readonly string[]
  /** Sets the claims of the tokens that follow. */
  setClaims(claims: TokenClaims): void
  /** Lets the next requests to a service fail, `times` times. Default: all. */
  fail(service: ServiceName, fault: Fault, times?: number): void
  /** Ends the faults of all services. */
  recover(): void
}

/** Workflow of the tests, by its claims: https://docs.github.com/actions/reference/security/oidc */
export const workflowClaims: TokenClaims = {
  sub: 'repo:acme/app:ref:refs/tags/v1.2.3',
  repository: 'acme/app',
  repository_id: '1296269',
  repository_owner: 'acme',
  repository_owner_id: '1',
  repository_visibility: 'public',
  ref: 'refs/tags/v1.2.3',
  sha: '860c1904a1ce19322e91ac35af1ab07466440c37',
  event_name: 'push',
  workflow: 'release',
  workflow_ref: 'acme/app/.github/workflows/release.yml@refs/tags/v1.2.3',
  job_workflow_ref: 'acme/app/.github/workflows/release.yml@refs/tags/v1.2.3',
  runner_environment: 'github-hosted',
  run_id: '42',
  run_attempt: '1',
}

/** Starts an instance. Its tokens are of `claims`. */
export async function startSigstore(claims: TokenClaims = workflowClaims): Promise<Sigstore> {
  const faults = new Map<ServiceName, {readonly fault: Fault; left: number}>()
  const requests: ServiceName[] = []
  let current = claims
  let handle: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> = async () =>
    Promise.reject(new Error('not started'))
  const server = await loopback((incoming, outgoing) => {
    void handle(incoming, outgoing)
  })
  const url = `http://${server.host}`
  const authorities = await createAuthorities(url)
  const rekor = startRekor(authorities)
  const tokens = gitHubTokens({origin: url, now: () => new Date(), claims: () => current})

  const answerTo = async (service: ServiceName, request: Request, fault: Fault | undefined): Promise<Answer> => {
    const {body, headers, url: address} = request
    switch (service) {
      case 'token': {
        const {status, body: text} = tokens.answer(request)
        return {status, body: text}
      }
      case 'certificate': {
        const asked = {body, authorization: headers['authorization'], forOtherKey: fault?.kind === 'other-key'}
        return issueCertificate(asked, authorities, tokens)
      }
      case 'log':
        return request.method === 'POST' ? rekor.add(body) : rekor.get(address.pathname)
      case 'timestamp':
        return timestamp(body, headers['content-type'] ?? '', authorities)
    }
  }

  handle = async (incoming, outgoing) => {
    const request = await requestOf(incoming, url)
    const service = serviceAt(request.url.pathname)
    if (service === undefined) {
      outgoing.writeHead(404).end()
      return
    }
    requests.push(service)
    const fault = nextFault(faults, service)
    if (fault?.kind === 'silence') return
    if (fault?.kind === 'slow') await sleep(fault.ms)
    if (fault?.kind === 'endless') {
      outgoing.writeHead(200)
      writeWithoutEnd(outgoing)
      return
    }
    const answer =
      fault?.kind === 'status'
        ? {...fault, body: 'a fault of the test'}
        : await honest(async () => answerTo(service, request, fault))
    if (fault?.kind === 'lost') {
      outgoing.destroy()
      return
    }
    const body = fault?.kind === 'wrong-signature' ? withWrongSignature(answer.body) : answer.body
    outgoing.writeHead(answer.status, answer.headers).end(body)
  }

  return {
    url,
    environment: tokens.environment,
    requests,
    entries: rekor.kinds,
    ...trustDocuments(authorities, url),
    setClaims(next) {
      current = next
    },
    fail(service, fault, times = Infinity) {
      faults.set(service, {fault, left: times})
    },
    recover() {
      faults.clear()
    },
    [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
  }
}

interface Request extends HttpRequest {
  readonly body: Buffer
}

function serviceAt(path: string): ServiceName | undefined {
  if (path === '/idtoken') return 'token'
  if (path === certificatePath) return 'certificate'
  if (path === entriesPath || path.startsWith(`${entriesPath}/`)) return 'log'
  return path === timestampPath ? 'timestamp' : undefined
}

function nextFault(
  faults: Map<ServiceName, {readonly fault: Fault; left: number}>,
  service: ServiceName,
): Fault | undefined {
  const planned = faults.get(service)
  if (planned === undefined || planned.left === 0) return undefined
  planned.left -= 1
  return planned.fault
}

async function honest(answer: () => Promise<Answer>): Promise<Answer> {
  try {
    return await answer()
  } catch (error) {
    const status = error instanceof Refusal ? error.status : 400
    return {
      status,
      headers: {'content-type': 'application/json'},
      body: JSON.stringify({code: status, message: String(error)}),
    }
  }
}

function writeWithoutEnd(outgoing: ServerResponse): void {
  const chunk = Buffer.alloc(65_536, ' ')
  const write = (): void => {
    while (!outgoing.destroyed && outgoing.write(chunk));
  }
  outgoing.on('drain', write)
  outgoing.on('error', () => undefined)
  write()
}

function withWrongSignature(body: string | Buffer): string {
  const text = body.toString()
  const signature = Buffer.from('a wrong signature').toString('base64')
  return text.replace(/"signedEntryTimestamp":"[^"]+"/, `"signedEntryTimestamp":"${signature}"`)
}

async function requestOf(incoming: IncomingMessage, origin: string): Promise<Request> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return {
    method: incoming.method as HttpRequest['method'],
    url: new URL(incoming.url ?? '/', origin),
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.concat(chunks),
  }
}

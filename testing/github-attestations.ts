import {verify, X509Certificate} from 'node:crypto'
import {loopback} from './loopback.ts'

/** Stand-in for GitHub's API of attestations: https://docs.github.com/en/rest/repos/attestations */
export interface AttestationApi extends AsyncDisposable {
  /** Value of GITHUB_API_URL. */
  readonly url: string
  /** Statements of the attestations that it has stored. */
  readonly statements: readonly Statement[]
  /** Lets the next uploads fail with this answer. Undefined ends that. */
  refuse(answer: Refusal | undefined): void
}

interface Refusal {
  readonly status: number
  readonly message: string
}

export interface Statement {
  readonly subject: readonly {readonly name: string; readonly digest: {readonly sha256: string}}[]
  readonly predicateType: string
  readonly predicate: unknown
}

interface Bundle {
  readonly mediaType?: string
  readonly verificationMaterial?: {readonly certificate?: {readonly rawBytes?: string}}
  readonly dsseEnvelope?: {
    readonly payload?: string
    readonly payloadType?: string
    readonly signatures?: readonly {readonly sig?: string}[]
  }
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Starts the stand-in for one repository, whose jobs have this token. It accepts only bundles whose signature is valid. */
export async function startAttestationApi(repository: string, token: string): Promise<AttestationApi> {
  const statements: Statement[] = []
  let refusal: Refusal | undefined
  const create = (body: Buffer): Answer => {
    if (refusal !== undefined) return {status: refusal.status, body: {message: refusal.message}}
    const {bundle} = JSON.parse(body.toString()) as {readonly bundle?: Bundle}
    const statement = bundle === undefined ? undefined : statementOf(bundle)
    if (statement === undefined) return {status: 422, body: {message: 'Invalid bundle'}}
    statements.push(statement)
    return {status: 201, body: {id: 1000 + statements.length}}
  }
  const list = (digest: string, type: string | null): Answer => {
    const found = statements.filter(
      ({subject, predicateType}) =>
        predicateType === type && subject.some(({digest: {sha256}}) => `sha256:${sha256}` === digest),
    )
    return found.length === 0
      ? {status: 404, body: {message: 'Not Found'}}
      : {status: 200, body: {attestations: found.map(() => ({repository_id: 1}))}}
  }
  const server = await loopback((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.once('end', () => {
      const url = new URL(incoming.url ?? '', 'http://api.example')
      const base = `/repos/${repository}/attestations`
      const isKnown = incoming.headers.authorization === `Bearer ${token}`
      const answer = !isKnown
        ? {status: 401, body: {message: 'Bad credentials'}}
        : incoming.method === 'POST' && url.pathname === base
          ? create(Buffer.concat(chunks))
          : incoming.method === 'GET' && url.pathname.startsWith(`${base}/`)
            ? list(url.pathname.slice(base.length + 1), url.searchParams.get('predicate_type'))
            : {status: 404, body: {message: 'Not Found'}}
      outgoing.writeHead(answer.status, {'content-type': 'application/json'}).end(JSON.stringify(answer.body))
    })
  })
  return {
    url: `http://${server.host}`,
    statements,
    refuse: (answer) => {
      refusal = answer
    },
    [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
  }
}

/** Statement of a bundle with a valid signature; undefined for anything else. */
function statementOf({mediaType, verificationMaterial, dsseEnvelope}: Bundle): Statement | undefined {
  const certificate = verificationMaterial?.certificate?.rawBytes
  const {payload = '', payloadType = '', signatures = []} = dsseEnvelope ?? {}
  const [signature, ...others] = signatures
  const isBundle = mediaType === 'application/vnd.dev.sigstore.bundle.v0.3+json' && others.length === 0
  if (!isBundle || certificate === undefined || payloadType !== 'application/vnd.in-toto+json') return undefined
  const content = Buffer.from(payload, 'base64')
  const encoded = Buffer.concat([
    Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${content.byteLength} `),
    content,
  ])
  const {publicKey} = new X509Certificate(Buffer.from(certificate, 'base64'))
  if (!verify('sha256', encoded, publicKey, Buffer.from(signature?.sig ?? '', 'base64'))) return undefined
  const statement = JSON.parse(content.toString()) as Statement
  return statement.subject.length > 0 ? statement : undefined
}

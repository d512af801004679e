import {createHash} from 'node:crypto'
import type {HttpResponse} from '../io/http.ts'
import {field, parseJson} from '../oci/manifest.ts'
import {base64, makeEnvelope} from '../signing/dsse.ts'
import type {LogEntry} from '../signing/signature.ts'
import {askService, invalidAnswer, sendOnce, type SigstoreIo} from './ask.ts'

/** Signature for the log, with the PEM of its certificate or of its public key. */
interface LoggedSignature {
  readonly kind: 'statement' | 'payload'
  /** Statement or payload that is signed. */
  readonly content: Uint8Array
  readonly signature: Uint8Array
  readonly verifier: string
}

/**
 * Adds a signature to a log, or fetches its entry if the log has it: of a lost answer, for example
 * (https://github.com/sigstore/rekor/blob/main/openapi.yaml).
 * @throws TagboatError `sign-unavailable`, `sign-refused`
 */
export async function addToLog(signed: LoggedSignature, log: URL, io: SigstoreIo): Promise<LogEntry> {
  const url = new URL('/api/v1/log/entries', log)
  const body = Buffer.from(JSON.stringify(proposedEntry(signed)))
  const headers = {'content-type': 'application/json', accept: 'application/json'}
  const response = await askService(
    {name: 'log entry', url, accepts: [200, 201, 409]},
    async () => sendOnce({method: 'POST', url, headers, body}, io),
    io,
  )
  return readEntry(response.status === 409 ? await existingEntry(response, url, io) : response, url)
}

function proposedEntry({kind, content, signature, verifier}: LoggedSignature): object {
  const pem = base64(Buffer.from(verifier))
  if (kind === 'statement') {
    const envelope = JSON.stringify(makeEnvelope(content, signature))
    return {apiVersion: '0.0.1', kind: 'dsse', spec: {proposedContent: {envelope, verifiers: [pem]}}}
  }
  const value = createHash('sha256').update(content).digest('hex')
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: {hash: {algorithm: 'sha256', value}},
      signature: {content: base64(signature), publicKey: {content: pem}},
    },
  }
}

/** Fetches the entry that the log has already. The verification shows whether it is the entry of this signature. */
async function existingEntry({headers}: HttpResponse, url: URL, io: SigstoreIo): Promise<HttpResponse> {
  const location = headers['location'] ?? ''
  const entry = URL.canParse(location, url.href) ? new URL(location, url) : undefined
  if (entry?.origin !== url.origin || !entry.pathname.startsWith(`${url.pathname}/`)) {
    throw invalidAnswer(url, 'it has the entry already, without a usable location')
  }
  return askService(
    {name: 'existing log entry', url: entry, accepts: [200]},
    async () => sendOnce({method: 'GET', url: entry, headers: {accept: 'application/json'}}, io),
    io,
  )
}

/** Parses an entry, whose promise and proof are verified later. @throws TagboatError `sign-unavailable` */
function readEntry({body}: HttpResponse, url: URL): LogEntry {
  const answer = parseJson(body)
  const entries: readonly unknown[] = typeof answer === 'object' && answer !== null ? Object.values(answer) : []
  const [entry] = entries
  const verification = field(entry, 'verification')
  const [text, logId, promise] = [
    field(entry, 'body'),
    field(entry, 'logID'),
    field(verification, 'signedEntryTimestamp'),
  ]
  const [logIndex, integratedTime] = [numberText(field(entry, 'logIndex')), numberText(field(entry, 'integratedTime'))]
  const proof = readProof(field(verification, 'inclusionProof'))
  const isComplete = [text, logId, promise].every((value) => typeof value === 'string')
  if (
    !isComplete ||
    logIndex === undefined ||
    integratedTime === undefined ||
    proof === undefined ||
    entries.length > 1
  ) {
    throw invalidAnswer(url, 'it is not a log entry')
  }
  const stored = Buffer.from(String(text), 'base64')
  const content = parseJson(stored)
  return {
    logIndex,
    logId: Buffer.from(String(logId), 'hex'),
    kind: String(field(content, 'kind')),
    version: String(field(content, 'apiVersion')),
    integratedTime,
    signedEntryTimestamp: Buffer.from(String(promise), 'base64'),
    inclusionProof: proof,
    body: stored,
  }
}

function readProof(proof: unknown): LogEntry['inclusionProof'] {
  const [hashes, rootHash, checkpoint] = ['hashes', 'rootHash', 'checkpoint'].map((name) => field(proof, name))
  const [logIndex, treeSize] = [numberText(field(proof, 'logIndex')), numberText(field(proof, 'treeSize'))]
  if (!Array.isArray(hashes) || typeof rootHash !== 'string' || typeof checkpoint !== 'string') return undefined
  if (logIndex === undefined || treeSize === undefined) return undefined
  return {
    logIndex,
    treeSize,
    rootHash: Buffer.from(rootHash, 'hex'),
    hashes: hashes.map((hash: unknown) => Buffer.from(String(hash), 'hex')),
    checkpoint,
  }
}

/** Decimal text of a whole number. Undefined for anything else. */
function numberText(value: unknown): string | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined
}

import {createHash, createPublicKey, verify, X509Certificate, type KeyObject} from 'node:crypto'
import {rekorHandler} from '@sigstore/mock'
import {Refusal, textAt, valueAt, type Answer} from './answer.ts'
import {bytesOf, type Authorities} from './authorities.ts'

export const entriesPath = '/api/v1/log/entries'

/** Transparency log: https://github.com/sigstore/rekor/blob/main/openapi.yaml */
export interface Rekor {
  /** Adds an entry, or answers 409 with its address if the log has it. */
  add(body: Buffer): Promise<Answer>
  /** Returns an entry by its path. */
  get(path: string): Answer
  /** Kinds of the entries, in their order. */
  readonly kinds: readonly string[]
}

export function startRekor({log}: Authorities): Rekor {
  const byContent = new Map<string, string>()
  const byPath = new Map<string, string>()
  const kinds: string[] = []
  return {
    kinds,
    async add(body) {
      const entry = storedEntry(JSON.parse(body.toString()))
      const content = JSON.stringify(entry)
      const known = byContent.get(content)
      if (known !== undefined) {
        const message = JSON.stringify({code: 409, message: `an equivalent entry already exists: ${known}`})
        return {status: 409, headers: {...json, location: known}, body: message}
      }
      const {response} = await rekorHandler(log).fn(content)
      const text = bytesOf(response).toString()
      const [id = ''] = Object.keys(JSON.parse(text) as object)
      const path = `${entriesPath}/${id}`
      byContent.set(content, path)
      byPath.set(path, text)
      kinds.push(String(valueAt(entry, 'kind')))
      // Without these headers, the client of cosign panics.
      return {status: 201, headers: {...json, etag: id, location: path}, body: text}
    },
    get(path) {
      const found = byPath.get(path)
      if (found === undefined) throw new Refusal(404, 'no such entry')
      return {status: 200, headers: json, body: found}
    },
  }
}

const json = {'content-type': 'application/json'}

/** Content of an entry as the log stores it. @throws Refusal if the signature is not valid, which Rekor checks too. */
function storedEntry(proposed: unknown): object {
  const kind = textAt(proposed, 'kind')
  if (textAt(proposed, 'apiVersion') !== '0.0.1') throw new Refusal(400, 'unknown version of an entry')
  if (kind === 'dsse') return {apiVersion: '0.0.1', kind, spec: storedEnvelope(proposed)}
  if (kind !== 'hashedrekord') throw new Refusal(400, `unknown kind of an entry: ${kind}`)
  const hash = textAt(proposed, 'spec', 'data', 'hash', 'value')
  const key = keyIn(textAt(proposed, 'spec', 'signature', 'publicKey', 'content'))
  // A hash alone does not suffice to verify with node:crypto, so only its form is checked; a verifier checks the rest.
  if (!/^[0-9a-f]{64}$/.test(hash) || key.asymmetricKeyType === undefined) throw new Refusal(400, 'invalid entry')
  textAt(proposed, 'spec', 'signature', 'content')
  return proposed as object
}

/** The log stores hashes of an envelope, and its signatures. */
function storedEnvelope(proposed: unknown): object {
  const text = textAt(proposed, 'spec', 'proposedContent', 'envelope')
  const verifiers = valueAt(proposed, 'spec', 'proposedContent', 'verifiers')
  const envelope: unknown = JSON.parse(text)
  const payload = Buffer.from(textAt(envelope, 'payload'), 'base64')
  const type = textAt(envelope, 'payloadType')
  const signed = Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.byteLength} `),
    payload,
  ])
  const signatures = valueAt(envelope, 'signatures')
  if (!Array.isArray(signatures) || !Array.isArray(verifiers)) throw new Refusal(400, 'no signatures')
  return {
    envelopeHash: hashOf(text),
    payloadHash: hashOf(payload),
    signatures: signatures.map((one: unknown, index) => {
      const verifier = String(verifiers[index])
      const signature = textAt(one, 'sig')
      const key = keyIn(verifier)
      const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
      if (!verify(algorithm, signed, key, Buffer.from(signature, 'base64'))) {
        throw new Refusal(400, 'the signature of the envelope is not valid')
      }
      return {signature, verifier}
    }),
  }
}

function hashOf(content: string | Buffer): object {
  return {algorithm: 'sha256', value: createHash('sha256').update(content).digest('hex')}
}

/** Key of a certificate or of a public key, as Base64 of PEM. */
function keyIn(verifier: string): KeyObject {
  const pem = Buffer.from(verifier, 'base64').toString()
  return pem.includes('BEGIN CERTIFICATE') ? new X509Certificate(pem).publicKey : createPublicKey(pem)
}

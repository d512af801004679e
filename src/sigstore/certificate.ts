import {createPublicKey, generateKeyPairSync, sign, X509Certificate, type KeyObject} from 'node:crypto'
import {requestIdToken} from '../credentials/cloud/id-token.ts'
import {field, parseJson} from '../oci/manifest.ts'
import {askService, invalidAnswer, sendOnce, type SigstoreIo} from './ask.ts'

/** Certificate of a run, with the key that it is for. The key exists in memory only. */
export interface SigningCertificate {
  readonly key: KeyObject
  /** DER, leaf first. */
  readonly chain: readonly Buffer[]
  /** PEM of the leaf. */
  readonly pem: string
  readonly expires: Date
}

/** Audience of ID tokens for Sigstore. */
export const sigstoreAudience = 'sigstore'

/** Most certificates of a chain. */
const longestChain = 10

/**
 * Requests a certificate for the identity of this job (https://github.com/sigstore/fulcio/blob/main/fulcio.proto). Each
 * attempt has a new token and a new key.
 * @throws TagboatError `sign-unavailable`, `sign-refused`; `oidc-failed` if GitHub issues no token.
 */
export async function requestCertificate(authority: URL, io: SigstoreIo): Promise<SigningCertificate> {
  const url = new URL('/api/v2/signingCert', authority)
  let key: KeyObject | undefined
  const {body} = await askService(
    {name: 'certificate', url, accepts: [200, 201]},
    async () => {
      const {token, claims} = await requestIdToken(sigstoreAudience, io)
      const pair = generateKeyPairSync('ec', {namedCurve: 'P-256'})
      key = pair.privateKey
      const request = {
        credentials: {oidcIdentityToken: token.reveal()},
        publicKeyRequest: {
          publicKey: {algorithm: 'ECDSA', content: pair.publicKey.export({type: 'spki', format: 'pem'})},
          proofOfPossession: sign('sha256', Buffer.from(claims.sub), pair.privateKey).toString('base64'),
        },
      }
      const headers = {'content-type': 'application/json', accept: 'application/json'}
      return sendOnce({method: 'POST', url, headers, body: Buffer.from(JSON.stringify(request))}, io)
    },
    io,
  )
  if (key === undefined) throw new TypeError('unreachable: every attempt makes a key')
  return readCertificate(body, key, url)
}

function readCertificate(body: Buffer, key: KeyObject, url: URL): SigningCertificate {
  const answer = parseJson(body)
  const signed = field(answer, 'signedCertificateEmbeddedSct') ?? field(answer, 'signedCertificateDetachedSct')
  const texts = field(field(signed, 'chain'), 'certificates')
  const certificates = Array.isArray(texts) ? texts.slice(0, longestChain).map(parseCertificate) : []
  const chain = certificates.filter((one) => one !== undefined)
  const [leaf] = chain
  if (leaf === undefined || chain.length < certificates.length)
    throw invalidAnswer(url, 'it has no chain of certificates')
  if (!leaf.publicKey.equals(createPublicKey(key))) throw invalidAnswer(url, 'the certificate is for another key')
  const expires = new Date(leaf.validTo)
  return {key, chain: chain.map(({raw}) => raw), pem: leaf.toString(), expires}
}

function parseCertificate(text: unknown): X509Certificate | undefined {
  if (typeof text !== 'string') return undefined
  try {
    return new X509Certificate(text)
  } catch {
    return undefined
  }
}

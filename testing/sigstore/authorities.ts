import {createHash, generateKeyPairSync, type KeyObject} from 'node:crypto'
import {initializeCA, initializeCTLog, initializeTLog, initializeTSA} from '@sigstore/mock'

/** Keys and certificates of one instance of Sigstore, which exist as long as the test. */
export interface Authorities {
  readonly ca: Awaited<ReturnType<typeof initializeCA>>
  readonly ctLog: Awaited<ReturnType<typeof initializeCTLog>>
  readonly log: Awaited<ReturnType<typeof initializeTLog>>
  readonly tsa: Awaited<ReturnType<typeof initializeTSA>>
}

/** Creates the authorities of an instance at an address. */
export async function createAuthorities(url: string): Promise<Authorities> {
  const ctLog = await initializeCTLog(keyPair())
  const [ca, log, tsa] = await Promise.all([
    initializeCA(keyPair(), ctLog),
    initializeTLog(url, keyPair()),
    initializeTSA(keyPair()),
  ])
  // The library writes fractions of a second without trailing zeros, and verifies only those of three digits.
  Object.assign(tsa, {getCurrentTime: () => new Date(Math.floor(Date.now() / 1000) * 1000)})
  return {ca, ctLog, log, tsa}
}

export function keyPair(): {readonly privateKey: KeyObject; readonly publicKey: KeyObject} {
  return generateKeyPairSync('ec', {namedCurve: 'P-256'})
}

/** Documents by which a client finds and trusts the instance, in the forms that cosign reads. */
export interface TrustDocuments {
  readonly trustedRoot: string
  readonly signingConfig: string
}

/**
 * Describes an instance, as in https://github.com/sigstore/protobuf-specs (`TrustedRoot`, `SigningConfig`). The keys are
 * valid from an hour ago: certificates have whole seconds.
 */
export function trustDocuments({ca, ctLog, log, tsa}: Authorities, url: string): TrustDocuments {
  const start = new Date(Date.now() - 3_600_000).toISOString()
  const authority = (certificates: readonly ArrayBufferView[]): object => ({
    subject: {organization: 'sigstore.mock', commonName: 'sigstore'},
    uri: url,
    certChain: {certificates: certificates.map((one) => ({rawBytes: bytesOf(one).toString('base64')}))},
    validFor: {start},
  })
  const logOf = (key: Buffer): object => ({
    baseUrl: url,
    hashAlgorithm: 'SHA2_256',
    publicKey: {rawBytes: key.toString('base64'), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor: {start}},
    logId: {keyId: createHash('sha256').update(key).digest('base64')},
  })
  const service = (address: string): readonly object[] => [
    {url: address, majorApiVersion: 1, validFor: {start}, operator: 'sigstore.mock'},
  ]
  return {
    trustedRoot: JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      certificateAuthorities: [authority([ca.rootCertificate])],
      ctlogs: [logOf(ctLog.publicKey)],
      tlogs: [logOf(log.publicKey)],
      timestampAuthorities: [authority([tsa.intCertificate, tsa.rootCertificate])],
    }),
    signingConfig: JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
      caUrls: service(url),
      oidcUrls: service(url),
      rekorTlogUrls: service(url),
      tsaUrls: service(`${url}/api/v1/timestamp`),
      rekorTlogConfig: {selector: 'ANY'},
      tsaConfig: {selector: 'ANY'},
    }),
  }
}

/** Bytes of an answer of the library: text, or a view of a buffer. */
export function bytesOf(view: string | ArrayBufferView): Buffer {
  if (typeof view === 'string') return Buffer.from(view)
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength)
}

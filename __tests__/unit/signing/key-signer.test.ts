import {createPublicKey, generateKeyPairSync, type KeyObject} from 'node:crypto'
import {describe, expect, test} from '@jest/globals'
import {digestOf, type Digest} from '../../../src/oci/digest.ts'
import {formatBundle, parseBundle} from '../../../src/signing/bundle.ts'
import type {FoundSignature} from '../../../src/signing/found-signature.ts'
import {keySigner, rejectsWithKey} from '../../../src/signing/key-signer.ts'
import {
  formatPayload,
  namesRepository,
  parsePayload,
  signatureAnnotations,
} from '../../../src/signing/simple-signing.ts'
import {
  formatStatement,
  parseStatement,
  signaturePredicate,
  signatureStatement,
} from '../../../src/signing/statement.ts'

const keys: readonly {readonly name: string; readonly key: KeyObject}[] = [
  {name: 'P-256', key: generateKeyPairSync('ec', {namedCurve: 'prime256v1'}).privateKey},
  {name: 'Ed25519', key: generateKeyPairSync('ed25519').privateKey},
  {name: 'RSA', key: generateKeyPairSync('rsa', {modulusLength: 2048}).privateKey},
]
const [index, amd64, arm64, other] = ['index', 'amd64', 'arm64', 'other'].map((text) =>
  digestOf(Buffer.from(text)),
) as [Digest, Digest, Digest, Digest]
const repository = {host: 'ghcr.io', path: 'acme/app'}

function foundBundle(bytes: Uint8Array): FoundSignature {
  return {stored: {kind: 'bundle', bytes, annotations: {}}, subject: index, predicateType: signaturePredicate}
}

/** Signature with other bytes or annotations. */
function changed(found: FoundSignature, change: Partial<FoundSignature['stored']>): FoundSignature {
  return {...found, stored: {...found.stored, ...change}}
}

async function bundleOf(
  key: KeyObject,
  statement = signatureStatement(index, [arm64, amd64]),
): Promise<FoundSignature> {
  const bytes = formatBundle(statement, await keySigner(key).signStatement(statement))
  return foundBundle(bytes)
}

async function tagSignatureOf(key: KeyObject): Promise<FoundSignature> {
  const bytes = formatPayload(repository, index)
  const annotations = signatureAnnotations(await keySigner(key).signPayload(bytes))
  return {stored: {kind: 'signature-tag', bytes, annotations}, subject: index, predicateType: signaturePredicate}
}

describe.each(keys)('a signer ($name)', ({key}) => {
  const publicKey = createPublicKey(key)
  const stranger = generateKeyPairSync('ec', {namedCurve: 'prime256v1'}).privateKey

  test('recognizes its bundle for index and platforms, and no other image', async () => {
    const bundle = await bundleOf(key)
    for (const subject of [index, amd64, arm64]) expect(rejectsWithKey({...bundle, subject}, publicKey)).toBeUndefined()
    expect(rejectsWithKey({...bundle, subject: other}, publicKey)).toMatch(/other images/)
  })

  test('recognizes its signature under a tag, and no other image', async () => {
    const signature = await tagSignatureOf(key)
    expect(await keySigner(key).rejects(signature)).toBeUndefined()
    expect(rejectsWithKey({...signature, subject: other}, publicKey)).toMatch(/other images/)
  })

  test('does not recognize the signatures of another key', async () => {
    expect(await keySigner(key).rejects(await bundleOf(stranger))).toMatch(/not signed by this key/)
    expect(await keySigner(key).rejects(await tagSignatureOf(stranger))).toMatch(/not signed by this key/)
  })

  test('does not recognize a bundle with another byte in payload or signature', async () => {
    const found = await bundleOf(key)
    const bundle = parseBundle(found.stored.bytes)
    const signature = bundle?.signatures[0]?.sig ?? ''
    const payload = bundle?.payload ?? ''
    for (const [text, other] of [
      [signature, flipped(signature, 20)],
      [payload, flipped(payload, 100)],
    ] as const) {
      const bytes = Buffer.from(Buffer.from(found.stored.bytes).toString().replace(text, other))
      expect(rejectsWithKey(changed(found, {bytes}), publicKey)).toBeDefined()
    }
  })

  test('does not recognize a signature under a tag with another byte', async () => {
    const found = await tagSignatureOf(key)
    for (let at = 0; at < found.stored.bytes.byteLength; at += 17) {
      const bytes = Buffer.from(found.stored.bytes.map((byte, place) => (place === at ? byte ^ 1 : byte)))
      expect(rejectsWithKey(changed(found, {bytes}), publicKey)).toBeDefined()
    }
    const annotations = Object.fromEntries(
      Object.entries(found.stored.annotations).map(([name, value]) => [name, flipped(value, 20)]),
    )
    expect(rejectsWithKey(changed(found, {annotations}), publicKey)).toBeDefined()
    expect(rejectsWithKey(changed(found, {annotations: {}}), publicKey)).toBeDefined()
  })

  test('does not take an attestation for a signature', async () => {
    const predicateType = 'https://spdx.dev/Document'
    const found = await bundleOf(key, formatStatement({subjects: [index], predicateType, predicate: {}}))
    expect(rejectsWithKey(found, publicKey)).toMatch(predicateType)
    expect(rejectsWithKey({...found, predicateType}, publicKey)).toBeUndefined()
  })

  test('refuses a signed document that has no statement', async () => {
    const found = await bundleOf(key, Buffer.from('{"_type": "https://example.com/v1"}'))
    expect(rejectsWithKey(found, publicKey)).toMatch(/not an in-toto statement/)
    const bytes = Buffer.from(Buffer.from(found.stored.bytes).toString().replace('vnd.in-toto+json', 'text'))
    expect(rejectsWithKey(changed(found, {bytes}), publicKey)).toMatch(/payload is of type "application\/text"/)
  })

  test.each([
    '',
    '{}',
    'null',
    '[]',
    '{"mediaType": 1}',
    '{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}',
  ])('does not take %j for a bundle', (text) => {
    expect(rejectsWithKey(foundBundle(Buffer.from(text)), publicKey)).toMatch(/not a Sigstore bundle/)
  })
})

/** Base64 text with another letter. */
function flipped(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
}

describe('a bundle', () => {
  test('has the bytes of its signature, in a stable order', async () => {
    const key = generateKeyPairSync('ed25519').privateKey
    const [first, second] = [await bundleOf(key), await bundleOf(key)]
    expect(first.stored.bytes).toEqual(second.stored.bytes)
    expect(Object.keys(JSON.parse(Buffer.from(first.stored.bytes).toString()) as object)).toEqual([
      'mediaType',
      'verificationMaterial',
      'dsseEnvelope',
    ])
  })

  test('has the leaf of a certificate, log entries and timestamps', () => {
    const bytes = Buffer.from([1, 2, 3])
    const entry = {
      logIndex: '12345678901234567890',
      logId: bytes,
      kind: 'dsse',
      version: '0.0.1',
      integratedTime: '1700000000',
      signedEntryTimestamp: bytes,
      inclusionProof: {logIndex: '7', rootHash: bytes, treeSize: '8', hashes: [bytes], checkpoint: 'rekor\n8\n'},
      body: bytes,
    }
    const material = {
      key: {kind: 'certificate', chain: [bytes, Buffer.from('issuer')]},
      logEntries: [entry],
      timestamps: [bytes],
    } as const
    const json: unknown = JSON.parse(Buffer.from(formatBundle(bytes, {bytes, material})).toString())
    expect(json).toMatchObject({
      verificationMaterial: {
        certificate: {rawBytes: 'AQID'},
        tlogEntries: [
          {
            logIndex: '12345678901234567890',
            logId: {keyId: 'AQID'},
            kindVersion: {kind: 'dsse', version: '0.0.1'},
            integratedTime: '1700000000',
            inclusionPromise: {signedEntryTimestamp: 'AQID'},
            inclusionProof: {
              logIndex: '7',
              rootHash: 'AQID',
              treeSize: '8',
              hashes: ['AQID'],
              checkpoint: {envelope: 'rekor\n8\n'},
            },
            canonicalizedBody: 'AQID',
          },
        ],
        timestampVerificationData: {rfc3161Timestamps: [{signedTimestamp: 'AQID'}]},
      },
    })
    expect(signatureAnnotations({bytes, material})).toEqual({
      'dev.cosignproject.cosign/signature': 'AQID',
      'dev.sigstore.cosign/certificate': '-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n',
      'dev.sigstore.cosign/chain': '-----BEGIN CERTIFICATE-----\naXNzdWVy\n-----END CERTIFICATE-----\n',
      'dev.sigstore.cosign/bundle': JSON.stringify({
        SignedEntryTimestamp: 'AQID',
        Payload: {body: 'AQID', integratedTime: 1_700_000_000, logIndex: 12_345_678_901_234_567_890, logID: '010203'},
      }),
      'dev.sigstore.cosign/rfc3161timestamp': '{"SignedRFC3161Timestamp":"AQID"}',
    })
  })
})

describe('a statement', () => {
  test('names the index first, and each platform once, in the order of digests', () => {
    const [first, last] = [amd64, arm64].sort()
    expect(parseStatement(signatureStatement(index, [arm64, index, amd64, arm64]))?.subjects).toEqual([
      index,
      first,
      last,
    ])
  })

  test('of version 0.1 is read, and subjects with other hashes are left out', () => {
    const json = {
      _type: 'https://in-toto.io/Statement/v0.1',
      predicateType: 'x',
      subject: [{digest: {sha512: 'a'}}, {digest: {sha256: index.slice(7)}}, null],
    }
    expect(parseStatement(Buffer.from(JSON.stringify(json)))).toEqual({subjects: [index], predicateType: 'x'})
  })
})

describe('a payload', () => {
  test.each([
    {name: 'ghcr.io', repository, reference: 'ghcr.io/acme/app'},
    {name: 'Docker Hub', repository: {host: 'docker.io', path: 'library/app'}, reference: 'docker.io/library/app'},
  ])('has the name in $name', ({repository: named, reference}) => {
    const payload = parsePayload(formatPayload(named, index))
    expect(payload).toEqual({digest: index, reference})
    expect(namesRepository(payload?.reference, named)).toBe(true)
    expect(namesRepository(payload?.reference, {host: 'ghcr.io', path: 'acme/app-evil'})).toBe(false)
    expect(namesRepository(undefined, named)).toBe(false)
  })

  test('has the name in Docker Hub that cosign writes', () => {
    expect(namesRepository('index.docker.io/acme/app', {host: 'docker.io', path: 'acme/app'})).toBe(true)
  })

  test.each(['', 'null', '{"critical": {}}', '{"critical": {"type": "atomic container signature"}}'])(
    'is not %j',
    (text) => {
      expect(parsePayload(Buffer.from(text))).toBeUndefined()
    },
  )
})

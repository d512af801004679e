import {createPublicKey, generateKeyPairSync, type KeyObject} from 'node:crypto'
import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../../src/errors/error.ts'
import {Secret} from '../../../../src/errors/secret.ts'
import {cosignLabels} from '../../../../src/signing/keys/cosign-key.ts'
import {readSigningKey} from '../../../../src/signing/keys/signing-key.ts'

const folder = path.join(import.meta.dirname, '..', '..', '..', 'fixtures', 'keys')
/** Key of cosign 3.1.1 with the password below. */
const cosignKey = readFileSync(path.join(folder, 'cosign.key'), 'utf8')
const cosignPublic = readFileSync(path.join(folder, 'cosign.pub'), 'utf8')
const password = 'correct horse'

const p256 = generateKeyPairSync('ec', {namedCurve: 'prime256v1'}).privateKey
const ed25519 = generateKeyPairSync('ed25519').privateKey
const rsa = rsaKey(2048)

function rsaKey(modulusLength: number): KeyObject {
  return generateKeyPairSync('rsa', {modulusLength}).privateKey
}

function pem(key: KeyObject, type: 'pkcs8' | 'sec1' | 'pkcs1' = 'pkcs8', passphrase?: string): string {
  const encryption = passphrase === undefined ? {} : {cipher: 'aes-256-cbc', passphrase}
  return String(key.export({format: 'pem', type, ...encryption} as never))
}

/** Public key of the key that was read, or code and evidence of the error. */
async function read(text: string, passphrase = ''): Promise<unknown> {
  try {
    return publicPem(await readSigningKey(new Secret(text), new Secret(passphrase)))
  } catch (error) {
    if (!(error instanceof TagboatError)) throw error
    return [error.code, ...error.evidence]
  }
}

function publicPem(key: KeyObject): string {
  return String(createPublicKey(key).export({format: 'pem', type: 'spki'}))
}

describe('readSigningKey', () => {
  test('reads cosign.key', async () => {
    expect(await read(cosignKey, password)).toBe(cosignPublic)
  })

  test('reads cosign.key, version 1', async () => {
    expect(await read(cosignKey.replaceAll('SIGSTORE', 'COSIGN'), password)).toBe(cosignPublic)
  })

  test.each([
    {name: 'P-256', key: p256},
    {name: 'Ed25519', key: ed25519},
    {name: 'RSA', key: rsa},
  ])('reads $name in PKCS 8, plain and encrypted', async ({key}) => {
    expect(await read(pem(key))).toBe(publicPem(key))
    expect(await read(pem(key), 'which is not needed')).toBe(publicPem(key))
    expect(await read(pem(key, 'pkcs8', 'pass'), 'pass')).toBe(publicPem(key))
  })

  test.each([
    {name: 'SEC 1', text: pem(p256, 'sec1'), key: p256},
    {name: 'encrypted SEC 1', text: pem(p256, 'sec1', 'pass'), key: p256},
    {name: 'PKCS 1', text: pem(rsa, 'pkcs1'), key: rsa},
    {
      name: 'the parameters of the curve before the key',
      text: `${block('EC PARAMETERS', 'BggqhkjOPQMBBw==')}${pem(p256, 'sec1')}`,
      key: p256,
    },
    {name: 'the public key before the key', text: `${publicPem(rsa)}${pem(rsa)}`, key: rsa},
    {name: 'line ends of Windows', text: pem(p256).replaceAll('\n', '\r\n'), key: p256},
    {name: 'spaces instead of line ends', text: pem(p256).replaceAll('\n', ' '), key: p256},
    {name: 'no line ends', text: pem(p256).replaceAll('\n', ''), key: p256},
    {name: 'written line ends', text: pem(p256).replaceAll('\n', String.raw`\n`), key: p256},
    {name: 'indentation', text: pem(rsa).replaceAll('\n', '\n    '), key: rsa},
  ])('reads $name', async ({text, key}) => {
    expect(await read(text, 'pass')).toBe(publicPem(key))
  })

  test('reads cosign.key with spaces instead of line ends', async () => {
    expect(await read(cosignKey.replaceAll('\n', ' '), password)).toBe(cosignPublic)
  })

  test.each([
    {name: 'another password', text: cosignKey, given: 'wrong horse'},
    {name: 'no password', text: cosignKey, given: ''},
    {name: 'another password of PKCS 8', text: pem(p256, 'pkcs8', 'pass'), given: 'wrong'},
    {name: 'no password of PKCS 8', text: pem(p256, 'pkcs8', 'pass'), given: ''},
    {name: 'another password of SEC 1', text: pem(p256, 'sec1', 'pass'), given: 'wrong'},
  ])('refuses $name', async ({text, given}) => {
    const reason = given === '' ? / is empty$/ : / does not decrypt it$/
    expect(await read(text, given)).toEqual(['sign-key-password', expect.stringMatching(reason)])
  })

  test.each([
    {name: 'nothing', text: '', reason: 'line -----BEGIN'},
    {name: 'text', text: 'hunter2 hunter2', reason: 'line -----BEGIN'},
    {name: 'a file name', text: './keys/cosign.key', reason: 'names a file'},
    {name: 'a reference', text: 'awskms:///alias/signing', reason: 'refers to'},
    {name: 'a variable', text: 'env://COSIGN_PRIVATE_KEY', reason: 'refers to'},
    {name: 'base64', text: Buffer.from(cosignKey).toString('base64'), reason: 'in base64'},
    {name: 'a public key', text: cosignPublic, reason: 'a public key'},
    {name: 'a certificate', text: block('CERTIFICATE', 'AAAA'), reason: 'type "CERTIFICATE"'},
    {name: 'an OpenSSH key', text: block('OPENSSH PRIVATE KEY', 'AAAA'), reason: 'OpenSSH'},
    {name: 'a key without an end', text: pem(p256).slice(0, -20), reason: 'last line'},
    {name: 'cosign.key without its second half', text: cut(cosignKey), reason: 'cut off'},
    {name: 'a key without its second half', text: cut(pem(rsa)), reason: 'cut off'},
    {name: 'an encrypted key without its second half', text: cut(pem(rsa, 'pkcs8', 'x')), reason: 'cut off'},
    {name: 'a key with a letter of no alphabet', text: pem(p256).replace('M', 'ä'), reason: 'not base64'},
    {name: 'P-384', text: pem(ec('secp384r1')), reason: 'ECDSA key of secp384r1'},
    {name: 'P-521', text: pem(ec('secp521r1')), reason: 'ECDSA key of secp521r1'},
    {name: 'secp256k1', text: pem(ec('secp256k1')), reason: 'ECDSA key of secp256k1'},
    {name: 'RSA 1024', text: pem(rsaKey(1024)), reason: 'RSA key of 1024'},
    {name: 'X25519', text: pem(generateKeyPairSync('x25519').privateKey), reason: 'of type x25519'},
    {name: 'Ed448', text: pem(generateKeyPairSync('ed448').privateKey), reason: 'of type ed448'},
    {name: 'another derivation', text: withDocument({kdf: {name: 'argon2'}}), reason: 'in a way'},
    {name: 'an expensive derivation', text: withCost(2 ** 24), reason: 'too much memory'},
    {name: 'a cost that is odd', text: withCost(65_535), reason: 'not valid'},
    {name: 'a negative cost', text: withCost(-65_536), reason: 'not valid'},
  ])('refuses $name without a word of it', async ({text, reason}) => {
    const found = await read(text, password)
    expect(found).toEqual(['sign-key-invalid', expect.stringMatching(new RegExp(`^sign-key: .*${reason}`))])
    const [, evidence = ''] = found as readonly string[]
    const words = text.split(/[\s-]+/).filter((word) => word.length > 12)
    expect(words.filter((word) => evidence.includes(word))).toEqual([])
  })
})

function block(label: string, content: string): string {
  return `-----BEGIN ${label}-----\n${content}\n-----END ${label}-----\n`
}

/** Key without the second half of its lines. */
function cut(text: string): string {
  const lines = text.trim().split('\n')
  return [...lines.slice(0, lines.length / 2), lines.at(-1)].join('\n')
}

function ec(namedCurve: string): KeyObject {
  return generateKeyPairSync('ec', {namedCurve}).privateKey
}

function withDocument(changes: object): string {
  const [, content = ''] = cosignKey.split(/-----[^-]+-----/)
  const document = JSON.parse(Buffer.from(content, 'base64').toString()) as Readonly<Record<string, object>>
  const kdf = {...document['kdf'], ...('kdf' in changes ? (changes.kdf as object) : {})}
  const json = JSON.stringify({...document, kdf})
  return block(cosignLabels[0] ?? '', Buffer.from(json).toString('base64'))
}

function withCost(cost: number): string {
  return withDocument({kdf: {params: {N: cost, r: 8, p: 1}}})
}

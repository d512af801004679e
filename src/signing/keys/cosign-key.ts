import {scrypt} from 'node:crypto'
import {field, parseJson} from '../../oci/manifest.ts'
import {openBox} from './secretbox.ts'

/** Labels of the files `cosign.key` and of those of cosign 1. */
export const cosignLabels: readonly string[] = ['ENCRYPTED SIGSTORE PRIVATE KEY', 'ENCRYPTED COSIGN PRIVATE KEY']

/** Decrypted key in PKCS 8 (DER), or the reason why there is none. */
type Decrypted =
  | {readonly kind: 'decrypted'; readonly pkcs8: Uint8Array}
  | {readonly kind: 'broken'; readonly reason: string}
  | {readonly kind: 'wrong-password'}

/** Limit of the memory that the derivation of the key may use. cosign uses 64 MiB. */
const maxMemoryBytes = 1024 ** 3

/**
 * Decrypts a key of cosign: JSON with the parameters of scrypt and a box of NaCl
 * (https://github.com/secure-systems-lab/go-securesystemslib, encrypted).
 */
export async function decryptCosignKey(content: Uint8Array, password: string): Promise<Decrypted> {
  const document = parseJson(content)
  const [kdf, cipher] = [field(document, 'kdf'), field(document, 'cipher')]
  const parameters = field(kdf, 'params')
  const [cost, blockSize, parallelization] = ['N', 'r', 'p'].map((name) => wholeNumber(field(parameters, name)))
  const [salt, nonce, box] = [field(kdf, 'salt'), field(cipher, 'nonce'), field(document, 'ciphertext')].map(bytesOf)
  if (salt === undefined || nonce === undefined || box === undefined || document === undefined)
    return {kind: 'broken', reason: 'its content is not what cosign writes: the key may be cut off'}
  if (field(kdf, 'name') !== 'scrypt' || field(cipher, 'name') !== 'nacl/secretbox' || nonce.byteLength !== 24)
    return {kind: 'broken', reason: 'it is encrypted in a way that cosign does not use'}
  if (!isPowerOfTwo(cost) || blockSize === undefined || parallelization === undefined)
    return {kind: 'broken', reason: 'its parameters of scrypt are not valid'}
  const maxmem = 128 * cost * blockSize * 2
  if (maxmem > maxMemoryBytes || parallelization > 16)
    return {kind: 'broken', reason: 'its parameters of scrypt need too much memory or time'}
  const key = await derive(password, salt, {N: cost, r: blockSize, p: parallelization, maxmem})
  const pkcs8 = openBox(box, nonce, key)
  return pkcs8 === undefined ? {kind: 'wrong-password'} : {kind: 'decrypted', pkcs8}
}

async function derive(
  password: string,
  salt: Uint8Array,
  options: {readonly N: number; readonly r: number; readonly p: number; readonly maxmem: number},
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, options, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined
}

function isPowerOfTwo(value: number | undefined): value is number {
  return value !== undefined && value > 1 && value <= 2 ** 24 && (value & (value - 1)) === 0
}

function bytesOf(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' && value !== '' ? Buffer.from(value, 'base64') : undefined
}

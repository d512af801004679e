import {createPrivateKey, type KeyObject} from 'node:crypto'
import {signingError} from '../../errors/signing-error.ts'
import type {TagboatError} from '../../errors/error.ts'
import {namesKeyFile} from '../../errors/known-secrets.ts'
import type {Secret} from '../../errors/secret.ts'
import {cosignLabels, decryptCosignKey} from './cosign-key.ts'
import {pemBlocks, type PemBlock} from './pem.ts'

/**
 * Reads a private key: `cosign.key`, or PKCS 8, PKCS 1 or SEC 1 in PEM, with or without a password.
 * @throws TagboatError `sign-key-invalid` if it is not a key that cosign can verify, `sign-key-password` if the password
 * does not decrypt it.
 */
export async function readSigningKey(text: Secret, password: Secret): Promise<KeyObject> {
  const blocks = pemBlocks(text.reveal())
  const block = blocks.find(({label}) => label.endsWith('PRIVATE KEY'))
  if (block === undefined) throw invalid(withoutKey(text.reveal().trim(), blocks))
  if (block.content.byteLength === 0) throw invalid('its content is not base64: the key may be cut off or changed')
  const key = cosignLabels.includes(block.label) ? await cosignKey(block, password) : parsePem(block, password)
  const reason = unsupported(key)
  if (reason !== undefined) throw invalid(reason)
  return key
}

/** Reason for text without a private key. Never contains a part of the text. */
function withoutKey(text: string, blocks: readonly PemBlock[]): string {
  const [block] = blocks
  if (block?.label.endsWith('PUBLIC KEY') === true) return 'it is a public key'
  if (block !== undefined) return `it is a PEM file of type "${block.label}", without a private key`
  if (/^[a-z]{1,20}:\/\//.test(text)) return 'it refers to a key, and is not the key itself'
  if (Buffer.from(text, 'base64').toString('latin1').startsWith('-----BEGIN'))
    return 'it is a PEM file in base64; it must be decoded first'
  if (text.startsWith('-----BEGIN')) return 'its last line (-----END …) is missing or does not match the first'
  if (namesKeyFile(text)) return 'it names a file, and is not its content'
  return 'it is not a PEM file: the line -----BEGIN … is missing'
}

async function cosignKey({content}: PemBlock, password: Secret): Promise<KeyObject> {
  const decrypted = await decryptCosignKey(content, password.reveal())
  if (decrypted.kind === 'broken') throw invalid(decrypted.reason)
  if (decrypted.kind === 'wrong-password') throw wrongPassword(password)
  try {
    return createPrivateKey({key: Buffer.from(decrypted.pkcs8), format: 'der', type: 'pkcs8'})
  } catch {
    throw invalid('the decrypted content is not a private key in PKCS 8')
  }
}

function parsePem(block: PemBlock, password: Secret): KeyObject {
  const isEncrypted = block.label.startsWith('ENCRYPTED') || block.text.includes('Proc-Type: 4,ENCRYPTED')
  try {
    return createPrivateKey({key: block.text, ...(isEncrypted ? {passphrase: password.reveal()} : {})})
  } catch (error) {
    if (block.label === 'OPENSSH PRIVATE KEY') throw invalid('it is a key of OpenSSH, not PKCS 8')
    if (isEncrypted && !isUnsupported(error) && isWhole(block)) throw wrongPassword(password)
    throw invalid(
      isUnsupported(error) ? 'its encryption is too old for OpenSSL 3' : 'the key may be cut off or changed',
    )
  }
}

function isUnsupported(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).includes('UNSUPPORTED')
}

/** Reports whether the content is one DER sequence of the length that it states. Keys in the old format are not DER. */
function isWhole({label, content}: PemBlock): boolean {
  if (!label.startsWith('ENCRYPTED')) return true
  const [tag, length = 0] = content
  const lengthBytes = length < 0x80 ? 0 : length & 0x7f
  const stated =
    lengthBytes === 0
      ? length
      : Buffer.from(content.subarray(2, 2 + lengthBytes)).reduce((sum, byte) => sum * 256 + byte, 0)
  return tag === 0x30 && content.byteLength === 2 + lengthBytes + stated
}

/** Sizes of RSA keys that sigstore-go verifies. */
const rsaBits: readonly (number | undefined)[] = [2048, 3072, 4096]

/** Reason why verifiers would refuse signatures by this key. Undefined for a supported key. */
function unsupported(key: KeyObject): string | undefined {
  const {asymmetricKeyType: type, asymmetricKeyDetails: details} = key
  if (type === 'ed25519') return undefined
  if (type === 'ec')
    return details?.namedCurve === 'prime256v1' ? undefined : `it is an ECDSA key of ${String(details?.namedCurve)}`
  if (type === 'rsa')
    return rsaBits.includes(details?.modulusLength)
      ? undefined
      : `it is an RSA key of ${String(details?.modulusLength)} bits`
  return `it is a key of type ${String(type)}`
}

function invalid(reason: string): TagboatError {
  return signingError('sign-key-invalid', {evidence: [`sign-key: ${reason}`]})
}

function wrongPassword(password: Secret): TagboatError {
  const evidence = password.isEmpty
    ? 'sign-key is encrypted, and sign-key-password is empty'
    : 'sign-key is encrypted, and sign-key-password does not decrypt it'
  return signingError('sign-key-password', {evidence: [evidence]})
}

import path from 'node:path'
import {errorMessage} from '../errors/error.ts'
import type {Problems} from '../inputs/problem.ts'
import type {VerifyInputs, WrittenKey} from '../inputs/verify/demand.ts'
import {workspace, type Io} from '../io/io.ts'
import {field, parseJson} from '../oci/manifest.ts'
import {parsePublicKey} from '../signing/keys/public-key.ts'

/** Reads the files that `verify-key` and `sigstore-trust` name, and checks keys and documents. */
export async function withVerifyFiles(inputs: VerifyInputs, io: Io, problems: Problems): Promise<VerifyInputs> {
  const keys = await Promise.all(inputs.keys.map(async (key) => withPem(key, io, problems)))
  const {trustFile} = inputs
  if (trustFile === undefined) return {...inputs, keys}
  return {...inputs, keys, trustedRoots: await readTrust(trustFile, io, problems)}
}

async function withPem(key: WrittenKey, io: Io, problems: Problems): Promise<WrittenKey> {
  const {source, line} = key
  const problem = (message: string, remedy = keyRemedy): WrittenKey => {
    problems.add({input: 'verify-key', line, message, remedy})
    return key
  }
  const pem = source.kind === 'pem' ? source.pem : await readText(source.path, io)
  if (typeof pem !== 'string') return problem(pem.reason, checkoutRemedy)
  const parsed = parsePublicKey(pem)
  if (typeof parsed === 'string') return problem(`${source.kind === 'file' ? `${source.path}: ` : ''}${parsed}`)
  return {...key, source: {kind: 'pem', pem}}
}

const keyRemedy = 'Write a public key in PEM: ECDSA P-256, Ed25519, or RSA of at least 2048 bits, such as cosign.pub.'

const checkoutRemedy =
  'Check out the repository before this step (actions/checkout), correct the path, or write the text of the key itself.'

/** Documents of `sigstore-trust`: one, or one per line, as `gh attestation trusted-root` prints them. */
async function readTrust(file: string, io: Io, problems: Problems): Promise<readonly unknown[]> {
  const text = await readText(file, io)
  const problem = (message: string): readonly unknown[] => {
    problems.add({input: 'sigstore-trust', message, remedy: trustRemedy})
    return []
  }
  if (typeof text !== 'string') return problem(text.reason)
  const whole = parseJson(Buffer.from(text))
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const documents = whole === undefined ? lines.map((line) => parseJson(Buffer.from(line))) : [whole]
  const isRoot = (document: unknown): boolean => Array.isArray(field(document, 'certificateAuthorities'))
  return documents.length > 0 && documents.every(isRoot)
    ? documents
    : problem(`${file} is not a trusted root of Sigstore`)
}

const trustRemedy =
  'Write the path of a trusted_root.json, or of the output of `gh attestation trusted-root`, that an earlier step of this job created.'

async function readText(file: string, io: Io): Promise<string | {readonly reason: string}> {
  try {
    const text = await io.files.read(path.resolve(workspace(io), file))
    return text ?? {reason: `${file} does not exist`}
  } catch (error) {
    return {reason: `${file} cannot be read (${errorMessage(error)})`}
  }
}

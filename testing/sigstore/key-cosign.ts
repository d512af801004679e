import {execFile} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {promisify} from 'node:util'
import {temporaryDirectory} from '../fake-io.ts'
import {missing} from '../missing.ts'
import type {ProgramResult} from './cosign.ts'

const run = promisify(execFile)

/** The real cosign 3 with a key of its own, and without access to the services of Sigstore. */
export interface KeyCosign extends AsyncDisposable {
  /** Content of `cosign.key`, encrypted with `password`, and of `cosign.pub`. */
  readonly privateKey: string
  readonly publicKey: string
  readonly password: string
  readonly directory: string
  /** Runs a shell script. */
  shell(script: string): Promise<ProgramResult>
  /** Signs with the key. @throws Error if cosign fails. */
  sign(image: string, format: 'bundle' | 'tag', ...args: readonly string[]): Promise<void>
  /** Verifies with a public key, by default its own. */
  verify(image: string, ...args: readonly string[]): Promise<ProgramResult>
  /** Verifies that an image has a signed attestation with a predicate of this type. */
  verifyAttestation(image: string, type: string, ...args: readonly string[]): Promise<ProgramResult>
}

export async function startKeyCosign(): Promise<KeyCosign> {
  const directory = await temporaryDirectory()
  const password = 'a fair wind'
  const env = {
    PATH: process.env['PATH'],
    HOME: directory.path,
    TUF_ROOT: path.join(directory.path, 'tuf'),
    COSIGN_PASSWORD: password,
    https_proxy: 'http://127.0.0.1:9',
  }
  const program = async (file: string, args: readonly string[]): Promise<ProgramResult> => {
    try {
      const {stdout, stderr} = await run(file, [...args], {env, cwd: directory.path})
      return {isSuccess: true, output: stdout + stderr}
    } catch (error) {
      const {code, stdout = '', stderr = ''} = error as {code?: unknown; stdout?: string; stderr?: string}
      if (typeof code !== 'number') throw missing(file, error)
      return {isSuccess: false, output: stdout + stderr}
    }
  }
  const succeed = async (args: readonly string[]): Promise<void> => {
    const {isSuccess, output} = await program('cosign', args)
    if (!isSuccess) throw new Error(`cosign ${args[0] ?? ''} failed: ${output}`)
  }
  await succeed(['generate-key-pair'])
  const [privateKey, publicKey] = await Promise.all(
    ['cosign.key', 'cosign.pub'].map(async (name) => readFile(path.join(directory.path, name), 'utf8')),
  )
  return {
    privateKey: privateKey ?? '',
    publicKey: publicKey ?? '',
    password,
    directory: directory.path,
    shell: async (script) => program('bash', ['-euc', script]),
    sign: async (image, format, ...args) =>
      succeed([
        ...['sign', '--yes', '--key', 'cosign.key', '--use-signing-config=false', '--tlog-upload=false'],
        ...(format === 'tag' ? ['--new-bundle-format=false'] : []),
        ...args,
        image,
      ]),
    verify: async (image, ...args) =>
      program('cosign', ['verify', '--key', 'cosign.pub', '--insecure-ignore-tlog=true', ...args, image]),
    verifyAttestation: async (image, type, ...args) =>
      program('cosign', [
        ...['verify-attestation', '--key', 'cosign.pub', '--insecure-ignore-tlog=true', '--type', type],
        ...args,
        image,
      ]),
    [Symbol.asyncDispose]: async () => directory[Symbol.asyncDispose](),
  }
}

import {execFile} from 'node:child_process'
import {mkdir, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {promisify} from 'node:util'
import {temporaryDirectory} from '../fake-io.ts'
import {missing} from '../missing.ts'
import type {Sigstore} from './sigstore.ts'

const run = promisify(execFile)

/** Result of a program. */
export interface ProgramResult {
  readonly isSuccess: boolean
  readonly output: string
}

/** The real cosign 3, with the services and the trust root of an instance. */
export interface Cosign extends AsyncDisposable {
  /** Paths of the documents of the instance. */
  readonly files: {readonly trustedRoot: string; readonly signingConfig: string}
  /** Runs `cosign` without a cache of its own and without the public services. */
  run(...args: readonly string[]): Promise<ProgramResult>
  /** Signs an image with the identity of a token, as a bundle or under a tag. @throws Error if cosign fails. */
  sign(image: string, format: 'bundle' | 'tag', ...args: readonly string[]): Promise<void>
  /** Runs the command `cosign verify` of a log as a shell does. */
  paste(log: string): Promise<ProgramResult>
  /** Makes a key pair, and returns the public key in PEM. */
  makeKey(): Promise<string>
  /** Signs with the key of `makeKey`. @throws Error if cosign fails. */
  signWithKey(image: string, format: 'bundle' | 'tag'): Promise<void>
  /** Attests a predicate with the identity of a token, as a bundle or under a tag. @throws Error if cosign fails. */
  attest(image: string, format: 'bundle' | 'tag', type: string, predicate: object): Promise<void>
  /** Verifies the signatures of an image by an identity. */
  verify(image: string, identity: string, ...args: readonly string[]): Promise<ProgramResult>
  /** Verifies that an image has an attestation with a predicate of this type by an identity. */
  verifyAttestation(image: string, identity: string, type: string, ...args: readonly string[]): Promise<ProgramResult>
}

const issuer = 'https://token.actions.githubusercontent.com'

export async function startCosign(sigstore: Sigstore): Promise<Cosign> {
  const directory = await temporaryDirectory()
  const [trustedRoot, signingConfig] = [
    path.join(directory.path, 'trusted_root.json'),
    path.join(directory.path, 'signing_config.json'),
  ]
  const home = path.join(directory.path, 'home')
  await mkdir(home)
  await writeFile(trustedRoot, sigstore.trustedRoot)
  await writeFile(signingConfig, sigstore.signingConfig)
  const cosign = async (...args: readonly string[]): Promise<ProgramResult> => {
    // Without a trust root of TUF, and with no way to the public services.
    const env = {
      PATH: process.env['PATH'],
      HOME: home,
      TUF_ROOT: path.join(home, 'tuf'),
      COSIGN_PASSWORD: '',
      https_proxy: 'http://127.0.0.1:9',
    }
    try {
      const {stdout, stderr} = await run('cosign', [...args], {env, cwd: directory.path, maxBuffer: 64 * 1024 * 1024})
      return {isSuccess: true, output: stdout + stderr}
    } catch (error) {
      const {code, stdout = '', stderr = ''} = error as {code?: unknown; stdout?: string; stderr?: string}
      if (typeof code !== 'number') throw missing('cosign', error)
      return {isSuccess: false, output: stdout + stderr}
    }
  }
  const {url} = sigstore
  const services = {
    bundle: ['--signing-config', signingConfig, '--trusted-root', trustedRoot],
    // This format knows no configuration: the services are arguments, and the answers are not compared with keys.
    tag: [
      ...['--new-bundle-format=false', '--use-signing-config=false', '--insecure-skip-verify'],
      ...['--trusted-root', trustedRoot, '--fulcio-url', url, '--rekor-url', url],
    ],
  }
  const trust = (identity: string): readonly string[] => [
    ...['--trusted-root', trustedRoot, '--certificate-oidc-issuer', issuer, '--certificate-identity', identity],
  ]
  const succeed = async (...args: readonly string[]): Promise<void> => {
    const result = await cosign(...args)
    if (!result.isSuccess) throw new Error(`cosign ${args[0] ?? ''} failed: ${result.output}`)
  }
  return {
    files: {trustedRoot, signingConfig},
    run: cosign,
    async sign(image, format, ...args) {
      const token = await requestToken(sigstore)
      await succeed('sign', '--yes', '--identity-token', token, ...services[format], ...args, image)
    },
    paste: async (log) => {
      const command = /^cosign (verify .*)$/m.exec(log)?.[1] ?? ''
      // The arguments have no quotes inside.
      const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
      return cosign(...words)
    },
    async makeKey() {
      await succeed('generate-key-pair')
      return readFile(path.join(directory.path, 'cosign.pub'), 'utf8')
    },
    async signWithKey(image, format) {
      const without = ['--use-signing-config=false', '--tlog-upload=false']
      const formats = {bundle: [], tag: ['--new-bundle-format=false']}
      await succeed('sign', '--yes', '--key', 'cosign.key', ...without, ...formats[format], image)
    },
    async attest(image, format, type, predicate) {
      const file = path.join(directory.path, 'predicate.json')
      await writeFile(file, JSON.stringify(predicate))
      const token = await requestToken(sigstore)
      const content = ['--type', type, '--predicate', file]
      await succeed('attest', '--yes', '--identity-token', token, ...services[format], ...content, image)
    },
    verify: async (image, identity, ...args) => cosign('verify', ...trust(identity), ...args, image),
    verifyAttestation: async (image, identity, type, ...args) =>
      cosign('verify-attestation', '--type', type, ...trust(identity), ...args, image),
    [Symbol.asyncDispose]: async () => directory[Symbol.asyncDispose](),
  }
}

async function requestToken({environment}: Sigstore): Promise<string> {
  const address = `${environment['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? ''}&audience=sigstore`
  const authorization = `Bearer ${environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''}`
  const response = await fetch(address, {headers: {authorization}})
  const {value} = (await response.json()) as {readonly value: string}
  return value
}

import {execFile} from 'node:child_process'
import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {promisify} from 'node:util'
import {temporaryDirectory} from '../fake-io.ts'
import {missing} from '../missing.ts'
import type {ProgramResult} from './cosign.ts'

const run = promisify(execFile)

/** The real notation with a certificate of its own, which its trust policy names. */
export interface Notation extends AsyncDisposable {
  /** Signs an image by digest. @throws Error if notation fails. */
  sign(image: string): Promise<void>
  verify(image: string): Promise<ProgramResult>
}

const policy = {
  version: '1.0',
  trustPolicies: [
    {
      name: 'tests',
      registryScopes: ['*'],
      signatureVerification: {level: 'strict'},
      trustStores: ['ca:tagboat.example'],
      trustedIdentities: ['*'],
    },
  ],
}

export async function startNotation(): Promise<Notation> {
  const directory = await temporaryDirectory()
  const env = {PATH: process.env['PATH'], HOME: directory.path, XDG_CONFIG_HOME: directory.path}
  const program = async (...args: readonly string[]): Promise<ProgramResult> => {
    try {
      const {stdout, stderr} = await run('notation', [...args], {env, cwd: directory.path})
      return {isSuccess: true, output: stdout + stderr}
    } catch (error) {
      const {code, stdout = '', stderr = ''} = error as {code?: unknown; stdout?: string; stderr?: string}
      if (typeof code !== 'number') throw missing('notation', error)
      return {isSuccess: false, output: stdout + stderr}
    }
  }
  const succeed = async (...args: readonly string[]): Promise<void> => {
    const {isSuccess, output} = await program(...args)
    if (!isSuccess) throw new Error(`notation ${args[0] ?? ''} failed: ${output}`)
  }
  await succeed('cert', 'generate-test', '--default', 'tagboat.example')
  const config = path.join(directory.path, 'notation')
  await mkdir(config, {recursive: true})
  await writeFile(path.join(config, 'trustpolicy.json'), JSON.stringify(policy))
  return {
    sign: async (image) => succeed('sign', '--insecure-registry', image),
    verify: async (image) => program('verify', '--insecure-registry', image),
    [Symbol.asyncDispose]: async () => directory[Symbol.asyncDispose](),
  }
}

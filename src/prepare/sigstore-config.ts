import path from 'node:path'
import {errorMessage} from '../errors/error.ts'
import type {Problems} from '../inputs/problem.ts'
import type {SignInputs} from '../inputs/sign-inputs.ts'
import {workspace, type Io} from '../io/io.ts'
import {parseJson} from '../oci/manifest.ts'
import {parseSigningConfig} from '../sigstore/signing-config.ts'

/** Reads the file that `sigstore-config` names, and checks that the run can sign with its services. */
export async function withSigstoreConfig(sign: SignInputs, io: Io, problems: Problems): Promise<SignInputs> {
  const {configFile: file, log} = sign
  if (file === undefined) return sign
  const problem = (message: string): SignInputs => {
    problems.add({input: 'sigstore-config', message, remedy: configRemedy})
    return sign
  }
  let text: string | undefined
  try {
    text = await io.files.read(path.resolve(workspace(io), file))
  } catch (error) {
    return problem(`${file} cannot be read (${errorMessage(error)})`)
  }
  if (text === undefined) return problem(`${file} does not exist`)
  const config = parseJson(Buffer.from(text))
  const services = parseSigningConfig(config, io.now())
  if (typeof services === 'string') return problem(`${file}: ${services}`)
  if (log === 'none' && services.timestamps === undefined) {
    return problem(`${file} has no timestamp authority, which \`sign-log: none\` needs`)
  }
  if (log === 'public' && services.log === undefined)
    return problem(`${file} has no log, which \`sign-log: public\` needs`)
  return {...sign, config}
}

const configRemedy =
  'Write the path of a signing_config.json of your instance of Sigstore, which an earlier step of this job created.'

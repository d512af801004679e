import {Secret} from '../errors/secret.ts'
import {readHost, type InputReader} from './input-reader.ts'
import type {CredentialInput, CredentialInputs} from './inputs.ts'

/** The inputs that say who Tagboat is. A login may have an empty user name or password: the caller knows what may stand in. */
export async function readCredentialInputs(reader: InputReader): Promise<CredentialInputs> {
  const token = new Secret(reader.text('github-token'))
  if (!reader.boolean('logout')) reader.notice('logout', {}, noLogout)
  return {
    logins: await readLogins(reader),
    exportLogin: reader.boolean('export-login'),
    githubToken: token.isEmpty ? undefined : token,
  }
}

const noLogout =
  'this step logs in to a Docker configuration of its own, which is removed with it in any case; export-login keeps it for later steps'

async function readLogins(reader: InputReader): Promise<readonly CredentialInput[]> {
  const single = readSingleLogin(reader)
  if (reader.text('registry-auth') === '') return single
  const others = (['registry', 'username', 'password'] as const).filter((name) => reader.text(name) !== '')
  if (others.length > 0) {
    const remedy = 'Move the login into the list, or use the single inputs alone.'
    reader.problem('registry-auth', {}, `it cannot be used together with ${others.join(', ')}`, remedy)
  }
  // The YAML parser is larger than everything else that reads inputs, and most runs have no use for it.
  const {readRegistryAuth} = await import('./registry-auth.ts')
  return readRegistryAuth(reader)
}

/** `registry`, `username` and `password`: none of them is no login, and an empty registry is Docker Hub. */
function readSingleLogin(reader: InputReader): readonly CredentialInput[] {
  const registry = reader.text('registry')
  const username = reader.text('username')
  const password = new Secret(reader.text('password'))
  if (registry === '' && username === '' && password.isEmpty) return []
  const host = readHost(reader, 'registry', registry, {})
  return host === undefined ? [] : [{host, username, password, source: 'inputs'}]
}

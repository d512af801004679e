import type {Processes} from '../io/process.ts'
import type {CommandResult} from '../io/command.ts'
import {TagboatError} from '../errors/error.ts'
import {Secret} from '../errors/secret.ts'
import {parseJson} from '../oci/manifest.ts'
import type {RegistryCredentials} from '../registry/auth/credentials.ts'

/** Credential helper `docker-credential-NAME`, and the key of a login in its store. */
interface HelperRequest {
  readonly name: string
  readonly key: string
}

/** Side effects and environment of a credential helper. */
export interface HelperIo {
  readonly processes: Processes
  /** Environment of the helper, with the variables that it may need to reach its store. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * Gets a login from a credential helper
 * (https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol). Undefined if the helper has no
 * login for this key.
 * @throws TagboatError `credential-helper-failed` if the helper is missing, fails, or does not print JSON. The error
 * quotes nothing of its output, which may be the secret.
 */
export async function runCredentialHelper(
  request: HelperRequest,
  {processes, env}: HelperIo,
): Promise<RegistryCredentials | undefined> {
  // The name comes from a file and becomes part of a program name: a path or an argument in it would run another
  // program.
  if (!/^[\w.+-]+$/.test(request.name)) throw helperError(request, 'its name is not a valid program name')
  const result = await run(request, {processes, env})
  if (result.exitCode !== 0) {
    if (result.stdout.trim() === notFound) return undefined
    throw helperError(request, `it ended with code ${result.exitCode}`)
  }
  return credentialsIn(result.stdout, request)
}

/** Output of every helper that has no login for a key (docker-credential-helpers, credentials/error.go). */
const notFound = 'credentials not found in native keychain'
/** User name that marks the secret as an identity token. */
const tokenUser = '<token>'

async function run({name, key}: HelperRequest, {processes, env}: HelperIo): Promise<CommandResult> {
  try {
    return await processes.capture({file: `docker-credential-${name}`, args: ['get'], env, input: key})
  } catch (error) {
    // `processes` reports any missing program under the code for Docker.
    if (error instanceof TagboatError && error.code === 'docker-missing') {
      throw helperError({name, key}, 'it is not on the PATH')
    }
    if (error instanceof TagboatError && error.code === 'command-failed') {
      throw helperError({name, key}, 'its output is too long')
    }
    throw error
  }
}

function credentialsIn(stdout: string, request: HelperRequest): RegistryCredentials | undefined {
  const response = parseResponse(stdout)
  if (response === undefined) throw helperError(request, 'its output is not the JSON of the protocol')
  const {username, secret} = response
  if (username === tokenUser) return {kind: 'identity-token', token: new Secret(secret)}
  // The Docker CLI treats an empty entry as anonymous.
  if (username === '' && secret === '') return undefined
  return {kind: 'basic', username, password: new Secret(secret)}
}

/** Parses `{"ServerURL": …, "Username": …, "Secret": …}`. Undefined if the text has another form. */
function parseResponse(text: string): {readonly username: string; readonly secret: string} | undefined {
  const value = parseJson(Buffer.from(text))
  if (typeof value !== 'object' || value === null) return undefined
  const fields = new Map<string, unknown>(Object.entries(value))
  const username = fields.get('Username')
  const secret = fields.get('Secret')
  return typeof username === 'string' && typeof secret === 'string' ? {username, secret} : undefined
}

function helperError({name, key}: HelperRequest, reason: string): TagboatError {
  return new TagboatError('credential-helper-failed', {
    message: `The credential helper docker-credential-${name} did not return credentials for ${key}.`,
    evidence: [`docker-credential-${name} get, with ${key} on its standard input: ${reason}`],
  })
}

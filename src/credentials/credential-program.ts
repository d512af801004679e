import type {Processes} from '../io/process.ts'
import type {CommandResult} from '../io/command.ts'
import {TagboatError} from '../errors/error.ts'
import {Secret} from '../errors/secret.ts'
import {parseJson} from '../oci/manifest.ts'
import type {RegistryCredentials} from '../registry/auth/credentials.ts'

/** A program `docker-credential-NAME`, and the key under which it keeps a login. */
export interface HelperQuestion {
  readonly name: string
  readonly key: string
}

export interface HelperEdges {
  readonly processes: Processes
  /** What the helper gets, with the variables that it may need to reach its store. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * Asks a credential helper (https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol). Undefined: it
 * keeps no login under this key.
 * @throws TagboatError `credential-helper-failed` when the helper is missing, fails, or does not answer in JSON. Nothing
 * that it printed is in the error: that may be the secret.
 */
export async function askHelper(
  question: HelperQuestion,
  {processes, env}: HelperEdges,
): Promise<RegistryCredentials | undefined> {
  // It is taken from a file and becomes the name of a program: a path or an argument in it would run something else.
  if (!/^[\w.+-]+$/.test(question.name)) throw helperError(question, 'its name cannot be that of a program')
  const result = await run(question, {processes, env})
  if (result.exitCode !== 0) {
    if (result.stdout.trim() === notFound) return undefined
    throw helperError(question, `it ended with code ${result.exitCode}`)
  }
  return credentialsIn(result.stdout, question)
}

/** Every helper has this sentence (docker-credential-helpers, credentials/error.go). */
const notFound = 'credentials not found in native keychain'
/** Stands in place of a user name where the secret is an identity token. */
const tokenUser = '<token>'

async function run({name, key}: HelperQuestion, {processes, env}: HelperEdges): Promise<CommandResult> {
  try {
    return await processes.capture({file: `docker-credential-${name}`, args: ['get'], env, input: key})
  } catch (error) {
    // The edge knows one program that may be missing; here it is another.
    if (error instanceof TagboatError && error.code === 'docker-missing') {
      throw helperError({name, key}, 'it is not on the PATH of this runner')
    }
    if (error instanceof TagboatError && error.code === 'command-failed') {
      throw helperError({name, key}, 'it printed far more than an answer')
    }
    throw error
  }
}

function credentialsIn(stdout: string, question: HelperQuestion): RegistryCredentials | undefined {
  const answer = parseAnswer(stdout)
  if (answer === undefined) throw helperError(question, 'its answer is not the JSON of the protocol')
  const {username, secret} = answer
  if (username === tokenUser) return {kind: 'identity-token', token: new Secret(secret)}
  // An entry without anything in it is the Docker CLI's nobody.
  if (username === '' && secret === '') return undefined
  return {kind: 'basic', username, password: new Secret(secret)}
}

/** `{"ServerURL": …, "Username": …, "Secret": …}` */
function parseAnswer(text: string): {readonly username: string; readonly secret: string} | undefined {
  // A text that is none is told without its words, which may be the secret.
  const value = parseJson(Buffer.from(text))
  if (typeof value !== 'object' || value === null) return undefined
  const fields = new Map<string, unknown>(Object.entries(value))
  const username = fields.get('Username')
  const secret = fields.get('Secret')
  return typeof username === 'string' && typeof secret === 'string' ? {username, secret} : undefined
}

function helperError({name, key}: HelperQuestion, reason: string): TagboatError {
  return new TagboatError('credential-helper-failed', {
    message: `The credential helper docker-credential-${name} did not give the login for ${key}.`,
    evidence: [`docker-credential-${name} get, with ${key} on its standard input: ${reason}`],
  })
}

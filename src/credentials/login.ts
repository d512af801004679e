import path from 'node:path'
import type {Files} from '../io/files.ts'
import type {Processes} from '../io/process.ts'
import type {CommandResult} from '../io/command.ts'
import {TagboatError} from '../errors/error.ts'
import type {Secret} from '../errors/secret.ts'
import {dockerHub} from '../oci/reference.ts'
import {forLogin, mergeAuths, parseDockerConfig, withFileLogins, type DockerConfig} from './docker-config.ts'
import {configName, createDockerHome, ownPrefix, writeDockerConfig, type DockerHome} from './docker-home.ts'

export interface Login {
  /** Normalised host; Docker Hub is `docker.io`. */
  readonly host: string
  readonly username: string
  readonly password: Secret
}

export interface LoginEdges {
  readonly processes: Processes
  readonly files: Files
  /** What every child of this run gets, without `DOCKER_CONFIG`. */
  readonly childEnv: Readonly<Record<string, string>>
}

/**
 * Logs in to every registry at the same time and leaves the private home with all the logins, and the user's for other
 * registries. Each `docker login` has a directory of its own: the CLI rewrites the whole file, and two would lose one.
 * @returns the configuration that the home now has.
 * @throws TagboatError `login-refused` or `login-failed`, naming every registry that did not take its login.
 */
export async function logIn(logins: readonly Login[], home: DockerHome, edges: LoginEdges): Promise<DockerConfig> {
  const keys = logins.map(({host}) => credentialKey(host))
  const base = forLogin(home.userConfig, keys)
  const attempts = await Promise.allSettled(
    logins.map(async (login, index) => {
      const directory = path.join(home.directory, loginsName, String(index))
      const own = await createDockerHome({directory, userDirectory: home.userDirectory}, edges.files)
      await writeDockerConfig(own, base, edges.files)
      return logInOnce(login, own, edges)
    }),
  )
  const failures = attempts.flatMap((attempt): unknown[] => (attempt.status === 'rejected' ? [attempt.reason] : []))
  if (failures.length > 0) throw oneFailure(failures)
  const configs = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []))
  const config = mergeAuths(withFileLogins(home.userConfig, keys), configs)
  await writeDockerConfig(home, config, edges.files)
  await edges.files.remove(path.join(home.directory, loginsName))
  return config
}

const loginsName = `${ownPrefix}logins`

/** The key under which the Docker CLI keeps a login. */
export function credentialKey(host: string): string {
  return host === dockerHub.name ? dockerHub.credentialKey : host
}

async function logInOnce(
  login: Login,
  {directory}: DockerHome,
  {processes, files, childEnv}: LoginEdges,
): Promise<DockerConfig> {
  const server = login.host === dockerHub.name ? [] : [login.host]
  const result = await processes.capture({
    file: 'docker',
    args: ['login', '--username', login.username, '--password-stdin', ...server],
    env: {...childEnv, DOCKER_CONFIG: directory},
    input: login.password.reveal(),
  })
  if (result.exitCode !== 0) throw loginError(login, result)
  const text = (await files.read(path.join(directory, configName))) ?? ''
  try {
    return parseDockerConfig(text)
  } catch {
    // Not even as the cause: the parser quotes the text, and the password is in it.
    const message = `\`docker login\` left no usable configuration after the login to ${login.host}.`
    throw new TagboatError('login-failed', {message, evidence: ['the config.json that it wrote is not a JSON object']})
  }
}

/** Not the engine's "permission denied while trying to connect": that says nothing of the registry. */
const refusal = /\bunauthorized\b|(?<!permission )\bdenied\b|\bforbidden\b|incorrect username|(?<!:)\b40[13]\b/i

function loginError({host, username}: Login, {stderr, stdout, exitCode}: CommandResult): TagboatError {
  const printed = `${stderr}\n${stdout}`.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('WARNING'))
  const evidence = [`docker login ${host} as ${username} ended with code ${exitCode}`, ...printed.slice(-3)]
  if (refusal.test(printed.join('\n'))) {
    return new TagboatError('login-refused', {
      message: `${host} refused the login of ${username}.`,
      evidence,
      ...(host === dockerHub.name ? {remedy: hubRemedy} : {}),
    })
  }
  return new TagboatError('login-failed', {message: `The login to ${host} failed.`, evidence})
}

const hubRemedy =
  'Check `username` and `password` (a Docker Hub access token). If they belong to another registry, name it in `registry`: empty means Docker Hub.'

/** One error for all: the first decides the code, the evidence is that of each. */
function oneFailure(failures: readonly unknown[]): unknown {
  const known = failures.filter((failure) => failure instanceof TagboatError)
  const [first] = known
  if (first === undefined || known.length === 1) return first ?? failures[0]
  return new TagboatError(first.code, {
    message: known.map(({message}) => message).join(' '),
    evidence: known.flatMap(({evidence}) => evidence),
  })
}

import path from 'node:path'
import type {Files} from '../io/files.ts'
import type {Processes} from '../io/process.ts'
import {TagboatError} from '../errors/error.ts'
import type {Secret} from '../errors/secret.ts'
import type {LoginScope} from '../inputs/credentials/login-scope.ts'
import {dockerHub} from '../oci/reference.ts'
import {forLogin, mergeAuths, parseDockerConfig, withFileLogins, type DockerConfig} from './docker-config.ts'
import {
  configName,
  createConfigDirectory,
  runPrefix,
  writeDockerConfig,
  type ConfigDirectory,
} from './config-directory.ts'

/** Credentials of `docker login` for one registry. */
export interface Login {
  /** Normalised host: `docker.io` for Docker Hub. */
  readonly host: string
  /** Part of the registry that it is for; undefined for all of it. */
  readonly scope?: LoginScope | undefined
  readonly username: string
  readonly password: Secret
  /** Marks a login for reading only, or for images that are not required. If it is refused, the run continues. */
  readonly isOptional?: true
}

/** Side effects and environment of `docker login`. */
export interface LoginIo {
  readonly processes: Processes
  readonly files: Files
  /** Environment of child processes, without `DOCKER_CONFIG`. */
  readonly childEnv: Readonly<Record<string, string>>
  /** Called with each optional login that failed. */
  readonly onLeftOut?: (login: Login, error: TagboatError) => void | Promise<void>
}

/**
 * Logs in to all registries concurrently and writes their logins to the private directory, beside those of the user for
 * other registries. Each `docker login` gets its own directory: the CLI rewrites the whole file, so concurrent logins
 * would be lost.
 * @returns the configuration of the private directory.
 * @throws TagboatError `login-refused` or `login-failed` with the evidence of every failed login.
 */
export async function logIn(
  logins: readonly Login[],
  configDirectory: ConfigDirectory,
  io: LoginIo,
): Promise<DockerConfig> {
  const keys = logins.map(({host}) => credentialKey(host))
  const base = forLogin(configDirectory.userConfig, keys)
  const attempts = await Promise.allSettled(
    logins.map(async (login, index) => {
      const directory = path.join(configDirectory.directory, loginsName, String(index))
      const isolated = await createConfigDirectory({directory, userDirectory: configDirectory.userDirectory}, io.files)
      await writeDockerConfig(isolated, base, io.files)
      return dockerLogin(login, isolated, io)
    }),
  )
  const failed = attempts.flatMap((attempt, index) => {
    const error: unknown = attempt.status === 'rejected' ? attempt.reason : undefined
    const login = logins[index]
    return attempt.status === 'rejected' && login !== undefined ? [{login, error}] : []
  })
  const failures = failed.filter(({login, error}) => login.isOptional !== true || !(error instanceof TagboatError))
  if (failures.length > 0) {
    const {combineFailures} = await import('./login-error.ts')
    throw combineFailures(failures.map(({error}) => error))
  }
  for (const {login, error} of failed) if (error instanceof TagboatError) await io.onLeftOut?.(login, error)
  const configs = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []))
  const kept = keys.filter((_, index) => attempts[index]?.status === 'fulfilled')
  const config = mergeAuths(withFileLogins(configDirectory.userConfig, kept), configs)
  await writeDockerConfig(configDirectory, config, io.files)
  await io.files.remove(path.join(configDirectory.directory, loginsName))
  return config
}

const loginsName = `${runPrefix}logins`

/** Key of a login in the configuration of the Docker CLI. */
export function credentialKey(host: string): string {
  return host === dockerHub.name ? dockerHub.credentialKey : host
}

async function dockerLogin(
  login: Login,
  {directory}: ConfigDirectory,
  {processes, files, childEnv}: LoginIo,
): Promise<DockerConfig> {
  const server = login.host === dockerHub.name ? [] : [login.host]
  const result = await processes
    .capture({
      file: 'docker',
      args: ['login', '--username', login.username, '--password-stdin', ...server],
      env: {...childEnv, DOCKER_CONFIG: directory},
      input: login.password.reveal(),
    })
    .catch((error: unknown) => {
      if (error instanceof TagboatError && error.code === 'docker-missing') return undefined
      throw error
    })
  // Buildx without the Docker CLI: the registry checks the login at the first request.
  if (result === undefined) return loginConfig(login)
  if (result.exitCode !== 0) {
    const {loginError} = await import('./login-error.ts')
    throw loginError(login, result)
  }
  const text = (await files.read(path.join(directory, configName))) ?? ''
  try {
    return parseDockerConfig(text)
  } catch {
    // Not even as the cause: the parser quotes the text, which contains the password.
    const message = `\`docker login\` for ${login.host} wrote an invalid configuration.`
    throw new TagboatError('login-failed', {message, evidence: ['its config.json is not a JSON object']})
  }
}

/** Configuration with a login, as the Docker CLI writes it. */
export function loginConfig({host, username, password}: Login): DockerConfig {
  const auth = Buffer.from(`${username}:${password.reveal()}`).toString('base64')
  return {auths: {[credentialKey(host)]: {auth}}}
}

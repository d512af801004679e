import path from 'node:path'
import type {Files} from '../io/files.ts'
import {TagboatError} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'
import {parseDockerConfig, withEnvironmentLogins, type DockerConfig} from './docker-config.ts'

/**
 * A private Docker configuration: what the user has set up works in it as it does in theirs, and what is added to it
 * (logins, build secrets, files of this run) is never seen in theirs.
 */
export interface DockerHome {
  /** For `DOCKER_CONFIG`. */
  readonly directory: string
  /** The user's own configuration directory. */
  readonly userDirectory: string
  /** The user's configuration file, as it was when the home was made, with the logins of `DOCKER_AUTH_CONFIG`. */
  readonly userConfig: DockerConfig
}

export interface HomeRequest {
  /** Does not exist yet; its parent does. */
  readonly directory: string
  readonly userDirectory: string
  /** `DOCKER_AUTH_CONFIG`; children of this run find its logins in the home instead. */
  readonly authConfig?: string | undefined
}

/**
 * Makes the home. Directories beside `config.json` (CLI plugins, contexts, builders) are linked, so that they are used where
 * they are. Files are copied: whatever writes to a file of the home, the Docker CLI and Buildx among them, does not write to
 * the user's.
 * @throws TagboatError `docker-config-invalid` when the user's configuration cannot be read or is not a JSON object.
 */
export async function createDockerHome(request: HomeRequest, files: Files): Promise<DockerHome> {
  const {directory, userDirectory} = request
  await files.makeNewDirectory(directory)
  const userConfig = await readUserConfig(request, files)
  const names = await reading(userDirectory, files.list(userDirectory))
  for (const name of names.filter(isShared)) await share(name, request, files)
  return {directory, userDirectory, userConfig}
}

async function share(name: string, {directory, userDirectory}: HomeRequest, files: Files): Promise<void> {
  const [theirs, ours] = [path.join(userDirectory, name), path.join(directory, name)]
  const kind = await files.kindOf(theirs)
  if (kind === 'directory') await files.link(theirs, ours)
  // A file that this user cannot read is of no use to the CLI either.
  else if (kind === 'file') await files.copyPrivate(theirs, ours).catch(ignoreUnreadable)
}

function ignoreUnreadable(error: unknown): void {
  const code = errorCode(error)
  if (code !== 'EACCES' && code !== 'EPERM' && code !== 'ENOENT') throw error
}

/**
 * The configuration file in a directory of the Docker CLI's, with the logins of the environment.
 * @throws TagboatError `docker-config-invalid` when it cannot be read or is not a JSON object.
 */
export async function readUserConfig(
  {userDirectory, authConfig = ''}: Pick<HomeRequest, 'userDirectory' | 'authConfig'>,
  files: Files,
): Promise<DockerConfig> {
  const file = path.join(userDirectory, configName)
  const text = await reading(file, files.read(file))
  return withEnvironmentLogins(parseConfigFile(text ?? '', file), authConfig)
}

/** @throws TagboatError `docker-config-invalid` */
function parseConfigFile(text: string, file: string): DockerConfig {
  try {
    return parseDockerConfig(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // Not even as the cause: the parser quotes the text, and that may be a login.
    throw new TagboatError('docker-config-invalid', {evidence: [file]})
  }
}

async function reading<T>(place: string, result: Promise<T>): Promise<T> {
  try {
    return await result
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TagboatError('docker-config-invalid', {
      message: "The Docker CLI's configuration on this runner cannot be read.",
      evidence: [`${place}: ${reason}`],
      remedy: unreadableRemedy,
      cause: error,
    })
  }
}

const unreadableRemedy =
  'Make it a file that the user of this step may read (after `sudo docker login` it belongs to root: `sudo chown`), remove it, or set DOCKER_CONFIG to another directory.'

/** Writes the configuration that children of this run use. */
export async function writeDockerConfig(home: DockerHome, config: DockerConfig, files: Files): Promise<void> {
  await files.writePrivate(path.join(home.directory, configName), JSON.stringify(config))
}

export const configName = 'config.json'

/** Begins the name of everything else that a run puts into its home. */
export const ownPrefix = 'tagboat-'

/**
 * Beginnings of names that the home does not take over: what this run, the Docker CLI (`config.json` and the names it writes
 * before it renames them) and Buildx (its token seed) write there. An earlier home may be the user's directory, and hold them.
 */
const ownNames = [configName, '.token_seed', ownPrefix]

function isShared(name: string): boolean {
  // Where the system does not tell case apart, another spelling is the same name.
  return !ownNames.some((own) => name.toLowerCase().startsWith(own))
}

/** Variables with which a child of this run uses the home, and otherwise finds what it would find without it. */
export function homeVariables(
  {directory, userDirectory}: DockerHome,
  variables: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  // DOCKER_TLS_VERIFY looks for its certificates in the configuration directory: linked, but let it say the real one.
  const usesTls = (variables['DOCKER_TLS_VERIFY'] ?? '') !== '' && (variables['DOCKER_CERT_PATH'] ?? '') === ''
  return {DOCKER_CONFIG: directory, ...(usesTls ? {DOCKER_CERT_PATH: userDirectory} : {})}
}

/** Where the Docker CLI looks when `DOCKER_CONFIG` is not set (https://docs.docker.com/reference/cli/docker/#docker-cli-configuration-file-configjson-properties). */
export function userDockerDirectory(
  variables: Readonly<Record<string, string | undefined>>,
  homeOfUser: () => string,
): string {
  // An empty variable is an unset one, to the Docker CLI too.
  const [set, home, profile] = ['DOCKER_CONFIG', 'HOME', 'USERPROFILE'].map((name) => variables[name] ?? '')
  if (set !== undefined && set !== '') return path.resolve(set)
  const directory = [home, profile].find((one) => one !== undefined && one !== '')
  return path.resolve(directory ?? homeOfUser(), '.docker')
}

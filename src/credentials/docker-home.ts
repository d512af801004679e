import path from 'node:path'
import type {Files} from '../edge/files.ts'
import {TagboatError} from '../errors/error.ts'
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
 * Makes the home. Everything beside `config.json` (CLI plugins, contexts, certificates, builders) is linked, so that it
 * is used where it is; the configuration itself is copied, without its logins' file being touched.
 * @throws TagboatError `docker-config-invalid` when the user's configuration is no JSON object.
 */
export async function createDockerHome(request: HomeRequest, files: Files): Promise<DockerHome> {
  const {directory, userDirectory} = request
  await files.makePrivateDirectory(directory)
  const userConfig = await readUserConfig(request, files)
  const names = await files.list(userDirectory)
  for (const name of names.filter((name) => !unlinked.has(name) && !name.startsWith(ownPrefix))) {
    await files.link(path.join(userDirectory, name), path.join(directory, name))
  }
  return {directory, userDirectory, userConfig}
}

/**
 * The configuration file in a directory of the Docker CLI's, with the logins of the environment.
 * @throws TagboatError `docker-config-invalid` when it is no JSON object.
 */
export async function readUserConfig(
  {userDirectory, authConfig = ''}: Pick<HomeRequest, 'userDirectory' | 'authConfig'>,
  files: Files,
): Promise<DockerConfig> {
  const file = path.join(userDirectory, configName)
  const text = await files.read(file)
  try {
    return withEnvironmentLogins(parseDockerConfig(text ?? ''), authConfig)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // Not even as the cause: the parser quotes the text, and that may be a login.
    throw new TagboatError('docker-config-invalid', {evidence: [file]})
  }
}

/** Writes the configuration that children of this run use. */
export async function writeDockerConfig(home: DockerHome, config: DockerConfig, files: Files): Promise<void> {
  await files.writePrivate(path.join(home.directory, configName), JSON.stringify(config))
}

export const configName = 'config.json'

/** Never linked: the configuration is a copy, and Buildx would write its token seed through the link. */
const unlinked: ReadonlySet<string> = new Set([configName, '.token_seed', '.token_seed.lock'])

/**
 * Begins the name of everything else that a run puts into its home. It is never linked: through a link of that name,
 * which an earlier home may hold when the user's directory is one, this run would read and write there.
 */
export const ownPrefix = 'tagboat-'

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

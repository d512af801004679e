import path from 'node:path'
import type {Files} from '../io/files.ts'
import {errorMessage, TagboatError} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'
import {parseDockerConfig, withEnvironmentLogins, type DockerConfig} from './docker-config.ts'

/**
 * Private configuration directory of the Docker CLI. It has the user's settings; files that a run adds (logins, build
 * secrets) never appear in the user's directory.
 */
export interface ConfigDirectory {
  /** Value of `DOCKER_CONFIG`. */
  readonly directory: string
  /** Configuration directory of the user. */
  readonly userDirectory: string
  /** Configuration of the user at the time of creation, with the logins of `DOCKER_AUTH_CONFIG`. */
  readonly userConfig: DockerConfig
}

/** Directories and settings of a new private configuration directory. */
interface DirectoryRequest {
  /** Must not exist; its parent must. */
  readonly directory: string
  readonly userDirectory: string
  /** Value of `DOCKER_AUTH_CONFIG`. Its logins are copied, so that child processes find them in the new directory. */
  readonly authConfig?: string | undefined
}

/**
 * Creates the private directory. Directories beside `config.json` (CLI plugins, contexts, builders) are linked. Files
 * are copied, so that programs such as the Docker CLI and Buildx do not write to those of the user.
 * @throws TagboatError `docker-config-invalid` if the user's configuration cannot be read or is not a JSON object.
 */
export async function createConfigDirectory(request: DirectoryRequest, files: Files): Promise<ConfigDirectory> {
  const {directory, userDirectory} = request
  await files.makeNewDirectory(directory)
  const userConfig = await readUserConfig(request, files)
  const names = await requireReadable(userDirectory, files.list(userDirectory))
  for (const name of names.filter(isInherited)) await inherit(name, request, files)
  return {directory, userDirectory, userConfig}
}

async function inherit(name: string, {directory, userDirectory}: DirectoryRequest, files: Files): Promise<void> {
  const [source, target] = [path.join(userDirectory, name), path.join(directory, name)]
  const kind = await files.kindOf(source)
  if (kind === 'directory') await inheritDirectory(name, {source, target}, files)
  // The CLI cannot use an unreadable file either.
  else if (kind === 'file') await files.copyPrivate(source, target).catch(ignoreUnreadable)
}

/**
 * Links a directory. Buildx writes to its own directory in every command, so that one is copied if it is read-only, and
 * left out if this user may not read it.
 */
async function inheritDirectory(
  name: string,
  {source, target}: {readonly source: string; readonly target: string},
  files: Files,
): Promise<void> {
  if (name !== buildxName || (await files.isWritable(source))) await files.link(source, target)
  else await copyReadable(source, target, files)
}

async function copyReadable(source: string, target: string, files: Files): Promise<void> {
  try {
    await files.copyDirectory(source, target)
  } catch (error) {
    ignoreUnreadable(error)
    await files.remove(target)
  }
}

/**
 * Directory of Buildx for a run: the private copy of a read-only one that BUILDX_CONFIG names, or else undefined for the
 * one that Buildx finds itself.
 */
export async function privateBuildx(
  {directory}: Pick<ConfigDirectory, 'directory'>,
  given: string,
  files: Files,
): Promise<string | undefined> {
  if (given === '' || (await files.isWritable(given))) return undefined
  const target = path.join(directory, buildxName)
  await files.remove(target)
  await copyReadable(given, target, files)
  return target
}

/** Name of the directory of Buildx in the configuration directory of the Docker CLI. */
const buildxName = 'buildx'

function ignoreUnreadable(error: unknown): void {
  const code = errorCode(error)
  if (code !== 'EACCES' && code !== 'EPERM' && code !== 'ENOENT') throw error
}

/**
 * Reads the user's configuration file, with the logins of `DOCKER_AUTH_CONFIG`.
 * @throws TagboatError `docker-config-invalid` if it cannot be read or is not a JSON object.
 */
export async function readUserConfig(
  {userDirectory, authConfig = ''}: Pick<DirectoryRequest, 'userDirectory' | 'authConfig'>,
  files: Files,
): Promise<DockerConfig> {
  const file = path.join(userDirectory, configName)
  const text = await requireReadable(file, files.read(file))
  return withEnvironmentLogins(parseConfigFile(text ?? '', file), authConfig)
}

/** @throws TagboatError `docker-config-invalid` */
function parseConfigFile(text: string, file: string): DockerConfig {
  try {
    return parseDockerConfig(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // Not even as the cause: the parser quotes the text, which may contain a login.
    throw new TagboatError('docker-config-invalid', {evidence: [file]})
  }
}

async function requireReadable<T>(place: string, result: Promise<T>): Promise<T> {
  try {
    return await result
  } catch (error) {
    const reason = errorMessage(error)
    throw new TagboatError('docker-config-invalid', {
      message: 'The configuration of the Docker CLI on this runner cannot be read.',
      evidence: [`${place}: ${reason}`],
      remedy: unreadableRemedy,
      cause: error,
    })
  }
}

const unreadableRemedy =
  'Make the file readable for the user of this step (`sudo docker login` creates it for root: `sudo chown`), remove it, or set DOCKER_CONFIG to another directory.'

/** Writes the configuration file of child processes. */
export async function writeDockerConfig(
  {directory}: ConfigDirectory,
  config: DockerConfig,
  files: Files,
): Promise<void> {
  await files.writePrivate(path.join(directory, configName), JSON.stringify(config))
}

/** Name of the configuration file of the Docker CLI. */
export const configName = 'config.json'

/** Prefix of the names of all other files that a run creates in its private directory. */
export const runPrefix = 'tagboat-'

/**
 * Prefixes of names that are not inherited from the user's directory: this run, the Docker CLI (`config.json` and its
 * temporary files) and Buildx (its token seed) write them. The user's directory may be the private one of an earlier
 * step.
 */
const excludedPrefixes = [configName, '.token_seed', runPrefix]

function isInherited(name: string): boolean {
  // Some file systems ignore case.
  return !excludedPrefixes.some((prefix) => name.toLowerCase().startsWith(prefix))
}

/** Environment variables for child processes that use the private directory. */
export function configVariables(
  {directory, userDirectory}: ConfigDirectory,
  variables: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  // With DOCKER_TLS_VERIFY the CLI looks for certificates in the configuration directory. They are linked; name the
  // original path.
  const usesTls = (variables['DOCKER_TLS_VERIFY'] ?? '') !== '' && (variables['DOCKER_CERT_PATH'] ?? '') === ''
  return {DOCKER_CONFIG: directory, ...(usesTls ? {DOCKER_CERT_PATH: userDirectory} : {})}
}

/**
 * Configuration directory of the Docker CLI, by its environment variables
 * (https://docs.docker.com/reference/cli/docker/#docker-cli-configuration-file-configjson-properties).
 */
export function userDockerDirectory(
  variables: Readonly<Record<string, string | undefined>>,
  accountHome: () => string,
): string {
  // The Docker CLI ignores empty variables too.
  const [configured, home, profile] = ['DOCKER_CONFIG', 'HOME', 'USERPROFILE'].map((name) => variables[name] ?? '')
  if (configured !== undefined && configured !== '') return path.resolve(configured)
  const directory = [home, profile].find((one) => one !== undefined && one !== '')
  return path.resolve(directory ?? accountHome(), '.docker')
}

import {userInfo} from 'node:os'
import path from 'node:path'
import {forLogin, mergeAuths, type DockerConfig} from '../credentials/docker-config.ts'
import {
  createConfigDirectory,
  configVariables,
  privateBuildx,
  userDockerDirectory,
  writeDockerConfig,
  type ConfigDirectory,
} from '../credentials/config-directory.ts'
import {credentialKey, loginConfig, type Login} from '../credentials/login.ts'
import {childEnvironment, type Io} from '../io/io.ts'
import {endProcessesOf} from './end-processes.ts'
import {configPrefix, configState, markerState} from './saved-state.ts'
import {temporaryPath} from './temporary-path.ts'

/** Private Docker configuration of a run. */
export interface PrivateDockerConfig extends ConfigDirectory {
  /** Environment of child processes that use the configuration. */
  readonly env: Readonly<Record<string, string>>
  /** Removes the configuration early, unless later steps use it, when no further command needs a login. */
  readonly removeEarly: () => Promise<void>
}

/**
 * Runs `body` with a private Docker configuration and removes it afterwards, also on errors. With `keep`, later steps
 * of the job use it, and the post step removes it. Its path is saved for the post step before anything is written to
 * it.
 */
export async function withPrivateDockerConfig<T>(
  io: Io,
  keep: boolean,
  body: (dockerConfig: PrivateDockerConfig) => Promise<T>,
  endProcesses = endProcessesOf,
): Promise<T> {
  const {environment, files, marker, workflow, signal} = io
  const directory = temporaryPath(io, `${configPrefix}${marker}`)
  workflow.saveState(configState, directory)
  workflow.saveState(markerState, marker)
  const removeEarly = async (): Promise<void> => {
    if (!keep || signal.aborted) await files.remove(directory)
  }
  try {
    const userDirectory = userDirectoryOf(io)
    const config = await createConfigDirectory(
      {directory, userDirectory, authConfig: environment['DOCKER_AUTH_CONFIG']},
      files,
    )
    if (keep) exportConfig(config, io)
    const buildx = await privateBuildx(config, environment['BUILDX_CONFIG'] ?? '', files)
    const own = {...configVariables(config, environment), ...(buildx !== undefined && {BUILDX_CONFIG: buildx})}
    return await body({...config, env: {...childEnvironment(io), ...own}, removeEarly})
  } finally {
    try {
      if (signal.aborted) await endProcesses(marker)
    } finally {
      // Credentials are removed even when the search for processes fails.
      await removeEarly()
    }
  }
}

/** Path of the user's Docker CLI configuration directory. */
export function userDirectoryOf({environment}: Io): string {
  return userDockerDirectory(environment, accountHome)
}

/**
 * Home directory of the account that runs this step; the root directory for a user ID without an account, as in
 * containers.
 */
function accountHome(): string {
  try {
    return userInfo().homedir
  } catch {
    return path.resolve('/')
  }
}

/** User configuration directory (https://specifications.freedesktop.org/basedir-spec/latest/). */
export function configHomeOf({environment}: Io): string {
  const [given, ...homes] = ['XDG_CONFIG_HOME', 'HOME', 'USERPROFILE'].map((name) => environment[name] ?? '')
  if (given !== undefined && given !== '') return given
  return path.join(homes.find((home) => home !== '') ?? accountHome(), '.config')
}

/**
 * Writes the Docker configuration that Buildx uses before the logins `of` a run are complete. It contains those that are
 * `early`.
 */
export async function prepareConfig(
  directory: ConfigDirectory,
  logins: {readonly of: readonly Pick<Login, 'host'>[]; readonly early: readonly Login[]},
  {files}: Io,
): Promise<DockerConfig> {
  const bare = forLogin(
    directory.userConfig,
    logins.of.map(({host}) => credentialKey(host)),
  )
  const config = mergeAuths(bare, logins.early.map(loginConfig))
  await writeDockerConfig(directory, config, files)
  return config
}

/**
 * Exports the configuration to later steps. Builders that they create are kept in the user's directory, which outlives
 * the post step.
 */
function exportConfig({directory, userDirectory}: ConfigDirectory, {workflow, environment}: Io): void {
  workflow.exportVariable('DOCKER_CONFIG', directory)
  if ((environment['BUILDX_CONFIG'] ?? '') === '') {
    workflow.exportVariable('BUILDX_CONFIG', path.join(userDirectory, 'buildx'))
  }
}

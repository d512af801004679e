import {userInfo} from 'node:os'
import path from 'node:path'
import {forLogin, type DockerConfig} from '../credentials/docker-config.ts'
import {
  createDockerHome,
  homeVariables,
  userDockerDirectory,
  writeDockerConfig,
  type DockerHome,
} from '../credentials/docker-home.ts'
import {credentialKey, type Login} from '../credentials/login.ts'
import {endLeftovers} from '../io/leftovers.ts'
import {childEnvironment, type Edges} from '../io/io.ts'
import {homePrefix, homeState, markerState} from './saved-state.ts'
import {temporaryPath} from './temporary-path.ts'

/** A private Docker configuration that lives as long as the body that it is lent to. */
export interface LentHome {
  readonly home: DockerHome
  /** For every child that uses the home. */
  readonly env: Readonly<Record<string, string>>
  /** Removes the home early, unless later steps are to have it: what follows needs no program that logs in. */
  readonly giveBack: () => Promise<void>
}

/**
 * Lends a private home to `body` and removes it as soon as that ends, however it ends; with `keep` it stays for later
 * steps, until the post step. The post step learns of it before anything is in it.
 */
export async function withDockerHome<T>(edges: Edges, keep: boolean, body: (lent: LentHome) => Promise<T>): Promise<T> {
  const {environment, files, marker, workflow, signal} = edges
  const directory = temporaryPath(edges, `${homePrefix}${marker}`)
  workflow.saveState(homeState, directory)
  workflow.saveState(markerState, marker)
  const giveBack = async (): Promise<void> => {
    if (!keep || signal.aborted) await files.remove(directory)
  }
  try {
    const userDirectory = userDirectoryOf(edges)
    const home = await createDockerHome(
      {directory, userDirectory, authConfig: environment['DOCKER_AUTH_CONFIG']},
      files,
    )
    if (keep) exportHome(home, edges)
    return await body({home, env: {...childEnvironment(edges), ...homeVariables(home, environment)}, giveBack})
  } finally {
    try {
      if (signal.aborted) await endLeftovers(marker)
    } finally {
      // Credentials go, whether or not the processes could be looked for.
      await giveBack()
    }
  }
}

/** Where the user's own configuration of the Docker CLI is. */
export function userDirectoryOf({environment}: Edges): string {
  return userDockerDirectory(environment, accountHome)
}

/** Of the account that runs this step. A container may run it as a number that no account has: then there is nothing of theirs. */
function accountHome(): string {
  try {
    return userInfo().homedir
  } catch {
    return path.resolve('/')
  }
}

/** Where programs keep the user's configuration (https://specifications.freedesktop.org/basedir-spec/latest/). */
export function configHomeOf({environment}: Edges): string {
  const [given, ...homes] = ['XDG_CONFIG_HOME', 'HOME', 'USERPROFILE'].map((name) => environment[name] ?? '')
  if (given !== undefined && given !== '') return given
  return path.join(homes.find((home) => home !== '') ?? accountHome(), '.config')
}

/** The configuration with which Buildx can be asked before the logins are done. */
export async function prepareConfig(home: DockerHome, logins: readonly Login[], {files}: Edges): Promise<DockerConfig> {
  const config = forLogin(
    home.userConfig,
    logins.map(({host}) => credentialKey(host)),
  )
  await writeDockerConfig(home, config, files)
  return config
}

/** Later steps see the logins; a builder that they create is kept where they would look for it after the post step. */
function exportHome(home: DockerHome, {workflow, environment}: Edges): void {
  workflow.exportVariable('DOCKER_CONFIG', home.directory)
  if ((environment['BUILDX_CONFIG'] ?? '') === '') {
    workflow.exportVariable('BUILDX_CONFIG', path.join(home.userDirectory, 'buildx'))
  }
}

import {hostsWithoutLogin, incompleteHosts} from '../../credentials/choose-logins.ts'
import {logIn, type Login} from '../../credentials/login.ts'
import type {TagboatError} from '../../errors/error.ts'
import type {Io} from '../../io/io.ts'
import {repositoriesOf} from '../../plan/plan.ts'
import type {BuildSession} from '../build-session.ts'
import {withSignal} from '../build.ts'

/** Parts of a session for the login of Docker. */
type LoginSession = Pick<BuildSession, 'prepared' | 'dockerConfig' | 'logins' | 'minted' | 'docker' | 'server' | 'io'>

/** Logs Docker in to the registries. Returns lines for the log with the registries that it did so for. */
async function logInDocker({
  prepared,
  dockerConfig,
  docker,
  server,
  io,
  ...all
}: LoginSession): Promise<readonly string[]> {
  const {logins, minted} = docker
  const {inputs, context} = prepared
  const failedHosts = new Set<string>()
  const onLeftOut = async ({host}: Pick<Login, 'host'>, error: TagboatError): Promise<void> => {
    failedHosts.add(host)
    server?.leaveOut(host)
    const {errorWarning} = await import('../../errors/render-error.ts')
    io.workflow.warning(errorWarning(error, `Continuing without a login to ${host}.`))
  }
  const loginIo = {...io, childEnv: dockerConfig.env, onLeftOut}
  await io.phases.measure('login', async () => {
    if (minted.length === 0) await logIn(logins, dockerConfig, loginIo)
    else
      await (await import('../../run/cloud-credentials.ts')).logInWithClouds({...docker, server, dockerConfig}, loginIo)
  })
  const pushedTo = repositoriesOf(prepared.plan)
  const anonymous = hostsWithoutLogin({pushedTo, userConfig: dockerConfig.userConfig}, [...all.logins, ...all.minted])
  return [
    ...logins.flatMap(({host, username}) => (failedHosts.has(host) ? [] : [`Logged in to ${host} as ${username}`])),
    ...incompleteHosts({inputs: inputs.credentials, context}).map(
      (host) => `No login for ${host}: its user name or password is empty`,
    ),
    ...anonymous.map((host) => `No login for ${host}: pushing anonymously`),
  ]
}

/** Login of Docker to the registries of a run. */
interface DockerLogin extends Pick<BuildSession, 'beginLogin' | 'logIn'> {
  /** Side effects whose long commands, such as the build, end when the login is refused. */
  readonly io: Io
  /** Waits for the login, if it has begun. Rejects as the login does. */
  readonly ended: () => Promise<unknown>
}

/** Prepares the login of Docker, which begins with the first call of one of its methods. */
export function dockerLogin(session: LoginSession): DockerLogin {
  const {io} = session
  const refused = new AbortController()
  let login: Promise<readonly string[]> | undefined
  let isLogged = false
  const begin = async (): Promise<readonly string[]> => {
    try {
      return await logInDocker(session)
    } catch (error) {
      refused.abort(error)
      throw error
    }
  }
  return {
    beginLogin: async () => {
      await (login ??= begin())
    },
    logIn: async () => {
      const lines = await (login ??= begin())
      if (!isLogged) io.workflow.print(lines)
      isLogged = true
    },
    io: {...io, processes: withSignal(io.processes, refused.signal)},
    ended: async () => login,
  }
}

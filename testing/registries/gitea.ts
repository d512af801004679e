import {execFile} from 'node:child_process'
import {mkdtemp, realpath, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {promisify} from 'node:util'
import {programPath} from '../docker.ts'
import {rawRequest, type RawAnswer} from '../raw-http.ts'
import {freePort} from '../registry.ts'
import {startService} from './service.ts'

const run = promisify(execFile)

export type GiteaScope = 'read:package' | 'write:package' | 'read:user'

/** Gitea with its container registry, for one test. */
export interface Gitea extends AsyncDisposable {
  readonly host: string
  /** Creates a user. Names are lower-case. */
  createUser(name: string): Promise<void>
  /** Creates an access token of a user, which serves as password. */
  createToken(user: string, scopes: readonly GiteaScope[], name?: string): Promise<string>
}

export interface GiteaOptions {
  /** Limit for the packages of an owner, such as `1 MiB`. Default: none. */
  readonly quota?: string
}

const administrator = {username: 'harbourmaster', password: 'a-fair-wind-and-a-following-sea'}
const passwordOf = (user: string): string => `password-of-${user}`

export async function startGitea({quota = '-1'}: GiteaOptions = {}): Promise<Gitea> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tagboat-gitea-'))
  const host = `127.0.0.1:${await freePort()}`
  const configuration = path.join(folder, 'app.ini')
  // The files that Gitea reads when it starts are beside the program.
  const shared = path.resolve(path.dirname(await realpath(await programPath('gitea'))), '..', 'share')
  await writeFile(configuration, settings({folder, host, shared, quota}))
  const env = {HOME: folder, PATH: process.env['PATH'] ?? ''}
  const service = await startService({
    program: 'gitea',
    args: ['--config', configuration, 'web'],
    env,
    isReady: async () => (await rawRequest(host, {method: 'GET', path: '/api/healthz'})).status === 200,
  })
  const stop = async (): Promise<void> => {
    await service[Symbol.asyncDispose]()
    await rm(folder, {recursive: true, force: true})
  }
  const {username, password} = administrator
  const named = ['--username', username, '--password', password, '--email', `${username}@gitea.example`]
  try {
    const create = ['admin', 'user', 'create', '--admin', '--must-change-password=false', ...named]
    await run('gitea', ['--config', configuration, ...create], {env})
  } catch (error) {
    await stop()
    throw error
  }

  async function call(login: typeof administrator, target: string, body: object): Promise<RawAnswer> {
    const authorization = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`
    const headers = {authorization, 'content-type': 'application/json'}
    const answer = await rawRequest(host, {
      method: 'POST',
      path: `/api/v1/${target}`,
      headers,
      body: JSON.stringify(body),
    })
    if (answer.status !== 201) throw new Error(`Gitea answers ${answer.status} to ${target}: ${answer.text}`)
    return answer
  }

  return {
    host,
    async createUser(name) {
      const user = {username: name, password: passwordOf(name), email: `${name}@gitea.example`}
      await call(administrator, 'admin/users', {...user, must_change_password: false})
    },
    async createToken(user, scopes, name = scopes.join(' ')) {
      const body = {name, scopes}
      const {text} = await call({username: user, password: passwordOf(user)}, `users/${user}/tokens`, body)
      return (JSON.parse(text) as {readonly sha1: string}).sha1
    },
    [Symbol.asyncDispose]: stop,
  }
}

interface Settings {
  readonly folder: string
  readonly host: string
  readonly shared: string
  readonly quota: string
}

/** Configuration with accounts and packages only. */
function settings({folder, host, shared, quota}: Settings): string {
  const [address, port] = host.split(':')
  const sections: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    server: {
      HTTP_ADDR: address ?? '',
      HTTP_PORT: port ?? '',
      ROOT_URL: `http://${host}/`,
      STATIC_ROOT_PATH: shared,
      OFFLINE_MODE: 'true',
      DISABLE_SSH: 'true',
    },
    database: {DB_TYPE: 'sqlite3', PATH: path.join(folder, 'gitea.db')},
    security: {INSTALL_LOCK: 'true', SECRET_KEY: 'tagboat-test', INTERNAL_TOKEN: 'tagboat-test'},
    service: {DISABLE_REGISTRATION: 'true'},
    oauth2: {ENABLED: 'false'},
    indexer: {ISSUE_INDEXER_TYPE: 'db'},
    packages: {ENABLED: 'true', LIMIT_TOTAL_OWNER_SIZE: quota},
    cron: {ENABLED: 'false'},
    actions: {ENABLED: 'false'},
    log: {MODE: 'console', LEVEL: 'Warn'},
  }
  const lines = Object.entries(sections).flatMap(([name, values]) => [
    `[${name}]`,
    ...Object.entries(values).map(([key, value]) => `${key} = ${value}`),
  ])
  const first = ['RUN_MODE = prod', `WORK_PATH = ${folder}`, 'I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true']
  return `${[...first, ...lines].join('\n')}\n`
}

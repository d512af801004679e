import {spawn} from 'node:child_process'
import {access, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {createServer, type AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {actProgram, makeUserRepository, runnersHere} from './act.ts'

/** Cache server of act, which implements version 1 of the protocol of the cache of GitHub Actions. */
export interface ActionsCache extends AsyncDisposable {
  /** Variables that a runner sets. */
  readonly env: Readonly<Record<string, string>>
}

const workflow = `on: push
jobs:
  wait:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo "$ACTIONS_CACHE_URL" >"$FOLDER/url"
          while [ ! -e "$FOLDER/stop" ]; do sleep 0.1; done
`

/** Starts act with a workflow that waits for the end of the test. The cache server runs as long as the workflow. */
export async function startActionsCache(): Promise<ActionsCache> {
  const act = await actProgram()
  const folder = await mkdtemp(path.join(tmpdir(), 'tagboat-actions-cache-'))
  const repository = path.join(folder, 'repository')
  await mkdir(repository)
  await writeFile(path.join(folder, 'wait.yml'), workflow)
  await makeUserRepository(repository, {parts: [], workflow: path.join(folder, 'wait.yml')})
  const address = ['--cache-server-addr', '127.0.0.1', '--cache-server-port', `${await freePort()}`]
  const paths = [
    '--cache-server-path',
    path.join(folder, 'stored'),
    '--action-cache-path',
    path.join(folder, 'actions'),
  ]
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    XDG_CONFIG_HOME: path.join(folder, 'config'),
    XDG_CACHE_HOME: path.join(folder, 'cache'),
  }
  const args = ['push', ...runnersHere(['ubuntu-latest']), '--env', `FOLDER=${folder}`, ...address, ...paths]
  const child = spawn(act, args, {cwd: repository, env, stdio: 'ignore'})
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve()
    })
  })
  const url = path.join(folder, 'url')
  while (child.exitCode === null && !(await isWritten(url))) await sleep(50)
  if (child.exitCode !== null) throw new Error('act ended before it served a cache')
  return {
    env: {ACTIONS_CACHE_URL: (await readFile(url, 'utf8')).trim(), ACTIONS_RUNTIME_TOKEN: runtimeToken()},
    async [Symbol.asyncDispose]() {
      await writeFile(path.join(folder, 'stop'), '')
      await ended
      await rm(folder, {recursive: true, force: true})
    },
  }
}

async function isWritten(file: string): Promise<boolean> {
  try {
    await access(file)
    return (await readFile(file, 'utf8')).endsWith('\n')
  } catch {
    return false
  }
}

/** Token of the format of GitHub, with the claims that BuildKit reads: scopes and expiry. The signature is not checked. */
function runtimeToken(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const scopes = JSON.stringify([{Scope: 'refs/heads/master', Permission: 3}])
  const payload = {ac: scopes, nbf: 0, exp: 4_102_444_800}
  return [part({alg: 'HS256', typ: 'JWT'}), part(payload), part({})].join('.')
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const {port} = server.address() as AddressInfo
  await new Promise<void>((resolve) =>
    server.close(() => {
      resolve()
    }),
  )
  return port
}

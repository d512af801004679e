import {spawn} from 'node:child_process'
import {access, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {createServer, type AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {actProgram, makeUserRepository, runnersHere} from './act.ts'

/** The cache server of act, which speaks the protocol of the cache of GitHub Actions (its first version). */
export interface ActionsCache extends AsyncDisposable {
  /** What a runner would set. */
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

/** It serves as long as a workflow runs: that one waits for the end of the test. */
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

/** A token as GitHub makes them, as far as BuildKit reads it: for which refs, and until when. Nobody checks its signature. */
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

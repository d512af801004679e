import {execFile, spawn} from 'node:child_process'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import type {IncomingMessage, ServerResponse} from 'node:http'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {promisify} from 'node:util'
import {loopback} from './loopback.ts'

const run = promisify(execFile)

export interface GitServer extends AsyncDisposable {
  /** Base address: `http://127.0.0.1:PORT`. */
  readonly url: string
  /** IDs of the commits, in order. */
  readonly commits: readonly string[]
  /** Path of a clone at the last commit. */
  readonly clone: string
  /** Passwords of the accepted requests. */
  readonly passwords: ReadonlySet<string>
}

export interface GitServerOptions {
  /** `owner/name` */
  readonly repository: string
  /** Files by path, and refs, of each commit. */
  readonly commits: readonly {readonly files: Readonly<Record<string, string>>; readonly refs: readonly string[]}[]
  /** Required password, as for a private repository. */
  readonly token: string
}

/**
 * Starts Git's smart HTTP server (git-http-backend(1)) on a loopback address. As on GitHub, it requires Basic authentication
 * with any user name (https://docs.github.com/rest/authentication/authenticating-to-the-rest-api).
 */
export async function startGitServer({repository, commits: wanted, token}: GitServerOptions): Promise<GitServer> {
  const root = await mkdtemp(path.join(tmpdir(), 'tagboat-git-'))
  const clone = path.join(root, 'clone')
  const served = path.join(root, 'served')
  const bare = path.join(served, `${repository}.git`)
  await git(root, ['init', '--quiet', '--initial-branch=main', clone])
  const commits: string[] = []
  for (const {files, refs} of wanted) {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(clone, name)), {recursive: true})
      await writeFile(path.join(clone, name), text)
    }
    await git(clone, ['add', '--all'])
    await git(clone, ['commit', '--quiet', '--message', 'a commit'])
    for (const ref of refs) await git(clone, ['update-ref', ref, 'HEAD'])
    commits.push((await git(clone, ['rev-parse', 'HEAD'])).trim())
  }
  await git(root, ['clone', '--quiet', '--mirror', clone, bare])
  // As on GitHub, a commit that a ref reaches can be fetched by its ID.
  await git(bare, ['config', 'uploadpack.allowReachableSHA1InWant', 'true'])
  const passwords = new Set<string>()
  const server = await loopback((request, response) => {
    const [, given = ''] = /^Basic (.+)$/i.exec(request.headers.authorization ?? '') ?? []
    const password = Buffer.from(given, 'base64')
      .toString()
      .replace(/^[^:]*:/, '')
    if (password === token) {
      passwords.add(password)
      serve(served, request, response)
    } else {
      response.writeHead(401, {'www-authenticate': 'Basic realm="git"'}).end()
    }
  })
  return {
    url: `http://${server.host}`,
    commits,
    clone,
    passwords,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await rm(root, {recursive: true, force: true})
    },
  }
}

async function git(directory: string, args: readonly string[]): Promise<string> {
  const identity = ['-c', 'user.name=Mona', '-c', 'user.email=mona@example.org', '-c', 'commit.gpgSign=false']
  const env = {...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1'}
  return (await run('git', ['-C', directory, ...identity, ...args], {env})).stdout
}

/** Answers a request by CGI (https://www.rfc-editor.org/rfc/rfc3875). */
function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '', 'http://127.0.0.1')
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: request.headers['git-protocol']?.toString(),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      REMOTE_USER: 'mona',
    },
  })
  child.stdin.on('error', () => undefined)
  request.pipe(child.stdin)
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.once('close', () => {
    const answer = Buffer.concat(chunks)
    const end = answer.indexOf('\r\n\r\n')
    const headers = answer.subarray(0, Math.max(end, 0)).toString().split('\r\n')
    const pairs = headers.flatMap((line) => {
      const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(line) ?? []
      return name === '' ? [] : [[name.toLowerCase(), value] as const]
    })
    const {status = '200', ...others} = Object.fromEntries(pairs)
    response.writeHead(Number.parseInt(status, 10), others).end(answer.subarray(end + 4))
  })
}

import {execFile, spawn} from 'node:child_process'
import type {ChildProcess} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {closeSync, openSync} from 'node:fs'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {request as httpRequest} from 'node:http'
import {request as httpsRequest} from 'node:https'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {promisify} from 'node:util'
import {certificateFiles, makeCertificate} from './certificate.ts'
import type {Access} from './memory-registry/authorization.ts'
import {isCode, missing} from './missing.ts'

export interface RegistryLogin {
  readonly username: string
  readonly password: string
}

/** Token server, as the registry and this helper need it. */
export interface RegistryTokens {
  /** Section for the configuration of the registry. */
  readonly configuration: Readonly<Record<string, string>>
  token(access: readonly Access[]): string | Promise<string>
}

export interface RegistryOptions {
  /** Release of distribution: 2.8 of Debian, or 3 of scripts/setup-tools. Default: 2. */
  readonly release?: 2 | 3
  /** Required login (htpasswd, bcrypt). Default: anonymous requests may pull, push and delete. */
  readonly login?: RegistryLogin
  /** Server of the required tokens. */
  readonly token?: RegistryTokens
  /** Largest number of tags on one page. Only release 3. Default: all tags that a client requests. */
  readonly tagsPerPage?: number
  /** Whether manifests can be deleted. Default: true. */
  readonly deletes?: boolean
  /** Whether the registry is in maintenance, and accepts no pushes. */
  readonly isReadOnly?: boolean
  /** Whether the registry serves HTTPS, with a self-signed certificate for 127.0.0.1 and localhost. */
  readonly tls?: boolean
  /** Preferred port. Default: any free port. */
  readonly port?: number
}

export interface StoredManifest {
  /** Value of `Docker-Content-Digest`. */
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Buffer
  /** Parsed bytes, which are not checked. */
  readonly json: unknown
}

/** Line of the access log of the registry. */
export interface AnsweredRequest {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly userAgent: string
}

/**
 * Requests that could have changed a repository, or any. An upload that is started and cancelled, as by the preflight,
 * changes nothing.
 */
export function changesOf(requests: readonly AnsweredRequest[], repository?: string): readonly AnsweredRequest[] {
  const prefix = repository === undefined ? '/v2/' : `/v2/${repository}/`
  return requests.filter(({method, path: at}) => {
    if (method === 'GET' || method === 'HEAD' || !at.startsWith(prefix)) return false
    const isUpload = at.includes('/blobs/uploads/')
    return !isUpload || (method !== 'DELETE' && (method !== 'POST' || at.includes('mount=')))
  })
}

/** Process of the distribution registry on a loopback address, for one test. */
export interface Registry {
  /** Registry part of image references: `127.0.0.1:PORT`. */
  readonly host: string
  /** Base address: `http://127.0.0.1:PORT`, or `https:` with TLS. */
  readonly url: string
  /** File with the output of the registry, including its access log. */
  readonly logFile: string
  /** PEM file of the certificate. Undefined without TLS. */
  readonly certificateFile: string | undefined
  /** Lists the tags in the order of the registry. Empty if the repository does not exist. */
  tags(repository: string): Promise<readonly string[]>
  /** Reads a manifest by tag or digest. Undefined if it does not exist. */
  manifest(repository: string, reference: string): Promise<StoredManifest | undefined>
  blob(repository: string, digest: string): Promise<Buffer>
  /** Lists the requests so far, in order. Requests of this object have no user agent. */
  requests(): Promise<readonly AnsweredRequest[]>
  /** Ends the process and removes the storage. May be called twice. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

const START_TIMEOUT_MS = 15_000
const STOP_TIMEOUT_MS = 5_000

const run = promisify(execFile)

/** Starts a registry on a free port, with a temporary storage. Manifests can be deleted. */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const folder = await mkdtemp(join(tmpdir(), 'tagboat-registry-'))
  try {
    return await startIn(folder, options)
  } catch (error) {
    await rm(folder, {recursive: true, force: true})
    throw error
  }
}

async function startIn(folder: string, options: RegistryOptions): Promise<Registry> {
  const host = `127.0.0.1:${await freePort(options.port)}`
  const logFile = join(folder, 'registry.log')
  const certificateFile =
    options.tls === true ? (await makeCertificate(folder, 'tagboat-test-registry')).certificate : undefined
  const configurationFile = join(folder, 'config.json')
  const configuration = await configurationFor(folder, host, options)
  // The registry reads YAML, which includes JSON.
  await writeFile(configurationFile, JSON.stringify(configuration))

  const child = await launch(options.release === 3 ? 'distribution' : 'docker-registry', configurationFile, logFile)
  const url = `${options.tls === true ? 'https' : 'http'}://${host}`
  const fetch = fetcher(url, options, certificateFile === undefined ? undefined : await readFile(certificateFile))
  const stop = async (): Promise<void> => {
    await end(child)
    await rm(folder, {recursive: true, force: true})
  }
  try {
    await untilReady(child, fetch, logFile)
  } catch (error) {
    await stop()
    throw error
  }
  const requests = async (): Promise<readonly AnsweredRequest[]> => {
    const log = await completeLog(logFile, fetch)
    return parseAccessLog(log).filter((request) => !request.path.includes(markerName))
  }
  return {host, url, logFile, certificateFile, ...readers(fetch), requests, stop, [Symbol.asyncDispose]: stop}
}

const markerName = 'tagboat-marker'

/** Log with all requests so far. The registry writes the line of a request after its answer: one more request is awaited. */
async function completeLog(logFile: string, fetch: Fetch): Promise<string> {
  const marker = `${markerName}=${randomUUID()}`
  const isRunning = await fetch(`/v2/?${marker}`).then(
    () => true,
    () => false,
  )
  const deadline = Date.now() + START_TIMEOUT_MS
  for (;;) {
    const log = await readFile(logFile, 'utf8')
    if (!isRunning || log.includes(marker)) return log
    if (Date.now() > deadline) throw new Error(`the registry does not log its requests:\n${log.slice(-2000)}`)
    await sleep(5)
  }
}

/** Parses the lines in Apache's combined log format, and ignores other lines. */
function parseAccessLog(log: string): readonly AnsweredRequest[] {
  const lines = log.matchAll(/^\S+ - - \[[^\]]*\] "(\S+) (\S+) [^"]*" (\d+) \d+ "[^"]*" "([^"]*)"$/gm)
  return [...lines].map(([, method = '', path = '', status = '', userAgent = '']) => ({
    method,
    path,
    status: Number(status),
    userAgent,
  }))
}

/** Configuration of the registry (https://distribution.github.io/distribution/about/configuration/). */
async function configurationFor(folder: string, host: string, options: RegistryOptions): Promise<object> {
  return {
    version: 0.1,
    log: {level: 'info', accesslog: {disabled: false}},
    storage: {
      filesystem: {rootdirectory: join(folder, 'storage')},
      delete: {enabled: options.deletes ?? true},
      ...(options.isReadOnly === true && {maintenance: {readonly: {enabled: true}}}),
    },
    http: {addr: host, ...(options.tls === true && {tls: certificateFiles(folder)})},
    ...(options.tagsPerPage !== undefined && {tags: {maxtags: options.tagsPerPage}}),
    ...(options.login && {auth: {htpasswd: {realm: 'tagboat', path: await makeHtpasswd(folder, [options.login])}}}),
    ...(options.token && {auth: {token: options.token.configuration}}),
  }
}

/** Creates a file with passwords. The registry accepts only bcrypt, whose minimum cost of 4 keeps logins fast. */
export async function makeHtpasswd(folder: string, logins: readonly RegistryLogin[]): Promise<string> {
  const file = join(folder, 'htpasswd')
  await writeFile(file, '')
  for (const {username, password} of logins) {
    const hashing = run('htpasswd', ['-i', '-B', '-C', '4', file, username])
    hashing.child.stdin?.end(password)
    await hashing.catch((error: unknown) => {
      throw missing('htpasswd', error)
    })
  }
  return file
}

async function launch(program: string, configurationFile: string, logFile: string): Promise<ChildProcess> {
  const log = openSync(logFile, 'a')
  // Variables such as REGISTRY_… would override the file.
  const env = {PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none'}
  const child = spawn(program, ['serve', configurationFile], {stdio: ['ignore', log, log], env})
  closeSync(log)
  return new Promise((resolve, reject) => {
    child.once('spawn', () => {
      resolve(child)
    })
    child.once('error', (error) => {
      reject(missing(program, error))
    })
  })
}

export async function freePort(preferred = 0): Promise<number> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(preferred, '127.0.0.1', resolve)
    })
  } catch (error) {
    if (preferred !== 0 && isCode(error, 'EADDRINUSE')) return freePort()
    throw error
  }
  const address = server.address()
  await new Promise<void>((resolve) =>
    server.close(() => {
      resolve()
    }),
  )
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  return address.port
}

async function untilReady(child: ChildProcess, fetch: Fetch, logFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  for (;;) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`the registry did not start:\n${await readFile(logFile, 'utf8')}`)
    }
    try {
      if ((await fetch('/v2/')).status === 200) return
    } catch (error) {
      if (!isCode(error, 'ECONNREFUSED')) throw error
    }
    await sleep(20)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve()
    }),
  )
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}

interface Answer {
  readonly status: number
  readonly header: (name: string) => string
  readonly body: Buffer
}

type Fetch = (path: string, accept?: string) => Promise<Answer>

/** HTTP client. The global `fetch` accepts no certificate, and keeps connections open after the test. */
function fetcher(url: string, options: RegistryOptions, certificate: Buffer | undefined): Fetch {
  const auth = options.login && `${options.login.username}:${options.login.password}`
  const request = options.tls === true ? httpsRequest : httpRequest
  return async (path, accept) => {
    const headers = {...(accept === undefined ? {} : {accept}), ...(await tokenHeader(options, path))}
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, url), {auth, headers, ca: certificate, agent: false}, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('error', reject)
        response.once('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            header: (name) => String(response.headers[name] ?? ''),
            body: Buffer.concat(chunks),
          })
        })
      })
      sent.once('error', reject)
      sent.end()
    })
  }
}

async function tokenHeader({token}: RegistryOptions, path: string): Promise<{readonly authorization?: string}> {
  if (token === undefined) return {}
  const [, repository] = /^\/v2\/(.+)\/(?:tags|manifests|blobs)\//.exec(path) ?? []
  const access: readonly Access[] = repository === undefined ? [] : [{repository, actions: ['pull']}]
  return {authorization: `Bearer ${await token.token(access)}`}
}

function readers(fetch: Fetch): Pick<Registry, 'tags' | 'manifest' | 'blob'> {
  return {
    async tags(repository) {
      const answer = await fetch(`/v2/${repository}/tags/list`)
      if (answer.status === 404) return []
      const list = JSON.parse(found(answer, `tags of ${repository}`).body.toString()) as {tags: string[] | null}
      return list.tags ?? []
    },
    async manifest(repository, reference) {
      const answer = await fetch(`/v2/${repository}/manifests/${reference}`, MANIFEST_TYPES)
      if (answer.status === 404) return undefined
      const {header, body} = found(answer, `manifest ${repository}@${reference}`)
      return {
        digest: header('docker-content-digest'),
        mediaType: header('content-type'),
        bytes: body,
        json: JSON.parse(body.toString()) as unknown,
      }
    },
    async blob(repository, digest) {
      return found(await fetch(`/v2/${repository}/blobs/${digest}`), `blob ${repository}@${digest}`).body
    },
  }
}

function found(answer: Answer, what: string): Answer {
  if (answer.status === 200) return answer
  throw new Error(`the registry answers ${answer.status} for ${what}: ${answer.body.toString()}`)
}

import {execFile} from 'node:child_process'
import {createHash, randomBytes} from 'node:crypto'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {promisify} from 'node:util'
import {rawRequest} from '../raw-http.ts'
import {startRegistry, type Registry} from '../registry.ts'
import {startRelay, type Relay, type RelayAnswer, type RelayedRequest} from '../relay.ts'
import {startTokenServer, type TokenServer} from '../token-server.ts'
import {workspaceOf, type Workspace} from '../workspace.ts'
import {passwordUser, startPasswordService, type PasswordService} from './short-passwords.ts'

/**
 * Real registry with a private base image, whose credentials end at barriers. A stand-in issues the passwords, and a relay
 * refuses what has ended, as a registry does.
 */
export interface ExpiringRegistry extends AsyncDisposable {
  readonly passwords: PasswordService
  readonly relay: Relay
  readonly registry: Registry
  /** Build of an image on the base image. */
  readonly workspace: Workspace
  /** `Authorization` headers of BuildKit, without repetitions. */
  readonly headers: readonly string[]
}

export interface ExpiringOptions {
  readonly scheme: 'Basic' | 'Bearer'
  /** Life in seconds that the service states. */
  readonly lifeSeconds: number
  /**
   * Requests of BuildKit, `METHOD PATH`, by whose first one every password, and every header that was used before, has
   * ended.
   */
  readonly barriers: readonly RegExp[]
  /** Called at each barrier, while BuildKit waits. */
  readonly look?: (issued: readonly string[]) => Promise<void>
  /** Whether anything ends at the barriers. Default: true. */
  readonly ends?: boolean
}

export async function startExpiringRegistry({
  scheme,
  lifeSeconds,
  barriers,
  look,
  ends = true,
}: ExpiringOptions): Promise<ExpiringRegistry> {
  await using stack = new AsyncDisposableStack()
  const passwords = stack.use(await startPasswordService(lifeSeconds))
  const tokens: TokenServer | undefined =
    scheme === 'Bearer' ? stack.use(await startTokenServer({users: passwords.users, lifetimeSeconds: 60})) : undefined
  const registry = stack.use(await startRegistry({...(tokens !== undefined && {token: tokens})}))
  await pushBase(registry, tokens)
  const seen = new Set<string>()
  const headers = new Set<string>()
  const ended = new Set<string>()
  const left = [...barriers]
  const respond = async ({method, path: address, headers: given}: RelayedRequest): Promise<RelayAnswer | undefined> => {
    const authorization = given.authorization ?? ''
    const isBuildKit = given['user-agent']?.startsWith('buildkit') === true
    const index = left.findIndex(
      (barrier) => isBuildKit && authorization !== '' && barrier.test(`${method} ${address}`),
    )
    if (index !== -1) {
      left.splice(index, 1)
      await look?.(passwords.issued)
      if (ends) {
        passwords.revoke()
        for (const header of seen) ended.add(header)
      }
    }
    if (ended.has(authorization)) return refusal(scheme, tokens)
    if (scheme === 'Basic' && authorization !== basic(passwords)) return refusal(scheme, tokens)
    if (authorization !== '') seen.add(authorization)
    if (isBuildKit && authorization !== '') headers.add(authorization)
    return undefined
  }
  const relay = stack.use(await startRelay(registry.host, respond))
  const workspace = stack.use(
    await workspaceOf({
      // BuildKit reads the base image only for a step on it.
      Dockerfile: [`FROM ${relay.host}/team/base:1`, 'COPY content /'],
      content: randomBytes(8).toString('hex'),
    }),
  )
  const kept = stack.move()
  return {
    passwords,
    relay,
    registry,
    workspace,
    get headers() {
      return [...headers]
    },
    [Symbol.asyncDispose]: async () => kept.disposeAsync(),
  }
}

function basic({users}: PasswordService): string | undefined {
  const password = users[passwordUser]
  return password === undefined ? undefined : `Basic ${Buffer.from(`${passwordUser}:${password}`).toString('base64')}`
}

function refusal(scheme: ExpiringOptions['scheme'], tokens: TokenServer | undefined): RelayAnswer {
  const {realm = '', service = ''} = tokens?.configuration ?? {}
  const challenge =
    scheme === 'Basic' ? 'Basic realm="ecr"' : `Bearer realm="${realm}",service="${service}",error="invalid_token"`
  return {status: 401, headers: {'www-authenticate': challenge}, body: '{"errors": [{"code": "UNAUTHORIZED"}]}'}
}

/** Pushes an image with new content, which no engine has yet. */
async function pushBase(registry: Registry, tokens: TokenServer | undefined): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tagboat-base-'))
  await writeFile(path.join(directory, 'content'), randomBytes(64))
  const {stdout} = await promisify(execFile)('tar', ['-C', directory, '-cf', '-', 'content'], {encoding: 'buffer'})
  await rm(directory, {recursive: true})
  const repository = 'team/base'
  const headers = tokens && {
    authorization: `Bearer ${tokens.token([{repository, actions: ['pull', 'push']}])}`,
  }
  const layer = await pushBlob(registry.host, stdout, {...headers})
  const config = await pushBlob(
    registry.host,
    Buffer.from(
      JSON.stringify({
        architecture: 'amd64',
        os: 'linux',
        config: {},
        rootfs: {type: 'layers', diff_ids: [layer.digest]},
      }),
    ),
    {...headers},
  )
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: {mediaType: 'application/vnd.oci.image.config.v1+json', ...config},
    layers: [{mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer}],
  }
  const put = {method: 'PUT', path: `/v2/${repository}/manifests/1`, headers: {...headers, 'content-type': mediaType}}
  const {status} = await rawRequest(registry.host, {...put, body: JSON.stringify(manifest)})
  if (status !== 201) throw new Error(`the base image was not pushed: ${status}`)
}

interface Blob {
  readonly digest: string
  readonly size: number
}

async function pushBlob(host: string, bytes: Buffer, headers: Readonly<Record<string, string>>): Promise<Blob> {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const start = await rawRequest(host, {method: 'POST', path: '/v2/team/base/blobs/uploads/', headers})
  const target = new URL(start.header('location') ?? '', `http://${host}`)
  target.searchParams.set('digest', digest)
  const {status} = await rawRequest(host, {method: 'PUT', path: target.href, headers, body: bytes})
  if (status !== 201) throw new Error(`a blob of the base image was not pushed: ${status}`)
  return {digest, size: bytes.byteLength}
}

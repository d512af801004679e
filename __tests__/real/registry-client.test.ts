import {execFile} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {promisify} from 'node:util'
import {describe, expect, test} from '@jest/globals'
import {httpClient} from '../../src/io/http.ts'
import {Secret} from '../../src/errors/secret.ts'
import {digestOf} from '../../src/oci/digest.ts'
import type {RegistryOptions} from '../../src/registry/client.ts'
import type {RegistryCredentials} from '../../src/registry/auth/credentials.ts'
import type {RepositoryClient} from '../../src/registry/repository-client.ts'
import type {ManifestContent} from '../../src/oci/manifest.ts'
import {sendBlob} from '../../src/registry/images/send.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {bytesOf, randomBlob, testBlob, testClients, type TestClients} from '../../testing/registry-client.ts'
import {startRelay} from '../../testing/relay.ts'
import {startTokenServer} from '../../testing/token-server.ts'

const run = promisify(execFile)
const mona = {username: 'mona', password: 's3cret:with colon'}

function clientsFor(options: Partial<RegistryOptions> = {}): TestClients {
  return testClients(httpClient(new AbortController().signal, {}), options)
}

function as(credentials: RegistryCredentials): Partial<RegistryOptions> {
  return {credentials: async () => Promise.resolve(credentials)}
}

const monaLogin: RegistryCredentials = {
  kind: 'basic',
  username: mona.username,
  password: new Secret(mona.password),
}

/** Pushes an image of one small layer. */
async function pushImage(client: RepositoryClient, tag: string, note = ''): Promise<ManifestContent> {
  const layer = testBlob(Buffer.from('layer'))
  const config = testBlob(Buffer.from('{}'))
  for (const blob of [layer, config]) await client.uploadBlob(blob, blob.open)
  const descriptor = ({digest, sizeBytes}: typeof layer, mediaType: string): object => ({
    mediaType,
    digest,
    size: sizeBytes,
  })
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: descriptor(config, 'application/vnd.oci.image.config.v1+json'),
      layers: [descriptor(layer, 'application/vnd.oci.image.layer.v1.tar')],
      annotations: {note},
    }),
  )
  const content = {digest: digestOf(bytes), mediaType: 'application/vnd.oci.image.manifest.v1+json', bytes}
  await client.putManifest(tag, content)
  return content
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'done',
    (error: unknown) => (typeof error === 'object' && error !== null && 'code' in error ? error.code : error),
  )
}

/** Uses all operations of a client once. */
async function everything(client: RepositoryClient): Promise<void> {
  expect(await client.tags()).toEqual([])
  expect(await client.head('1.2.3')).toBeUndefined()
  const content = await pushImage(client, '1.2.3')
  const {digest, mediaType} = content
  await client.putManifest(digest, content)
  expect(await client.head('1.2.3')).toEqual({digest, mediaType, sizeBytes: content.bytes.byteLength})
  expect(await client.manifest(digest)).toEqual(content)
  expect(await client.tags()).toEqual(['1.2.3'])
  const layer = testBlob(Buffer.from('layer'))
  expect(await client.hasBlob(layer)).toBe(true)
  expect((await bytesOf(client.readBlob(layer))).toString()).toBe('layer')
  await client.deleteManifest(digest)
  await client.deleteManifest(digest)
  expect(await client.head('1.2.3')).toBeUndefined()
}

describe('against the distribution registry', () => {
  test('without a login', async () => {
    await using registry = await startRegistry()
    using clients = clientsFor()
    await everything(clients.of(registry.host, 'octocat/app'))
    expect(clients.lines).toEqual([])
    const pings = (await registry.requests()).filter(({path, userAgent}) => path === '/v2/' && userAgent === 'tagboat')
    expect(pings).toHaveLength(1)
  })

  test('with a password', async () => {
    await using registry = await startRegistry({login: mona})
    using clients = clientsFor(as(monaLogin))
    await everything(clients.of(registry.host, 'octocat/app'))
    // The client has used the challenge of the first answer.
    const refused = (await registry.requests()).filter(
      ({status, userAgent}) => status === 401 && userAgent === 'tagboat',
    )
    expect(refused.map(({path}) => path)).toEqual(['/v2/'])
  })

  test.each([
    {name: 'a wrong one', credentials: {...monaLogin, password: new Secret('wrong')}, refusal: 'login-refused'},
    {name: 'none', credentials: undefined, refusal: undefined},
  ])('with a password, to $name', async ({credentials, refusal}) => {
    await using registry = await startRegistry({login: mona})
    using clients = clientsFor(credentials === undefined ? {} : as(credentials))
    const client = clients.of(registry.host, 'octocat/app')
    const blob = randomBlob(10)
    expect(await codeOf(client.head('1'))).toBe(refusal ?? 'pull-denied')
    expect(await codeOf(client.tags())).toBe('tags-unlisted')
    expect(await codeOf(client.uploadBlob(blob, blob.open))).toBe(refusal ?? 'push-denied')
    expect(clients.waits).toEqual([])
  })

  test('with a token server, with the minimum scope', async () => {
    await using tokens = await startTokenServer({users: {mona: mona.password}, identityTokens: {refresh: 'mona'}})
    await using registry = await startRegistry({token: tokens})
    using clients = clientsFor(as(monaLogin))
    await everything(clients.of(registry.host, 'octocat/app'))
    expect(tokens.requests.map(({method, scopes}) => ({method, scopes}))).toEqual([
      {method: 'GET', scopes: ['repository:octocat/app:pull']},
      {method: 'GET', scopes: ['repository:octocat/app:pull,push']},
      {method: 'GET', scopes: ['repository:octocat/app:pull,push,delete']},
    ])
  })

  test('with a token server and an identity token', async () => {
    await using tokens = await startTokenServer({users: {mona: mona.password}, identityTokens: {refresh: 'mona'}})
    await using registry = await startRegistry({token: tokens})
    using clients = clientsFor(as({kind: 'identity-token', token: new Secret('refresh')}))
    await everything(clients.of(registry.host, 'octocat/app'))
    expect(new Set(tokens.requests.map(({method}) => method))).toEqual(new Set(['POST']))
  })

  test('with a token server that refuses the login, or issues an insufficient scope', async () => {
    const allows = (user: string | undefined): readonly ['pull'] | readonly [] => (user === undefined ? [] : ['pull'])
    await using tokens = await startTokenServer({users: {mona: mona.password}, allows})
    await using registry = await startRegistry({token: tokens})
    const refused = {...monaLogin, password: new Secret('wrong')}
    using wrong = clientsFor(as(refused))
    expect(await codeOf(wrong.of(registry.host, 'octocat/app').head('1'))).toBe('login-refused')
    using reader = clientsFor(as(monaLogin))
    const client = reader.of(registry.host, 'octocat/app')
    const blob = randomBlob(10)
    expect(await client.head('1')).toBeUndefined()
    expect(await codeOf(client.uploadBlob(blob, blob.open))).toBe('push-denied')
    expect(reader.lines).toEqual([])
  })

  test('with TLS and a custom authority', async () => {
    await using registry = await startRegistry({tls: true, login: mona})
    const ca = [await readFile(registry.certificateFile ?? '', 'utf8')]
    using clients = clientsFor({...as(monaLogin), tls: async () => Promise.resolve({ca})})
    await everything(clients.of(registry.host, 'octocat/app'))
  })

  test('with TLS and an authority of the system', async () => {
    await using registry = await startRegistry({tls: true})
    const http = path.join(import.meta.dirname, '../../src/io/http.ts')
    const program = `
      const {httpClient} = await import(${JSON.stringify(http)})
      using client = httpClient(new AbortController().signal, {})
      for (const _ of [1, 2]) {
        const {status} = await client.send({method: 'GET', url: new URL('${registry.url}/v2/'), headers: {}})
        console.log(status)
      }`
    const ask = async (trusted: string): Promise<string> => {
      const args = ['--no-warnings', '--input-type=module', '--eval', program]
      const env = {SSL_CERT_FILE: trusted}
      return run(process.execPath, args, {env}).then(
        ({stdout}) => stdout,
        (error: unknown) => String(error),
      )
    }
    // OpenSSL reads the authorities of the system from there.
    expect(await ask(registry.certificateFile ?? '')).toBe('200\n200\n')
    expect(await ask('/etc/hostname')).toContain('DEPTH_ZERO_SELF_SIGNED_CERT')
  })

  test('with an untrusted certificate on this machine, as in Docker', async () => {
    await using registry = await startRegistry({tls: true})
    using clients = clientsFor()
    await everything(clients.of(registry.host, 'octocat/app'))
  })

  test('with TLS and an unknown authority', async () => {
    await using registry = await startRegistry({tls: true})
    await using other = await startRegistry({tls: true})
    const ca = [await readFile(other.certificateFile ?? '', 'utf8')]
    using clients = clientsFor({tls: async () => Promise.resolve({ca})})
    expect(await codeOf(clients.of(registry.host, 'octocat/app').head('1'))).toBe('registry-unreachable')
  })
})

describe('blobs of the distribution registry', () => {
  const sizes = {monolithicBytes: 1_000_000, chunkBytes: 300_000}

  async function stored(registry: Registry, size: number): Promise<readonly string[]> {
    using clients = clientsFor({sizes})
    const client = clients.of(registry.host, 'octocat/app')
    const blob = randomBlob(size)
    expect(await client.hasBlob(blob)).toBe(false)
    await client.uploadBlob(blob, blob.open)
    expect((await bytesOf(client.readBlob(blob))).equals(blob.bytes)).toBe(true)
    return (await registry.requests()).filter(({userAgent}) => userAgent === 'tagboat').map(({method}) => method)
  }

  test.each([
    {name: 'none', size: 0, expected: ['GET', 'HEAD', 'POST', 'PUT', 'GET']},
    {name: 'in one piece', size: 1_000_000, expected: ['GET', 'HEAD', 'POST', 'PUT', 'GET']},
    {
      name: 'in chunks',
      size: 1_000_001,
      expected: ['GET', 'HEAD', 'POST', 'PATCH', 'PATCH', 'PATCH', 'PATCH', 'PUT', 'GET'],
    },
  ])('$name', async ({size, expected}) => {
    await using registry = await startRegistry()
    expect(await stored(registry, size)).toEqual(expected)
  })

  test('a blob of another repository is mounted if it exists', async () => {
    await using registry = await startRegistry()
    using clients = clientsFor()
    const blob = randomBlob(1000)
    const [from, to] = [clients.of(registry.host, 'octocat/from'), clients.of(registry.host, 'octocat/to')]
    expect(await to.mountBlob(blob, from.repository)).toBe(false)
    await from.uploadBlob(blob, blob.open)
    expect(await to.mountBlob(blob, from.repository)).toBe(true)
    expect((await bytesOf(to.readBlob(blob))).equals(blob.bytes)).toBe(true)
  })

  /** Methods and statuses of what was done to `octocat/to`. */
  async function answers(registry: Registry): Promise<readonly string[]> {
    const requests = (await registry.requests()).filter(
      ({method, path: at}) => method !== 'GET' && at.startsWith('/v2/octocat/to/'),
    )
    return requests.map(({method, status}) => `${method} ${status}`)
  }

  test('a mount that became an upload is continued, or cancelled if the blob exists', async () => {
    await using registry = await startRegistry()
    using clients = clientsFor()
    const blob = randomBlob(1000)
    const [from, to] = [clients.of(registry.host, 'octocat/from'), clients.of(registry.host, 'octocat/to')]
    await sendBlob(blob, to, blob.open, from.repository)
    expect(await answers(registry)).toEqual(['POST 202', 'HEAD 404', 'PUT 201'])
    expect((await bytesOf(to.readBlob(blob))).equals(blob.bytes)).toBe(true)

    const before = (await answers(registry)).length
    await sendBlob(blob, clients.of(registry.host, 'octocat/to'), blob.open, {
      host: registry.host,
      path: 'octocat/none',
    })
    expect((await answers(registry)).slice(before)).toEqual(['POST 202', 'HEAD 200', 'DELETE 204'])
  })

  test('wrong bytes are not stored', async () => {
    await using registry = await startRegistry()
    using clients = clientsFor()
    const client = clients.of(registry.host, 'octocat/app')
    const [blob, other] = [randomBlob(200_000), randomBlob(200_000)]
    expect(await codeOf(client.uploadBlob(blob, other.open))).toBe('content-corrupt')
    expect(await client.hasBlob(blob)).toBe(false)
    expect(await client.hasBlob(other)).toBe(false)
  })

  test.each([
    {name: 'in one piece', size: 900_000, method: 'PUT'},
    {name: 'in chunks', size: 1_000_001, method: 'PATCH'},
  ])('an upload is completed after a 503: $name', async ({size, method}) => {
    await using registry = await startRegistry()
    let met = 0
    await using relay = await startRelay(registry.host, (request) => {
      if (request.method !== method) return undefined
      met += 1
      return met === 2 || (method === 'PUT' && met === 1) ? {status: 503} : undefined
    })
    using clients = clientsFor({sizes})
    const client = clients.of(relay.host, 'octocat/app')
    const blob = randomBlob(size)
    await client.uploadBlob(blob, blob.open)
    expect((await registry.blob('octocat/app', blob.digest)).equals(blob.bytes)).toBe(true)
    expect(
      clients.lines.every(
        (line) =>
          /: (?:PUT|PATCH|GET) blobs\/sha256:\w+ failed \(503\)/.test(line) && line.includes(`: ${method} blobs/`),
      ),
    ).toBe(true)
    expect(clients.lines.length).toBeGreaterThan(0)
  })
})

describe('tags of the distribution registry', () => {
  test('are complete, with or without pages', async () => {
    await using registry = await startRegistry()
    using clients = clientsFor()
    const client = clients.of(registry.host, 'octocat/app')
    const content = await pushImage(client, 'v0')
    const names = Array.from({length: 25}, (_, number) => `v${number}`)
    await Promise.all(names.map(async (name) => client.putManifest(name, content)))
    expect([...(await client.tags())].sort()).toEqual([...names].sort())
  })
})

describe('referrers of the distribution registry', () => {
  test('are in the fallback tag', async () => {
    await using registry = await startRegistry()
    using clients = clientsFor()
    const client = clients.of(registry.host, 'octocat/app')
    const {digest} = await pushImage(client, '1')
    expect(await client.referrers(digest)).toEqual([])
    const signature = await pushImage(client, 'signature', 'signature')
    const mediaType = 'application/vnd.oci.image.index.v1+json'
    const manifests = [{mediaType: signature.mediaType, digest: signature.digest, size: signature.bytes.byteLength}]
    const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, manifests}))
    await client.putManifest(digest.replace(':', '-'), {digest: digestOf(bytes), mediaType, bytes})
    expect((await client.referrers(digest)).map((one) => one.digest)).toEqual([signature.digest])
  })
})

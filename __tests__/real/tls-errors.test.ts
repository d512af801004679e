import {createServer as createPlainServer, type Server} from 'node:net'
import {createServer as createSecureServer} from 'node:https'
import {readFile} from 'node:fs/promises'
import type {AddressInfo} from 'node:net'
import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../src/errors/error.ts'
import {httpClient} from '../../src/io/http.ts'
import {unreachable} from '../../src/registry/failure.ts'
import {
  certificateFiles,
  makeCertificate,
  makeExpiredCertificate,
  type CertificateFiles,
} from '../../testing/certificate.ts'
import {temporaryDirectory} from '../../testing/fake-io.ts'
import {testClients} from '../../testing/registry-client.ts'
import {startRegistry} from '../../testing/registry.ts'

interface Listening extends AsyncDisposable {
  readonly host: string
}

async function listening(server: Server): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  const closed = async (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve()
      })
    })
  return {host: `127.0.0.1:${port}`, [Symbol.asyncDispose]: closed}
}

/** Error of a request over HTTPS to a host. */
async function errorOf(host: string): Promise<TagboatError> {
  using http = httpClient(new AbortController().signal, {})
  const url = new URL(`https://${host}/v2/`)
  const hide = (text: string): string => text
  return await http.send({method: 'GET', url, headers: {}}).then(
    () => {
      throw new Error('there was a response')
    },
    (error: unknown) => unreachable({host, method: 'GET', url, hide}, error),
  )
}

function expectPlainWords({message, evidence, remedy}: TagboatError, values: readonly string[]): void {
  const text = [message, ...evidence, remedy].join('\n')
  for (const value of values) expect(text).toContain(value)
  expect(text).not.toMatch(/EPROTO|SSL|:error:|routines/)
}

/** Error of a request to a server with this certificate, which the client trusts. */
async function errorOfTrusted({certificate, key}: CertificateFiles): Promise<TagboatError> {
  const cert = await readFile(certificate, 'utf8')
  await using server = await listening(createSecureServer({cert, key: await readFile(key, 'utf8')}))
  using clients = testClients(httpClient(new AbortController().signal, {}), {
    tls: async () => Promise.resolve({ca: [cert]}),
  })
  const error = await clients
    .of(server.host, 'octocat/app')
    .head('1')
    .catch((thrown: unknown) => thrown)
  if (!(error instanceof TagboatError)) throw new Error('no TagboatError', {cause: error})
  return error
}

describe('a TLS connection that fails', () => {
  test('by plain HTTP', async () => {
    await using registry = await startRegistry()
    expectPlainWords(await errorOf(registry.host), [registry.host, 'insecure-registries', 'without TLS'])
  })

  test('because another program responds', async () => {
    await using server = await listening(
      createPlainServer((socket) => {
        socket
          .on('error', () => undefined)
          .end(Buffer.concat([Buffer.from([22, 3, 1, 255, 255]), Buffer.alloc(70_000)]))
      }),
    )
    expectPlainWords(await errorOf(server.host), ['insecure-registries', 'port in `images`'])
  })

  test('by a self-signed certificate', async () => {
    await using registry = await startRegistry({tls: true})
    expectPlainWords(await errorOf(registry.host), ['self-signed', `/etc/docker/certs.d/${registry.host}/ca.crt`])
  })

  test('because the certificate has expired', async () => {
    await using directory = await temporaryDirectory()
    const {certificate, key} = await makeExpiredCertificate(directory.path, 'expired-registry')
    expectPlainWords(await errorOfTrusted({certificate, key}), ['has expired', 'clock'])
  })

  test('because the registry has another name', async () => {
    await using directory = await temporaryDirectory()
    await makeCertificate(directory.path, 'other-registry', 'DNS:registry.example')
    expectPlainWords(await errorOfTrusted(certificateFiles(directory.path)), ['another host name', 'images'])
  })
})

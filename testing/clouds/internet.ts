import {execFile} from 'node:child_process'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import type {IncomingMessage} from 'node:http'
import {createServer} from 'node:https'
import {tmpdir} from 'node:os'
import type {Duplex} from 'node:stream'
import path from 'node:path'
import {promisify} from 'node:util'
import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {startConnectProxy} from '../connect-proxy.ts'
import {missing} from '../missing.ts'

/** Servers of clouds under their real names, behind a proxy and a certificate authority of the test. */
export interface Internet extends AsyncDisposable {
  /** Variables of a process that reaches these servers, and no others by HTTPS. */
  readonly environment: Readonly<Record<string, string>>
  /** Requests as `GET host/path`, in order. */
  readonly requests: readonly string[]
}

type Answer = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>

/** Starts one HTTPS server for all hosts, with a certificate for them. It listens on a loopback address. */
export async function startInternet(hosts: readonly string[], answer: Answer): Promise<Internet> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tagboat-internet-'))
  const {certificate, key} = await certificateFor(hosts, folder)
  const requests: string[] = []
  const sockets = new Set<Duplex>()
  const files = {cert: await readFile(certificate), key: await readFile(key)}
  const server = createServer(files, (incoming, outgoing) => {
    void (async () => {
      const request = await requestOf(incoming)
      requests.push(`${request.method} ${request.url.host}${request.url.pathname}`)
      const {status, headers, body} = await answer(request)
      const present = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
      outgoing.writeHead(status, Object.fromEntries(present)).end(request.method === 'HEAD' ? undefined : body)
    })()
  })
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  const proxy = await startConnectProxy(`127.0.0.1:${address.port}`)
  return {
    environment: {https_proxy: proxy.url, no_proxy: '', NODE_EXTRA_CA_CERTS: certificate},
    requests,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      })
      await rm(folder, {recursive: true})
    },
  }
}

async function requestOf(incoming: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const)
  return {
    method: incoming.method as HttpRequest['method'],
    url: new URL(incoming.url ?? '/', `https://${incoming.headers.host ?? ''}`),
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
  }
}

async function certificateFor(
  hosts: readonly string[],
  folder: string,
): Promise<{readonly certificate: string; readonly key: string}> {
  const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) => path.join(folder, name))
  if (certificate === undefined || key === undefined) throw new TypeError('no paths')
  const names = `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}`
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const files = ['-keyout', key, '-out', certificate]
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    ...curve,
    '-subj',
    '/CN=clouds',
    '-addext',
    names,
    ...files,
  ]).catch((error: unknown) => {
    throw missing('openssl', error)
  })
  return {certificate, key}
}

import {spawn} from 'node:child_process'
import type {ServerResponse} from 'node:http'
import {createServer} from 'node:https'
import type {AddressInfo} from 'node:net'
import type {Duplex} from 'node:stream'
import {readFile} from 'node:fs/promises'
import {containerName} from './kubelet.ts'
import {SpdyConnection, type SpdyStream} from './spdy.ts'
import type {CertificateFiles} from '../certificate.ts'

/** HTTPS server of a node for `exec` and logs, which the API server asks in the name of a client. */
export interface ExecServer extends AsyncDisposable {
  readonly port: number
}

export interface ExecOptions {
  readonly certificate: CertificateFiles
  /** Certificate of the API server as a client. */
  readonly client: CertificateFiles
}

const logPath = /^\/containerLogs\/([a-z0-9.-]+)\/([a-z0-9.-]+)\/([a-z0-9.-]+)$/
const execPath = /^\/exec\/([a-z0-9.-]+)\/([a-z0-9.-]+)\/([a-z0-9.-]+)$/
const protocol = 'v4.channel.k8s.io'

/**
 * Starts the server. It serves `POST /exec/NAMESPACE/POD/CONTAINER`, upgraded to SPDY/3.1 with the protocol
 * `v4.channel.k8s.io`, and runs the command with `docker exec`. It rejects clients without the certificate of the API
 * server, other paths and other parameters. `GET /containerLogs/NAMESPACE/POD/CONTAINER` is the log of a container.
 */
export async function startExecServer({certificate, client}: ExecOptions): Promise<ExecServer> {
  const [cert, key, ca] = await Promise.all([
    readFile(certificate.certificate),
    readFile(certificate.key),
    readFile(client.certificate),
  ])
  const server = createServer({cert, key, ca, requestCert: true, rejectUnauthorized: true})
  const sockets = new Set<Duplex>()
  server.on('connection', (socket: Duplex) => sockets.add(socket))
  server.on('request', (request, response) => {
    const url = new URL(request.url ?? '', 'https://node')
    const [, namespace = '', pod = '', container = ''] = logPath.exec(url.pathname) ?? []
    const lines = url.searchParams.get('tailLines') ?? 'all'
    if (container === '') response.writeHead(404).end()
    else sendLog(['logs', '--tail', lines, containerName(namespace, pod, container)], response)
  })
  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined)
    const url = new URL(request.url ?? '', 'https://node')
    const [, namespace = '', pod = '', container = ''] = execPath.exec(url.pathname) ?? []
    const offered = [request.headers['x-stream-protocol-version'] ?? ''].flat().join(',')
    const isSpdy = request.method === 'POST' && request.headers.upgrade === 'SPDY/3.1' && offered.includes(protocol)
    if (!isSpdy || !hasExecParameters(url.searchParams)) refuse(socket, '400 Bad Request')
    else if (container === '') refuse(socket, '404 Not Found')
    else {
      const headers = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', `X-Stream-Protocol-Version: ${protocol}`]
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join('\r\n')}\r\n\r\n`)
      serve(new SpdyConnection(socket, head), [
        'exec',
        '--interactive',
        containerName(namespace, pod, container),
        ...url.searchParams.getAll('command'),
      ])
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) =>
        server.close(() => {
          resolve()
        }),
      )
    },
  }
}

/** Sends both outputs of a command, as the log of a container. */
function sendLog(args: readonly string[], response: ServerResponse): void {
  const child = spawn('docker', args, {stdio: ['ignore', 'pipe', 'pipe']})
  response.writeHead(200, {'Content-Type': 'text/plain'})
  for (const stream of [child.stdout, child.stderr]) stream.pipe(response, {end: false})
  child.once('close', () => response.end())
}

/** Reports whether these are the parameters of a command with three streams and no terminal. */
function hasExecParameters(parameters: URLSearchParams): boolean {
  const streams = ['input', 'output', 'error']
  const known = new Set(['command', ...streams])
  return (
    parameters.has('command') &&
    streams.every((name) => parameters.get(name) === '1') &&
    [...parameters.keys()].every((name) => known.has(name))
  )
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** Runs the command once its four streams are open. */
function serve(connection: SpdyConnection, args: readonly string[]): void {
  const streams = new Map<string, SpdyStream>()
  connection.on('stream', (stream) => {
    streams.set(stream.headers.get('streamtype') ?? '', stream)
    const [error, stdin, stdout, stderr] = ['error', 'stdin', 'stdout', 'stderr'].map((name) => streams.get(name))
    if (error === undefined || stdin === undefined || stdout === undefined || stderr === undefined) return
    run(connection, args, {error, stdin, stdout, stderr})
  })
}

type Streams = Readonly<Record<'error' | 'stdin' | 'stdout' | 'stderr', SpdyStream>>

function run({socket}: SpdyConnection, args: readonly string[], {error, stdin, stdout, stderr}: Streams): void {
  const child = spawn('docker', args, {stdio: 'pipe'})
  child.stdin.on('error', () => undefined)
  stdin.on('data', (chunk) => {
    if (child.stdin.write(chunk)) return
    socket.pause()
    child.stdin.once('drain', () => socket.resume())
  })
  stdin.on('end', () => child.stdin.end())
  for (const [from, to] of [
    [child.stdout, stdout],
    [child.stderr, stderr],
  ] as const) {
    from.on('data', (chunk: Buffer) => {
      if (to.write(chunk)) return
      from.pause()
      socket.once('drain', () => from.resume())
    })
  }
  socket.once('close', () => child.kill())
  child.once('close', (code) => {
    error.write(Buffer.from(JSON.stringify(statusOf(code ?? 1))))
    for (const stream of [error, stdout, stderr, stdin]) stream.end()
  })
}

/** Status of an ended command: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
function statusOf(code: number): unknown {
  const kind = {kind: 'Status', apiVersion: 'v1', metadata: {}}
  if (code === 0) return {...kind, status: 'Success'}
  return {
    ...kind,
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with exit code ${code}`,
    details: {causes: [{reason: 'ExitCode', message: `${code}`}]},
  }
}

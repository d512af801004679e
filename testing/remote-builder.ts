import {request} from 'node:http'
import {createServer, type AddressInfo, type Socket} from 'node:net'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import type {Duplex} from 'node:stream'
import {docker, engineAddress, pluginDirectory} from './docker.ts'

/** BuildKit on a TCP port. */
export interface Endpoint extends AsyncDisposable {
  /** Address such as `tcp://127.0.0.1:1234`. */
  readonly address: string
  /** Platforms of each requested solve, such as `linux/amd64,linux/arm64`, in order of the first request. */
  solves(): readonly string[]
  /** Digests of the content that was read, in order. */
  reads(): readonly string[]
}

/** Docker configuration with a builder of the user. */
export interface RemoteBuilder {
  /** Value for `DOCKER_CONFIG`, which contains the builder. */
  readonly config: string
  readonly name: string
  /** Endpoints of the nodes. */
  readonly endpoints: readonly Endpoint[]
  [Symbol.asyncDispose](): Promise<void>
}

export interface RemoteNode {
  /** Value for `--platform`. */
  readonly platforms?: string
  /** Address of the engine whose BuildKit is the node. Default: the engine of the tests. */
  readonly engine?: string
}

/**
 * Creates a builder with driver `remote`. Each node is the BuildKit of the engine (`POST /grpc`, upgraded to h2c) on a TCP
 * port. Unlike the builder `default`, and like driver `docker-container`, it does not load images into the engine by
 * default. Its nodes are `NAME0`, `NAME1` and so on, and each endpoint records its requests.
 */
export async function startRemoteBuilder(name: string, nodes: readonly RemoteNode[] = [{}]): Promise<RemoteBuilder> {
  const endpoints = await Promise.all(nodes.map(startEndpoint))
  const config = await makeConfig()
  for (const [index, {platforms}] of nodes.entries()) {
    const platform = platforms === undefined ? [] : ['--platform', platforms]
    const mode = index === 0 ? ['--driver', 'remote'] : ['--append']
    const node = ['--name', name, '--node', `${name}${index}`]
    await docker(['buildx', 'create', ...node, ...mode, ...platform, endpoints[index]?.address ?? ''], config)
  }
  return {
    config,
    name,
    endpoints,
    async [Symbol.asyncDispose]() {
      await Promise.all(endpoints.map(async (endpoint) => endpoint[Symbol.asyncDispose]()))
      await rm(config, {recursive: true, force: true})
    },
  }
}

async function startEndpoint({engine: chosen}: RemoteNode): Promise<Endpoint> {
  const engine = chosen ?? (await engineAddress())
  if (!engine.startsWith('unix://')) throw new Error(`the engine is not on a socket of this machine: ${engine}`)
  const socketPath = engine.slice('unix://'.length)
  const sockets = new Set<Duplex>()
  const solves: string[] = []
  const reads: string[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    const upgrade = request({
      socketPath,
      method: 'POST',
      path: '/grpc',
      headers: {Connection: 'Upgrade', Upgrade: 'h2c'},
    })
    upgrade.once('error', () => socket.destroy())
    upgrade.once('upgrade', (_, buildkit, head) => {
      sockets.add(buildkit)
      // BuildKit may have sent bytes before the upgrade was complete.
      socket.write(head)
      join(socket, buildkit)
      socket.on('data', (bytes: Buffer) => {
        solves.push(...solvesIn(bytes))
        reads.push(...readsIn(bytes))
      })
    })
    upgrade.end()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const {port} = server.address() as AddressInfo
  return {
    address: `tcp://127.0.0.1:${port}`,
    solves: () => [...new Set(solves)],
    reads: () => [...reads],
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

/** Connects two streams. If one is closed, the other is closed, too. */
function join(socket: Socket, buildkit: Duplex): void {
  buildkit.on('error', () => undefined)
  socket.pipe(buildkit)
  buildkit.pipe(socket)
  socket.once('close', () => buildkit.destroy())
  buildkit.once('close', () => socket.destroy())
}

/**
 * Finds the platforms of solves. A solve contains the options of the frontend as a protobuf map with uncompressed keys
 * (field 1) and values (field 2), each after its length (moby/buildkit, api/services/control/control.proto,
 * SolveRequest.FrontendAttrs).
 */
function solvesIn(bytes: Buffer): readonly string[] {
  const text = bytes.toString('latin1')
  return [...text.matchAll(/\n\x08platform\x12([^])/g)].map((match) => {
    const start = match.index + match[0].length
    return text.slice(start, start + (match[1]?.charCodeAt(0) ?? 0))
  })
}

/** Finds the digests of requests to read content: one message of 73 bytes, whose first field is the digest. */
function readsIn(bytes: Buffer): readonly string[] {
  const text = bytes.toString('latin1')
  return [...text.matchAll(/\0{4}I\n\x47(sha256:[0-9a-f]{64})/g)].map(([, digest = '']) => digest)
}

async function makeConfig(): Promise<string> {
  const config = await mkdtemp(path.join(tmpdir(), 'tagboat-config-'))
  await mkdir(path.join(config, 'buildx'))
  await writeFile(path.join(config, 'config.json'), JSON.stringify({cliPluginsExtraDirs: [await pluginDirectory()]}))
  return config
}

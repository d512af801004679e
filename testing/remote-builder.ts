import {request} from 'node:http'
import {createServer, type AddressInfo, type Socket} from 'node:net'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import type {Duplex} from 'node:stream'
import {docker, engineAddress, pluginDirectory} from './docker.ts'

/** A BuildKit behind a TCP port. */
export interface Endpoint extends AsyncDisposable {
  /** `tcp://127.0.0.1:PORT` */
  readonly address: string
  /** The platforms of each solve that was asked for here, in order of the first request: `linux/amd64,linux/arm64`. */
  solves(): readonly string[]
}

/** A Docker configuration in which the user has created a builder. */
export interface RemoteBuilder {
  /** For `DOCKER_CONFIG`; the builder is kept below it. */
  readonly config: string
  readonly name: string
  /** One for each node. */
  readonly endpoints: readonly Endpoint[]
  [Symbol.asyncDispose](): Promise<void>
}

export interface RemoteNode {
  /** Those that are set by hand, for `--platform`. */
  readonly platforms?: string
}

/**
 * A builder with a name and driver `remote`: the engine's own BuildKit (`POST /grpc`, upgraded to h2c) behind a TCP port for
 * each node. Unlike the builder
 * `default` it keeps what it builds to itself unless told otherwise, as those of driver `docker-container` do. Its nodes are
 * called `NAME0`, `NAME1` and so on; all are the same engine, and each endpoint knows what was asked of it.
 */
export async function startRemoteBuilder(name: string, nodes: readonly RemoteNode[] = [{}]): Promise<RemoteBuilder> {
  const endpoints = await Promise.all(nodes.map(startEndpoint))
  const config = await makeConfig()
  for (const [index, {platforms}] of nodes.entries()) {
    const fixed = platforms === undefined ? [] : ['--platform', platforms]
    const place = index === 0 ? ['--driver', 'remote'] : ['--append']
    const node = ['--name', name, '--node', `${name}${index}`]
    await docker(['buildx', 'create', ...node, ...place, ...fixed, endpoints[index]?.address ?? ''], config)
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

async function startEndpoint(): Promise<Endpoint> {
  const engine = await engineAddress()
  if (!engine.startsWith('unix://')) throw new Error(`the engine is not at a socket of this machine: ${engine}`)
  const socketPath = engine.slice('unix://'.length)
  const sockets = new Set<Duplex>()
  const solves: string[] = []
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
      // BuildKit may have begun to speak.
      socket.write(head)
      join(socket, buildkit)
      socket.on('data', (bytes: Buffer) => {
        solves.push(...solvesIn(bytes))
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

/** Either end may go first, and takes the other along. */
function join(socket: Socket, buildkit: Duplex): void {
  buildkit.on('error', () => undefined)
  socket.pipe(buildkit)
  buildkit.pipe(socket)
  socket.once('close', () => buildkit.destroy())
  buildkit.once('close', () => socket.destroy())
}

/**
 * A solve carries the options of its frontend as entries of a protobuf map, as they are: key (field 1) and value (field 2),
 * each with its length (moby/buildkit, api/services/control/control.proto, SolveRequest.FrontendAttrs).
 */
function solvesIn(bytes: Buffer): readonly string[] {
  const text = bytes.toString('latin1')
  return [...text.matchAll(/\n\x08platform\x12([^])/g)].map((match) => {
    const start = match.index + match[0].length
    return text.slice(start, start + (match[1]?.charCodeAt(0) ?? 0))
  })
}

async function makeConfig(): Promise<string> {
  const config = await mkdtemp(path.join(tmpdir(), 'tagboat-config-'))
  await mkdir(path.join(config, 'buildx'))
  await writeFile(path.join(config, 'config.json'), JSON.stringify({cliPluginsExtraDirs: [await pluginDirectory()]}))
  return config
}

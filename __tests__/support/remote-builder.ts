import {spawn, type ChildProcess} from 'node:child_process'
import {createServer, type AddressInfo, type Socket} from 'node:net'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {docker, pluginDirectory} from './docker.ts'

/** A Docker configuration in which the user has created a builder. */
export interface RemoteBuilder {
  /** For `DOCKER_CONFIG`; the builder is kept below it. */
  readonly config: string
  readonly name: string
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A builder with a name and driver `remote`: the engine's own BuildKit behind a TCP port. Unlike the builder `default`
 * it keeps what it builds to itself unless told otherwise, as those of driver `docker-container` do.
 */
export async function startRemoteBuilder(name: string): Promise<RemoteBuilder> {
  const children = new Set<ChildProcess>()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    children.add(connect(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const {port} = server.address() as AddressInfo
  const config = await makeConfig()
  await docker(['buildx', 'create', '--name', name, '--driver', 'remote', `tcp://127.0.0.1:${port}`], config)
  return {
    config,
    name,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      for (const child of children) endGroup(child)
      await new Promise<void>((resolve) =>
        server.close(() => {
          resolve()
        }),
      )
      await rm(config, {recursive: true, force: true})
    },
  }
}

/** Each connection is one to the BuildKit of the current builder. */
function connect(socket: Socket): ChildProcess {
  const child = spawn('docker', ['buildx', 'dial-stdio'], {stdio: ['pipe', 'pipe', 'ignore'], detached: true})
  // Either end may go first.
  for (const stream of [socket, child.stdin]) stream.on('error', () => undefined)
  socket.pipe(child.stdin)
  child.stdout.pipe(socket)
  socket.once('close', () => {
    endGroup(child)
  })
  return child
}

/** The CLI runs Buildx as a child of its own, which outlives it. */
function endGroup({pid, exitCode}: ChildProcess): void {
  if (pid === undefined || exitCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Gone meanwhile.
  }
}

async function makeConfig(): Promise<string> {
  const config = await mkdtemp(path.join(tmpdir(), 'tagboat-config-'))
  await mkdir(path.join(config, 'buildx'))
  await writeFile(path.join(config, 'config.json'), JSON.stringify({cliPluginsExtraDirs: [await pluginDirectory()]}))
  return config
}

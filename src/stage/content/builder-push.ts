import path from 'node:path'
import type {Builder} from '../../buildx/inspect.ts'
import {runPrefix} from '../../credentials/config-directory.ts'
import {errorMessage} from '../../errors/error.ts'
import type {SocketAddress} from '../../io/connections/socket-connection.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import {buildDefinitionOf} from '../build-definition.ts'
import {buildRequest} from '../build-request.ts'
import type {BuildSession} from '../build-session.ts'
import {build, withSignal} from '../build.ts'
import type {NodesTarget} from '../nodes/build-all.ts'
import {buildxDirectory, nodeIdentity} from '../nodes/pin-to-node.ts'
import {megabytes, type Lack} from './few-bytes.ts'
import {watchLayers} from './layer-watch.ts'
import {rebuilding} from './rebuild.ts'

/** Push of layers by the builder that has them. */
export interface BuilderPush {
  readonly session: BuildSession
  readonly builder: Builder
  /** Address of the builder, if it is that of an engine. */
  readonly socket: SocketAddress | undefined
  readonly tags: NodesTarget['tags']
  readonly lacks: readonly Lack[]
  /** Ends the push. */
  readonly until: AbortSignal
}

/**
 * Lets the builder push layers, to several registries at the same time. It builds the image again, from its cache,
 * without attestations, and pushes it by digest. Only its layers matter: a manifest that differs from that of the image
 * stays without a tag. A layer that the builder does not push is read from it later.
 */
export async function pushLayers(push: BuilderPush): Promise<void> {
  const {session, lacks, until} = push
  const {io} = session
  const amounts = lacks.map(({client, bytes}) => `${megabytes(bytes)} MB to ${client.repository.host}`)
  io.workflow.info(`The builder pushes layers: ${amounts.join(', ')}.`)
  const endWatch = watchLayers(lacks, io)
  try {
    await buildAndPush(push)
  } catch (error) {
    io.signal.throwIfAborted()
    until.throwIfAborted()
    io.workflow.info(`Layers that the builder has not pushed are read from it: ${errorMessage(error)}`)
  } finally {
    endWatch()
  }
}

async function buildAndPush({session, builder, socket, tags, lacks, until}: BuilderPush): Promise<void> {
  const {dockerConfig, io} = session
  const directory = path.join(dockerConfig.directory, `${runPrefix}layers`)
  await io.files.makePrivateDirectory(directory)
  await using reached =
    builder.driver === 'docker' ? await relayedBuilder(session, socket, directory) : ownBuilder(session)
  const destination = {kind: 'layers', repositories: lacks.map(({client}) => client.repository)} as const
  const request = buildRequest(withoutAttestations(rebuilding(session).prepared), tags, destination, {
    directory,
    builder: reached.name,
    definition: buildDefinitionOf(session),
    defaultPlatform: builder.platforms[0],
  })
  const processes = withSignal(io.processes, until)
  const env = {...reached.env, ...withoutProvenance}
  await build(request, env, () => undefined, {processes, files: io.files, hide: io.workflow.hide})
}

/** Buildx need not read the provenance for its metadata: https://docs.docker.com/build/building/variables/ */
const withoutProvenance = {BUILDX_METADATA_PROVENANCE: 'disabled'}

/** The cache of the builder has everything, so caches are not read. */
function withoutAttestations(prepared: Prepared): Prepared {
  const build = {...prepared.inputs.build, attests: [], provenance: 'false', sbom: undefined, cacheFrom: []}
  return {...prepared, inputs: {...prepared.inputs, build}}
}

/** Builder, as Buildx finds it. */
interface ReachedBuilder extends AsyncDisposable {
  readonly name: string | undefined
  readonly env: Readonly<Record<string, string>>
}

function ownBuilder({builder: {name}, dockerConfig: {env}}: BuildSession): ReachedBuilder {
  return {name, env, [Symbol.asyncDispose]: async () => Promise.resolve()}
}

/**
 * The BuildKit of an engine as a builder with the driver `remote`. Buildx refuses a push by digest with the driver
 * `docker`, although BuildKit supports it (buildx, build/opt.go). Its configuration is a copy with this builder alone.
 */
async function relayedBuilder(
  {dockerConfig, io}: BuildSession,
  socket: SocketAddress | undefined,
  directory: string,
): Promise<ReachedBuilder> {
  if (socket?.upgrade === undefined) throw new Error('the engine is not on a socket')
  const {files} = io
  const {env} = dockerConfig
  // The path of a socket has at most 103 bytes on some systems. If it is longer, the layers are read from the builder.
  const socketPath = path.join(dockerConfig.directory, 'engine.sock')
  const name = `${runPrefix}layers`
  const node = {Name: `${name}0`, Endpoint: `unix://${socketPath}`}
  const instance = {Name: name, Driver: 'remote', Nodes: [node], Dynamic: false}
  const identity = await files.read(path.join(buildxDirectory(env), nodeIdentity))
  await files.makePrivateDirectory(path.join(directory, 'instances'))
  await files.writePrivate(path.join(directory, 'instances', name), JSON.stringify(instance))
  if (identity !== undefined) await files.writePrivate(path.join(directory, nodeIdentity), identity)
  // The last step that can fail, because the caller closes only a relay that it gets.
  const relay = await io.relay({at: socket.at, upgrade: socket.upgrade}, socketPath)
  return {...relay, name, env: {...env, BUILDX_CONFIG: directory}}
}

import {ContentUnavailable, contentSource} from '../../buildkit/content-source.ts'
import {defaultContext, defaultHost} from '../../builder/docker-context.ts'
import type {Builder} from '../../buildx/inspect.ts'
import {TagboatError} from '../../errors/error.ts'
import type {Digest} from '../../oci/digest.ts'
import {after, RunFailure, type BuildReport} from '../../run/run-result.ts'
import type {BuildSession} from '../build-session.ts'
import {placedImage, pushImage} from '../attestations/placed-image.ts'
import type {ImageSource} from '../layout/push-layout.ts'
import type {SocketAddress} from '../../io/connections/socket-connection.ts'
import type {NodesTarget} from '../nodes/build-all.ts'
import {runBuilds} from '../nodes/assign-nodes.ts'
import type {BuilderPush} from './builder-push.ts'
import {readContentTree} from './content-tree.ts'
import {earlyReader} from './early-reader.ts'
import {earlyUploads} from './early-uploads.ts'
import {isNear, socketOf} from './builder-address.ts'
import {largeLacks, requireFewBytes} from './few-bytes.ts'

/** Build whose content is read from its builder. */
interface ContentBuild {
  /** Absent if the builder cannot be read, which was found before the build. */
  readonly build: BuildReport | undefined
  /** Image that was pushed; undefined if its content could not be read. */
  readonly pushed: ImageSource | undefined
}

/**
 * Builds an image into the content store of its builder, reads from there what the registries lack, and pushes it by
 * digest. The builder pushes many layers itself. Nothing is written to this runner, and the builder keeps no image. An
 * engine collects new content as soon as the build has ended, so it must be near enough to be read before.
 * @throws RunFailure with the build, if a step after it fails.
 */
export async function stageContent(
  session: BuildSession,
  builder: Builder,
  target: NodesTarget,
): Promise<ContentBuild> {
  const hostOf = async (context: string): Promise<string> => engineHost(context, session)
  const socket = await socketOf(builder, hostOf)
  const isEngine = builder.driver === 'docker'
  if (isEngine && socket === undefined) return {build: undefined, pushed: undefined}
  using source = contentSource(async () => dial(session, socket), session.io.signal)
  const stopping = new AbortController()
  const until = stopping.signal
  const uploads = earlyUploads(target.clients, session.prepared.inputs.build)
  const publish = async (image: ImageSource): Promise<void> =>
    session.io.phases.measure('push', async () => {
      if (await isNear(builder, hostOf)) await pushLargeLayers(image, {session, builder, socket, target, until})
      else await requireFewBytes(image, target.clients)
      await pushImage(untilStopped(image, until), target.clients, session.io.workflow)
    })
  let build: BuildReport | undefined
  try {
    if (isEngine) await source.connected()
    const {sleep} = session.io.timer(session.io.signal)
    const read = async (digest: Digest): Promise<ImageSource> =>
      placedImage(await readContentTree(source, digest), session.prepared)
    const early = earlyReader({read, use: publish, pause: async () => sleep(pauseMs)})
    ;({build} = await runBuilds(watched(session, [uploads, early]), undefined, target).catch(async (error: unknown) => {
      stopping.abort(error)
      await early.settle()
      throw error
    }))
    const {metadata} = build
    return {build, pushed: await after({build}, async () => early.read(digestFrom(metadata)))}
  } catch (error) {
    const reason = error instanceof RunFailure ? error.cause : error
    if (!(reason instanceof ContentUnavailable)) throw error
    session.io.workflow.info(`The image is not read from the builder (${reason.message}): ${otherWay(builder)}.`)
    return {build, pushed: undefined}
  } finally {
    session.keepOpenFor(uploads.end())
  }
}

interface Push extends Omit<BuilderPush, 'tags' | 'lacks'> {
  readonly target: NodesTarget
}

/** Lets the builder push the layers, if a registry lacks many bytes. */
async function pushLargeLayers(image: ImageSource, {target, ...push}: Push): Promise<void> {
  const lacks = await largeLacks(image, target.clients)
  if (lacks.length === 0) return
  const {pushLayers} = await import('./builder-push.ts')
  await pushLayers({...push, tags: target.tags, lacks})
}

/** Image whose blobs cannot be read any more after a failed build. */
function untilStopped({openBlob, ...image}: ImageSource, until: AbortSignal): ImageSource {
  return {
    ...image,
    async *openBlob(blob) {
      for await (const chunk of openBlob(blob)) {
        if (until.aborted) throw new TagboatError('cancelled', {cause: until.reason})
        yield chunk
      }
    },
  }
}

function digestFrom(metadata: BuildReport['metadata']): Digest {
  if (metadata?.digest !== undefined) return metadata.digest
  throw new ContentUnavailable('the image', new Error('Buildx reported no digest'))
}

/** Address of the engine of a Docker context; empty if it is unknown. */
async function engineHost(context: string, {dockerConfig: {env}, io}: BuildSession): Promise<string> {
  if (context === defaultContext) return defaultHost(env)
  const args = ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}', context]
  return (await io.processes.capture({file: 'docker', args, env})).stdout.trim()
}

/** Time between reads of content that BuildKit is about to write. */
const pauseMs = 20

function otherWay({staging}: Builder): string {
  return staging === 'oci-layout' ? 'the builder exports it' : 'the builder pushes it'
}

/** Connects to the BuildKit of the builder, with any driver: https://docs.docker.com/reference/cli/docker/buildx/dial-stdio/ */
async function dial(
  {builder: {name}, dockerConfig: {env}, io}: BuildSession,
  socket: SocketAddress | undefined,
): ReturnType<BuildSession['io']['connect']> {
  const named = name === undefined ? [] : ['--builder', name]
  return io.connect({file: 'docker', args: ['buildx', 'dial-stdio', ...named], env}, socket)
}

/** Session whose builds also pass their output to watchers. */
function watched(session: BuildSession, watchers: readonly {take(chunk: string): void}[]): BuildSession {
  const {io} = session
  const {processes} = io
  const stream: typeof processes.stream = async (command, onOutput) =>
    processes.stream(command, (chunk, name) => {
      for (const watcher of watchers) watcher.take(chunk)
      onOutput(chunk, name)
    })
  return {...session, io: {...io, processes: {...processes, stream}}}
}

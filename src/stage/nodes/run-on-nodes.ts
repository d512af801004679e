import path from 'node:path'
import {inspectBuilder} from '../../builder/inspect-builder.ts'
import type {BuildRequest} from '../../buildx/arguments.ts'
import type {Builder} from '../../buildx/inspect.ts'
import {mergeMetadata, type MergedDescriptor} from '../../buildx/metadata.ts'
import {hasOutput, type Destination} from '../../buildx/outputs.ts'
import {runPrefix} from '../../credentials/docker-home.ts'
import {TagboatError} from '../../errors/error.ts'
import type {BuildInputs} from '../../inputs/inputs.ts'
import type {TagRef} from '../../oci/reference.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {ManifestContent} from '../../oci/manifest.ts'
import type {BuildReport} from '../../run/run-result.ts'
import type {BuildResult} from '../build.ts'
import {buildOnNodes, type NodeBuild} from './build-on-nodes.ts'
import {mergePushed} from './merge-pushed.ts'
import {pinToNode} from './pin-to-node.ts'
import {distribute, formatShares, type Share} from './distribute-platforms.ts'
import {pushedManifest, type Sleep} from '../../registry/images/shown-manifest.ts'
import {makingOf} from '../build-definition.ts'
import {buildRequest, leftOutNotice} from '../build-request.ts'
import {cachesOf} from '../cache/caches.ts'
import {explainFailure} from '../explain-failure.ts'
import {watched} from '../watch-builds.ts'
import type {Session} from '../session.ts'

/** Where a builder of several nodes builds each platform. */
export interface Places {
  readonly builder: Builder
  /** At least one. */
  readonly shares: readonly Share[]
}

/** Where each platform is built, told in one line. @throws TagboatError `builder-unsuited` */
export async function findPlaces(session: Session, builder: Builder): Promise<Places> {
  const {prepared, io} = session
  const {build} = prepared.inputs
  const booted = await bootedBuilder(session, builder)
  const {shares} = distribute(booted.nodes, build.platforms)
  if (shares.length > 1) requireDistributable(build, prepared.plan.push.do)
  io.workflow.print([`Nodes of the builder "${booted.name}": ${formatShares(shares)}`])
  return {builder: booted, shares}
}

/** A node that is not running yet says no platforms but those that were set by hand, so it may have to be started first. */
async function bootedBuilder({prepared, dockerConfig, io}: Session, builder: Builder): Promise<Builder> {
  if (distribute(builder.nodes, prepared.inputs.build.platforms).unplaced.length === 0) return builder
  return inspectBuilder(builder.name, dockerConfig.env, io, true)
}

/**
 * Each node would write its own file over that of the others; into a directory each writes a folder for each platform.
 * What is pushed by digest has to be the one image of its build.
 */
function requireDistributable(inputs: BuildInputs, pushes: boolean): void {
  const single = [...(pushes ? ['image'] : []), 'oci', 'docker', 'tar']
  const refused = inputs.outputs.filter((output) => hasOutput({outputs: [output]}, single))
  const evidence = [
    ...refused.map((output) => `outputs: ${output}`),
    ...(inputs.load && !pushes ? ['load: true, without a push'] : []),
  ]
  if (evidence.length === 0) return
  throw new TagboatError('builder-unsuited', {
    message: 'Each node of the builder builds a part of the image, and this output takes a whole one.',
    evidence,
    remedy:
      'Remove it, ask for platforms of one node, or use a builder of one node. `type=local` and `type=cacheonly` work with several nodes, and so does `load` beside a push.',
  })
}

export interface NodesBuild {
  readonly build: BuildReport
  /** What the registries hold now; undefined where nothing was to be pushed. */
  readonly content: ManifestContent | undefined
}

/**
 * One `docker buildx build` for each node, at the same time, in a group of the log. With a destination `digest` the images are
 * in `clients` under the digest of one index, that of all platforms.
 */
export async function buildAll(
  session: Session,
  places: Places,
  {tags, destination, clients}: NodesTarget,
): Promise<NodesBuild> {
  const {prepared, dockerConfig, io} = session
  const started = io.now()
  // What is not pushed stays with the nodes, each of which has a part: none of them is the image of that name.
  const named = destination.kind === 'none' ? [] : tags
  const request = buildRequest(prepared, named, destination, {
    directory: dockerConfig.home.directory,
    builder: places.builder.name,
    making: makingOf(session),
  })
  const leftOut = leftOutNotice(request, prepared)
  if (leftOut !== undefined) io.workflow.notice(leftOut)
  const caches = await cachesOf(
    session,
    places.builder,
    places.shares.map(({platforms}) => platforms),
  )
  const builds = await Promise.all(
    places.shares.map(async (_, index) => nodeBuild(session, places, index, {...request, cache: caches[index]})),
  )
  const {result: results, record} = await watched(io, async (buildIo) =>
    io.workflow.inQuietGroup('docker buildx build', async (write) => buildOnNodes(builds, write, buildIo)),
  ).catch(async (error: unknown) => {
    throw await explainFailure(error, session)
  })
  const {sleep} = io.timer(io.signal)
  const content = destination.kind === 'digest' ? await mergedContent(results, clients, {...request, sleep}) : undefined
  const durationMs = io.now().getTime() - started.getTime()
  const {name, driver} = places.builder
  return {build: {...combine(places.shares, results, content), builder: {name, driver}, record, durationMs}, content}
}

export interface NodesTarget {
  readonly tags: readonly TagRef[]
  readonly destination: Destination
  /** Of the repositories that the destination names. */
  readonly clients: readonly RepositoryClient[]
}

/** The part of one node, which sees no other node, and keeps its files apart from theirs. */
async function nodeBuild(
  session: Session,
  {builder, shares}: Places,
  index: number,
  request: BuildRequest,
): Promise<NodeBuild> {
  const {dockerConfig, io} = session
  const share = shares[index]
  if (share === undefined) throw new TypeError('a node without a share')
  const directory = path.join(dockerConfig.home.directory, `${runPrefix}node-${index}`)
  await io.files.makePrivateDirectory(directory)
  const env = await pinToNode({builder: builder.name, node: share.node, directory, env: dockerConfig.env}, io.files)
  const whole = {...request, builder: builder.name}
  if (shares.length === 1) return {share, request: whole, env}
  const part = {
    ...whole,
    inputs: partInputs(request.inputs, share),
    metadataFile: path.join(directory, path.basename(request.metadataFile)),
    imageIdFile: path.join(directory, path.basename(request.imageIdFile)),
  }
  return {share, request: part, env}
}

/**
 * One platform alone would be no index, which cannot carry annotations of an index or a descriptor; and its provenance would
 * not name this run (https://docs.docker.com/reference/dockerfile/#buildkit-built-in-build-args, BUILDKIT_MULTI_PLATFORM).
 */
function partInputs(inputs: BuildInputs, {platforms}: Share): BuildInputs {
  return {
    ...inputs,
    platforms,
    buildArgs: [...inputs.buildArgs, {key: 'BUILDKIT_MULTI_PLATFORM', value: 'true'}],
    provenance: inputs.provenance ?? (inputs.reproducible ? undefined : 'inline-only=true,mode=min'),
  }
}

async function mergedContent(
  results: readonly BuildResult[],
  clients: readonly RepositoryClient[],
  {annotations, sleep}: Pick<BuildRequest, 'annotations'> & {readonly sleep: Sleep},
): Promise<ManifestContent> {
  const [first] = clients
  if (first === undefined) throw new TypeError('a push to nowhere')
  const digests = results.flatMap(({metadata}) => metadata?.digest ?? [])
  // Of a build without a digest it is said that there is none.
  if (digests.length < results.length) return pushedManifest(first, undefined, sleep)
  const [digest, ...others] = digests
  if (others.length === 0) return pushedManifest(first, digest, sleep)
  const ofIndex = annotations.filter(({levels}) => levels.includes('index'))
  const ofAll = Object.fromEntries(ofIndex.map(({key, value}) => [key, value]))
  return mergePushed(digests, clients, {annotations: ofAll, sleep})
}

/** What several builds have to say, as if they were one. */
function combine(
  shares: readonly Share[],
  results: readonly BuildResult[],
  content: ManifestContent | undefined,
): BuildResult {
  const [first, ...others] = results
  if (first === undefined) throw new TypeError('a build without a node')
  if (others.length === 0) return first
  const parts = results.flatMap(({metadata}, index) =>
    metadata === undefined ? [] : [{metadata, platforms: shares[index]?.platforms ?? []}],
  )
  const merged: MergedDescriptor | undefined = content && {...content, sizeBytes: content.bytes.byteLength}
  return {...first, metadata: mergeMetadata(parts, merged), imageId: content?.digest ?? ''}
}

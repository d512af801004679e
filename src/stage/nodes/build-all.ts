import path from 'node:path'
import {inspectBuilder} from '../../builder/inspect-builder.ts'
import type {BuildRequest} from '../../buildx/arguments.ts'
import type {Builder} from '../../buildx/inspect.ts'
import {mergeMetadata, type MergedDescriptor} from '../../buildx/merge-metadata.ts'
import {hasOutput, type Destination} from '../../buildx/outputs.ts'
import {runPrefix} from '../../credentials/config-directory.ts'
import {TagboatError} from '../../errors/error.ts'
import type {BuildInputs} from '../../inputs/inputs.ts'
import type {TagRef} from '../../oci/reference.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {ManifestContent} from '../../oci/manifest.ts'
import type {BuildReport} from '../../run/run-result.ts'
import type {BuildResult} from '../build.ts'
import {buildConcurrently, type NodeBuild} from './concurrent-builds.ts'
import {mergePushed} from './merge-pushed.ts'
import {pinToNode} from './pin-to-node.ts'
import {distribute, formatAssignments, type NodeAssignment} from './distribute.ts'
import {pushedManifest, type Sleep} from '../../registry/images/shown-manifest.ts'
import {buildDefinitionOf} from '../build-definition.ts'
import {buildRequest, leftOutNotice} from '../build-request.ts'
import {planCaches} from '../cache/caches.ts'
import {recordBuilds} from '../record-builds.ts'
import type {BuildSession} from '../build-session.ts'

/** Assignment of platforms to the nodes of a builder. */
export interface NodeAssignments {
  readonly builder: Builder
  /** At least one. */
  readonly assignments: readonly NodeAssignment[]
}

/**
 * Assigns each platform to a node, and logs it.
 * @throws TagboatError `builder-unsuited`
 */
export async function assignPlatforms(session: BuildSession, builder: Builder): Promise<NodeAssignments> {
  const {prepared, io} = session
  const {build} = prepared.inputs
  const booted = await bootedBuilder(session, builder)
  const {assignments} = distribute(booted.nodes, build.platforms)
  if (assignments.length > 1) requireDistributable(build, prepared.plan.push.do)
  io.workflow.print([`Nodes of the builder "${booted.name}": ${formatAssignments(assignments)}`])
  return {builder: booted, assignments}
}

/**
 * Starts the nodes if not all platforms can be assigned: a node that is not running reports only the platforms that were
 * set explicitly.
 */
async function bootedBuilder({prepared, dockerConfig, io}: BuildSession, builder: Builder): Promise<Builder> {
  if (distribute(builder.nodes, prepared.inputs.build.platforms).unsupported.length === 0) return builder
  return inspectBuilder(builder.name, dockerConfig.env, io, true)
}

/**
 * Rejects outputs that need all platforms in one build: an output file, which each node would overwrite, and an image
 * output beside a push by digest. In an output directory, each node writes its own folders.
 */
function requireDistributable(inputs: BuildInputs, pushes: boolean): void {
  const wholeImageTypes = [...(pushes ? ['image'] : []), 'oci', 'docker', 'tar']
  const rejected = inputs.outputs.filter((output) => hasOutput({outputs: [output]}, wholeImageTypes))
  const evidence = [
    ...rejected.map((output) => `outputs: ${output}`),
    ...(inputs.load && !pushes ? ['load: true, without a push'] : []),
  ]
  if (evidence.length === 0) return
  throw new TagboatError('builder-unsuited', {
    message: 'Each node of the builder builds a part of the image, but this output needs the whole image.',
    evidence,
    remedy:
      'Remove it, set `platforms` to those of one node, or use a builder with one node. `type=local` and `type=cacheonly` work with several nodes, and so does `load` with a push.',
  })
}

/** Result of the builds on all nodes. */
export interface NodesBuild {
  readonly build: BuildReport
  /** Pushed index or image; undefined without a push by digest. */
  readonly content: ManifestContent | undefined
}

/**
 * Runs one `docker buildx build` per node concurrently, in one log group. With the destination `digest`, pushes an index
 * of all platforms by digest to all repositories.
 */
export async function buildAll(
  session: BuildSession,
  nodes: NodeAssignments,
  {tags, destination, clients}: NodesTarget,
): Promise<NodesBuild> {
  const {prepared, dockerConfig, io} = session
  const started = io.now()
  // Without a push, each node keeps only its part, which must not have the tags of the image.
  const partTags = destination.kind === 'none' ? [] : tags
  const request = buildRequest(prepared, partTags, destination, {
    directory: dockerConfig.directory,
    builder: nodes.builder.name,
    definition: buildDefinitionOf(session),
  })
  const leftOut = leftOutNotice(request, prepared)
  if (leftOut !== undefined) io.workflow.notice(leftOut)
  const caches = await planCaches(
    session,
    nodes.builder,
    nodes.assignments.map(({platforms}) => platforms),
  )
  const builds = await Promise.all(
    nodes.assignments.map(async (_, index) => nodeBuild(session, nodes, index, {...request, cache: caches[index]})),
  )
  const {result: results, record} = await recordBuilds(io, async (buildIo) =>
    io.workflow.inQuietGroup('docker buildx build', async (write) => buildConcurrently(builds, write, buildIo)),
  ).catch(async (error: unknown) => {
    const {explainFailure} = await import('../explain-failure.ts')
    throw await explainFailure(error, session)
  })
  const {sleep} = io.timer(io.signal)
  const content = destination.kind === 'digest' ? await mergedContent(results, clients, {...request, sleep}) : undefined
  const durationMs = io.now().getTime() - started.getTime()
  const {name, driver} = nodes.builder
  return {
    build: {...combine(nodes.assignments, results, content), builder: {name, driver}, record, durationMs},
    content,
  }
}

/** Destination of the builds. */
export interface NodesTarget {
  readonly tags: readonly TagRef[]
  readonly destination: Destination
  /** Clients of the repositories in the destination. */
  readonly clients: readonly RepositoryClient[]
}

/** Returns the build of one node, which sees only this node and has its own files. */
async function nodeBuild(
  session: BuildSession,
  {builder, assignments}: NodeAssignments,
  index: number,
  request: BuildRequest,
): Promise<NodeBuild> {
  const {dockerConfig, io} = session
  const assignment = assignments[index]
  if (assignment === undefined) throw new TypeError('a node without an assignment')
  const directory = path.join(dockerConfig.directory, `${runPrefix}node-${index}`)
  await io.files.makePrivateDirectory(directory)
  const env = await pinToNode(
    {builder: builder.name, node: assignment.node, directory, env: dockerConfig.env},
    io.files,
  )
  const whole = {...request, builder: builder.name}
  if (assignments.length === 1) return {assignment, request: whole, env}
  const part = {
    ...whole,
    inputs: partInputs(request.inputs, assignment),
    metadataFile: path.join(directory, path.basename(request.metadataFile)),
    imageIdFile: path.join(directory, path.basename(request.imageIdFile)),
  }
  return {assignment, request: part, env}
}

/**
 * Inputs of the build of one node. BUILDKIT_MULTI_PLATFORM makes the result an index also for one platform
 * (https://docs.docker.com/reference/dockerfile/#buildkit-built-in-build-args): only an index can have annotations of the
 * index and of descriptors. The provenance is that of a build of several platforms, which names this run.
 */
function partInputs(inputs: BuildInputs, {platforms}: NodeAssignment): BuildInputs {
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
  if (first === undefined) throw new TypeError('no repository to push to')
  const digests = results.flatMap(({metadata}) => metadata?.digest ?? [])
  // Reports a build without a digest.
  if (digests.length < results.length) return pushedManifest(first, undefined, sleep)
  const [digest, ...others] = digests
  if (others.length === 0) return pushedManifest(first, digest, sleep)
  const indexAnnotations = annotations.filter(({levels}) => levels.includes('index'))
  const merged = Object.fromEntries(indexAnnotations.map(({key, value}) => [key, value] as const))
  return mergePushed(digests, clients, {annotations: merged, sleep})
}

/** Combines the results of several builds. */
function combine(
  assignments: readonly NodeAssignment[],
  results: readonly BuildResult[],
  content: ManifestContent | undefined,
): BuildResult {
  const [first, ...others] = results
  if (first === undefined) throw new TypeError('a build without a node')
  if (others.length === 0) return first
  const parts = results.flatMap(({metadata}, index) =>
    metadata === undefined ? [] : [{metadata, platforms: assignments[index]?.platforms ?? []}],
  )
  const merged: MergedDescriptor | undefined = content && {...content, sizeBytes: content.bytes.byteLength}
  return {...first, metadata: mergeMetadata(parts, merged), imageId: content?.digest ?? ''}
}

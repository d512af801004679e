import {bootArguments, createArguments, joinFields, type CreateRequest} from './create-arguments.ts'
import {inspectFailure} from '../buildx/failure.ts'
import {parseBuilder, type Builder} from '../buildx/inspect.ts'
import type {CommandResult} from '../io/command.ts'
import {TagboatError} from '../errors/error.ts'
import type {BuilderInputs} from '../inputs/inputs.ts'
import {isRateLimited, pullImage, type PullIo} from './pull-image.ts'

export interface CreationRequest extends CreateRequest {
  readonly mirrors: BuilderInputs['mirrors']
  /** Retries of the pull of the BuildKit image, after transient failures. */
  readonly retries: number
  /** Environment of the Docker CLI. `BUILDX_CONFIG` in it is the directory of the builder. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * Creates a builder, boots its nodes in parallel and returns its features.
 * @throws TagboatError `builder-image-missing`, `rate-limited`, `builder-not-created`, or a known failure of Buildx.
 */
export async function createBuilder(request: CreationRequest, io: PullIo): Promise<Builder> {
  const {env} = request
  // Buildx pulls from the registry only, so images with mirrors are pulled first.
  const mirrored = request.mirrors.length > 0 ? withImages(request, await pull(request, io)) : request
  for (const args of createArguments(mirrored)) {
    const result = await io.processes.capture({file: 'docker', args, env})
    if (result.exitCode !== 0) throw creationFailure(result)
  }
  const first = await boot(request, io)
  if (isReady(first)) return first.builder
  if (!isLate(first)) {
    if (imagesHere(request).length === 0 || !lacksImage(first.result)) throw await bootFailure(request, first, io)
    // Buildx does not retry the pull. It finds an image that is pulled here.
    await pull(request, io)
  }
  const second = await boot(request, io)
  if (!isReady(second)) throw await bootFailure(request, second, io)
  return second.builder
}

/**
 * Reports whether the nodes may have started after the time that Buildx has to read their features: 20 seconds from the
 * start of the command, in which they also boot.
 */
function isLate({result, builder}: Boot): boolean {
  const hasTimedOut = builder.errors.some((error) => /context deadline exceeded/i.test(error))
  return result.exitCode === 0 && hasTimedOut && isUnknown(inspectFailure(result, builder.errors, undefined))
}

/** Reports whether no pattern matches the output of Buildx. */
function isUnknown({code}: TagboatError): boolean {
  return code === 'command-failed' || code === 'engine-unreachable'
}

interface Boot {
  readonly result: CommandResult
  readonly builder: Builder
}

async function boot({name, env}: CreationRequest, {processes}: PullIo): Promise<Boot> {
  // Streamed, since it may pull an image, so that cancellation stops it.
  const result = await processes.stream({file: 'docker', args: bootArguments(name), env}, () => undefined)
  return {result, builder: parseBuilder(result.stdout)}
}

function isReady({result, builder}: Boot): boolean {
  return result.exitCode === 0 && builder.errors.length === 0
}

/** Reports whether the engine of the Docker CLI pulls the BuildKit image of a node. */
function pullsHere(driver: CreationRequest['driver'], {endpoint}: Pick<CreationRequest, 'endpoint'>): boolean {
  return driver === 'docker-container' && endpoint === undefined
}

/** BuildKit images that this engine pulls, without duplicates. */
function imagesHere(request: CreationRequest): readonly string[] {
  const nodes = [request, ...request.nodes].filter((node) => pullsHere(request.driver, node))
  return [...new Set(nodes.map(({driverOpts}) => imageOf(driverOpts)))]
}

/** Reports whether the pull failed. Buildx prints each step, and creates the container after the pull. */
function lacksImage({stderr, stdout}: CommandResult): boolean {
  const said = `${stdout}\n${stderr}`
  return said.includes('pulling image ') && !said.includes('creating container ')
}

/** Pulls the images and returns the name of each in the engine. */
async function pull(request: CreationRequest, io: PullIo): Promise<ReadonlyMap<string, string>> {
  const {mirrors, retries, env} = request
  const references = new Map<string, string>()
  for (const image of imagesHere(request)) {
    const pulled = await pullImage({image, mirrors, retries, env}, io)
    if (!pulled.ok) {
      const isLimited = pulled.evidence.some(isRateLimited)
      throw new TagboatError(isLimited ? 'rate-limited' : 'builder-image-missing', {evidence: pulled.evidence})
    }
    references.set(image, pulled.reference)
  }
  return references
}

function withImages(request: CreationRequest, references: ReadonlyMap<string, string>): CreationRequest {
  const named = <T extends Pick<CreationRequest, 'driverOpts' | 'endpoint'>>(node: T): T => {
    const image = references.get(imageOf(node.driverOpts))
    const isElsewhere = image === undefined || !pullsHere(request.driver, node)
    return isElsewhere ? node : {...node, driverOpts: withImage(node.driverOpts, image)}
  }
  return {...named(request), nodes: request.nodes.map(named)}
}

/** Default image of the docker-container driver: https://docs.docker.com/build/builders/drivers/docker-container/ */
const defaultImage = 'moby/buildkit:buildx-stable-1'
const imageKey = 'image='

function imageOf(driverOpts: readonly string[]): string {
  const given = driverOpts.flatMap(fieldsOf).findLast((field) => field.startsWith(imageKey))
  return given === undefined || given === imageKey ? defaultImage : given.slice(imageKey.length)
}

function withImage(driverOpts: readonly string[], image: string): readonly string[] {
  const others = driverOpts.flatMap((option) => {
    const fields = fieldsOf(option)
    const rest = fields.filter((field) => !field.startsWith(imageKey))
    if (rest.length === fields.length) return [option]
    return rest.length === 0 ? [] : [joinFields(rest)]
  })
  return [...others, `${imageKey}${image}`]
}

/** Fields of a driver option, which is a CSV line. */
function fieldsOf(option: string): readonly string[] {
  return [...option.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain,
  )
}

function creationFailure(result: CommandResult): TagboatError {
  const known = inspectFailure(result, [], undefined)
  if (known.code !== 'command-failed') return known
  return new TagboatError('builder-not-created', {evidence: [...linesOf(result), 'by docker buildx create']})
}

async function bootFailure(request: CreationRequest, boot: Boot, io: PullIo): Promise<TagboatError> {
  const {result, builder} = boot
  if (lacksImage(result)) {
    const isLimited = isRateLimited(result.stderr)
    return new TagboatError(isLimited ? 'rate-limited' : 'builder-image-missing', {evidence: linesOf(result)})
  }
  const known = inspectFailure(result, builder.errors, undefined)
  const evidence = [...linesOf(result), ...builder.errors.map((error) => `ERROR: ${error}`)]
  switch (request.driver) {
    case 'docker-container':
      if (known.code !== 'command-failed') return known
      return new TagboatError('builder-not-created', {message: 'The new builder did not start.', evidence})
    case 'kubernetes': {
      const {clusterFailure} = await import('./kubernetes/cluster-failure.ts')
      return clusterFailure(isUnknown(known) ? undefined : known, {...request, evidence}, io)
    }
    case 'remote':
      return remoteFailure(request, evidence)
  }
}

function remoteFailure({endpoint, nodes}: CreationRequest, evidence: readonly string[]): TagboatError {
  const places = [endpoint, ...nodes.map((node) => node.endpoint)].filter((place) => place !== undefined)
  return new TagboatError('builder-not-created', {
    message: 'The new builder (driver remote) does not respond.',
    evidence: [...evidence, ...(places.length === 0 ? [] : [`endpoints: ${places.join(', ')}`])],
    remedy: 'Check `endpoint` and `append`, and that this runner can reach these addresses.',
  })
}

function linesOf({stderr}: CommandResult): readonly string[] {
  const lines = stderr.split('\n').map((line) => line.trimEnd())
  return lines.filter((line) => line !== '').slice(-5)
}

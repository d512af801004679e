import {bootArguments, createArguments, joinFields, type CreateRequest} from './create-arguments.ts'
import {inspectFailure} from '../buildx/failure.ts'
import {parseBuilder, type Builder} from '../buildx/inspect.ts'
import type {CommandResult} from '../io/command.ts'
import {TagboatError} from '../errors/error.ts'
import type {BuilderInputs} from '../inputs/inputs.ts'
import {pullImage, type PullEdges} from './pull-image.ts'

export interface CreationRequest extends CreateRequest {
  readonly mirrors: BuilderInputs['mirrors']
  /** Further rounds of pulling the image of BuildKit, for failures that may pass. */
  readonly retries: number
  /** Of the Docker CLI; `BUILDX_CONFIG` in it is where the builder is kept. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * Creates a builder and boots its nodes, side by side. Gives what it can.
 * @throws TagboatError `builder-image-missing`, `rate-limited` when there is no image to boot; `builder-not-created`, and
 * whatever else Buildx says by name.
 */
export async function createBuilder(request: CreationRequest, edges: PullEdges): Promise<Builder> {
  const {env} = request
  // A mirror is asked before the registry: Buildx would ask the registry alone.
  const mirrored = request.mirrors.length > 0 ? withImages(request, await pull(request, edges)) : request
  for (const args of createArguments(mirrored)) {
    const result = await edges.processes.capture({file: 'docker', args, env})
    if (result.exitCode !== 0) throw creationFailure(result)
  }
  const first = await boot(request, edges)
  if (isReady(first)) return first.builder
  if (imagesHere(request).length === 0 || !lacksImage(first.result)) throw bootFailure(request, first)
  // Buildx tries once. What is pulled now it will find.
  await pull(request, edges)
  const second = await boot(request, edges)
  if (!isReady(second)) throw bootFailure(request, second)
  return second.builder
}

interface Boot {
  readonly result: CommandResult
  readonly builder: Builder
}

async function boot({name, env}: CreationRequest, {processes}: PullEdges): Promise<Boot> {
  // Streamed, since an image may be pulled: a cancelled run ends it.
  const result = await processes.stream({file: 'docker', args: bootArguments(name), env}, () => undefined)
  return {result, builder: parseBuilder(result.stdout)}
}

function isReady({result, builder}: Boot): boolean {
  return result.exitCode === 0 && builder.errors.length === 0
}

/** Whether a node's image of BuildKit is pulled by the engine that the CLI speaks to. */
function pullsHere(driver: CreationRequest['driver'], {endpoint}: Pick<CreationRequest, 'endpoint'>): boolean {
  return driver === 'docker-container' && endpoint === undefined
}

/** The images of BuildKit that this engine pulls, each once. */
function imagesHere(request: CreationRequest): readonly string[] {
  const nodes = [request, ...request.nodes].filter((node) => pullsHere(request.driver, node))
  return [...new Set(nodes.map(({driverOpts}) => imageOf(driverOpts)))]
}

/** Buildx says what it is about to do: the container comes after the image. */
function lacksImage({stderr, stdout}: CommandResult): boolean {
  const said = `${stdout}\n${stderr}`
  return said.includes('pulling image ') && !said.includes('creating container ')
}

/** Gives the name under which the engine has each image now. */
async function pull(request: CreationRequest, edges: PullEdges): Promise<ReadonlyMap<string, string>> {
  const {mirrors, retries, env} = request
  const references = new Map<string, string>()
  for (const image of imagesHere(request)) {
    const pulled = await pullImage({image, mirrors, retries, env}, edges)
    if (!pulled.ok) {
      const isLimited = pulled.evidence.some((line) => /toomanyrequests|\b429\b/i.test(line))
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

/** What Buildx takes for docker-container unless told otherwise: https://docs.docker.com/build/builders/drivers/docker-container/ */
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

/** Buildx reads each option as one line of comma-separated values, of which each may be in quotes. */
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

function bootFailure({driver, endpoint, nodes}: CreationRequest, {result, builder}: Boot): TagboatError {
  if (lacksImage(result)) {
    const isLimited = /toomanyrequests|\b429\b/i.test(result.stderr)
    return new TagboatError(isLimited ? 'rate-limited' : 'builder-image-missing', {evidence: linesOf(result)})
  }
  const evidence = [...linesOf(result), ...builder.errors.map((error) => `ERROR: ${error}`)]
  if (driver === 'docker-container') {
    const known = inspectFailure(result, builder.errors, undefined)
    if (known.code !== 'command-failed') return known
    return new TagboatError('builder-not-created', {message: 'The new builder did not start.', evidence})
  }
  const places = [endpoint, ...nodes.map((node) => node.endpoint)].filter((place) => place !== undefined)
  return new TagboatError('builder-not-created', {
    message: `The new builder (driver ${driver}) does not answer.`,
    evidence: [...evidence, ...(places.length === 0 ? [] : [`endpoints: ${places.join(', ')}`])],
    remedy: 'Check `endpoint` and `append`, and that this runner reaches what they name.',
  })
}

function linesOf({stderr}: CommandResult): readonly string[] {
  const lines = stderr.split('\n').map((line) => line.trimEnd())
  return lines.filter((line) => line !== '').slice(-5)
}

import {architecturesOf, foreignPlatforms, isEmulable} from './emulation.ts'
import {engineOptions} from './docker-context.ts'
import {missingPlatforms, platformNames, type Builder} from '../buildx/inspect.ts'
import type {CommandResult} from '../io/command.ts'
import {TagboatError} from '../errors/error.ts'
import type {BuilderInputs} from '../inputs/inputs.ts'
import {field} from '../oci/manifest.ts'
import {parsePlatform, type Platform} from '../oci/platform.ts'
import {ownPlatform, pullImage, type PullEdges} from './pull-image.ts'

/** A builder as far as emulation is concerned with it. */
export type EmulatingBuilder = Pick<Builder, 'name' | 'driver' | 'platforms'> & {
  readonly nodes: readonly {readonly endpoint: string}[]
}

export interface EmulationRequest<B extends EmulatingBuilder> {
  readonly builder: B
  readonly platforms: readonly Platform[]
  readonly inputs: Pick<BuilderInputs, 'qemu' | 'qemuImage' | 'mirrors'>
  /** Further rounds of pulling, for failures that may pass. */
  readonly retries: number
  /** Of the Docker CLI. */
  readonly env: Readonly<Record<string, string>>
  /** The Docker CLI's own context. */
  readonly context: string
  /** Asks the builder once more what it can. */
  readonly askAgain: () => Promise<B>
}

/**
 * Makes the builder run all platforms that are asked for, by emulators where the inputs allow. Gives the builder as it is then.
 * Where nothing is lacking, nothing is started or pulled.
 * @throws TagboatError `platform-missing`, or `emulation-failed` when the image of the emulators cannot be had.
 */
export async function ensureEmulation<B extends EmulatingBuilder>(
  request: EmulationRequest<B>,
  edges: PullEdges,
): Promise<B> {
  const {builder, platforms, inputs} = request
  const missing = missingPlatforms(builder, platforms)
  const engine = engineOf(request)
  const isAll = inputs.qemu === 'always' && engine !== undefined
  const wanted = isAll ? await foreignOf(request, engine, edges) : missing
  if (missing.length === 0 && (wanted.length === 0 || inputs.qemu === 'never')) return builder
  if (inputs.qemu === 'never') throw lacking(builder, missing, {remedy: neverRemedy})
  const hopeless = missing.filter((platform) => !isEmulable(builder, platform))
  if (hopeless.length > 0) {
    const evidence = [`there is no emulator for ${platformNames(hopeless)}`]
    throw lacking(builder, missing, {evidence, remedy: hopelessRemedy})
  }
  if (engine === undefined) {
    throw lacking(builder, missing, {evidence: [elsewhere(builder)], remedy: elsewhereRemedy(missing)})
  }
  const {lines, supported} = await install(request, {engine, architectures: architecturesOf(wanted)}, edges)
  // BuildKit looks anew every 20 seconds at most, and has just done so; the installer has looked now, in the same way.
  const isTold = builder.nodes.length === 1 && missingPlatforms({platforms: supported}, missing).length === 0
  if (isTold && supported.length > 0) return {...builder, platforms: [...builder.platforms, ...missing]}
  return askUntilThere(request, lines, edges)
}

/** BuildKit's `archutil.CacheMaxAge`, and a little more. */
const longestWaitMs = 24_000
const pauseMs = 2_000

async function askUntilThere<B extends EmulatingBuilder>(
  {platforms, askAgain}: EmulationRequest<B>,
  evidence: readonly string[],
  {patience}: PullEdges,
): Promise<B> {
  for (let waited = 0; ; waited += pauseMs) {
    const builder = await askAgain()
    const left = missingPlatforms(builder, platforms)
    if (left.length === 0) return builder
    if (waited >= longestWaitMs) throw lacking(builder, left, {evidence})
    await patience.sleep(pauseMs)
  }
}

async function foreignOf<B extends EmulatingBuilder>(
  {builder, platforms, env}: EmulationRequest<B>,
  {options}: Engine,
  {processes}: PullEdges,
): Promise<readonly Platform[]> {
  const args = [...options, 'version', '--format', '{{.Server.Os}}/{{.Server.Arch}}']
  const result = await processes.capture({file: 'docker', args, env})
  const native = parsePlatform(result.stdout)
  if (result.exitCode !== 0 || native === undefined) {
    throw new TagboatError('engine-unreachable', {evidence: lastLines(result)})
  }
  return foreignPlatforms(builder, {native, asked: platforms})
}

interface Installed {
  /** That the installer printed. It ends with code 0 even where it could not register an emulator. */
  readonly lines: readonly string[]
  /** What the machine can run now; empty where the installer does not say. */
  readonly supported: readonly Platform[]
}

async function install<B extends EmulatingBuilder>(
  {inputs, retries, env}: EmulationRequest<B>,
  {engine, architectures}: {readonly engine: Engine; readonly architectures: readonly string[]},
  edges: PullEdges,
): Promise<Installed> {
  const image = {image: inputs.qemuImage, mirrors: inputs.mirrors}
  const pulled = await pullImage({...image, retries, env, engine: engine.options}, edges)
  if (!pulled.ok) throw new TagboatError('emulation-failed', {evidence: pulled.evidence})
  const {reference, wasThere} = pulled
  const options = ['--rm', '--privileged', '--network', 'none', '--pull', 'never']
  const args = [...engine.options, 'run', ...options, reference, '--install', architectures.join(',')]
  const result = await edges.processes.stream({file: 'docker', args, env: ownPlatform(env)}, () => undefined)
  const evidence = lastLines(result)
  if (result.exitCode !== 0) {
    throw new TagboatError('emulation-failed', {
      message: 'The emulators for other platforms could not be installed.',
      evidence: [...evidence, `docker run ended with code ${result.exitCode}`],
      remedy: installRemedy,
    })
  }
  const where = engine.options.length === 0 ? '' : ` at ${engine.endpoint}`
  edges.say(
    `Emulators installed${where}: ${architectures.join(', ')} (from ${reference}${wasThere ? '' : ', pulled now'})`,
  )
  return {lines: evidence, supported: supportedPlatforms(result.stdout)}
}

/** `{"supported": ["linux/amd64", …], "emulators": […]}`, with which the image tonistiigi/binfmt ends. */
function supportedPlatforms(stdout: string): readonly Platform[] {
  try {
    const supported = field(JSON.parse(stdout), 'supported')
    if (!Array.isArray(supported)) return []
    return supported.flatMap((text) => (typeof text === 'string' ? (parsePlatform(text) ?? []) : []))
  } catch {
    return []
  }
}

function lastLines({stdout, stderr}: CommandResult): readonly string[] {
  // What the installer prints to the other stream is a list of all that runs here.
  const lines = (stderr.trim() === '' ? stdout : stderr).split('\n').map((line) => line.trimEnd())
  return lines.filter((line) => line !== '').slice(-5)
}

/** A Docker engine, with whose kernel an emulator is registered. */
interface Engine {
  /** As Buildx calls it. */
  readonly endpoint: string
  /** With which the Docker CLI speaks to it; none for its own. */
  readonly options: readonly string[]
}

/** The engine of a node of the builder, the Docker CLI's own if one is on it; undefined where nodes are no engine's. */
function engineOf<B extends EmulatingBuilder>({builder, context, env}: EmulationRequest<B>): Engine | undefined {
  if (builder.driver !== 'docker' && builder.driver !== 'docker-container') return undefined
  const engines = builder.nodes.map(({endpoint}) => ({endpoint, options: engineOptions(endpoint, context, env)}))
  return engines.find(({options}) => options.length === 0) ?? engines[0]
}

interface Lack {
  readonly evidence?: readonly string[]
  readonly remedy?: string
}

function lacking(
  {name, platforms}: EmulatingBuilder,
  missing: readonly Platform[],
  {evidence = [], remedy}: Lack,
): TagboatError {
  return new TagboatError('platform-missing', {
    message: `The builder "${name}" cannot run ${platformNames(missing)}.`,
    evidence: [`platforms of the builder: ${platformNames(platforms)}`, ...evidence],
    ...(remedy === undefined ? {} : {remedy}),
  })
}

function elsewhere({driver, nodes}: EmulatingBuilder): string {
  const places = nodes.map(({endpoint}) => endpoint).join(', ')
  return `emulators are installed on Docker engines alone; this builder (driver ${driver}) is at ${places}`
}

const neverRemedy =
  'Set `qemu: auto` to have emulators installed, use a builder with a native node for it (`append`), or remove it from `platforms`.'

const hopelessRemedy =
  'Correct `platforms`, or add a node to the builder that runs it by itself (`append`): no emulator could be installed for it.'

const installRemedy =
  'The engine must allow privileged containers and its kernel must have binfmt_misc. Elsewhere, build each platform on a native runner: the reusable workflow .github/workflows/publish.yml does.'

function elsewhereRemedy(missing: readonly Platform[]): string {
  const command = `docker run --rm --privileged tonistiigi/binfmt --install ${architecturesOf(missing).join(',')}`
  return `Add a native node for it (\`append\`), run \`${command}\` where the builder is, or remove it from \`platforms\`.`
}

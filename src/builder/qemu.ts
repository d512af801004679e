import {architecturesOf, foreignPlatforms, isEmulable} from './emulation.ts'
import {engineOptions} from './docker-context.ts'
import {missingPlatforms, platformNames, type Builder} from '../buildx/inspect.ts'
import type {CommandResult} from '../io/command.ts'
import {TagboatError} from '../errors/error.ts'
import type {BuilderInputs} from '../inputs/inputs.ts'
import {field} from '../oci/manifest.ts'
import {parsePlatform, type Platform} from '../oci/platform.ts'
import {ownPlatform, pullImage, type PullIo} from './pull-image.ts'

/** Features of a builder that emulation depends on. */
export type EmulatingBuilder = Pick<Builder, 'name' | 'driver' | 'platforms'> & {
  readonly nodes: readonly {readonly endpoint: string}[]
}

interface EmulationRequest<B extends EmulatingBuilder> {
  readonly builder: B
  readonly platforms: readonly Platform[]
  readonly inputs: Pick<BuilderInputs, 'qemu' | 'qemuImage' | 'mirrors'>
  /** Retries of the pull, after transient failures. */
  readonly retries: number
  /** Environment of the Docker CLI. */
  readonly env: Readonly<Record<string, string>>
  /** Current context of the Docker CLI. */
  readonly context: string
  /** Reads the features of the builder again. */
  readonly inspectAgain: () => Promise<B>
}

/**
 * Ensures that the builder runs all requested platforms, by installing emulators where the inputs allow. It returns the
 * updated builder. When no platform is missing, nothing is started or pulled.
 * @throws TagboatError `platform-missing`; `emulation-failed` when the image of the emulators cannot be pulled or run.
 */
export async function ensureEmulation<B extends EmulatingBuilder>(
  request: EmulationRequest<B>,
  io: PullIo,
): Promise<B> {
  const {builder, platforms, inputs} = request
  const missing = missingPlatforms(builder, platforms)
  const engine = engineOf(request)
  const isAll = inputs.qemu === 'always' && engine !== undefined
  const wanted = isAll ? await foreignOf(request, engine, io) : missing
  if (missing.length === 0 && (wanted.length === 0 || inputs.qemu === 'never')) return builder
  if (inputs.qemu === 'never') throw lacking(builder, missing, {})
  const hopeless = missing.filter((platform) => !isEmulable(builder, platform))
  if (hopeless.length > 0) {
    const evidence = [`there is no emulator for ${platformNames(hopeless)}`]
    throw lacking(builder, missing, {evidence, remedy: hopelessRemedy})
  }
  if (engine === undefined) {
    throw lacking(builder, missing, {evidence: [elsewhere(builder)], remedy: elsewhereRemedy(missing)})
  }
  const {lines, supported} = await install(request, {engine, architectures: architecturesOf(wanted)}, io)
  // BuildKit caches its platforms for 20 seconds. The installer has detected them in the same way just now.
  const isTold = builder.nodes.length === 1 && missingPlatforms({platforms: supported}, missing).length === 0
  if (isTold && supported.length > 0) return {...builder, platforms: [...builder.platforms, ...missing]}
  return askUntilThere(request, lines, io)
}

/** `archutil.CacheMaxAge` of BuildKit, plus a margin. */
const longestWaitMs = 24_000
const pauseMs = 2_000

async function askUntilThere<B extends EmulatingBuilder>(
  {platforms, inspectAgain}: EmulationRequest<B>,
  evidence: readonly string[],
  {timer}: PullIo,
): Promise<B> {
  for (let waited = 0; ; waited += pauseMs) {
    const builder = await inspectAgain()
    const left = missingPlatforms(builder, platforms)
    if (left.length === 0) return builder
    if (waited >= longestWaitMs) throw lacking(builder, left, {evidence})
    await timer.sleep(pauseMs)
  }
}

async function foreignOf<B extends EmulatingBuilder>(
  {builder, platforms, env}: EmulationRequest<B>,
  {options}: Engine,
  {processes}: PullIo,
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
  /** Output of the installer. It exits with code 0 even when it could not register an emulator. */
  readonly lines: readonly string[]
  /** Platforms that the machine runs now; empty when the installer does not state them. */
  readonly supported: readonly Platform[]
}

async function install<B extends EmulatingBuilder>(
  {inputs, retries, env}: EmulationRequest<B>,
  {engine, architectures}: {readonly engine: Engine; readonly architectures: readonly string[]},
  io: PullIo,
): Promise<Installed> {
  const image = {image: inputs.qemuImage, mirrors: inputs.mirrors}
  const pulled = await pullImage({...image, retries, env, engine: engine.options}, io)
  if (!pulled.ok) throw new TagboatError('emulation-failed', {evidence: pulled.evidence})
  const {reference, wasThere} = pulled
  const options = ['--rm', '--privileged', '--network', 'none', '--pull', 'never']
  const args = [...engine.options, 'run', ...options, reference, '--install', architectures.join(',')]
  const result = await io.processes.stream({file: 'docker', args, env: ownPlatform(env)}, () => undefined)
  const evidence = lastLines(result)
  if (result.exitCode !== 0) {
    throw new TagboatError('emulation-failed', {
      message: 'The emulators for other platforms could not be installed.',
      evidence: [...evidence, `docker run ended with code ${result.exitCode}`],
      remedy: installRemedy,
    })
  }
  const where = engine.options.length === 0 ? '' : ` at ${engine.endpoint}`
  io.say(
    `Emulators installed${where}: ${architectures.join(', ')} (from ${reference}${wasThere ? '' : ', pulled now'})`,
  )
  return {lines: evidence, supported: supportedPlatforms(result.stdout)}
}

/**
 * Platforms in the result that the image tonistiigi/binfmt prints: `{"supported": ["linux/amd64", …], "emulators":
 * […]}`.
 */
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
  // Errors are on the standard error stream; the standard output lists all platforms.
  const lines = (stderr.trim() === '' ? stdout : stderr).split('\n').map((line) => line.trimEnd())
  return lines.filter((line) => line !== '').slice(-5)
}

/** A Docker engine. Emulators are registered with its kernel. */
interface Engine {
  /** Endpoint of the node in Buildx. */
  readonly endpoint: string
  /** Docker CLI options that select it; empty for the current one. */
  readonly options: readonly string[]
}

/** Engine of a node, preferably the current one of the Docker CLI; undefined when no node runs on an engine. */
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
  return `emulators can be installed on Docker engines only; this builder (driver ${driver}) is at ${places}`
}

const hopelessRemedy =
  'Correct `platforms`, or add a native node for the platform (`append`): there is no emulator for it.'

const installRemedy =
  'The engine must allow privileged containers, and its kernel needs binfmt_misc. Otherwise build each platform on a native runner: the reusable workflow .github/workflows/publish.yml does.'

function elsewhereRemedy(missing: readonly Platform[]): string {
  const command = `docker run --rm --privileged tonistiigi/binfmt --install ${architecturesOf(missing).join(',')}`
  return `Add a native node for the platform (\`append\`), run \`${command}\` on the machine of the builder, or remove the platform from \`platforms\`.`
}

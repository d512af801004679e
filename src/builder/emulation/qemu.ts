import {isEmulable} from './emulators.ts'
import {architecturesOf, foreignPlatforms} from './foreign-platforms.ts'
import {engineOptions} from '../docker-context.ts'
import {missingPlatforms, platformNames, type Builder} from '../../buildx/inspect.ts'
import type {CommandResult} from '../../io/command.ts'
import {TagboatError} from '../../errors/error.ts'
import type {BuilderInputs} from '../../inputs/inputs.ts'
import {field} from '../../oci/manifest.ts'
import {parsePlatform, type Platform} from '../../oci/platform.ts'
import {noEmulator, outOfReach, platformGap, withoutEffect, type GapReason} from './platform-gap.ts'
import {ownPlatform, pullImage, type PullIo} from '../pull-image.ts'

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

/** Side effects of the installation of emulators. */
interface EmulationIo extends PullIo {
  /** Receive the line about platforms that stay missing: as a warning, or as information. */
  readonly warn: (text: string) => void
  readonly note: (text: string) => void
}

/** Builder after the installation of emulators. */
export interface Emulation<B extends EmulatingBuilder> {
  readonly builder: B
  /** Error for a build step on a platform that the builder cannot run; undefined if it runs all requested platforms. */
  readonly gap: TagboatError | undefined
}

/**
 * Installs emulators for the requested platforms that the builder lacks, where the inputs and the engine allow it. When
 * no platform is missing, nothing is started or pulled. A platform that stays missing is not an error yet.
 * @throws TagboatError `emulation-failed` with `qemu: always` when the emulators cannot be pulled or installed.
 */
export async function ensureEmulation<B extends EmulatingBuilder>(
  request: EmulationRequest<B>,
  io: EmulationIo,
): Promise<Emulation<B>> {
  const {builder, platforms, inputs} = request
  const missing = missingPlatforms(builder, platforms)
  if (inputs.qemu === 'never') return withGap(builder, {missing, reason: {}}, io.note)
  const engine = engineOf(request)
  const addable = missing.filter((platform) => isEmulable(builder, platform))
  const isAll = inputs.qemu === 'always' && engine !== undefined
  const wanted = isAll ? await foreignOf(request, engine, io) : addable
  if (wanted.length === 0) return withGap(builder, {missing, reason: noEmulator(missing)}, io.note)
  if (engine === undefined) return withGap(builder, {missing, reason: outOfReach(builder, addable)}, io.warn)
  try {
    const installed = await install(request, {engine, architectures: architecturesOf(wanted)}, io)
    return await emulated(request, addable, {installed, io})
  } catch (error) {
    const isFatal = inputs.qemu === 'always' || !(error instanceof TagboatError) || error.code !== 'emulation-failed'
    if (isFatal) throw error
    return withGap(builder, {missing, reason: error}, io.warn)
  }
}

interface Gap {
  readonly missing: readonly Platform[]
  readonly reason: GapReason
}

/** Reports the platforms that stay missing, and returns them as the error of a later step. */
function withGap<B extends EmulatingBuilder>(
  builder: B,
  {missing, reason}: Gap,
  report: (text: string) => void,
): Emulation<B> {
  const gap = platformGap(builder, missing, reason)
  if (gap === undefined) return {builder, gap}
  const facts = (reason.evidence ?? []).map((line) => ` (${line})`).join('')
  report(
    `The builder "${builder.name}" cannot run ${platformNames(missing)}${facts}. The build goes on, and fails only if a step has to run there.`,
  )
  return {builder, gap}
}

/** Builder with the platforms that the emulators have added. */
async function emulated<B extends EmulatingBuilder>(
  request: EmulationRequest<B>,
  added: readonly Platform[],
  {installed: {lines, supported}, io}: {readonly installed: Installed; readonly io: EmulationIo},
): Promise<Emulation<B>> {
  const {builder, platforms} = request
  // BuildKit caches its platforms for 20 seconds. The installer has detected them in the same way just now.
  const isConfirmed = builder.nodes.length === 1 && missingPlatforms({platforms: supported}, added).length === 0
  const extended = {...builder, platforms: [...builder.platforms, ...added]}
  const now = isConfirmed && supported.length > 0 ? extended : await askUntilThere(request, added, io)
  const missing = missingPlatforms(now, platforms)
  const isForeign = missing.every((platform) => !isEmulable(now, platform))
  return withGap(now, {missing, reason: isForeign ? noEmulator(missing) : withoutEffect(lines)}, io.warn)
}

/** `archutil.CacheMaxAge` of BuildKit, plus a margin. */
const longestWaitMs = 24_000
const pauseMs = 2_000

/** Builder as soon as it lists the added platforms, or after the longest time that this takes. */
async function askUntilThere<B extends EmulatingBuilder>(
  {inspectAgain}: EmulationRequest<B>,
  added: readonly Platform[],
  {timer}: PullIo,
): Promise<B> {
  for (let waited = 0; ; waited += pauseMs) {
    const builder = await inspectAgain()
    if (waited >= longestWaitMs || missingPlatforms(builder, added).length === 0) return builder
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

const installRemedy =
  'The engine must allow privileged containers, and its kernel needs binfmt_misc. Otherwise build each platform on a native runner: the reusable workflow .github/workflows/publish.yml does.'

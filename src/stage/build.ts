import path from 'node:path'
import {buildArguments, secretVariables, type BuildRequest} from '../buildx/arguments.ts'
import {commandLine} from '../buildx/command-line.ts'
import {parseMetadata, type BuildMetadata} from '../buildx/metadata.ts'
import {mergeRecords, type BuildRecord} from '../buildx/progress/build-record.ts'
import type {CheckWarning} from '../buildx/progress/checks.ts'
import {BuildOutput, knowsNoRecords, type BuilderName} from '../buildx/progress/progress.ts'
import type {Files} from '../io/files.ts'
import type {Processes} from '../io/process.ts'
import type {CommandResult} from '../io/command.ts'
import {TagboatError} from '../errors/error.ts'
import type {Hide} from '../errors/known-secrets.ts'
import {callBuilds, callMethod} from '../inputs/call.ts'
import type {BuildInputs} from '../inputs/inputs.ts'
import {formatPlatform} from '../oci/platform.ts'
import {dockerfileCandidates, isLocal, workspaceFile} from '../buildx/dockerfile.ts'
import {hideInError, hideInResult, hider} from '../errors/hide-secrets.ts'

export interface BuildIo {
  readonly processes: Processes
  readonly files: Files
  /** Hides the secrets of the run besides those of the build. */
  readonly hide: Hide
  /** Told what a build did and found, also of one that fails. */
  readonly onBuilt?: (built: Pick<BuildResult, 'record' | 'callResult'>) => void
}

export interface BuildResult {
  /** Undefined also for a `call` that makes no image: what it reports is the result of the call. */
  readonly metadata: BuildMetadata | undefined
  /** Digest of the image's configuration; empty when no single image was made. */
  readonly imageId: string
  /** Undefined when Buildx does not say. */
  readonly builder: BuilderName | undefined
  readonly record: BuildRecord
  /** The end of what Buildx showed of progress and errors. */
  readonly text: string
  /** What a `call` other than `build` found, as Buildx prints it; undefined for a build. */
  readonly callResult: string | undefined
}

/** @throws TagboatError `context-missing` or `dockerfile-missing` when a local build would not find what it starts from. */
export async function requireSources({context, file}: BuildInputs, {files}: Pick<BuildIo, 'files'>): Promise<void> {
  if (!isLocal(context)) return
  if (!(await files.exists(context))) {
    throw new TagboatError('context-missing', {evidence: [`context: ${context} does not exist in ${path.resolve()}`]})
  }
  if (file !== undefined && !isLocal(file)) return
  const candidates = dockerfileCandidates({context, file})
  const found = await Promise.all(candidates.map(async (candidate) => files.exists(candidate)))
  if (!found.includes(true)) {
    throw new TagboatError('dockerfile-missing', {
      evidence: [`${candidates[0] ?? ''} does not exist in ${path.resolve()}`],
    })
  }
}

/**
 * Runs the build and, when the request says so, lets BuildKit push all tags of it.
 * @throws TagboatError with the catalogue's code for what the build printed.
 */
export async function build(
  request: BuildRequest,
  childEnv: Readonly<Record<string, string>>,
  write: (chunk: string) => void,
  io: BuildIo,
): Promise<BuildResult> {
  const {inputs} = request
  const {output, result} = await runBuildx(request, childEnv, write, io)
  const own = hider(secretTexts(request, childEnv))
  const hide: Hide = (text) => io.hide(own(text))
  const found = callBuilds(inputs.call) ? undefined : hideInResult(output.result, hide)
  const fileOf = (name: string): string | undefined =>
    workspaceFile(inputs, name, childEnv['GITHUB_WORKSPACE'] ?? path.resolve())
  const record = await recordOf(output, {inputs, hide, fileOf})
  io.onBuilt?.({record, callResult: found})
  if (result.exitCode !== 0) {
    // What went wrong is read from what was printed: a secret may hold the words that say it.
    const {buildFailure} = await import('../buildx/failure.ts')
    const printed = {exitCode: result.exitCode, stdout: found ?? result.stdout, stderr: output.text}
    throw hideInError(
      buildFailure(printed, {step: output.failingStep, call: inputs.call, platforms: inputs.platforms, fileOf}),
      hide,
    )
  }
  const files = callBuilds(inputs.call) ? [request.metadataFile, request.imageIdFile] : []
  const [metadata, imageId] = await Promise.all(files.map(async (file) => io.files.read(file)))
  return {
    metadata: metadata === undefined ? undefined : parseMetadata(metadata),
    imageId: imageId?.trim() ?? '',
    builder: output.builder,
    record,
    text: output.text,
    callResult: found,
  }
}

interface Ran {
  readonly output: BuildOutput
  readonly result: CommandResult
}

/** With BuildKit's records, or the plain progress where Buildx knows none: it says so before it does anything. */
async function runBuildx(
  request: BuildRequest,
  childEnv: Readonly<Record<string, string>>,
  write: (chunk: string) => void,
  {processes}: BuildIo,
): Promise<Ran> {
  const [buildx = '', command = '', ...flags] = buildArguments(request)
  const env = {...childEnv, ...secretVariables(request)}
  const run = async (progress: string): Promise<Ran> => {
    const output = new BuildOutput(write, !callBuilds(request.inputs.call))
    const args = [buildx, command, '--progress', progress, ...flags]
    const result = await processes.stream({file: 'docker', args, env}, (chunk, stream) => {
      output.take(chunk, stream)
    })
    output.end()
    return {output, result}
  }
  write(`${commandLine(['docker', buildx, command, ...flags])}\n`)
  const ran = await run('rawjson')
  return ran.result.exitCode !== 0 && knowsNoRecords(ran.result.stderr) ? run('plain') : ran
}

interface RecordFacts {
  readonly inputs: BuildInputs
  readonly hide: Hide
  readonly fileOf: (name: string) => string | undefined
}

async function recordOf(output: BuildOutput, {inputs, hide, fileOf}: RecordFacts): Promise<BuildRecord> {
  const [platform, ...others] = inputs.platforms
  const record = output.record(platform === undefined || others.length > 0 ? undefined : formatPlatform(platform))
  const called = callMethod(inputs.call) === 'check' ? await checksIn(output.result) : []
  const warnings = [...record.warnings, ...called].map((warning) => ({
    ...warning,
    message: hide(warning.message),
    detail: hide(warning.detail),
    filename: fileOf(warning.filename) ?? '',
  }))
  const steps = record.steps.map((step) => ({
    ...step,
    name: hide(step.name),
    error: step.error === undefined ? undefined : hide(step.error),
  }))
  return mergeRecords([{...record, steps, warnings}])
}

async function checksIn(result: string): Promise<readonly CheckWarning[]> {
  const {parseChecks} = await import('../buildx/progress/parse-checks.ts')
  return parseChecks(result)
}

/** Values of the build's secrets: a step may print them, and evidence and summary show what it printed. */
function secretTexts(request: BuildRequest, childEnv: Readonly<Record<string, string>>): readonly string[] {
  const named = request.inputs.secretEnvs.map(({value}) => childEnv[value] ?? '')
  return [...Object.values(secretVariables(request)), ...named]
}

/** The same processes, whose long commands end with the signal too. */
export function endedBy(processes: Processes, end: AbortSignal): Processes {
  return {
    ...processes,
    stream: async (command, onOutput) => {
      const until = command.until === undefined ? end : AbortSignal.any([command.until, end])
      return processes.stream({...command, until}, onOutput)
    },
  }
}

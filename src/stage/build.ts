import path from 'node:path'
import {buildArguments, secretVariables, type BuildRequest} from '../buildx/arguments.ts'
import {commandLine, withoutFiles} from '../buildx/command-line.ts'
import {parseMetadata, type BuildMetadata} from '../buildx/metadata.ts'
import {mergeRecords, type BuildRecord} from '../buildx/progress/build-record.ts'
import type {CheckWarning} from '../buildx/progress/checks.ts'
import {BuildOutput, lacksRawJson, type BuilderName} from '../buildx/progress/progress.ts'
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

/** Side effects of a build. */
export interface BuildIo {
  readonly processes: Processes
  readonly files: Files
  /** Hides the secrets of the run. Those of the build are hidden in addition. */
  readonly hide: Hide
  /** Receives the steps and findings of each build, also of a failed one. */
  readonly onBuilt?: (built: Pick<BuildResult, 'record' | 'callResult'>) => void
}

/** Result of a `docker buildx build`. */
export interface BuildResult {
  /** Absent for a `call` other than `build`, and if Buildx writes no metadata. */
  readonly metadata: BuildMetadata | undefined
  /** Digest of the image configuration; empty if the build did not produce exactly one image. */
  readonly imageId: string
  /** Name and driver of the builder, if Buildx reports them. */
  readonly builder: BuilderName | undefined
  readonly record: BuildRecord
  /** End of the progress and errors that Buildx printed. */
  readonly text: string
  /** Result of a `call` other than `build`, as Buildx prints it; undefined for a build. */
  readonly callResult: string | undefined
}

/**
 * Checks that the context and the Dockerfile of a local build exist.
 * @throws TagboatError `context-missing`, `dockerfile-missing`
 */
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
 * Runs `docker buildx build`. BuildKit pushes the image if the destination of the request is a registry.
 * @throws TagboatError with the code for the output of the failed build.
 */
export async function build(
  request: BuildRequest,
  childEnv: Readonly<Record<string, string>>,
  write: (chunk: string) => void,
  io: BuildIo,
): Promise<BuildResult> {
  const {inputs} = request
  const {output, result} = await runBuildx(request, childEnv, write, io)
  const hideBuildSecrets = hider(secretTexts(request, childEnv))
  const hide: Hide = (text) => io.hide(hideBuildSecrets(text))
  const found = callBuilds(inputs.call) ? undefined : hideInResult(output.result, hide)
  const fileOf = (name: string): string | undefined =>
    workspaceFile(inputs, name, childEnv['GITHUB_WORKSPACE'] ?? path.resolve())
  const record = await recordOf(output, {inputs, hide, fileOf})
  io.onBuilt?.({record, callResult: found})
  if (result.exitCode !== 0) {
    const {buildFailure} = await import('../buildx/failure.ts')
    // The cause is recognised in the original output: a secret may contain the text of an error message.
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

interface BuildxRun {
  readonly output: BuildOutput
  readonly result: CommandResult
}

/**
 * Runs Buildx with the progress as JSON records, or as plain text if this version does not support records: it then
 * fails before it starts the build.
 */
async function runBuildx(
  request: BuildRequest,
  childEnv: Readonly<Record<string, string>>,
  write: (chunk: string) => void,
  {processes}: BuildIo,
): Promise<BuildxRun> {
  const [buildx = '', command = '', ...flags] = buildArguments(request)
  const env = {...childEnv, ...secretVariables(request)}
  const run = async (progress: string): Promise<BuildxRun> => {
    const output = new BuildOutput(write, !callBuilds(request.inputs.call))
    const args = [buildx, command, '--progress', progress, ...flags]
    const result = await processes.stream({file: 'docker', args, env}, (chunk, stream) => {
      output.take(chunk, stream)
    })
    output.end()
    return {output, result}
  }
  const words = withoutFiles(flags, [request.metadataFile, request.imageIdFile])
  write(`${commandLine(['docker', buildx, command, ...words])}\n`)
  const first = await run('rawjson')
  return first.result.exitCode !== 0 && lacksRawJson(first.result.stderr) ? run('plain') : first
}

interface RecordContext {
  readonly inputs: BuildInputs
  readonly hide: Hide
  readonly fileOf: (name: string) => string | undefined
}

async function recordOf(output: BuildOutput, {inputs, hide, fileOf}: RecordContext): Promise<BuildRecord> {
  const [platform, ...others] = inputs.platforms
  const record = output.record(platform === undefined || others.length > 0 ? undefined : formatPlatform(platform))
  const checks = callMethod(inputs.call) === 'check' ? await parseChecksOf(output.result) : []
  const warnings = [...record.warnings, ...checks].map((warning) => ({
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

async function parseChecksOf(result: string): Promise<readonly CheckWarning[]> {
  const {parseChecks} = await import('../buildx/progress/parse-checks.ts')
  return parseChecks(result)
}

/** Values of the build secrets. A step may print them, and its output appears in the evidence and the summary. */
function secretTexts(request: BuildRequest, childEnv: Readonly<Record<string, string>>): readonly string[] {
  const named = request.inputs.secretEnvs.map(({value}) => childEnv[value] ?? '')
  return [...Object.values(secretVariables(request)), ...named]
}

/** Processes whose long commands end also when `signal` is aborted. */
export function withSignal(processes: Processes, signal: AbortSignal): Processes {
  return {
    ...processes,
    stream: async (command, onOutput) => {
      const until = command.until === undefined ? signal : AbortSignal.any([command.until, signal])
      return processes.stream({...command, until}, onOutput)
    },
  }
}

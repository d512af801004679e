import path from 'node:path'
import {buildArguments, secretVariables, type BuildRequest} from '../buildx/arguments.ts'
import {buildFailure, inspectFailure} from '../buildx/failure.ts'
import {parseBuilder, requirePlatforms, type Builder} from '../buildx/inspect.ts'
import {parseMetadata, type BuildMetadata} from '../buildx/metadata.ts'
import {builderName, QuietLines, type BuilderName} from '../buildx/progress.ts'
import type {Files} from '../edge/files.ts'
import type {Processes} from '../edge/process.ts'
import {TagboatError} from '../errors/error.ts'
import type {BuildInputs} from '../inputs/inputs.ts'

export interface BuildEdges {
  readonly processes: Processes
  readonly files: Files
}

export interface BuildResult {
  readonly metadata: BuildMetadata | undefined
  /** Digest of the image's configuration; empty when no single image was made. */
  readonly imageId: string
  /** Undefined when Buildx does not say. */
  readonly builder: BuilderName | undefined
}

/**
 * Asks the builder what it can.
 * @throws TagboatError when there is no Docker, Buildx, engine or builder, or a platform is missing.
 */
export async function inspectBuilder(
  {builder: name, platforms}: BuildInputs,
  env: Readonly<Record<string, string>>,
  {processes}: BuildEdges,
): Promise<Builder> {
  const args = ['buildx', 'inspect', ...(name === undefined ? [] : [name])]
  const result = await processes.capture({file: 'docker', args, env})
  const builder = parseBuilder(result.stdout)
  if (result.exitCode !== 0 || builder.errors.length > 0) throw inspectFailure(result, builder.errors, name)
  requirePlatforms(builder, platforms)
  return builder
}

/** @throws TagboatError `context-missing` or `dockerfile-missing` when a local build would not find what it starts from. */
export async function requireSources({context, file}: BuildInputs, {files}: BuildEdges): Promise<void> {
  if (!isLocal(context)) return
  if (!(await files.exists(context))) {
    throw new TagboatError('context-missing', {evidence: [`context: ${context} does not exist in ${path.resolve()}`]})
  }
  if (file !== undefined && !isLocal(file)) return
  const candidates = file === undefined ? ['Dockerfile', 'dockerfile'].map((name) => path.join(context, name)) : [file]
  const found = await Promise.all(candidates.map(async (candidate) => files.exists(candidate)))
  if (!found.includes(true)) {
    throw new TagboatError('dockerfile-missing', {
      evidence: [`${candidates[0] ?? ''} does not exist in ${path.resolve()}`],
    })
  }
}

/** A URL, a Git reference or standard input is read by Buildx, not from this directory. */
function isLocal(source: string): boolean {
  return !/^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/|-$|git$|\{\{)/i.test(source)
}

/**
 * Runs the build and, when the request says so, lets BuildKit push all tags of it.
 * @throws TagboatError with the catalogue's code for what the build printed.
 */
export async function build(
  request: BuildRequest,
  childEnv: Readonly<Record<string, string>>,
  write: (chunk: string) => void,
  {processes, files}: BuildEdges,
): Promise<BuildResult> {
  const env = {...childEnv, ...secretVariables(request)}
  let builder: BuilderName | undefined
  const lines = new QuietLines(write)
  const result = await processes.stream({file: 'docker', args: buildArguments(request), env}, (chunk) => {
    builder ??= builderName(chunk)
    lines.take(chunk)
  })
  lines.end()
  if (result.exitCode !== 0) throw buildFailure(result)
  const [metadata, imageId] = await Promise.all([files.read(request.metadataFile), files.read(request.imageIdFile)])
  return {
    metadata: metadata === undefined ? undefined : parseMetadata(metadata),
    imageId: imageId?.trim() ?? '',
    builder,
  }
}

import type {CommonCode} from '../errors/causes.ts'
import {connectionDetails} from '../errors/connection-trouble.ts'
import {TagboatError, type SourcePlace} from '../errors/error.ts'
import type {CommandResult} from '../io/command.ts'
import {callMethod} from '../inputs/call.ts'
import type {Platform} from '../oci/platform.ts'
import {ghcrHost} from '../oci/ghcr.ts'
import {refusalOf} from '../registry/vendors/refusals.ts'
import {failurePatterns, type FailurePattern} from './failure-patterns.ts'
import {platformNames} from './inspect.ts'
import {excerptOf} from './progress/excerpt.ts'
import type {FailingStep} from './progress/progress.ts'

const lastLines = 24

/** Facts about a failed build besides its output. */
interface FailureFacts {
  readonly step?: FailingStep | undefined
  /** Input `call`. */
  readonly call?: string | undefined
  /** Requested platforms. */
  readonly platforms?: readonly Platform[]
  /** Returns the path of a Dockerfile by the name that the build prints; undefined if it is not in the workspace. */
  readonly fileOf?: (name: string) => string | undefined
}

/**
 * Error of a build with an exit code other than 0. Its evidence has the last lines of the failing step and the excerpt
 * of the Dockerfile, if they are known, or else the last lines of the whole output.
 */
export function buildFailure(result: CommandResult, facts: FailureFacts = {}): TagboatError {
  const printed = printedLines(result.stderr)
  const {step, call} = facts
  if (callMethod(call) === 'check' && result.stdout.trim() !== '') return checksFailure(result)
  const output = step?.lines ?? printed.slice(-lastLines).filter(isStepOutput)
  const match: Match = matchOf(errorSentence(printed), output) ?? {code: 'build-failed'}
  const {code, remedy} = match
  const excerpt = excerptOf(printed)
  const place = excerpt === undefined ? undefined : placeOf(excerpt, facts)
  // Buildx writes progress and errors to standard error, and the result of a `call` to standard output.
  const lines = printedLines(`${result.stderr}\n${result.stdout}`).slice(-lastLines)
  const evidence =
    step === undefined
      ? lines
      : [`> ${step.name}:`, ...step.lines, ...(excerpt?.lines ?? []), ...errorLines(printed).slice(-lastLines)]
  const message = code === 'base-image-without-platform' ? baseImageMessage(printed, facts) : match.message
  return new TagboatError(code, {
    ...(message !== undefined && {message}),
    evidence: [...evidence, `docker buildx build ended with code ${result.exitCode}`],
    ...(place !== undefined && {place}),
    ...(remedy !== undefined && {remedy}),
  })
}

/** Message that names the base image and the platform; undefined if BuildKit does not name the image. */
function baseImageMessage(printed: readonly string[], {step, platforms = []}: FailureFacts): string | undefined {
  const image = failedSource(printed)
  if (image === undefined) return undefined
  // BuildKit names the platform of a step if the build has several.
  const [, named] = /^\[(\S+) internal\]/.exec(step?.name ?? '') ?? []
  const platform = named ?? (platforms.length === 1 ? platformNames(platforms) : 'the platform of this build')
  return `The base image ${image} does not exist for ${platform}.`
}

/** Image that BuildKit could not resolve, as the error names it; undefined if the error has another cause. */
export function failedSource(lines: readonly string[]): string | undefined {
  return /failed to resolve source metadata for (\S+?):? /i.exec(errorSentence(lines))?.[1]
}

/**
 * Error of `call: check`. Its message is the first line of the output, which states the number of findings, as in
 * docker/build-push-action. The findings themselves are annotations and part of the summary.
 */
function checksFailure({stdout, exitCode}: CommandResult): TagboatError {
  const [first] = printedLines(stdout)
  return new TagboatError('checks-failed', {
    ...(first !== undefined && !first.startsWith('{') && {message: first}),
    evidence: [`docker buildx build ended with code ${exitCode}`],
  })
}

function placeOf(
  {filename, line, endLine}: {readonly filename: string; readonly line: number; readonly endLine: number},
  {fileOf}: FailureFacts,
): SourcePlace | undefined {
  const file = fileOf?.(filename)
  return file === undefined ? undefined : {file, line, endLine}
}

/** Error of `docker buildx inspect`, which may end with code 0 and report an error for each node. */
export function inspectFailure(
  result: CommandResult,
  nodeErrors: readonly string[],
  builder: string | undefined,
): TagboatError {
  const lines = [...printedLines(result.stderr), ...nodeErrors.map((error) => `ERROR: ${error}`)]
  const match = matchOf(allErrors(lines), [])
  const code = match?.code ?? (nodeErrors.length > 0 ? 'engine-unreachable' : 'command-failed')
  return new TagboatError(code, {
    ...(code === 'builder-missing' && builder !== undefined
      ? {message: `The builder "${builder}" does not exist.`}
      : {}),
    ...(match?.message !== undefined && {message: match.message}),
    ...(match?.remedy !== undefined && {remedy: match.remedy}),
    evidence: [...lines.slice(-5), `docker buildx inspect ended with code ${result.exitCode}`],
  })
}

type Match = Pick<FailurePattern, 'code' | 'message' | 'remedy'>

/** First pattern that the error or the output matches; `output` is that of the failing step. */
function matchOf(error: string, output: readonly string[]): Match | undefined {
  const all = [error, ...output].join('\n')
  const found = failurePatterns.find(({pattern, where}) => pattern.test(where === 'error' ? error : all))
  if (found?.code === 'registry-unreachable' && found.remedy === undefined) return unreachablePush(error)
  return found === undefined || general.has(found.code) ? (refusedPush(error, found?.code) ?? found) : found
}

/** A push to a registry that did not respond, with the reason in plain words if it is known. */
function unreachablePush(error: string): Match {
  const [, host = ''] = /failed to push ([^/\s]{1,300})\//i.exec(error) ?? []
  const {message, remedy} = connectionDetails(error, host) ?? {}
  return {code: 'registry-unreachable', ...(message !== undefined && {message}), ...(remedy !== undefined && {remedy})}
}

/** Codes of a refused push that does not name its cause. */
const general: ReadonlySet<CommonCode> = new Set(['push-denied', 'push-denied-ghcr', 'repository-missing'])

/** Cause of a push that a registry refused, if its answer names one. The engine does not name the registry. */
function refusedPush(error: string, code: CommonCode | undefined): Pick<FailurePattern, 'code' | 'remedy'> | undefined {
  const [, named, path, answer] = /failed to push ([^/\s]{1,300})\/(\S{1,500}): ([\s\S]*)/i.exec(error) ?? []
  const host = named ?? (code === 'push-denied-ghcr' ? ghcrHost : undefined)
  if (host === undefined) return undefined
  const refusal = refusalOf({host, path, isPush: true, isLoggedIn: true, text: answer ?? error})
  if (refusal === undefined) return undefined
  const {remedy} = refusal
  return {code: refusal.code, ...(remedy !== undefined && {remedy})}
}

/** All errors of a command that runs no steps: the last one may be an effect of others, such as a time limit. */
function allErrors(lines: readonly string[]): string {
  return [...lines.filter((line) => /^error:/i.test(line)), errorSentence(lines)].join('\n')
}

/** Last error of Buildx without the command of the failing step, which it quotes: a command may contain any text. */
function errorSentence(lines: readonly string[]): string {
  return errorLines(lines)
    .join('\n')
    .replace(
      /process "(\/dev\/\.buildkit_qemu_emulator |cmd \/S \/C )?(?:[^"\\]|\\.)*" did not complete/g,
      (_, runner?: string) => `${kindOf(runner)}process did not complete`,
    )
}

/** Kind of a process by the program that runs it: an emulator, or the shell of a Windows platform. */
function kindOf(runner: string | undefined): string {
  if (runner === undefined) return ''
  return runner.startsWith('cmd') ? 'windows ' : 'emulated '
}

function errorLines(lines: readonly string[]): readonly string[] {
  const start = lines.findLastIndex((line) => /^error:/i.test(line))
  return start === -1 ? lines.filter((line) => !isProgress(line)).slice(-lastLines) : lines.slice(start)
}

/**
 * Reports whether a line is output of a step: `#5 0.130 text` while it runs, `0.130 text` where BuildKit repeats the
 * end.
 */
function isStepOutput(line: string): boolean {
  return /^(?:#\d+ )?\d+\.\d+ /.test(line)
}

function isProgress(line: string): boolean {
  return /^#\d+ /.test(line) || isStepOutput(line)
}

function printedLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
}

import type {ErrorCode} from '../errors/catalogue.ts'
import {TagboatError, type SourcePlace} from '../errors/error.ts'
import {namedAddressRemedy} from '../errors/named-address.ts'
import {saysFull} from '../errors/quota.ts'
import type {CommandResult} from '../io/command.ts'
import {callMethod} from '../inputs/call.ts'
import {excerptOf} from './progress/checks.ts'
import type {FailingStep} from './progress/progress.ts'

interface Sign {
  readonly pattern: Pick<RegExp, 'test'>
  readonly code: ErrorCode
  /**
   * `error`: in the sentence with which Buildx ends. `output`: also in what the failing step printed, for failures that
   * a step meets before BuildKit does. Most signs hold in the former alone: a step may print anything.
   */
  readonly where: 'error' | 'output'
  /** Instead of the catalogue's. */
  readonly remedy?: string
}

const denied = String.raw`\b(?:denied|forbidden|unauthorized|authorization failed|insufficient_scope|no basic auth|40[13])\b`

/** A push that was refused because there is no room. */
const refusedForSpace = {
  test: (text: string): boolean => {
    const answer = /failed to push \S{1,500}: ([\s\S]*)/i.exec(text)?.[1]
    return answer !== undefined && saysFull(answer)
  },
}

/** What the Docker CLI, Buildx, BuildKit and registries print, most particular first. */
const signs: readonly Sign[] = [
  {
    where: 'error',
    code: 'buildx-missing',
    // Without Buildx, the Docker CLI takes the first flag for one of its own and shows its own usage.
    pattern:
      /'?buildx'? is not a docker command|unknown command: docker buildx|unknown flag: --\S+\s+Usage: +docker \[OPTIONS\] COMMAND/i,
  },
  {
    where: 'error',
    code: 'engine-unreachable',
    pattern:
      /cannot connect to the docker daemon|failed to connect to the docker api|error during connect|permission denied while trying to connect/i,
  },
  {where: 'error', code: 'builder-missing', pattern: /no builder "[^"]*" found/i},
  {
    where: 'error',
    code: 'builder-unsuited',
    pattern:
      /not supported for the \S+ driver|docker exporter does not (?:currently )?support exporting manifest lists|"rewrite-timestamp" conflicts with "unpack"/i,
  },
  {where: 'error', code: 'checks-failed', pattern: /lint violation found for rules/i},
  {where: 'output', code: 'disk-full', pattern: /no space left on device/i},
  // QEMU says so itself; where BuildKit brought the emulator, and where the step's platform tells, the exit code does: that of
  // a program that a signal ended, for an instruction, an address or a number that it could not work with.
  {where: 'output', code: 'emulation-crashed', pattern: /qemu: uncaught target signal \d+/i},
  {
    where: 'error',
    code: 'emulation-crashed',
    pattern: /emulated process did not complete successfully: exit code: 13[2569]\b/,
  },
  {where: 'output', code: 'platform-missing', pattern: /exec format error/i},
  {where: 'error', code: 'platform-missing', pattern: /no match for platform in manifest/i},
  {where: 'error', code: 'rate-limited', pattern: /toomanyrequests|429 too many requests/i},
  {where: 'error', code: 'quota-exceeded', pattern: refusedForSpace},
  {where: 'error', code: 'base-image-unreachable', pattern: /failed to resolve source metadata for/i},
  {
    where: 'error',
    code: 'dockerfile-invalid',
    pattern:
      /dockerfile parse error|failed to parse stage name|file with no instructions|no build stage in current context|dockerfile (?:\([^)]*\) )?cannot be empty|base name \([^)]*\) should not be blank|target stage "[^"]*" could not be found|circular dependency detected on stage/i,
  },
  {
    where: 'error',
    code: 'build-failed',
    pattern: /failed to calculate checksum of ref [^\n]{0,500}not found/i,
    remedy:
      'Check the path in the Dockerfile: it is looked for under `context`, without what .dockerignore leaves out; with `--from`, in that stage or image.',
  },
  {
    where: 'error',
    code: 'dockerfile-missing',
    pattern:
      /failed to read dockerfile: open [^\n]*: no such file|symlinks in dockerfile path|resolve\s?: lstat [^\n]*: no such file/i,
  },
  {
    where: 'error',
    code: 'git-context-refused',
    pattern:
      /failed to fetch remote [\s\S]{0,2000}(?:could not read username|authentication failed|repository not found|returned error: 40[134])/i,
  },
  {
    where: 'error',
    code: 'context-missing',
    pattern: /unable to prepare context|path "[^"]*" not found|failed to resolve build context/i,
  },
  {
    where: 'error',
    code: 'ecr-repository-missing',
    pattern:
      /the repository with name '[^']*' does not exist in the registry with id|failed to push \S{1,300}\.dkr\.ecr\S{0,100}\.amazonaws\.com\S{0,300}: [\s\S]{0,2000}(?:name unknown|does not exist|404 not found)/i,
  },
  {
    where: 'error',
    code: 'push-denied-ghcr',
    pattern: new RegExp(
      String.raw`permission_denied: (?:write|create)_package|installation not allowed to \w+ organization package|failed to push ghcr\.io/\S{1,500}: [\s\S]{0,2000}${denied}`,
      'i',
    ),
  },
  {
    where: 'error',
    code: 'push-denied',
    pattern: new RegExp(
      String.raw`failed to push \S{1,500}: [\s\S]{0,2000}${denied}|requested access to the resource is denied`,
      'i',
    ),
  },
  {
    where: 'error',
    code: 'registry-unreachable',
    // Docker Hub has another name in references.
    pattern:
      /failed to push (?!docker\.io\/)([^/\s]{1,300})\/\S{1,500}: [\s\S]{0,2000}\b(?:get|head|post|put|patch) "https?:\/\/(?!\1[/"])[^"\s]*": (?:dial |net\/http: tls handshake timeout|context deadline exceeded|eof|(?:read|write) tcp|proxyconnect)/i,
    remedy: namedAddressRemedy,
  },
  {
    where: 'error',
    code: 'repository-missing',
    pattern: /name unknown|repository name not known|project .{0,300} not found/i,
  },
]

const lastLines = 24

/** What is known of a failed build besides what it printed. */
interface FailureFacts {
  readonly step?: FailingStep | undefined
  /** The input `call`. */
  readonly call?: string | undefined
  /** Where in the workspace a Dockerfile is that the build names in this way; undefined when it is elsewhere. */
  readonly fileOf?: (name: string) => string | undefined
}

/**
 * A build that ended with another code than 0, as an error of the catalogue: with the last lines that the failing step
 * printed and its lines of the Dockerfile where those are known, else with the last that were printed at all.
 */
export function buildFailure(result: CommandResult, facts: FailureFacts = {}): TagboatError {
  const printed = printedLines(result.stderr)
  const {step, call} = facts
  if (callMethod(call) === 'check' && result.stdout.trim() !== '') return checksFailure(result)
  const output = step?.lines ?? printed.slice(-lastLines).filter(isStepOutput)
  const {code, remedy} = signOf(printed, output) ?? {code: 'build-failed', remedy: undefined}
  const excerpt = excerptOf(printed)
  const place = excerpt === undefined ? undefined : placeOf(excerpt, facts)
  // Buildx writes its progress and errors to one stream, and what `call` finds to the other.
  const lines = printedLines(`${result.stderr}\n${result.stdout}`).slice(-lastLines)
  const evidence =
    step === undefined
      ? lines
      : [`> ${step.name}:`, ...step.lines, ...(excerpt?.lines ?? []), ...errorLines(printed).slice(-lastLines)]
  return new TagboatError(code, {
    evidence: [...evidence, `docker buildx build ended with code ${result.exitCode}`],
    ...(place !== undefined && {place}),
    ...(remedy !== undefined && {remedy}),
  })
}

/**
 * Its first line says how many were found, and stands for the catalogue's sentence as in docker/build-push-action. All of them
 * stand at their lines, in the log and in the summary besides: they are not said once more.
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

/** The same for `docker buildx inspect`, which may end with code 0 and say what is wrong with each node. */
export function inspectFailure(
  result: CommandResult,
  nodeErrors: readonly string[],
  builder: string | undefined,
): TagboatError {
  const lines = [...printedLines(result.stderr), ...nodeErrors.map((error) => `ERROR: ${error}`)]
  const code = signOf(lines, [])?.code ?? (nodeErrors.length > 0 ? 'engine-unreachable' : 'command-failed')
  return new TagboatError(code, {
    ...(code === 'builder-missing' && builder !== undefined
      ? {message: `There is no builder named "${builder}".`}
      : {}),
    evidence: [...lines.slice(-5), `docker buildx inspect ended with code ${result.exitCode}`],
  })
}

/** `output`: what the failing step printed. */
function signOf(lines: readonly string[], output: readonly string[]): Pick<Sign, 'code' | 'remedy'> | undefined {
  const error = errorSentence(lines)
  const all = [error, ...output].join('\n')
  return signs.find(({pattern, where}) => pattern.test(where === 'error' ? error : all))
}

/** What Buildx ends with, without the command of the step that failed, which it quotes: a command may say anything. */
function errorSentence(lines: readonly string[]): string {
  return errorLines(lines)
    .join('\n')
    .replace(
      /process "(\/dev\/\.buildkit_qemu_emulator )?(?:[^"\\]|\\.)*" did not complete/g,
      (_, emulator?: string) =>
        emulator === undefined ? 'process did not complete' : 'emulated process did not complete',
    )
}

function errorLines(lines: readonly string[]): readonly string[] {
  const start = lines.findLastIndex((line) => /^error:/i.test(line))
  return start === -1 ? lines.filter((line) => !isProgress(line)).slice(-lastLines) : lines.slice(start)
}

/** `#5 0.130 text` while a step runs, `0.130 text` where BuildKit shows the end of a failed one again. */
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

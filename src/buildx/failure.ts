import type {ErrorCode} from '../errors/catalogue.ts'
import {TagboatError} from '../errors/error.ts'
import type {CommandResult} from '../edge/process.ts'

interface Sign {
  readonly pattern: RegExp
  readonly code: ErrorCode
  /**
   * `error`: in the sentence with which Buildx ends. `output`: also in what the failing step printed, for failures that
   * a step meets before BuildKit does. Most signs hold in the former alone: a step may print anything.
   */
  readonly where: 'error' | 'output'
}

const denied = String.raw`\b(?:denied|forbidden|unauthorized|authorization failed|insufficient_scope|no basic auth|40[13])\b`

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
      /not supported for the \S+ driver|docker exporter does not (?:currently )?support exporting manifest lists/i,
  },
  {where: 'output', code: 'disk-full', pattern: /no space left on device/i},
  {where: 'output', code: 'platform-missing', pattern: /exec format error/i},
  {where: 'error', code: 'platform-missing', pattern: /no match for platform in manifest/i},
  {where: 'error', code: 'rate-limited', pattern: /toomanyrequests|429 too many requests/i},
  {
    where: 'error',
    code: 'dockerfile-missing',
    pattern:
      /failed to read dockerfile: open [^\n]*: no such file|symlinks in dockerfile path|resolve\s?: lstat [^\n]*: no such file/i,
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
      /the repository with name '[^']*' does not exist in the registry with id|failed to push \S+\.dkr\.ecr\S*\.amazonaws\.com\S*: [\s\S]*(?:name unknown|does not exist|404 not found)/i,
  },
  {
    where: 'error',
    code: 'push-denied-ghcr',
    pattern: new RegExp(
      String.raw`permission_denied: (?:write|create)_package|installation not allowed to \w+ organization package|failed to push ghcr\.io/\S+: [\s\S]*${denied}`,
      'i',
    ),
  },
  {
    where: 'error',
    code: 'push-denied',
    pattern: new RegExp(
      String.raw`failed to push \S+: [\s\S]*${denied}|requested access to the resource is denied`,
      'i',
    ),
  },
  {where: 'error', code: 'repository-missing', pattern: /name unknown|repository name not known|project .* not found/i},
]

const lastLines = 24

/** A build that ended with another code than 0, as an error of the catalogue with the last lines that it printed. */
export function buildFailure(result: CommandResult): TagboatError {
  const code = codeOf(printedLines(result.stderr)) ?? 'build-failed'
  // Buildx writes its progress and errors to one stream, and what `call` finds to the other.
  const lines = printedLines(`${result.stderr}\n${result.stdout}`)
  return new TagboatError(code, {
    evidence: [...lines.slice(-lastLines), `docker buildx build ended with code ${result.exitCode}`],
  })
}

/** The same for `docker buildx inspect`, which may end with code 0 and say what is wrong with each node. */
export function inspectFailure(
  result: CommandResult,
  nodeErrors: readonly string[],
  builder: string | undefined,
): TagboatError {
  const lines = [...printedLines(result.stderr), ...nodeErrors.map((error) => `ERROR: ${error}`)]
  const code = codeOf(lines) ?? (nodeErrors.length > 0 ? 'engine-unreachable' : 'command-failed')
  return new TagboatError(code, {
    ...(code === 'builder-missing' && builder !== undefined
      ? {message: `There is no builder named "${builder}".`}
      : {}),
    evidence: [...lines.slice(-5), `docker buildx inspect ended with code ${result.exitCode}`],
  })
}

function codeOf(lines: readonly string[]): ErrorCode | undefined {
  const error = errorSentence(lines)
  const output = [error, ...lines.slice(-lastLines).filter(isStepOutput)].join('\n')
  return signs.find(({pattern, where}) => pattern.test(where === 'error' ? error : output))?.code
}

/** What Buildx ends with, without the command of the step that failed, which it quotes: a command may say anything. */
function errorSentence(lines: readonly string[]): string {
  const start = lines.findLastIndex((line) => /^error:/i.test(line))
  const sentence = start === -1 ? lines.filter((line) => !isProgress(line)).slice(-lastLines) : lines.slice(start)
  return sentence.join('\n').replace(/process "(?:[^"\\]|\\.)*" did not complete/g, 'process did not complete')
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

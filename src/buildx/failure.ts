import type {ErrorCode} from '../errors/catalogue.ts'
import {TagboatError} from '../errors/error.ts'
import type {CommandResult} from '../edge/process.ts'

interface Sign {
  readonly pattern: RegExp
  readonly code: ErrorCode
  /**
   * `error`: in the sentence with which Buildx ends. `output`: also in what the last steps printed, for failures that a
   * step meets before BuildKit does. Most signs hold in the former alone: a step may print anything.
   */
  readonly where: 'error' | 'output'
}

/** What the Docker CLI, Buildx, BuildKit and registries print, most particular first. */
const signs: readonly Sign[] = [
  {
    where: 'error',
    code: 'buildx-missing',
    pattern: /'?buildx'? is not a docker command|unknown command: docker buildx|unknown flag: --\S+\s+Usage: +docker \[OPTIONS\] COMMAND/i,
  },
  {
    where: 'error',
    code: 'engine-unreachable',
    pattern:
      /cannot connect to the docker daemon|failed to connect to the docker api|error during connect|permission denied while trying to connect/i,
  },
  {where: 'error', code: 'builder-missing', pattern: /no builder "[^"]*" found/i},
  {where: 'output', code: 'disk-full', pattern: /no space left on device/i},
  {where: 'output', code: 'platform-missing', pattern: /exec format error/i},
  {where: 'error', code: 'platform-missing', pattern: /no match for platform in manifest/i},
  {where: 'error', code: 'rate-limited', pattern: /toomanyrequests|429 too many requests/i},
  {where: 'error', code: 'dockerfile-missing', pattern: /failed to read dockerfile/i},
  {
    where: 'error',
    code: 'context-missing',
    pattern: /unable to prepare context|path "[^"]*" not found|failed to resolve build context/i,
  },
  {
    where: 'error',
    code: 'ecr-repository-missing',
    pattern: /\.dkr\.ecr[^\s]*\.amazonaws\.com[\s\S]*(name unknown|does not exist|404 not found)/i,
  },
  {
    where: 'error',
    code: 'push-denied-ghcr',
    pattern: /failed to push ghcr\.io\/[\s\S]*(denied|forbidden|unauthorized|401|403)/i,
  },
  {
    where: 'error',
    code: 'push-denied',
    pattern:
      /failed to push[\s\S]*(denied|forbidden|unauthorized|authorization failed|insufficient_scope|no basic auth|401|403)/i,
  },
  {where: 'error', code: 'repository-missing', pattern: /name unknown|repository name not known|project .* not found/i},
]

const lastLines = 24

/** A build that ended with another code than 0, as an error of the catalogue with the last lines that it printed. */
export function buildFailure(result: CommandResult): TagboatError {
  const lines = printedLines(result)
  const code = codeOf(lines) ?? 'build-failed'
  return new TagboatError(code, {
    evidence: [...lines.slice(-lastLines), `docker buildx build ended with code ${result.exitCode}`],
  })
}

/** The same for `docker buildx inspect`, with which every run looks at its builder first. */
export function inspectFailure(result: CommandResult, builder: string | undefined): TagboatError {
  const lines = printedLines(result)
  const code = codeOf(lines) ?? 'command-failed'
  return new TagboatError(code, {
    ...(code === 'builder-missing' && builder !== undefined
      ? {message: `There is no builder named "${builder}".`}
      : {}),
    evidence: [...lines.slice(-5), `docker buildx inspect ended with code ${result.exitCode}`],
  })
}

function codeOf(lines: readonly string[]): ErrorCode | undefined {
  const output = lines.slice(-lastLines).join('\n')
  const start = lines.findLastIndex((line) => /^ERROR:|^error:/i.test(line))
  const error = lines.slice(start === -1 ? -lastLines : start).join('\n')
  return signs.find(({pattern, where}) => pattern.test(where === 'error' ? error : output))?.code
}

function printedLines({stderr}: CommandResult): readonly string[] {
  return stderr
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
}

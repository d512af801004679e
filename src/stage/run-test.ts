import {TagboatError} from '../errors/error.ts'
import type {CommandResult} from '../io/command.ts'
import type {Files} from '../io/files.ts'
import type {Processes} from '../io/process.ts'
import {formatPlatform, samePlatform, type Platform} from '../oci/platform.ts'
import {formatRepository, type Repository} from '../oci/reference.ts'
import type {StagedImage} from './staged-image.ts'

interface TestRequest {
  /** The commands of the input `test`, as they were written. */
  readonly script: string
  readonly staged: StagedImage
  /** Where the commands find the image. */
  readonly repository: Repository
  /** Platforms as the user wrote them: each gives a variable of its own. */
  readonly asked: readonly Platform[]
  /** Where the commands are kept while they run: in a directory of this run's own. */
  readonly scriptFile: string
  readonly env: Readonly<Record<string, string>>
}

interface GateIo {
  readonly processes: Processes
  readonly files: Files
}

const lastLines = 10
const keptCharacters = 64 * 1024

/**
 * Says where the commands failed: of a command nothing is said but its line, for it may hold a secret. It stands in front of the
 * first line, so that lines are counted as the user counts them; a shell that goes on after errors (`set +e`) says nothing.
 */
const tellsLine = `trap '[[ $- == *e* ]] && echo "line $LINENO of the input test failed" >&2' ERR;`

/**
 * Runs the user's commands against the staged image, as `shell: bash` of a workflow does: each line must succeed, and so
 * must every part of a pipe. It is bash on Windows too: one script for all runners. The commands are kept in a file for
 * this user alone: an argument could be read by everyone on the machine, and what comes by standard input could be
 * taken by the first command that reads from it. A server that they leave in the background ends with them.
 * @throws TagboatError `test-failed` with the last lines that were printed.
 */
export async function runTest(request: TestRequest, write: (chunk: string) => void, io: GateIo): Promise<void> {
  const {script, scriptFile} = request
  await io.files.writePrivate(scriptFile, `${tellsLine} ${script}`)
  const env = {...request.env, ...imageVariables(request)}
  let printed = ''
  const args = ['--noprofile', '--norc', '-eo', 'pipefail', scriptFile]
  const command = {file: 'bash', args, env, endsAll: true} as const
  const result = await runBash(
    io.processes.stream(command, (chunk) => {
      printed = (printed + chunk).slice(-keptCharacters)
      write(chunk)
    }),
  )
  if (result.exitCode === 0) return
  throw new TagboatError('test-failed', {
    evidence: [
      ...printed
        .split(/\r?\n/)
        .filter((line) => line.trim() !== '')
        .slice(-lastLines),
      `the commands of \`test\` ended with code ${result.exitCode}`,
    ],
  })
}

/** `IMAGE`, and `IMAGE_LINUX_ARM64` and the like, each a whole reference by digest. */
export function imageVariables({
  staged,
  repository,
  asked,
}: Pick<TestRequest, 'staged' | 'repository' | 'asked'>): Readonly<Record<string, string>> {
  const name = formatRepository(repository)
  const written = asked.flatMap((platform) => {
    const image = staged.images.find((candidate) => samePlatform(candidate.platform, platform))
    return image === undefined ? [] : [{platform, digest: image.digest}]
  })
  const byPlatform = [...written, ...staged.images].map(({platform, digest}): [string, string] => [
    variableName(platform),
    `${name}@${digest}`,
  ])
  return {IMAGE: `${name}@${staged.digest}`, ...Object.fromEntries(byPlatform)}
}

function variableName(platform: Platform): string {
  const name = formatPlatform(platform).toUpperCase()
  return `IMAGE_${name.replace(/[^A-Z0-9]/g, '_')}`
}

/** Reports a missing bash by name: `Processes` throws `docker-missing` for any missing program. */
async function runBash(running: Promise<CommandResult>): Promise<CommandResult> {
  try {
    return await running
  } catch (error) {
    if (!(error instanceof TagboatError) || error.code !== 'docker-missing') throw error
    throw new TagboatError('test-failed', {
      message: 'The commands of `test` need bash, which is not on the PATH of this runner.',
      evidence: error.evidence,
      remedy: 'Install bash (on Windows it comes with Git), or remove `test`.',
      cause: error,
    })
  }
}

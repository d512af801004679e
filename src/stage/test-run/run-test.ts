import {TagboatError} from '../../errors/error.ts'
import type {CommandResult} from '../../io/command.ts'
import type {Files} from '../../io/files.ts'
import type {Processes} from '../../io/process.ts'

/** Commands of the input `test` and the image that they test. */
interface TestRequest {
  /** Commands of the input `test`. */
  readonly script: string
  /** Names of the image for the commands, as `imageVariables` returns them. */
  readonly variables: Readonly<Record<string, string>>
  /** Path of the file for the commands, in the private directory of the run. */
  readonly scriptFile: string
  readonly env: Readonly<Record<string, string>>
}

/** Side effects of a test. */
interface GateIo {
  readonly processes: Processes
  readonly files: Files
}

const keptCharacters = 64 * 1024

/**
 * Progress of `docker pull` and `docker run`, which would push what the test prints out of the last lines:
 * `1a2b3c4d5e6f: Pull complete`.
 */
const pullProgress =
  /^(?:[0-9a-f]{12}: (?:Pulling fs layer|Waiting|Downloading|Verifying Checksum|Download complete|Extracting|Pull complete|Already exists)\b|Unable to find image '.*' locally$|\S+: Pulling from \S+$|Digest: sha256:|Status: (?:Downloaded newer image|Image is up to date) for )/

/**
 * Trap that prints the line on which a command failed, also in a function (`-E`). It precedes the first line of the
 * script, so that the line numbers are those of the user's script, which has the text of the command. A shell with
 * `set +e` prints nothing.
 */
const printFailedLine = `set -E; trap '[[ $- == *e* ]] && echo "line $LINENO of the input test failed" >&2' ERR;`

/**
 * Runs the user's commands against an image, with the options of `shell: bash` in a workflow: the first failure
 * ends the script, also in a pipe. Windows uses bash too, so that one script works on all runners. The commands are
 * written to a private file: every user of the machine can read an argument, and a command could consume the script
 * from standard input. Background processes are stopped when the script ends.
 * @throws TagboatError `test-failed` with the last lines of the output, the failed command and the tested image.
 */
export async function runTest(request: TestRequest, write: (chunk: string) => void, io: GateIo): Promise<void> {
  const {script, scriptFile, variables} = request
  await io.files.writePrivate(scriptFile, `${printFailedLine} ${script}`)
  const env = {...request.env, ...variables}
  let output = ''
  const args = ['--noprofile', '--norc', '-eo', 'pipefail', scriptFile]
  const command = {file: 'bash', args, env, endsAll: true} as const
  const result = await runBash(
    io.processes.stream(command, (chunk) => {
      output = (output + chunk).slice(-keptCharacters)
      write(chunk)
    }),
  )
  if (result.exitCode === 0) return
  const printed = output.split(/\r?\n/).filter((line) => line.trim() !== '' && !pullProgress.test(line))
  const {describeFailedTest} = await import('./failed-command.ts')
  throw new TagboatError('test-failed', {
    evidence: describeFailedTest({...request, exitCode: result.exitCode, printed}),
  })
}

/** Reports a missing bash as `test-failed`: `Processes` throws `docker-missing` for any missing program. */
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

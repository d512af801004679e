import {access, constants, open, readFile, realpath} from 'node:fs/promises'
import path from 'node:path'
import {TagboatError} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Text for standard input. */
  readonly input?: string
  /** Standard input of a long command, streamed. */
  readonly source?: AsyncIterable<Uint8Array>
  /** Signal that stops this long command, as cancellation does; its reason is thrown. */
  readonly until?: AbortSignal
  /** Kills the background processes of a long command when it exits. */
  readonly endsAll?: true
}

export interface CommandResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Programs of Buildx without the Docker CLI (https://github.com/docker/buildx#manual-download). */
const programs = ['docker-buildx', 'buildx'] as const

/** Runs a command and, if the Docker CLI is missing and the command is for Buildx, the program of Buildx. */
export async function orStandalone(
  command: Command,
  run: (command: Command) => Promise<CommandResult>,
): Promise<CommandResult> {
  const first = await attempt(command, run)
  if (!isMissing(first)) return first()
  for (const standalone of standaloneBuildx(command)) {
    const other = await attempt(standalone, run)
    if (!isMissing(other)) return other()
  }
  return first()
}

/** Commands of Buildx without the Docker CLI. None if the command is not for Buildx. */
export function standaloneBuildx(command: Command): readonly Command[] {
  const [subcommand, ...args] = command.args
  return subcommand === 'buildx' ? programs.map((file) => ({...command, file, args})) : []
}

/** Returns the result of a command, or throws its error. */
type Attempt = (() => CommandResult) & {readonly error?: unknown; readonly exitCode?: number}

async function attempt(command: Command, run: (command: Command) => Promise<CommandResult>): Promise<Attempt> {
  try {
    const result = await run(command)
    return Object.assign(() => result, {exitCode: result.exitCode})
  } catch (error) {
    return Object.assign(
      () => {
        throw error
      },
      {error},
    )
  }
}

/** Reports whether a program is not on the PATH: an error, or the exit code of a shell. */
function isMissing({error, exitCode}: Attempt): boolean {
  return exitCode === 127 || (error instanceof TagboatError && error.code === 'docker-missing')
}

/** Directories in which the Docker CLI looks for plugins after that of its configuration. */
const systemDirectories = [
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
]

const pluginName = 'docker-buildx'

/** Marks a run of a plugin by the Docker CLI; the value is the name by which the CLI was called. */
const calledByDocker = {DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: 'docker'}

/**
 * Runs Buildx as the Docker CLI would, without the CLI in between: it starts twice as many programs, which takes 0.1 to
 * 0.2 s. A command stays as it is if it is not for Buildx, or if the CLI could do anything else with it: a `docker` that
 * is a script or another program, a plugin that is a script or cannot be run, further directories of plugins, Windows.
 */
export async function withoutDockerCli(
  command: Command,
  platform: NodeJS.Platform = process.platform,
): Promise<Command> {
  const {file, args, env} = command
  if (file !== 'docker' || args[0] !== 'buildx' || platform === 'win32') return command
  const [cli, plugin] = await Promise.all([onPath('docker', env['PATH'] ?? ''), findPlugin(env)])
  if (cli === undefined || plugin === undefined) return command
  const isDocker = path.basename(await realpath(cli)) === 'docker'
  const areBinaries = (await isBinary(cli)) && (await isBinary(plugin))
  return isDocker && areBinaries ? {...command, file: plugin, env: {...env, ...calledByDocker}} : command
}

/** Path of the plugin that the CLI finds first. Undefined if the configuration may change that. */
async function findPlugin(env: Command['env']): Promise<string | undefined> {
  const configured = env['DOCKER_CONFIG'] ?? ''
  const directory = configured === '' ? path.join(env['HOME'] ?? '', '.docker') : configured
  if (!path.isAbsolute(directory)) return undefined
  const config = await readFile(path.join(directory, 'config.json'), 'utf8').catch((error: unknown) =>
    errorCode(error) === 'ENOENT' ? '' : undefined,
  )
  // https://docs.docker.com/reference/cli/docker/#docker-cli-configuration-file-configjson-properties
  if (config?.includes('cliPluginsExtraDirs') !== false) return undefined
  for (const one of [path.join(directory, 'cli-plugins'), ...systemDirectories]) {
    const file = path.join(one, pluginName)
    if (await exists(file)) return (await isExecutable(file)) ? file : undefined
  }
  return undefined
}

/** First executable file of this name on the path. */
async function onPath(name: string, directories: string): Promise<string | undefined> {
  for (const directory of directories.split(path.delimiter).filter((one) => one !== '')) {
    const file = path.join(directory, name)
    if (await isExecutable(file)) return file
  }
  return undefined
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    (error: unknown) => errorCode(error) !== 'ENOENT',
  )
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** First bytes of programs: ELF, Mach-O of 64 bits, Mach-O of several processors. */
const magicNumbers = ['7f454c46', 'cffaedfe', 'cafebabe']

/** Reports whether a file is a compiled program. A script may do anything else. */
async function isBinary(file: string): Promise<boolean> {
  try {
    await using handle = await open(file)
    const {buffer, bytesRead} = await handle.read({buffer: Buffer.alloc(4), position: 0})
    return bytesRead === 4 && magicNumbers.includes(buffer.toString('hex'))
  } catch {
    return false
  }
}

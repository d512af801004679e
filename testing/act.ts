import {execFile} from 'node:child_process'
import {cp, mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {promisify} from 'node:util'
import {projectRoot} from './runner.ts'

const run = promisify(execFile)

export interface ActRun {
  /** Directory for the files of act. */
  readonly scratch: string
  /** Repository of the user, whose workflows run for the event. */
  readonly repository: string
  /** Name of the event. Default: `push`. */
  readonly event?: string
  readonly args: readonly string[]
  readonly secrets: Readonly<Record<string, string>>
}

export interface ActResult {
  readonly exitCode: number
  readonly log: string
}

/** Arguments with which jobs for these labels run on this machine. */
export function runnersHere(labels: readonly string[]): readonly string[] {
  return labels.flatMap((label) => ['--platform', `${label}=-self-hosted`])
}

/** Path of the act that scripts/setup-tools installs. If it has to be compiled, this takes minutes. */
export async function actProgram(): Promise<string> {
  const {stdout} = await run(path.join(projectRoot, 'scripts', 'setup-tools'), ['--path'])
  return path.join(stdout.trim(), 'act')
}

/** Creates the repository of a user at tag v1.2.3, with a workflow and with files and folders of this project. */
export async function makeUserRepository(
  directory: string,
  {parts, workflow}: {readonly parts: readonly string[]; readonly workflow: string},
): Promise<void> {
  await copyParts(parts, directory)
  await mkdir(path.join(directory, '.github', 'workflows'), {recursive: true})
  await cp(workflow, path.join(directory, '.github', 'workflows', path.basename(workflow)))
  const person = ['-c', 'user.name=A Sailor', '-c', 'user.email=sailor@example.com', '-c', 'commit.gpgSign=false']
  for (const args of [
    ['init', '--quiet', '--initial-branch', 'main'],
    ['remote', 'add', 'origin', 'https://github.com/team/app.git'],
    ['add', '--all'],
    [...person, 'commit', '--quiet', '--message', 'A release'],
    ['tag', 'v1.2.3'],
  ]) {
    await run('git', args, {cwd: directory})
  }
}

/** Copies files and folders of this project. */
export async function copyParts(parts: readonly string[], directory: string): Promise<void> {
  for (const name of parts) await cp(path.join(projectRoot, name), path.join(directory, name), {recursive: true})
}

/** Runs the workflows of a repository on this machine. */
export async function runAct(
  act: string,
  {scratch, repository, event = 'push', args, secrets}: ActRun,
): Promise<ActResult> {
  const secretFile = path.join(scratch, 'secrets')
  const lines = Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`)
  await writeFile(secretFile, lines.join(''), {mode: 0o600})
  const all = [
    event,
    '--no-cache-server',
    '--action-cache-path',
    path.join(scratch, 'actions'),
    '--secret-file',
    secretFile,
    ...args,
  ]
  // A runner contains Node 24. act uses that of the PATH.
  const env = {
    ...process.env,
    PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    NODE_OPTIONS: '',
    XDG_CONFIG_HOME: path.join(scratch, 'config'),
    XDG_CACHE_HOME: path.join(scratch, 'cache'),
  }
  return new Promise((resolve, reject) => {
    execFile(act, all, {cwd: repository, env, maxBuffer: 64 * 1024 * 1024}, (error, stdout, stderr) => {
      const code = error?.code ?? 0
      if (typeof code === 'number') resolve({exitCode: code, log: stdout + stderr})
      else reject(new Error(`act could not be run: ${stderr}`, {cause: error}))
    })
  })
}

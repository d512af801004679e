import {toTagboatError} from '../errors/error.ts'
import {renderError} from '../errors/render-error.ts'
import {nearest} from '../inputs/syntax/nearest.ts'
import {terminal, type Terminal} from '../io/terminal.ts'
import {UsageError} from './command-line.ts'
import type {CommandResult} from './command-result.ts'
import {help} from './help.ts'

/** Runs the command line `tagboat` of a version. It is a bundle of its own, so that the actions load nothing of it. */
export async function runCli(version: string): Promise<void> {
  const line = terminal()
  const {stdout, stderr, exitCode} = await resultOf(line, version)
  if (stdout !== '') line.write(stdout)
  if (stderr !== '') line.writeError(stderr)
  line.end(exitCode)
}

async function resultOf(line: Terminal, version: string): Promise<CommandResult> {
  const [command = '', ...args] = line.args
  if (['', 'help', '--help', '-h'].includes(command)) {
    const text = help('tagboat')
    return command === '' ? {stdout: '', stderr: text, exitCode: 2} : {stdout: text, stderr: '', exitCode: 0}
  }
  if ([command, ...args].includes('--version')) return {stdout: `${version}\n`, stderr: '', exitCode: 0}
  try {
    if (command === 'plan') {
      const {planCommand} = await import('./plan/plan-command.ts')
      return await planCommand(args, line)
    }
    if (command === 'migrate') {
      const {migrateCommand} = await import('./migrate-command.ts')
      return await migrateCommand(args, line)
    }
    const similar = nearest(command, ['plan', 'migrate', 'help'])
    throw new UsageError(`unknown command ${command}${similar === undefined ? '' : `. Did you mean ${similar}?`}`)
  } catch (error) {
    const message =
      error instanceof UsageError ? `${error.message}\nSee \`tagboat help\`.` : renderError(toTagboatError(error))
    return {stdout: '', stderr: `tagboat: ${message}\n`, exitCode: 2}
  }
}

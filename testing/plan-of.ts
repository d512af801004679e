import {writeFileSync} from 'node:fs'
import path from 'node:path'
import type {CommandResult} from '../src/cli/command-result.ts'
import {planCommand} from '../src/cli/plan/plan-command.ts'
import type {Terminal} from '../src/io/terminal.ts'
import {temporaryDirectory} from './fake-io.ts'

/** Runs a command on a file `a.yml`, which is also standard input. */
export async function runOn(
  command: (args: readonly string[], terminal: Terminal) => Promise<CommandResult>,
  text: string,
  args: readonly string[],
): Promise<CommandResult> {
  await using directory = await temporaryDirectory()
  writeFileSync(path.join(directory.path, 'a.yml'), text)
  return await command(args, {
    args: [],
    directory: directory.path,
    hasColours: false,
    write: () => undefined,
    writeError: () => undefined,
    readInput: async () => Promise.resolve(text),
    now: () => new Date('2026-01-02T03:04:05Z'),
    end: () => undefined,
  })
}

/** Result of `tagboat plan` for a text. */
export async function planOf(text: string, ...args: readonly string[]): Promise<CommandResult> {
  return runOn(planCommand, text, ['a.yml', ...args])
}

import type {ParseArgsOptionsConfig} from 'node:util'
import {convertWorkflow} from '../converter/convert-workflow.ts'
import {boundedRegex} from '../io/bounded-regex.ts'
import type {Terminal} from '../io/terminal.ts'
import {parseCommandLine, textOf, UsageError, type CommandLine} from './command-line.ts'
import type {CommandResult} from './command-result.ts'
import {help} from './help.ts'
import {migrate} from './migrate.ts'
import {tagRows} from './tag-rows.ts'
import {workflowFiles, type WorkflowFiles} from './workflow-files.ts'

const flag = {type: 'boolean'} as const

const options: ParseArgsOptionsConfig = {
  ...{write: flag, diff: flag, check: flag, json: flag, tags: flag, help: flag},
  action: {type: 'string'},
}

/** Runs `tagboat migrate`. @throws UsageError */
export async function migrateCommand(args: readonly string[], terminal: Terminal): Promise<CommandResult> {
  const line = parseCommandLine(args, options)
  const {write, diff, check, json, tags, help: wantsHelp} = line.values
  if (wantsHelp === true) return {stdout: help('migrate'), stderr: '', exitCode: 0}
  const action = textOf(line, 'action') ?? 'tagboat/tagboat@v1'
  checkOptions(line, action)
  const reads = line.positionals.includes('-')
  if (reads && write === true) throw new UsageError('standard input (`-`) cannot be written')
  const disk = workflowFiles(terminal.directory)
  return migrate(
    {
      paths: line.positionals,
      ...{write: write === true, diff: diff === true, check: check === true, json: json === true, tags: tags === true},
      action,
    },
    {
      disk: reads ? withInput(disk, await terminal.readInput()) : disk,
      convert: convertWorkflow,
      tagsOf: async (text) => tagRows(text, {now: terminal.now(), regex: boundedRegex()}),
    },
  )
}

/** Options of which only one can be met. */
const exclusive = [
  ['write', 'check'],
  ['diff', 'json'],
] as const

/** Reference of an action with its version, which a comment may follow, or of one in the repository itself. */
const actionReference = /^(?:[\w.-]+\/[\w.-]+(?:\/[\w.-]+)*@[\w./-]+|\.\.?\/[\w./-]*)(?:\s+#.*)?$/

/** Checks the options. @throws UsageError */
function checkOptions({values}: CommandLine, action: string): void {
  for (const [one, other] of exclusive)
    if (values[one] === true && values[other] === true)
      throw new UsageError(`--${one} and --${other} exclude each other`)
  if (!actionReference.test(action))
    throw new UsageError(`--action needs a reference such as tagboat/tagboat@v1, not "${action}"`)
}

/** Files with a text for the name `-`, which problems name as `tagboat plan` does. */
function withInput(disk: WorkflowFiles, text: string): WorkflowFiles {
  return {
    ...disk,
    read: async (names) => {
      const {files, problems} = await disk.read(names.filter((name) => name !== '-'))
      return {files: [{name: 'stdin', text}, ...files], problems}
    },
  }
}

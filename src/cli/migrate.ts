import {createTwoFilesPatch, FILE_HEADERS_ONLY} from 'diff'
import type {Conversion} from '../converter/conversion.ts'
import type {CommandResult} from './command-result.ts'
import {
  checkLines,
  migrationJson,
  pathProblemLines,
  remarkLines,
  summaryLine,
  verdictOf,
  type MigratedFile,
} from './migration-report.ts'
import {tagLines, type TagRow} from './tag-rows.ts'
import type {NamedFile, PathProblem, WorkflowFiles} from './workflow-files.ts'

/** Options of `tagboat migrate`. */
export interface MigrateOptions {
  /** Files and folders. */
  readonly paths: readonly string[]
  readonly write: boolean
  readonly diff: boolean
  readonly check: boolean
  readonly json: boolean
  /** Whether the report has the tags for the usual events. */
  readonly tags: boolean
  /** Reference of the action in the converted workflows. */
  readonly action: string
}

/** Files and the converter that the command uses. */
interface MigrateTools {
  readonly disk: WorkflowFiles
  readonly convert: (text: string, options: {readonly name: string; readonly action: string}) => Conversion
  /** Lists the tags that a converted workflow gives. */
  readonly tagsOf: (text: string) => Promise<readonly TagRow[]>
}

/** Folder that GitHub reads workflows from. */
const workflowFolder = '.github/workflows'

/** Converts workflows of the Docker actions, and reports what stays as it was. */
export async function migrate(options: MigrateOptions, {disk, convert, tagsOf}: MigrateTools): Promise<CommandResult> {
  const {files: named, problems: unread} = await disk.read(
    options.paths.length === 0 ? [workflowFolder] : options.paths,
  )
  const {write, diff, check, json} = options
  if (named.length > 1 && !(write || diff || check || json)) return usage(named.length)
  const files = await convertFiles(named, options, {convert, tagsOf})
  const unwritten = write ? await writeFiles(files, disk) : []
  const problems = [...unread, ...unwritten]
  const report = [
    ...files.flatMap(remarkLines),
    ...(check ? files.flatMap(checkLines) : []),
    ...files.flatMap(({name, tags}) => (tags === undefined ? [] : [`${name}:`, ...tagLines(tags)])),
    ...problems.flatMap(pathProblemLines),
    ...(files.length === 0 ? [] : [summaryLine(files, {check, unwritten: unwritten.map(({name}) => name)})]),
  ]
  return {
    stdout: json ? `${JSON.stringify(migrationJson(files, problems), null, 2)}\n` : printed(files, options),
    stderr: json ? '' : report.map((line) => `${line}\n`).join(''),
    exitCode: problems.length === 0 && files.every((file) => isFine(file, check)) ? 0 : 1,
  }
}

async function convertFiles(
  named: readonly NamedFile[],
  {action, tags}: MigrateOptions,
  {convert, tagsOf}: Pick<MigrateTools, 'convert' | 'tagsOf'>,
): Promise<readonly MigratedFile[]> {
  const files: MigratedFile[] = []
  for (const {name, text} of named) {
    const conversion = convert(text, {name, action})
    const rows = tags && conversion.changed ? await tagsOf(conversion.text) : undefined
    files.push({name, before: text, conversion, ...(rows && {tags: rows})})
  }
  return files
}

function usage(count: number): CommandResult {
  const stderr =
    `tagboat migrate: the paths name ${count} files, and standard output takes one.\n` +
    'Name one file, or add --write, --diff, --check or --json.\n'
  return {stdout: '', stderr, exitCode: 2}
}

/** Reports whether nothing is left to do by hand, no step fails and, for a check, nothing can be converted. */
function isFine(file: MigratedFile, check: boolean): boolean {
  if (file.tags?.some(({problem}) => problem !== undefined) === true) return false
  const verdict = verdictOf(file.conversion)
  return verdict === 'nothing' || (verdict === 'converted' && !check)
}

async function writeFiles(files: readonly MigratedFile[], disk: WorkflowFiles): Promise<readonly PathProblem[]> {
  const problems: PathProblem[] = []
  for (const {name, conversion} of files) {
    const failed = conversion.changed ? await disk.replace(name, conversion.text) : undefined
    if (failed !== undefined) problems.push(failed)
  }
  return problems
}

function printed(files: readonly MigratedFile[], {write, diff, check}: MigrateOptions): string {
  if (diff) return files.map(unifiedDiff).join('')
  return write || check ? '' : files.map(({conversion}) => conversion.text).join('')
}

/** Changes of a file as a unified diff that `git apply` accepts. Empty for a file without changes. */
export function unifiedDiff({name, before, conversion}: MigratedFile): string {
  if (!conversion.changed) return ''
  const path = name.replaceAll('\\', '/').replace(/^\.\//, '')
  return createTwoFilesPatch(`a/${path}`, `b/${path}`, before, conversion.text, undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  })
}

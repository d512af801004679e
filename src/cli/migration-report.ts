import type {Conversion, JobVerdict, Remark} from '../converter/conversion.ts'
import type {TagRow} from './tag-rows.ts'
import type {PathProblem} from './workflow-files.ts'

/** File with the result of its conversion. */
export interface MigratedFile {
  readonly name: string
  readonly before: string
  readonly conversion: Conversion
  readonly tags?: readonly TagRow[]
}

/** Formats the remarks on a file as `file:line:column: level: message [code]`, each with its remedy below. */
export function remarkLines({name, conversion}: MigratedFile): readonly string[] {
  return conversion.remarks.flatMap((remark) => [
    `${name}:${remark.place.line}:${remark.place.column}: ${remark.level}: ${remark.message} [${remark.code}]`,
    ...remedyLines(remark.remedy),
  ])
}

/** Formats a path that cannot be read or written. */
export function pathProblemLines({name, message, remedy}: PathProblem): readonly string[] {
  return [`${name}: error: ${message}`, ...remedyLines(remedy)]
}

function remedyLines(remedy: string | undefined): readonly string[] {
  return remedy === undefined ? [] : [`  ${remedy}`]
}

/** Verdict on a file: the worst one of its jobs. A file that cannot be read as a workflow is refused. */
export function verdictOf({jobs, changed, remarks}: Conversion): JobVerdict {
  const verdicts = new Set(jobs.values())
  if (verdicts.has('refused') || remarks.some(({level}) => level === 'refused')) return changed ? 'partial' : 'refused'
  return (['partial', 'converted'] as const).find((verdict) => verdicts.has(verdict)) ?? 'nothing'
}

/** Line for a file that a check fails for because it can be converted. */
export function checkLines({name, conversion}: MigratedFile): readonly string[] {
  return conversion.changed ? [`${name}: can be converted`] : []
}

/** Last line of the report: how many files were converted, or can be, and how many were not. */
export function summaryLine(
  files: readonly MigratedFile[],
  {check, unwritten}: {readonly check: boolean; readonly unwritten: readonly string[]},
): string {
  const written = files.filter(({name}) => !unwritten.includes(name))
  const counted = (['converted', 'partial', 'refused', 'nothing'] as const).flatMap((verdict) => {
    const count = written.filter(({conversion}) => verdictOf(conversion) === verdict).length
    return count === 0 ? [] : [`${count} ${(check ? wordsOfCheck : words)[verdict]}`]
  })
  const failed = unwritten.length === 0 ? [] : [`${unwritten.length} not written`]
  return `${files.length} ${files.length === 1 ? 'file' : 'files'}: ${[...counted, ...failed].join(', ')}`
}

const words = {
  converted: 'converted',
  partial: 'converted in part',
  refused: 'not converted',
  nothing: 'without anything to convert',
} as const

const wordsOfCheck = {
  converted: 'can be converted',
  partial: 'can be converted in part',
  refused: 'cannot be converted',
  nothing: 'without anything to convert',
} as const

/** Report as JSON. */
export function migrationJson(files: readonly MigratedFile[], problems: readonly PathProblem[]): object {
  return {
    files: files.map((file) => ({
      file: file.name,
      verdict: verdictOf(file.conversion),
      changed: file.conversion.changed,
      jobs: Object.fromEntries(file.conversion.jobs),
      remarks: file.conversion.remarks.map((remark) => jsonOf(remark)),
      ...(file.tags && {tags: file.tags}),
    })),
    problems: problems.map(({name, message, remedy}) => ({file: name, message, remedy})),
  }
}

function jsonOf({code, level, place, message, remedy}: Remark): object {
  return {code, level, line: place.line, column: place.column, message, ...(remedy !== undefined && {remedy})}
}

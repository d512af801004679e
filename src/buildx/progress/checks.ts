import {field} from '../../oci/manifest.ts'
import type {WarningRecord} from './progress-record.ts'

/** Finding of one of BuildKit's checks: https://docs.docker.com/reference/build-checks/ */
export interface CheckWarning {
  /** Name of the check: `MaintainerDeprecated`; empty for another kind of warning. */
  readonly rule: string
  readonly message: string
  /** Description of the check; may be empty. */
  readonly detail: string
  readonly url: string
  /** Name of the Dockerfile as the build names it, with its folder or without. */
  readonly filename: string
  /** First and last line, from 1; 0 if unknown. */
  readonly line: number
  readonly endLine: number
}

/** Warning of a record, whose text is like `MaintainerDeprecated: Maintainer instruction is deprecated (line 10)`. */
export function checkWarning({short, detail, ...place}: WarningRecord): CheckWarning {
  const [, rule = '', message = short] = /^([A-Z][A-Za-z0-9]+): (.*?)(?: \(line \d+\))?$/s.exec(short) ?? []
  return {rule, message, detail: detail.join(' '), ...place}
}

/** Parses the output of `call: check`, as text or with `format=json`. */
export function parseChecks(printed: string): readonly CheckWarning[] {
  return printed.trimStart().startsWith('{') ? jsonChecks(printed) : textChecks(printed)
}

/**
 * Warnings without duplicates, in the order of their lines: several builds and platforms of one Dockerfile report the
 * same.
 */
export function distinctWarnings(warnings: readonly CheckWarning[]): readonly CheckWarning[] {
  const byText = new Map(warnings.map((one) => [`${one.filename}\n${one.line}\n${one.rule}\n${one.message}`, one]))
  return [...byText.values()].sort((a, b) => a.line - b.line)
}

/**
 * Findings in the text format, one block each: `WARNING: Rule - URL`, the message, and an excerpt of the Dockerfile
 * with the lines of the finding marked.
 */
function textChecks(printed: string): readonly CheckWarning[] {
  const blocks = printed.split(/^(?=WARNING: )/m).filter((block) => block.startsWith('WARNING: '))
  return blocks.map((block) => {
    const [, rule = '', url = '', message = ''] = /^WARNING: (\S+?)(?: - (\S+))?[ \t]*\n(.*)/.exec(block) ?? []
    const place = excerptOf(block.split('\n'))
    return {
      rule,
      message: message.trim(),
      detail: '',
      url,
      filename: place?.filename ?? '',
      line: place?.line ?? 0,
      endLine: place?.endLine ?? 0,
    }
  })
}

function jsonChecks(printed: string): readonly CheckWarning[] {
  let value: unknown
  try {
    value = JSON.parse(printed)
  } catch {
    return []
  }
  const [warnings, sources] = [arrayOf(value, 'warnings'), arrayOf(value, 'sources')]
  return warnings.map((warning) => {
    const location = field(warning, 'location')
    const [range] = arrayOf(location, 'ranges')
    const index = field(location, 'sourceIndex')
    return {
      rule: textOf(warning, 'ruleName'),
      message: textOf(warning, 'detail'),
      detail: textOf(warning, 'description'),
      url: textOf(warning, 'url'),
      filename: textOf(sources[typeof index === 'number' ? index : 0], 'filename'),
      line: lineOf(field(range, 'start')),
      endLine: lineOf(field(range, 'end')),
    }
  })
}

function arrayOf(value: unknown, name: string): readonly unknown[] {
  const list = field(value, name)
  return Array.isArray(list) ? list : []
}

function textOf(value: unknown, name: string): string {
  const text = field(value, name)
  return typeof text === 'string' ? text : ''
}

function lineOf(value: unknown): number {
  const line = field(value, 'line')
  return typeof line === 'number' && line > 0 ? line : 0
}

/** Lines of a Dockerfile, as Buildx shows where a build went wrong. */
interface Excerpt {
  readonly filename: string
  readonly line: number
  readonly endLine: number
  readonly lines: readonly string[]
}

/**
 * `Dockerfile:2`, a rule, numbered lines of which `>>>` marks those that count, a rule. Undefined when there is none.
 */
export function excerptOf(lines: readonly string[]): Excerpt | undefined {
  const start = lines.findIndex((line, index) => /^\S.*:\d+$/.test(line) && isRule(lines[index + 1]))
  if (start === -1) return undefined
  const length = lines.slice(start + 2).findIndex(isRule)
  const shown = lines.slice(start, length === -1 ? undefined : start + length + 3)
  const [, filename = '', first = ''] = /^(.*):(\d+)$/.exec(shown[0] ?? '') ?? []
  const marked = shown.flatMap((line) => /^ *(\d+) \| >>>/.exec(line)?.[1] ?? []).map(Number)
  return {filename, line: marked[0] ?? Number(first), endLine: marked.at(-1) ?? Number(first), lines: shown}
}

function isRule(line: string | undefined): boolean {
  return line !== undefined && /^-{10,}$/.test(line)
}

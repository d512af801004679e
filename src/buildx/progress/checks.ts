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

/**
 * Warnings without duplicates, in the order of their lines: several builds and platforms of one Dockerfile report the
 * same.
 */
export function distinctWarnings(warnings: readonly CheckWarning[]): readonly CheckWarning[] {
  const byText = new Map(warnings.map((one) => [`${one.filename}\n${one.line}\n${one.rule}\n${one.message}`, one]))
  return [...byText.values()].sort((a, b) => a.line - b.line)
}

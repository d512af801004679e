import {parseAttributes} from './attributes.ts'

/** Build output as parsed by Buildx (buildx, util/buildflags/export.go). */
export interface OutputEntry {
  readonly type: string
  /** Fields in their original order, including `type`. Keys are in lower case. Of duplicate keys the last one applies. */
  readonly fields: ReadonlyMap<string, string>
}

type ParsedOutput =
  | {readonly ok: true; readonly entry: OutputEntry}
  | {readonly ok: false; readonly column: number; readonly reason: string}

/** Parses an output such as `type=image,name=acme/app`. */
export function parseOutput(text: string): ParsedOutput {
  if (isPlainPath(text)) return {ok: true, entry: {type: text === '-' ? 'tar' : 'local', fields: new Map()}}
  const parsed = parseAttributes(text)
  if (!parsed.ok) return parsed
  const fields = new Map<string, string>()
  for (const {name, value, nameColumn} of parsed.attributes) {
    if (name === undefined) return {ok: false, column: nameColumn, reason: `"${value}" has no =`}
    // The name of an annotation keeps its case.
    const key = /^annotation/i.test(name) ? name : name.toLowerCase()
    fields.set(key, value)
  }
  return {ok: true, entry: {type: fields.get('type') ?? '', fields}}
}

/** Reports whether an output is a directory, or `-` for standard output. */
function isPlainPath(output: string): boolean {
  return !output.includes(',') && !/^"?type=/.test(output)
}

/** Formats an output for `--output`. */
export function formatOutput(fields: Iterable<readonly [string, string]>): string {
  return [...fields].map(([key, value]) => csvField(`${key}=${value}`)).join(',')
}

/** Formats a field of a comma-separated value for a flag of Buildx. */
export function csvField(field: string): string {
  return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}

/** Parses a boolean attribute of a BuildKit exporter. An empty value is true. Returns undefined for an invalid value. */
export function parseSwitch(value: string): boolean | undefined {
  if (['', '1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true
  return ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value) ? false : undefined
}

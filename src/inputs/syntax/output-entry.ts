import {parseAttributes} from './attributes.ts'

/** An output as Buildx reads it (buildx, util/buildflags/export.go). */
export interface OutputEntry {
  readonly type: string
  /** In the order of writing, `type` included; of a key given twice the last value counts. Buildx reads keys in lower case. */
  readonly fields: ReadonlyMap<string, string>
}

export type ParsedOutput =
  | {readonly ok: true; readonly entry: OutputEntry}
  | {readonly ok: false; readonly column: number; readonly reason: string}

/** `type=image,name=acme/app`. */
export function parseOutput(text: string): ParsedOutput {
  if (isPlainPath(text)) return {ok: true, entry: {type: text === '-' ? 'tar' : 'local', fields: new Map()}}
  const parsed = parseAttributes(text)
  if (!parsed.ok) return parsed
  const fields = new Map<string, string>()
  for (const {name, value, nameColumn} of parsed.attributes) {
    if (name === undefined) return {ok: false, column: nameColumn, reason: `"${value}" has no =`}
    // The name of an annotation is kept to the letter.
    const key = /^annotation/i.test(name) ? name : name.toLowerCase()
    fields.set(key, value)
  }
  return {ok: true, entry: {type: fields.get('type') ?? '', fields}}
}

/** `out`, `-`: one field without a type is a directory, or standard output. */
export function isPlainPath(output: string): boolean {
  return !output.includes(',') && !/^"?type=/.test(output)
}

/** The form that `--output` takes. */
export function formatOutput(fields: Iterable<readonly [string, string]>): string {
  return [...fields].map(([key, value]) => csvField(`${key}=${value}`)).join(',')
}

/** One field of the comma-separated values that Buildx reads in a flag. */
export function csvField(field: string): string {
  return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}

/** A switch of BuildKit's exporters: an empty value is `true`. Undefined: BuildKit would refuse it. */
export function parseSwitch(value: string): boolean | undefined {
  if (['', '1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true
  return ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value) ? false : undefined
}

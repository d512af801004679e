import {isDigest} from '../../oci/digest.ts'
import {isRecord} from '../../workflow-file/record.ts'
import {lineOfError} from './json-error.ts'

/** Line of a list of tags, with the line that it has in the text, from 1. */
export interface NumberedLine {
  readonly text: string
  readonly number: number
}

/** Text that is not a list of tags. */
interface JsonProblem {
  readonly line: number
  readonly message: string
  readonly remedy: string
}

const remedy =
  'Write a JSON list of tags, the answer of `/v2/<name>/tags/list`, or the output of `skopeo list-tags` or ' +
  '`gh api …/packages/container/<name>/versions`.'

/** Reports whether a text is JSON: no tag begins with a bracket. */
export function isJson(text: string): boolean {
  return /^\s*[[{]/.test(text)
}

/**
 * Lines for JSON with tags: a list of texts, an object with `tags` as a registry answers it, with `Tags` as skopeo prints it,
 * or the versions of a package of GitHub.
 */
export function linesOfJson(json: string): {readonly lines: readonly NumberedLine[]} | {readonly problem: JsonProblem} {
  const parsed = parse(json)
  if ('problem' in parsed) return parsed
  const {value} = parsed
  const list = Array.isArray(value)
    ? value
    : isRecord(value)
      ? (value['tags'] ?? value['Tags'] ?? missing(value))
      : null
  if (!Array.isArray(list)) return {problem: {line: 1, message: 'the JSON has no list of tags', remedy}}
  const repository = isRecord(value) && typeof value['Repository'] === 'string' ? `${value['Repository']}:` : ''
  const lines: NumberedLine[] = []
  let from = Array.isArray(value) ? 0 : json.search(/"[tT]ags"\s*:\s*\[/)
  for (const [index, entry] of list.entries()) {
    const texts = linesOf(entry)
    const at = json.indexOf(writtenIn(entry), from)
    if (at >= 0) from = at + writtenIn(entry).length
    const number = json.slice(0, from).split('\n').length
    if (texts === undefined)
      return {problem: {line: number, message: `entry ${index + 1} of the JSON is not a tag`, remedy}}
    lines.push(...texts.map((text) => ({text: `${repository}${text}`, number})))
  }
  return {lines}
}

function parse(json: string): {readonly value: unknown} | {readonly problem: JsonProblem} {
  try {
    const value: unknown = JSON.parse(json)
    return {value}
  } catch {
    return {problem: {line: lineOfError(json), message: 'the text begins as JSON, and is not valid JSON', remedy}}
  }
}

/** List of a repository without tags, for which registries answer null. */
function missing(value: Readonly<Record<string, unknown>>): readonly unknown[] | undefined {
  return 'tags' in value || 'Tags' in value ? [] : undefined
}

/** Lines of an entry; undefined if it has no tag. A version of a package can have several, or none. */
function linesOf(entry: unknown): readonly string[] | undefined {
  if (typeof entry === 'string') return [entry]
  const metadata = isRecord(entry) && isRecord(entry['metadata']) ? entry['metadata'] : undefined
  const container = metadata !== undefined && isRecord(metadata['container']) ? metadata['container'] : undefined
  const tags: unknown = container?.['tags']
  if (!isRecord(entry) || !Array.isArray(tags)) return undefined
  const {name} = entry
  const digest = typeof name === 'string' && isDigest(name) ? ` ${name}` : ''
  return tags.map((tag) => `${String(tag)}${digest}`)
}

/** Text that shows where an entry is written: its own, or that of the digest that names it. */
function writtenIn(entry: unknown): string {
  const text: unknown = isRecord(entry) ? entry['name'] : entry
  return JSON.stringify(text ?? null)
}

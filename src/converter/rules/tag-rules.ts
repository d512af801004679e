import {parseAttributes, type Attribute} from '../../inputs/syntax/attributes.ts'
import {roleOfText} from '../../tags/outcome.ts'
import {commonAttributes, kindAttributes, ruleKinds} from '../../tags/rules/rule.ts'
import {resolved} from '../job-model.ts'

/** Line of `tags` of docker/metadata-action, converted. */
interface RuleLine {
  readonly text: string
  /** Attributes that had no effect there. */
  readonly dropped: readonly string[]
  /** Whether the rule names a full version, whatever the event is. */
  readonly exact: boolean
}

/** The rules of docker/metadata-action without `tags`. */
export const defaultRules: readonly string[] = [
  'type=schedule',
  'type=ref,event=branch',
  'type=ref,event=tag',
  'type=ref,event=pr',
]

/** Rules of Tagboat that docker/metadata-action does not have. */
const ownKinds: readonly string[] = ['calver', 'file', 'env']

/** Converts a rule. With `isMovable`, a full version may move. */
export function ruleLine(line: string, env: ReadonlyMap<string, string>, isMovable: boolean): RuleLine {
  const parsed = parseAttributes(line)
  if (!parsed.ok) return {text: line, dropped: [], exact: false}
  const kind = ruleKinds.find((one) => one === valueOf(parsed.attributes, 'type')) ?? 'raw'
  const known: readonly string[] = [...commonAttributes, ...kindAttributes[kind]]
  const unknown = ownKinds.includes(kind) ? [] : parsed.attributes.filter((one) => !isKnown(one, known))
  const kept = unknown.length === 0 ? line : withoutAttributes(line, unknown)
  const exact = isMovable && isExact(parsed.attributes, env)
  return {
    text: exact ? `${kept},mutable=true` : kept,
    dropped: unknown.map(({name = '', value}) => `${name}=${value}`),
    exact,
  }
}

function isKnown({name}: Attribute, known: readonly string[]): boolean {
  return name === undefined || (name.toLowerCase() !== 'mutable' && known.includes(name.toLowerCase()))
}

function isExact(attributes: readonly Attribute[], env: ReadonlyMap<string, string>): boolean {
  const written = valueOf(attributes, 'value') ?? attributes.find(({name}) => name === undefined)?.value ?? ''
  const value = resolved(written, env)
  if (value === '' || value.includes('{{')) return false
  const affixed = [valueOf(attributes, 'prefix') ?? '', value, valueOf(attributes, 'suffix') ?? ''].join('')
  return [value, affixed].some((text) => roleOfText(text).kind === 'release')
}

function valueOf(attributes: readonly Attribute[], key: string): string | undefined {
  return attributes.find(({name}) => name?.toLowerCase() === key)?.value
}

/** Line without some of its attributes. */
function withoutAttributes(line: string, dropped: readonly Attribute[]): string {
  const names = new Set(dropped.map(({nameColumn}) => nameColumn))
  const fields: string[] = []
  let start = 0
  let isQuoted = false
  for (let at = 0; at <= line.length; at += 1) {
    if (line[at] === '"') isQuoted = !isQuoted
    if (at < line.length && (line[at] !== ',' || isQuoted)) continue
    const column = start + (/^[\s"]*/.exec(line.slice(start, at))?.[0].length ?? 0) + 1
    if (!names.has(column)) fields.push(line.slice(start, at))
    start = at + 1
  }
  return fields.join(',').trim()
}

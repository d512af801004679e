import type {Attribute} from '../../inputs/syntax/attributes.ts'
import {roleOfText} from '../../tags/outcome.ts'
import {commonAttributes, kindAttributes, ruleKinds} from '../../tags/rules/rule.ts'
import {namesWholeVersion} from '../../tags/versions/semver.ts'
import {resolved} from '../job-model.ts'
import {writtenAttributes} from './written-attributes.ts'

/** Line of `tags` of docker/metadata-action, converted. */
interface RuleLine {
  readonly text: string
  /** Attributes that had no effect there. */
  readonly dropped: readonly string[]
  /** Whether the rule names a full version, whatever the event is. */
  readonly exact: boolean
  /** Whether its text comes from an expression that may be a full version. */
  readonly unknown: boolean
}

/** The rules of docker/metadata-action without `tags`. */
export const defaultRules: readonly string[] = [
  'type=schedule',
  'type=ref,event=branch',
  'type=ref,event=tag',
  'type=ref,event=pr',
]

/** Rules whose text may come from `value`. */
const valueKinds: readonly string[] = ['raw', 'semver', 'pep440', 'match']
const wholeVersion = '{{version}}'

/** Rules of Tagboat that docker/metadata-action does not have. */
const ownKinds: readonly string[] = ['calver', 'file', 'env']

/** Converts a rule. With `isMovable`, a full version may move. */
export function ruleLine(line: string, env: ReadonlyMap<string, string>, isMovable: boolean): RuleLine {
  const written = writtenAttributes(line)
  if (written === undefined) return {text: line, dropped: [], exact: false, unknown: false}
  const attributes = written.all
  const kind = ruleKinds.find((one) => one === written.value('type')) ?? 'raw'
  const known: readonly string[] = [...commonAttributes, ...kindAttributes[kind]]
  const unknown = ownKinds.includes(kind) ? [] : attributes.filter((one) => !isKnown(one, known))
  const kept = unknown.length === 0 ? line : written.without(unknown)
  const exact = isMovable && isExact(attributes, env)
  return {
    text: exact ? `${kept},mutable=true` : kept,
    dropped: unknown.map(({name = '', value}) => `${name}=${value}`),
    exact,
    unknown: isMovable && isUnknown(attributes, kind, env),
  }
}

function isKnown({name}: Attribute, known: readonly string[]): boolean {
  return name === undefined || (name.toLowerCase() !== 'mutable' && known.includes(name.toLowerCase()))
}

/** Reports whether the text of a rule comes from a step, an input, a variable or another job. */
function isUnknown(attributes: readonly Attribute[], kind: string, env: ReadonlyMap<string, string>): boolean {
  const value = valueOf(attributes, 'value') ?? attributes.find(({name}) => name === undefined)?.value ?? ''
  const isWhole =
    kind === 'raw' || kind === 'match' || namesWholeVersion(valueOf(attributes, 'pattern') ?? wholeVersion)
  return (
    valueKinds.includes(kind) &&
    isWhole &&
    /\$\{\{[^}]*\b(?:steps|needs|inputs|vars|env|matrix|github\.event\.inputs)\./.test(resolved(value, env))
  )
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

import {enableProblem, isEnable} from '../../inputs/image-list.ts'
import {suggestion} from '../../inputs/syntax/nearest.ts'
import {formatTagRef, parseRepository, parseTag, parseTagRef} from '../../oci/reference.ts'
import type {Attribute} from '../../inputs/syntax/attributes.ts'
import {parseGroup, parsePattern, parseVersionMatch, parseVersionPattern, versionPatternRemedy} from './match.ts'
import type {RuleAttributes} from './rule-attributes.ts'
import {readLine} from './rule-line.ts'
import {commentIn, missingType, otherSeparator, type MissingType} from './rule-slips.ts'
import {
  commonAttributes,
  defaultPriority,
  kindAttributes,
  ruleKinds,
  type TagRule,
  type WrittenKind,
  type RuleSource,
} from './rule.ts'
import type {Line} from '../../inputs/syntax/lists.ts'
import type {Problems} from '../../inputs/problem.ts'

export type Common = Pick<TagRule, 'source' | 'columns' | 'priority' | 'enable' | 'prefix' | 'suffix' | 'mutable'>

/** One rule, or none when a problem was reported. */
export type Rules = readonly TagRule[]

type KindReader = (attributes: RuleAttributes, common: Common) => Rules

type KindReaders = Readonly<Record<WrittenKind, KindReader>>

/** Reads the attributes of one line as a rule. Problems are reported. */
function readRule(attributes: RuleAttributes, readers: KindReaders): Rules {
  const type = attributes.find('type')
  const slip = type === undefined ? missingType(attributes.all) : undefined
  if (slip !== undefined) return missingTypeName(attributes, slip, readers)
  const kind = type === undefined ? untypedKind(attributes) : ruleKinds.find((known) => known === type.value)
  if (type !== undefined && kind === undefined) return unknownType(attributes, type)
  if (!attributes.rejectComments({words: kind !== undefined})) return []
  const isUnique = attributes.rejectDuplicates({words: type === undefined || kind === 'raw'})
  const rules = kind === undefined ? readLiteral(attributes) : readTyped(attributes, kind, readers)
  return isUnique ? rules : []
}

/** Kind of a rule without `type=`: one with `value=` is of type `raw`, as in docker/metadata-action. */
function untypedKind(attributes: RuleAttributes): 'raw' | undefined {
  return attributes.all.some(({name}) => name?.toLowerCase() === 'value') ? 'raw' : undefined
}

function readTyped(attributes: RuleAttributes, kind: WrittenKind, readers: KindReaders): Rules {
  // docker/metadata-action documents a bare word for `type=raw` only: elsewhere it is the rest of something.
  const isNamed = kind === 'raw' || attributes.rejectBareWords()
  const isKnown = attributes.rejectUnknownNames([...commonAttributes, ...kindAttributes[kind]])
  const isLiteral = attributes.rejectExpressions(literalAttributes)
  const common = readCommon(attributes, kind)
  return isNamed && isKnown && isLiteral && common !== undefined ? readers[kind](attributes, common) : []
}

function unknownType(attributes: RuleAttributes, {value, valueColumn}: Attribute): Rules {
  const {offset, remedy} = commentIn(value) ??
    otherSeparator(value) ?? {offset: 0, remedy: suggestion(value, ruleKinds)}
  return attributes.reject(valueColumn + offset, `unknown rule type "${value}"`, remedy)
}

/** Reports a type without `type=`, and the other problems of the rule. */
function missingTypeName(attributes: RuleAttributes, {word, kind}: MissingType, readers: KindReaders): Rules {
  const message = `"${word.value}" is a rule type without type=`
  attributes.reject(word.nameColumn, message, `Did you mean "type=${kind}"?`)
  attributes.rejectUnknownNames([...commonAttributes, ...kindAttributes[kind]])
  const common = readCommon(attributes, kind)
  if (common !== undefined && kind !== 'raw') readers[kind](attributes, common)
  return []
}

/** Readers of the attributes of each kind whose code every run loads. */
const kindReaders: Omit<KindReaders, 'calver'> = {
  schedule: (attributes, common) => [
    {...common, kind: 'schedule', pattern: attributes.find('pattern')?.value ?? 'nightly'},
  ],
  semver: (attributes, common) => readVersionRule(attributes, common, 'semver'),
  pep440: (attributes, common) => readVersionRule(attributes, common, 'pep440'),
  match: readMatch,
  file: readFile,
  edge: (attributes, common) => [{...common, kind: 'edge', branch: attributes.find('branch')?.value}],
  ref: readRef,
  raw: readRaw,
  sha: readSha,
  env: (_, common) => [{...common, kind: 'env'}],
}

/** Reads a literal tag, with or without common attributes: `stable,priority=900`. */
function readLiteral(attributes: RuleAttributes): Rules {
  const word = attributes.all.find(({name}) => name === undefined)
  if (word === undefined) return withoutType(attributes)
  const isWhole = isReference(word.value)
  const names = isWhole ? ['enable', 'mutable'] : [...commonAttributes, 'mutable']
  const common = attributes.rejectUnknownNames(names) ? readCommon(attributes, 'raw') : undefined
  if (common === undefined) return []
  if (isWhole) return readReference(attributes, word, common)
  const tag = word.value.includes('{{') ? undefined : parseTag(word.value)
  if (tag?.ok === false) {
    const remedy =
      commentIn(word.value)?.remedy ??
      `Write a valid tag, or "type=raw,value=${word.value}" to make a valid tag from this text.`
    return attributes.reject(word.valueColumn + tag.column - 1, tag.reason, remedy)
  }
  return [{...common, kind: 'raw', value: word.value, literal: true}]
}

/** Attributes that contain no expressions: their value is compared or parsed as written. */
const literalAttributes = ['branch', 'path', 'tz', 'group', 'event'] as const

/** Reports whether a literal is a whole image reference: it has characters that a tag cannot contain. */
export function isReference(word: string): boolean {
  return /[:/]/.test(word.replace(/\{\{.{0,300}?\}\}/g, ''))
}

function withoutType(attributes: RuleAttributes): Rules {
  const [first] = attributes.all
  const name = first?.name ?? ''
  const message = `a rule needs type=…, but the line begins with "${name}"`
  return attributes.reject(first?.nameColumn ?? 1, message, suggestion(name, commonAttributes))
}

function readReference(attributes: RuleAttributes, word: Attribute, common: Common): Rules {
  const reference = parseTagRef(word.value)
  if (reference.ok) {
    const name = word.value.slice(0, word.value.lastIndexOf(':'))
    const lowered = `image names are lower case, so ${formatTagRef(reference.value)} is used`
    if (/[A-Z]/.test(name)) attributes.notice(word.valueColumn, lowered)
    return [{...common, kind: 'reference', reference: reference.value}]
  }
  const remedy = commentIn(word.value)?.remedy ?? referenceRemedy(word.value)
  return attributes.reject(word.valueColumn + reference.column - 1, reference.reason, remedy)
}

/**
 * Remedy for an invalid reference. A name without a tag is an image, as docker/build-push-action reads it, or a branch, as
 * `${{ github.ref_name }}` writes it.
 */
function referenceRemedy(word: string): string {
  const form = 'Write an image reference as name:tag'
  const hasTag = word.lastIndexOf(':') > word.lastIndexOf('/')
  if (hasTag || !parseRepository(word).ok) return `${form}, such as user/app:1.0.`
  const image = `${form}: "${word}:latest"`
  return word.includes(':') ? `${image}.` : `${image}, or "type=raw,value=${word}" to make a tag from this text.`
}

function readVersionRule(attributes: RuleAttributes, common: Common, kind: 'semver' | 'pep440'): Rules {
  const attribute = attributes.required('pattern', versionPatternRemedy)
  const pattern =
    attribute === undefined ? undefined : attributes.parsed(attribute, parseVersionPattern(attribute.value))
  const match = attributes.find('match')
  const expression = match === undefined ? undefined : attributes.parsed(match, parseVersionMatch(match.value))
  if (pattern === undefined || (match !== undefined && expression === undefined)) return []
  return [{...common, kind, pattern: pattern.pattern, value: attributes.find('value')?.value, match: expression}]
}

function readMatch(attributes: RuleAttributes, common: Common): Rules {
  const attribute = attributes.required('pattern', 'Write a regular expression, such as pattern=v(.*).')
  const pattern = attribute === undefined ? undefined : attributes.parsed(attribute, parsePattern(attribute.value))
  const group = attributes.find('group')
  const number = group === undefined ? {group: 0} : attributes.parsed(group, parseGroup(group.value))
  if (pattern === undefined || number === undefined) return []
  return [{...common, kind: 'match', pattern, group: number.group, value: attributes.find('value')?.value}]
}

function readFile(attributes: RuleAttributes, common: Common): Rules {
  const path = attributes.required('path', 'Write the file, such as path=package.json.')
  const attribute = attributes.find('pattern')
  const parsed = parseVersionPattern(attribute?.value ?? '{{version}}')
  const pattern = attribute === undefined ? parsed : attributes.parsed(attribute, parsed)
  if (path === undefined || pattern?.ok !== true) return []
  return [{...common, kind: 'file', path: path.value, pattern: pattern.pattern}]
}

function readRef(attributes: RuleAttributes, common: Common): Rules {
  const event = attributes.oneOf('event', ['branch', 'tag', 'pr'])
  if (event === undefined) return []
  return [{...common, kind: 'ref', event, prefix: common.prefix ?? (event === 'pr' ? 'pr-' : undefined)}]
}

function readRaw(attributes: RuleAttributes, common: Common): Rules {
  const value = attributes.required('value', 'Write the tag, such as value=stable.')
  return value === undefined ? [] : [{...common, kind: 'raw', value: value.value, literal: false}]
}

function readSha(attributes: RuleAttributes, common: Common): Rules {
  const format = attributes.find('format') === undefined ? 'short' : attributes.oneOf('format', ['short', 'long'])
  return format === undefined ? [] : [{...common, kind: 'sha', format, prefix: common.prefix ?? 'sha-'}]
}

function readCommon(attributes: RuleAttributes, kind: WrittenKind): Common | undefined {
  const priority = attributes.find('priority')
  if (priority !== undefined && !/^-?\d+$/.test(priority.value)) {
    const message = `priority "${priority.value}" is not a whole number`
    attributes.reject(priority.valueColumn, message, 'Write a number such as priority=900.')
    return undefined
  }
  const enable = attributes.find('enable')
  // The result of an expression depends on the event.
  if (enable !== undefined && !isEnable(enable.value) && !enable.value.includes('{{')) {
    const {message, remedy} = enableProblem(enable.value)
    attributes.reject(enable.valueColumn, message, remedy)
    return undefined
  }
  const mutable = attributes.find('mutable') === undefined ? 'false' : attributes.oneOf('mutable', ['true', 'false'])
  if (mutable === undefined) return undefined
  return {
    source: attributes.source,
    columns: attributes.columns,
    priority: priority === undefined ? defaultPriority[kind] : Number(priority.value),
    enable: enable?.value ?? 'true',
    prefix: attributes.find('prefix')?.value,
    suffix: attributes.find('suffix')?.value,
    ...(mutable === 'true' && {mutable: true}),
  }
}

/** Reports whether a line may have a rule of `type=calver`, whose reader `parseRules` then needs. */
export function mayNeedCalver(lines: readonly Line[]): boolean {
  return lines.some(({text}) => text.includes('calver'))
}

/** Reader for lines that have no rule of `type=calver`. */
function unloaded(): never {
  throw new Error('the reader of type=calver is not loaded')
}

/** Source of rules, and the reader of `type=calver` if `mayNeedCalver` of their lines. */
interface RuleOrigin {
  readonly origin: RuleSource['origin']
  readonly readCalver?: KindReader | undefined
}

/**
 * Parses the lines of `tags`: highest priority first, in their written order where priorities are equal. A line is
 * a rule (`type=semver,pattern={{version}}`), a literal tag (`stable`), or a whole image reference (`user/app:1.0`).
 * Lines that cannot be parsed are reported with line and column, and left out.
 */
export function parseRules(
  lines: readonly Line[],
  {origin, readCalver = unloaded}: RuleOrigin,
  problems: Problems,
): readonly TagRule[] {
  const readers = {...kindReaders, calver: readCalver}
  const read = (attributes: RuleAttributes): Rules => readRule(attributes, readers)
  return lines
    .flatMap((line) => readLine({origin, line: line.number, text: line.text}, problems).flatMap(read))
    .sort((a, b) => b.priority - a.priority)
}

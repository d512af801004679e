import type {Attribute} from '../../inputs/syntax/attributes.ts'
import {commentOffset} from '../../inputs/syntax/comment.ts'
import {commonAttributes, kindAttributes, ruleKinds, type WrittenKind} from './rule.ts'

/** A word that is the type of a rule, without `type=`. */
export interface MissingType {
  readonly word: Attribute
  readonly kind: WrittenKind
}

/**
 * Finds a type without `type=`: `semver,pattern={{version}}` or `type:semver`. A word that can be both a type and a tag,
 * such as `edge`, is a tag, unless the line has an attribute of that type.
 */
export function missingType(attributes: readonly Attribute[]): MissingType | undefined {
  for (const word of attributes) {
    if (word.name !== undefined) continue
    const [, type, name = ''] = /^(type[ :]\s*)?(.*)$/s.exec(word.value) ?? []
    const kind = kindOf(name)
    if (kind !== undefined && (type !== undefined || hasAttributeOf(attributes, kind))) return {word, kind}
  }
  return undefined
}

function hasAttributeOf(attributes: readonly Attribute[], kind: WrittenKind): boolean {
  // A literal tag may have `mutable` too.
  const names = kindAttributes[kind].filter((name) => name !== 'mutable')
  return attributes.some(({name}) => name !== undefined && names.includes(name.toLowerCase()))
}

/** A common mistake in a value; `offset` is its 0-based position in the value. */
interface ValueSlip {
  readonly offset: number
  readonly remedy: string
}

/** Finds a comment at the end of a value: `sha # comment`. */
export function commentIn(value: string): ValueSlip | undefined {
  const offset = commentOffset(value)
  return offset === undefined ? undefined : {offset, remedy: 'Write the comment on its own line.'}
}

/** Finds another separator than a comma between a type and the next attribute: `semver;pattern={{version}}`. */
export function otherSeparator(type: string): ValueSlip | undefined {
  const [, name = '', separator = '', attribute = ''] = /^(\w+)([;:|\s]\s*)(\w+)=/.exec(type) ?? []
  const kind = kindOf(name)
  if (kind === undefined || ![...commonAttributes, ...kindAttributes[kind]].includes(attribute)) return undefined
  const corrected = `type=${name},${type.slice(name.length + separator.length)}`
  return {offset: name.length, remedy: `Separate attributes with commas: ${corrected}.`}
}

/** Words of GitHub and of similar actions, and their names here. */
export const aliases: Readonly<Record<string, string>> = {
  pull_request: 'pr',
  pull_request_target: 'pr',
  'pull-request': 'pr',
  pull: 'pr',
}

function kindOf(word: string): WrittenKind | undefined {
  return ruleKinds.find((kind) => kind === word)
}

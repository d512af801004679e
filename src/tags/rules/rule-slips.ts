import type {Attribute} from '../../inputs/syntax/attributes.ts'
import {commonAttributes, kindAttributes, ruleKinds, type WrittenKind} from './rule.ts'

/** A word that says the type of a rule without `type=`. */
export interface MissingType {
  readonly word: Attribute
  readonly kind: WrittenKind
}

/**
 * `semver,pattern={{version}}` or `type:semver`. A word that is a type and a tag alike, such as `edge`, is a tag, unless
 * an attribute of that type stands beside it.
 */
export function missingType(attributes: readonly Attribute[]): MissingType | undefined {
  for (const word of attributes) {
    if (word.name !== undefined) continue
    const [, type, name = ''] = /^(type[ :]\s*)?(.*)$/s.exec(word.value) ?? []
    const kind = kindOf(name)
    if (kind !== undefined && (type !== undefined || hasOwn(attributes, kind))) return {word, kind}
  }
  return undefined
}

function hasOwn(attributes: readonly Attribute[], kind: WrittenKind): boolean {
  // `mutable` is taken by a literal tag too.
  const own = kindAttributes[kind].filter((name) => name !== 'mutable')
  return attributes.some(({name}) => name !== undefined && own.includes(name.toLowerCase()))
}

/** A slip in a value; `offset` is 0-based in it. */
export interface ValueSlip {
  readonly offset: number
  readonly remedy: string
}

/** `sha # comment`: what stands behind a blank and `#` was not meant as a part of the value. */
export function commentIn(value: string): ValueSlip | undefined {
  const at = value.search(/\s#/)
  return at === -1 ? undefined : {offset: at + 1, remedy: 'A comment stands on a line of its own.'}
}

/** `semver;pattern={{version}}`: a type, and the next attribute behind something that is no comma. */
export function otherSeparator(type: string): ValueSlip | undefined {
  const [, name = '', separator = '', attribute = ''] = /^(\w+)([;:|\s]\s*)(\w+)=/.exec(type) ?? []
  const kind = kindOf(name)
  if (kind === undefined || ![...commonAttributes, ...kindAttributes[kind]].includes(attribute)) return undefined
  const mended = `type=${name},${type.slice(name.length + separator.length)}`
  return {offset: name.length, remedy: `Attributes are separated with commas: ${mended}.`}
}

/** Words of GitHub and of the peers for what has another name here. */
export const aliases: Readonly<Record<string, string>> = {
  pull_request: 'pr',
  pull_request_target: 'pr',
  'pull-request': 'pr',
  pull: 'pr',
}

function kindOf(word: string): WrittenKind | undefined {
  return ruleKinds.find((kind) => kind === word)
}

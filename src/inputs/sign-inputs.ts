import {TagboatError} from '../errors/error.ts'
import {Secret} from '../errors/secret.ts'
import type {InputReader} from './input-reader.ts'
import {inputSpecs} from './spec/spec.ts'
import {suggestion} from './syntax/nearest.ts'

/** Parsed inputs for signatures. */
export interface SignInputs {
  /** Text of the private key; empty if a secret is missing. */
  readonly key: Secret
  readonly password: Secret
  readonly format: 'both' | 'bundle' | 'signature-tag'
  /** Whether the images of platforms are signed as well as the index. */
  readonly platforms: boolean
}

const ways = ['key'] as const
/** Docker Content Trust, whose service has ended. */
const retired: readonly string[] = ['dct', 'notary-v1', 'notary', 'docker-content-trust']

/**
 * Reads the inputs for signatures. Undefined if the image is not signed.
 * @throws TagboatError `sign-format-retired`
 */
export function readSignInputs(reader: InputReader): SignInputs | undefined {
  const items = reader.list('sign')
  for (const {text, number, column} of items) {
    const word = text.toLowerCase()
    const place = {line: number, column}
    if (retired.includes(word))
      throw new TagboatError('sign-format-retired', {evidence: [`sign, line ${number}: ${text}`]})
    if (word === 'keyless')
      reader.problem('sign', place, 'this release cannot sign without a key', 'Write `key`, and set `sign-key`.')
    else if (!ways.some((way) => way === word))
      reader.problem('sign', place, `"${text}" is not an allowed value`, suggestion(text, ways))
  }
  const format = reader.choice('sign-format', inputSpecs['sign-format'].choices)
  const platforms = reader.boolean('sign-platforms')
  const key = reader.text('sign-key')
  if (items.length > 0)
    return {key: new Secret(key), password: new Secret(reader.text('sign-key-password')), format, platforms}
  if (key !== '') reader.notice('sign-key', {}, 'it is not used, since `sign` is empty')
  return undefined
}

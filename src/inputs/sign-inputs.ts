import {signingError} from '../errors/signing-error.ts'
import {Secret} from '../errors/secret.ts'
import type {InputReader} from './input-reader.ts'
import {inputSpecs} from './spec/spec.ts'
import {suggestion} from './syntax/nearest.ts'

/** Parsed inputs for signatures. */
export interface SignInputs {
  /** Ways to sign, in the order of the input. */
  readonly ways: readonly SignWay[]
  /** Text of the private key; empty if a secret is missing. */
  readonly key: Secret
  readonly password: Secret
  readonly format: 'both' | 'bundle' | 'signature-tag'
  /** Whether the images of platforms are signed as well as the index. */
  readonly platforms: boolean
  readonly log: 'auto' | 'public' | 'none'
  /** Path of the file of `sigstore-config`. Default: the public instance. */
  readonly configFile: string | undefined
  /** Document of that file. */
  readonly config?: unknown
}

const ways = inputSpecs.sign.words

type SignWay = (typeof ways)[number]

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
    if (retired.includes(word)) throw signingError('sign-format-retired', {evidence: [`sign, line ${number}: ${text}`]})
    if (!ways.some((way) => way === word))
      reader.problem('sign', place, `"${text}" is not an allowed value`, suggestion(text, ways))
  }
  const format = reader.choice('sign-format', inputSpecs['sign-format'].choices)
  const platforms = reader.boolean('sign-platforms')
  const key = reader.text('sign-key')
  const log = reader.choice('sign-log', inputSpecs['sign-log'].choices)
  const configFile = reader.optionalText('sigstore-config')
  const chosen = ways.filter((way) => items.some(({text}) => text.toLowerCase() === way))
  if (key !== '' && items.length === 0) {
    reader.problem('sign-key', {}, 'it is not used, since `sign` is empty', 'Set `sign: key`, or remove this input.')
  } else if (key !== '' && !chosen.includes('key')) {
    reader.notice('sign-key', {}, 'it is not used, since `sign` does not contain `key`')
  }
  checkKeyless({isKeyless: chosen.includes('keyless'), log, configFile}, reader)
  if (items.length === 0) return undefined
  const password = new Secret(reader.text('sign-key-password'))
  return {ways: chosen, key: new Secret(key), password, format, platforms, log, configFile}
}

/** Checks the inputs that only a keyless signature has. */
function checkKeyless(
  {isKeyless, log, configFile}: Pick<SignInputs, 'log' | 'configFile'> & {readonly isKeyless: boolean},
  reader: InputReader,
): void {
  const remedy = 'Add `keyless` to `sign`, or remove this input.'
  if (!isKeyless && log !== 'auto') reader.problem('sign-log', {}, 'only `sign: keyless` writes to a log', remedy)
  if (configFile === undefined) return
  if (!isKeyless) reader.problem('sigstore-config', {}, 'only `sign: keyless` uses the services', remedy)
  if (!reader.isSet('sigstore-trust')) {
    const trust = 'Set `sigstore-trust` to the trusted_root.json of the same instance.'
    reader.problem('sigstore-config', {}, 'another instance needs its trusted root', trust)
  }
}

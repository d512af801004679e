import type {InputReader} from '../input-reader.ts'
import {suggestion} from '../syntax/nearest.ts'
import {readDemand} from './read-demand.ts'
import type {Demand, VerifyInputs, WrittenKey} from './demand.ts'
import {parseKeys} from './written-keys.ts'

/** Reads the inputs that demand signatures. */
export function readVerifyInputs(reader: InputReader): VerifyInputs {
  const items = reader.list('verify')
  const demands = items.flatMap((item) => readDemand(item, reader) ?? [])
  const {keys, problems} = parseKeys(reader.verbatim('verify-key'))
  for (const {line, message} of problems) reader.problem('verify-key', {line}, message, keyRemedy)
  requireNames(keys, reader)
  for (const demand of demands) requireKey(demand, keys, reader)
  const usesKey = demands.some(({signer}) => signer.kind === 'key')
  if (keys.length > 0 && !usesKey && demands.length === items.length) {
    reader.problem('verify-key', {}, 'no line of `verify` demands a key', 'Add `type=signature,key` to `verify`.')
  }
  return {demands, keys, trustFile: reader.optionalText('sigstore-trust')}
}

const keyRemedy =
  'Write the text of a public key, from BEGIN PUBLIC KEY to END PUBLIC KEY, or the path of a file such as cosign.pub. Write NAME= before each of several keys.'

function requireNames(keys: readonly WrittenKey[], reader: InputReader): void {
  const known = new Set<string>()
  for (const {name, line} of keys) {
    if (name === undefined && keys.length > 1) {
      reader.problem('verify-key', {line}, 'one of several keys has no name', keyRemedy)
    }
    if (name !== undefined && known.has(name)) {
      reader.problem('verify-key', {line}, `there are two keys with the name "${name}"`, 'Rename one of them.')
    }
    if (name !== undefined) known.add(name)
  }
}

function requireKey({signer, line}: Demand, keys: readonly WrittenKey[], reader: InputReader): void {
  if (signer.kind !== 'key') return
  if (keys.length === 0) {
    reader.problem(
      'verify',
      {line},
      '`key` demands a key, but `verify-key` is empty',
      'Set `verify-key` to the public key.',
    )
    return
  }
  const names = keys.flatMap(({name}) => name ?? []).join(', ')
  if (signer.name === undefined && keys.length > 1) {
    reader.problem('verify', {line}, '`verify-key` has several keys', `Write key=NAME with one of ${names}.`)
  } else if (signer.name !== undefined && !keys.some(({name}) => name === signer.name)) {
    const known = names === '' ? 'its only key has no name' : `it has ${names}`
    const remedy =
      names === ''
        ? `Write \`${signer.name}=\` before the key in \`verify-key\`, or \`key\` alone.`
        : suggestion(signer.name, names.split(', '))
    reader.problem('verify', {line}, `\`verify-key\` has no key "${signer.name}": ${known}`, remedy)
  }
}

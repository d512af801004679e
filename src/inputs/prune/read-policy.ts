import type {InputReader} from '../input-reader.ts'
import type {ListItem} from '../syntax/lists.ts'
import {defaultPolicy} from './default-policy.ts'
import type {PolicyLine, PolicyType, PruneInputs} from './policy.ts'
import {readPolicyLine} from './policy-line.ts'

/** Inputs that add or remove a line of the policy, as in similar actions. */
const shortForms = [
  {input: 'delete-untagged', type: 'untagged'},
  {input: 'delete-orphaned-images', type: 'orphan'},
] as const

type ShortForm = (typeof shortForms)[number]

/**
 * Reads `policy`, `delete-untagged` and `delete-orphaned-images`. The default policy holds if no input names what to
 * delete, and lines of type `keep` do not: with `delete-tags` alone, nothing else is deleted, as in similar actions.
 */
export function readPolicy(reader: InputReader): Pick<PruneInputs, 'policy' | 'isDefaultPolicy'> {
  const items = reader.list('policy')
  const written = items.flatMap((item) => readPolicyLine(item, reader) ?? [])
  const short = shortForms.map((form) => ({...form, value: reader.choice(form.input, ['auto', 'true', 'false'])}))
  // Lines of type `keep` name nothing to delete.
  const kept = written.filter(({type}) => type === 'keep')
  const isDefaultPolicy =
    kept.length === items.length && !reader.isSet('delete-tags') && short.every(({value}) => value !== 'true')
  for (const {input, type, value} of short) {
    const line = written.find((one) => one.type === type)
    if (line !== undefined && value !== 'auto') reportTwice(input, line, reader)
  }
  const removed = short.filter(({value}) => value === 'false').map(({type}): PolicyType => type)
  const policy = [
    ...(isDefaultPolicy ? [...kept, ...defaultLines(reader)] : written).filter(({type}) => !removed.includes(type)),
    ...short.flatMap(({input, type, value}): PolicyLine[] =>
      value === 'true' ? [{type, text: `${input}: true`}] : [],
    ),
  ]
  if (reader.isSet('keep-n-untagged') && !policy.some(({type}) => type === 'untagged')) {
    const remedy = 'Set `delete-untagged: true`, or remove this input.'
    reader.problem('keep-n-untagged', {}, 'untagged images are not deleted', remedy)
  }
  return {policy, isDefaultPolicy}
}

function reportTwice(input: ShortForm['input'], {line = 1, type}: PolicyLine, reader: InputReader): void {
  const message = `line ${line} of \`policy\` is about type=${type} too`
  reader.problem(input, {}, message, 'Remove this input, or that line.')
}

/** Lines of the default policy, which are valid. */
function defaultLines(reader: InputReader): readonly PolicyLine[] {
  const items = defaultPolicy.map((text, index): ListItem => ({text, number: index + 1, column: 1}))
  return items.flatMap((item) => readPolicyLine(item, reader) ?? [])
}

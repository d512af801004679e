import {isDigest, type Digest} from '../oci/digest.ts'
import {parseRepository, parseTagRef, type Repository, type TagRef} from '../oci/reference.ts'
import type {InputReader} from './input-reader.ts'
import {digestsInJson, maxJsonLevels} from './syntax/json-digests.ts'
import {parseList} from './syntax/lists.ts'
import {listForms} from './spec/spec-row.ts'

/** Images to promote: digests of staged images, or a published reference. */
export interface PromoteInputs {
  readonly sources: readonly PromoteSource[]
}

/** Digest with an optional repository, or a reference with a tag. */
export type PromoteSource =
  | {readonly kind: 'digest'; readonly digest: Digest; readonly repository: Repository | undefined}
  | {readonly kind: 'tag'; readonly reference: TagRef}

/** Reads the inputs with the images to promote. */
export function readPromoteInputs(reader: InputReader): PromoteInputs {
  const digests = readDigests(reader)
  const from = readFrom(reader)
  if (digests.length > 0 && from.length > 0) {
    reader.problem('from', {}, 'it cannot be combined with digests', 'Remove one of them.')
  }
  return {sources: [...digests, ...from]}
}

/** Prefix of a path in `digests`. */
export const digestFilePrefix = 'file:'

function readDigests(reader: InputReader): readonly PromoteSource[] {
  const text = reader.verbatim('digests')
  // The files are read before, and replaced by their contents.
  if (text.trim().startsWith(digestFilePrefix)) return []
  return /^\s*[[{"]/.test(text) ? readJson(text, reader) : readLines(text, reader)
}

function readLines(text: string, reader: InputReader): readonly PromoteSource[] {
  const {items} = parseList(text, listForms.items)
  if (items.length > 0 && reader.texts('digest-names').length > 0) {
    const remedy = 'Remove this input, or set `digests` to JSON with a name for each digest.'
    reader.problem('digest-names', {}, 'the digests have no names', remedy)
  }
  return items.flatMap(({text: item, number, column}): readonly PromoteSource[] => {
    const source = digestSource(item)
    if (source !== undefined) return [source]
    reader.problem('digests', {line: number, column}, `"${item}" is not a digest`, digestRemedy)
    return []
  })
}

const digestRemedy =
  'Write one digest per line, as sha256:… or name@sha256:…, or JSON such as ${{ toJSON(needs.build.outputs) }}.'

/** Parses `sha256:…` or `name@sha256:…`. */
function digestSource(text: string): PromoteSource | undefined {
  const at = text.lastIndexOf('@')
  const digest = text.slice(at + 1)
  if (!isDigest(digest)) return undefined
  if (at === -1) return {kind: 'digest', digest, repository: undefined}
  const repository = parseRepository(text.slice(0, at))
  return repository.ok ? {kind: 'digest', digest, repository: repository.value} : undefined
}

/** Parses `toJSON(needs)`, `toJSON(needs.build.outputs)`, the output `digests` of a stage, or a list of digests. */
function readJson(text: string, reader: InputReader): readonly PromoteSource[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    reader.problem('digests', {line: 1, column: 1}, 'it begins like JSON, but is not valid JSON', digestRemedy)
    return []
  }
  const patterns = reader.texts('digest-names')
  const found = digestsInJson(value, patterns)
  if (found.isTooDeep) {
    reader.problem('digests', {line: 1, column: 1}, `the JSON has more than ${maxJsonLevels} levels`, digestRemedy)
  }
  if (patterns.length > 0 && !found.isMatched) {
    const names = found.names.length === 0 ? 'has no names' : `has ${found.names.join(', ')}`
    reader.problem('digest-names', {}, `no name in digests matches: it ${names}`, 'Write names, with * for any text.')
  }
  // A stage with nothing to publish has no digest. The promote of the same run has nothing to publish, too.
  return found.digests.map((digest) => ({kind: 'digest', digest, repository: undefined}))
}

function readFrom(reader: InputReader): readonly PromoteSource[] {
  const text = reader.text('from')
  if (text === '') return []
  const digest = digestSource(text)
  if (digest !== undefined) return [digest]
  const reference = parseTagRef(text)
  if (reference.ok) return [{kind: 'tag', reference: reference.value}]
  const remedy = 'Write name:tag or name@sha256:…, such as ghcr.io/owner/app:1.2.3-staging.'
  reader.problem('from', {line: 1, column: reference.column}, reference.reason, remedy)
  return []
}

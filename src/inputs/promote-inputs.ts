import {isDigest, type Digest} from '../oci/digest.ts'
import {parseRepository, parseTagRef} from '../oci/reference.ts'
import type {InputReader} from './input-reader.ts'
import type {PromoteInputs, PromoteSource} from './inputs.ts'
import {parseList} from './syntax/lists.ts'
import {listForms} from './spec/spec-row.ts'

/** Reads the inputs with the images to promote. */
export function readPromoteInputs(reader: InputReader): PromoteInputs {
  const digests = readDigests(reader)
  const from = readFrom(reader)
  if (digests.length > 0 && from.length > 0) {
    reader.problem('from', {}, 'it cannot be combined with digests', 'Remove one of them.')
  }
  return {sources: [...digests, ...from]}
}

function readDigests(reader: InputReader): readonly PromoteSource[] {
  const text = reader.verbatim('digests')
  return /^\s*[[{"]/.test(text) ? readJson(text, reader) : readLines(text, reader)
}

function readLines(text: string, reader: InputReader): readonly PromoteSource[] {
  const {items} = parseList(text, listForms.items)
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
  const found = new CollectedDigests()
  digestsIn(value, found, 0)
  if (found.isTooDeep) {
    reader.problem('digests', {line: 1, column: 1}, `the JSON has more than ${mostLevels} levels`, digestRemedy)
  }
  // A stage with nothing to publish has no digest. The promote of the same run has nothing to publish, too.
  return [...found.digests].map((digest) => ({kind: 'digest', digest, repository: undefined}))
}

/** Maximum depth. The outputs of a job are JSON in JSON in JSON. */
const mostLevels = 32

class CollectedDigests {
  readonly digests = new Set<Digest>()
  isTooDeep = false
}

/**
 * Collects every digest in a JSON value. The outputs of a stage have the digest of the image in `digest` and those of its
 * platforms in `digests`. Only the former is collected if both exist.
 */
function digestsIn(value: unknown, found: CollectedDigests, level: number): void {
  if (level > mostLevels) found.isTooDeep = true
  else if (typeof value === 'string' && isDigest(value)) found.digests.add(value)
  else if (typeof value === 'string') digestsInText(value, found, level)
  else if (typeof value === 'object' && value !== null) {
    const fields = new Map<string, unknown>(Object.entries(value))
    const whole = Array.isArray(value) ? undefined : fields.get('digest')
    if (typeof whole === 'string' && isDigest(whole)) found.digests.add(whole)
    else for (const one of fields.values()) digestsIn(one, found, level + 1)
  }
}

/** Collects every digest in a text that is JSON, as the output of a job may be. */
function digestsInText(text: string, found: CollectedDigests, level: number): void {
  if (!/^\s*[[{]/.test(text)) return
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return
  }
  digestsIn(value, found, level + 1)
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

import {isDigest, type Digest} from '../oci/digest.ts'
import {parseRepository, parseTagRef} from '../oci/reference.ts'
import type {InputReader} from './input-reader.ts'
import type {PromoteInputs, PromoteSource} from './inputs.ts'
import {parseList} from './syntax/lists.ts'
import {listForms} from './spec/spec-row.ts'

/** The inputs that say what a promote starts from. */
export function readPromoteInputs(reader: InputReader): PromoteInputs {
  const digests = readDigests(reader)
  const from = readFrom(reader)
  if (digests.length > 0 && from.length > 0) {
    reader.problem('from', {}, 'it cannot be given together with digests', 'Remove one of them.')
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
    reader.problem('digests', {line: number, column}, `"${item}" is no digest`, digestRemedy)
    return []
  })
}

const digestRemedy =
  'Write digests such as sha256:… or name@sha256:…, one a line, or JSON such as ${{ toJSON(needs.build.outputs) }}.'

/** `sha256:…`, or `name@sha256:…`. */
function digestSource(text: string): PromoteSource | undefined {
  const at = text.lastIndexOf('@')
  const digest = text.slice(at + 1)
  if (!isDigest(digest)) return undefined
  if (at === -1) return {kind: 'digest', digest, repository: undefined}
  const repository = parseRepository(text.slice(0, at))
  return repository.ok ? {kind: 'digest', digest, repository: repository.value} : undefined
}

/** `toJSON(needs)`, `toJSON(needs.build.outputs)`, the output `digests` of a stage, or a list of digests. */
function readJson(text: string, reader: InputReader): readonly PromoteSource[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    reader.problem('digests', {line: 1, column: 1}, 'it begins as JSON, but is none', digestRemedy)
    return []
  }
  const found = new Found()
  digestsIn(value, found, 0)
  if (found.isTooDeep) {
    reader.problem('digests', {line: 1, column: 1}, `it is nested more than ${mostLevels} levels deep`, digestRemedy)
  }
  // A stage that had nothing to publish gives none, and then the promote of the same run has nothing to publish either.
  return [...found.digests].map((digest) => ({kind: 'digest', digest, repository: undefined}))
}

/** The outputs of a job hold JSON in JSON in JSON, and no more. */
const mostLevels = 32

class Found {
  readonly digests = new Set<Digest>()
  isTooDeep = false
}

/**
 * Every digest in the JSON. The outputs of a stage name the whole by `digest` and its parts by `digests`: where the
 * former is given, it is the one that is meant.
 */
function digestsIn(value: unknown, found: Found, level: number): void {
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

/** An output of a job is text, also where it holds JSON. */
function digestsInText(text: string, found: Found, level: number): void {
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

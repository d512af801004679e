import type {InputReader} from '../input-reader.ts'
import {listForms} from '../spec/spec-row.ts'
import {pruneSpecs} from '../spec/spec-prune.ts'
import {parseList, type ListItem} from '../syntax/lists.ts'
import {dayMs, parseDuration} from './duration.ts'
import type {DeletionLimit, PruneInputs, TagPattern} from './policy.ts'
import {maxKept} from './policy-line.ts'
import {readPolicy} from './read-policy.ts'
import {readProtected} from './protected.ts'
import {parseGlob, parseRegex} from './tag-pattern.ts'

/** Reads the inputs that decide what is deleted. */
export function readPruneInputs(reader: InputReader): PruneInputs {
  const deleteTags = readPatterns('delete-tags', reader)
  const [keepTagged, keepUntagged] = [readKept('keep-n-tagged', reader), readKept('keep-n-untagged', reader)]
  if (keepTagged !== undefined && !reader.isSet('delete-tags'))
    reader.problem(
      'keep-n-tagged',
      {},
      'it needs `delete-tags`, whose newest tags it keeps',
      'Set `delete-tags`, or write keep= in a line of `policy`.',
    )
  return {
    ...readPolicy(reader),
    deleteTags,
    excludeTags: readPatterns('exclude-tags', reader),
    olderThanMs: readOlderThan(reader),
    keepTagged,
    keepUntagged,
    deletePartial: reader.boolean('delete-partial-images'),
    protected: readProtected(reader),
    keepDeployed: reader.choice('keep-deployed', pruneSpecs['keep-deployed'].choices),
    untag: reader.choice('untag', pruneSpecs.untag.choices),
    maxDeleted: readMaxDeleted(reader),
    validate: reader.boolean('validate'),
    lifecycle: reader.choice('lifecycle', pruneSpecs.lifecycle.choices),
  }
}

/** Reads a list of patterns. Regular expressions may contain commas, so each has a line of its own. */
function readPatterns(input: 'delete-tags' | 'exclude-tags', reader: InputReader): readonly TagPattern[] {
  const isRegex = reader.boolean('use-regex')
  const items: readonly ListItem[] = isRegex
    ? parseList(reader.untrimmed(input), listForms['plain-lines']).items
    : reader.list(input)
  return items.flatMap(({text, number: line, column}) => {
    const parsed = isRegex ? parseRegex(text) : parseGlob(text)
    if (parsed.ok) return [parsed.pattern]
    reader.problem(input, {line, column: column + parsed.offset}, parsed.reason, parsed.remedy)
    return []
  })
}

function readKept(input: 'keep-n-tagged' | 'keep-n-untagged', reader: InputReader): number | undefined {
  return reader.isSet(input) ? reader.integer(input, 0, maxKept) : undefined
}

function readOlderThan(reader: InputReader): number {
  const parsed = parseDuration(reader.text('older-than'))
  if (parsed.ok) return parsed.ms
  reader.problem('older-than', {}, parsed.reason, parsed.remedy)
  return dayMs
}

function readMaxDeleted(reader: InputReader): DeletionLimit {
  const text = reader.text('max-deleted')
  const [, number = '', percent] = /^(\d{1,9})\s?(%)?$/.exec(text) ?? []
  const value = Number(number)
  const isTooMuch = percent !== undefined && value > 100
  if (number === '' || isTooMuch) {
    const why = isTooMuch
      ? `"${text}" is more than all tags`
      : `"${text}" is neither a number of tags nor a share of them`
    reader.problem('max-deleted', {}, why, 'Write a number such as 200, or a share up to 100%.')
  }
  return {kind: percent === undefined ? 'count' : 'percent', value}
}

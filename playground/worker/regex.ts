import type {BoundedRegex, RegexAnswer} from '../../src/io/bounded-regex.ts'

/** Longest pattern, as in a run. */
const maxSourceLength = 1000

/** Matches regular expressions. The page ends the worker if a match takes too long, so there is no limit here. */
export const workerRegex: BoundedRegex = {
  match(source, flags, text): RegexAnswer {
    const answer = workerRegex.matchAll(source, flags, [text])
    if (answer.kind !== 'matches') return answer
    const [groups] = answer.matches
    return groups === undefined ? {kind: 'none'} : {kind: 'match', groups}
  },
  matchAll(source, flags, texts) {
    if (source.length > maxSourceLength) return {kind: 'failed', reason: `longer than ${maxSourceLength} characters`}
    try {
      const expression = new RegExp(source, flags)
      return {kind: 'matches', matches: texts.map((text) => text.match(expression) ?? undefined)}
    } catch (error) {
      return {kind: 'failed', reason: reasonOf(error)}
    }
  },
}

/** Reason without the pattern: `Unterminated group` of `Invalid regular expression: /(/: Unterminated group`. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.slice(message.lastIndexOf(': ') + 1).trim()
}

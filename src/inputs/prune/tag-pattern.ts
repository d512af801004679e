import {errorMessage} from '../../errors/error.ts'
import {isTag} from '../../oci/reference.ts'
import type {TagPattern} from './policy.ts'

type ParsedPattern =
  | {readonly ok: true; readonly pattern: TagPattern}
  | {
      readonly ok: false
      /** 0-based position in the text. */
      readonly offset: number
      readonly reason: string
      readonly remedy: string
    }

/** Parses a pattern of tags, in which `*` matches any text and `?` one character. One that no tag can match is refused. */
export function parseGlob(text: string): ParsedPattern {
  if (/^\w+:[0-9a-f]{32,}$/.test(text))
    return refused(0, 'it is a digest, and patterns are compared with tags', 'Write digests to keep in `protect`.')
  if (text.startsWith('!'))
    return refused(0, 'a pattern has no exceptions', 'Write the tags to keep in `exclude-tags`, without the "!".')
  const name = text.search(/[/:]/)
  if (name !== -1)
    return refused(
      name,
      'it is an image name, and patterns are compared with tags',
      'Write the tag alone, such as pr-*.',
    )
  const literal = text.replaceAll(/[*?]/g, 'x')
  if (isTag(literal)) return {ok: true, pattern: {kind: 'glob', text}}
  const offset = Math.max(literal.search(/^[^A-Za-z0-9_]|[^A-Za-z0-9._-]/), 0)
  const reason = text === '' ? 'the pattern is empty' : `no tag contains ${JSON.stringify(text.charAt(offset))} there`
  return refused(offset, reason, 'Write a pattern such as pr-*, or a regular expression: regex= or `use-regex: true`.')
}

/** Parses a regular expression for tags, without slashes and flags. It is not run. */
export function parseRegex(text: string): ParsedPattern {
  const remedy = 'Write a regular expression, such as pr-\\d+.'
  if (text === '') return refused(0, 'the expression is empty', remedy)
  try {
    new RegExp(text)
  } catch (error) {
    const message = errorMessage(error)
    return refused(0, `the expression does not parse (${message.slice(message.lastIndexOf(': ') + 1).trim()})`, remedy)
  }
  return {ok: true, pattern: {kind: 'regex', text}}
}

function refused(offset: number, reason: string, remedy: string): ParsedPattern {
  return {ok: false, offset, reason, remedy}
}

import {commentOffset} from '../../inputs/syntax/comment.ts'
import type {JobStep} from '../job-model.ts'

/** Line of an input, without a comment behind it. */
interface SeparatedLine {
  readonly text: string
  readonly comment?: string
}

/**
 * Separates a comment from a line of docker/metadata-action. Up to version 5 it drops the comment; from version 6 on, the
 * comment is part of the value.
 */
export function separated(meta: JobStep, line: string): SeparatedLine {
  const at = isComment(line) ? undefined : commentOffset(withoutQuoted(line))
  if (at === undefined || !dropsComments(meta)) return {text: line}
  return {text: line.slice(0, at).trimEnd(), comment: line.slice(at).trim()}
}

function isComment(line: string): boolean {
  return line.trimStart().startsWith('#')
}

/** Line in which a quoted attribute has no comment. */
function withoutQuoted(line: string): string {
  return line.replaceAll(/"[^"]*"/g, (found) => 'x'.repeat(found.length))
}

/** Reports whether the version of the action drops comments: as its tag, or in the comment behind a commit. */
function dropsComments({step, source}: JobStep): boolean {
  const pinned = source.entries?.find(({name}) => name === 'uses')?.after ?? ''
  const [, comment = ''] = pinned.split('#', 2)
  const [, major = /\d+/.exec(comment)?.[0]] = /@v(\d+)/.exec(step.uses?.text ?? '') ?? []
  return Number(major ?? Infinity) < 6
}

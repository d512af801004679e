import {endLine, type TagLine} from './line.ts'
import type {TagProposal} from './proposal.ts'
import type {RuleSource} from './rule.ts'
import type {VariantTag} from './variant.ts'

/** A tag before the environment is added. */
export interface Candidate {
  readonly tag: string
  /** The text before it was made a valid tag. */
  readonly text: string
  readonly line: TagLine
  readonly source: RuleSource
  readonly note: string | undefined
  /** `type=env` names the environment already: it is not added once more. */
  readonly namesEnvironment: boolean
  /** Of `latest`: as BareTag has it. */
  readonly asVariant: string | undefined
}

/** With the environment at their ends, a tag and the same text of `type=env` are two. No tag holds a colon. */
export function keyOf(tag: string, namesEnvironment: boolean): string {
  return namesEnvironment ? `env:${tag}` : tag
}

/** With what variant and environment have added. */
export function toProposal({tag, from, ending}: VariantTag<Candidate>): TagProposal {
  return {tag, line: endLine(from.line, ending), source: from.source, note: from.note}
}

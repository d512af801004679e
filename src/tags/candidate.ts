import type {Frame, TextLine} from './line.ts'
import type {TagProposal} from './proposal.ts'
import type {RuleSource} from './rule.ts'
import type {VariantTag} from './variant.ts'
import {readsBack} from './version-order.ts'

/** A tag before the environment is added. */
export interface Candidate {
  readonly tag: string
  /** The text before it was made a valid tag. */
  readonly text: string
  readonly line: TextLine
  /**
   * Of an exact version, what stands around it; of a floating one, around the exact versions that it belongs to, if there are
   * such. Undefined where another release may have something else there.
   */
  readonly frame: Frame | undefined
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

/** With what variant and environment have added, and with the exact tags that tell what there is of a line. */
export function toProposals(tags: readonly VariantTag<Candidate>[]): readonly TagProposal[] {
  const exact = tags.filter(({from}) => from.line.kind === 'release')
  return tags.map((one) => {
    const {line, source, note} = one.from
    return {
      tag: one.tag,
      line: line.kind === 'version' ? {...line, exact: framesFor(one, line, exact)} : line,
      source,
      note,
    }
  })
}

/**
 * How the exact tags of a line are written, by those of this run: the ones with the same around them, else all. Only a tag that
 * reads back as the version that it was made of tells how others are to be read.
 */
function framesFor(
  one: VariantTag<Candidate>,
  line: Extract<TextLine, {kind: 'version'}>,
  exact: readonly VariantTag<Candidate>[],
): readonly Frame[] {
  const readable = exact.flatMap((other) => {
    const frame = endFrame(other)
    return frame !== undefined && readsBack(line, frame, other.tag) ? [frame] : []
  })
  const own = endFrame(one)
  const same = readable.filter((frame) => nameOf(frame) === (own && nameOf(own)))
  const frames = same.length > 0 ? same : readable
  return [...new Map(frames.map((frame) => [nameOf(frame), frame])).values()]
}

function endFrame({from: {frame}, ending}: VariantTag<Candidate>): Frame | undefined {
  return frame && {...frame, suffix: `${frame.suffix}${ending}`}
}

/** No tag holds a blank. */
function nameOf({prefix, suffix}: Frame): string {
  return `${prefix} ${suffix}`
}

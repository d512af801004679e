import type {TagNote} from '../reasons/rule-reasons.ts'
import type {Frame, TagLine, TextLine, Version} from './tag-role.ts'
import {framesFitting, isNamed, namedLine, oneVersion} from './named-tag-role.ts'
import type {TagProposal} from './proposal.ts'
import type {RuleSource} from './rules/rule.ts'
import type {VariantTag} from './variant.ts'
import {versionWithin} from './versions/version-name.ts'
import {readsBack} from './versions/version-order.ts'

/** A tag before the environment is added. */
export interface Candidate {
  readonly tag: string
  /** The text before it was made a valid tag. */
  readonly text: string
  readonly line: TextLine
  /** The version that the text is, or was made of. */
  readonly version: Version | undefined
  /** A rule for versions gave it. */
  readonly isOfRule: boolean
  /**
   * Of an exact version, what stands around it; of a floating one, around the exact versions that it belongs to, if there are
   * such. Undefined where another release may have something else there.
   */
  readonly frame: Frame | undefined
  readonly source: RuleSource
  readonly notes: readonly TagNote[]
  /** `type=env` names the environment already: it is not added once more. */
  readonly namesEnvironment: boolean
  /** Of `latest`: as BareTag has it. */
  readonly asVariant: string | undefined
}

/** With the environment at their ends, a tag and the same text of `type=env` are two. No tag holds a colon. */
export function keyOf(tag: string, namesEnvironment: boolean): string {
  return namesEnvironment ? `env:${tag}` : tag
}

/** What tags follow that the user named: the version of the rules, else of the run, else of the exact tags. */
export function versionOfRun(
  candidates: readonly Candidate[],
  ofReferences: readonly Version[],
  text: string | undefined,
): Version | undefined {
  const ofRule = candidates.find(({isOfRule, version}) => isOfRule && version !== undefined)?.version
  const named = candidates.flatMap(({version}) => version ?? [])
  return ofRule ?? (text === undefined ? undefined : versionWithin(text)) ?? oneVersion([...named, ...ofReferences])
}

/**
 * With what variant and environment have added, and with the exact tags that tell what there is of a line. Tags that the user
 * named follow the version of the run, where it has one.
 */
export function toProposals(
  tags: readonly VariantTag<Candidate>[],
  ofRun: Version | undefined,
): readonly TagProposal[] {
  const exact = tags.filter(({from}) => from.line.kind === 'release')
  return tags.map((one) => {
    const {source, notes} = one.from
    return {tag: one.tag, line: lineFor(one, exact, ofRun), source, notes}
  })
}

/** How the exact tags of a run show its version. */
export function framesOfRun(tags: readonly VariantTag<Candidate>[], ofRun: Version | undefined): readonly Frame[] {
  const exact = tags.filter(({from}) => from.line.kind === 'release')
  return ofRun === undefined ? [] : readable(ofRun, exact)
}

function lineFor(
  one: VariantTag<Candidate>,
  exact: readonly VariantTag<Candidate>[],
  ofRun: Version | undefined,
): TagLine {
  const {tag: name, line} = one.from
  if (line.kind === 'version') return {...line, exact: framesFor(one, readable(line, exact))}
  if (!isNamed(line) || ofRun === undefined) return line
  const tag = `${name}${one.ending}`
  return namedLine({tag, name, named: line.named, exact: framesFitting(tag, readable(ofRun, exact))}, ofRun)
}

/**
 * How the exact tags of this run are written. Only a tag that reads back as the version that it was made of tells how others are
 * to be read.
 */
function readable(version: Version, exact: readonly VariantTag<Candidate>[]): readonly Frame[] {
  const frames = exact.flatMap((other) => {
    const frame = endFrame(other)
    return frame !== undefined && readsBack(version, frame, other.tag) ? [frame] : []
  })
  return [...new Map(frames.map((frame) => [nameOf(frame), frame])).values()]
}

/** Those with the same around them as the line's own, else all. */
function framesFor(one: VariantTag<Candidate>, frames: readonly Frame[]): readonly Frame[] {
  const own = endFrame(one)
  const same = frames.filter((frame) => nameOf(frame) === (own && nameOf(own)))
  return same.length > 0 ? same : frames
}

function endFrame({from: {frame}, ending}: VariantTag<Candidate>): Frame | undefined {
  return frame && {...frame, suffix: `${frame.suffix}${ending}`}
}

/** No tag holds a blank. */
function nameOf({prefix, suffix}: Frame): string {
  return `${prefix} ${suffix}`
}

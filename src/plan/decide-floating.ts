import {TagboatError} from '../errors/error.ts'
import {catalogue} from '../errors/catalogue.ts'
import type {TagPolicy} from '../inputs/inputs.ts'
import type {Digest} from '../oci/digest.ts'
import {formatTagRef} from '../oci/reference.ts'
import {kindOfLine, type VersionLine} from '../tags/line.ts'
import {higherMember, lineName} from '../tags/version-order.ts'
import {compareCommits} from './compare-commits.ts'
import type {Holding, RepositoryState} from './registry-state.ts'
import {holdingOf, shortDigest, stateOf, type LinedTag, type RunFacts, type TagDecision} from './tag-decision.ts'

export interface FloatingRequest {
  /** All planned tags; the exact ones are left out. */
  readonly tags: readonly LinedTag[]
  readonly states: readonly RepositoryState[]
  readonly own: RunFacts
  readonly policy: Pick<TagPolicy, 'floating' | 'onStale'>
  /** What the tag would get; undefined before a build. */
  readonly target: (tag: LinedTag) => Digest | undefined
}

/**
 * What happens to the floating tags, in order of the plan (`floating`, `on-stale`).
 * @throws TagboatError `tag-stale`, with a line for each tag.
 */
export function decideFloating(request: FloatingRequest): readonly TagDecision[] {
  const floating = request.tags.filter(({line}) => kindOfLine(line) === 'floating')
  const verdicts = floating.map((tag) => ({tag, ...judge(tag, request)}))
  const stale = verdicts.filter(({verdict}) => verdict === 'stale')
  if (request.policy.onStale === 'fail' && stale.length > 0) {
    const evidence = stale.map(({tag, reason}) => `${formatTagRef(tag.reference)}: ${reason}`)
    throw new TagboatError('tag-stale', {evidence})
  }
  return verdicts.map((one) => decisionOf(one, request))
}

interface Verdict {
  /** `stale`: what it holds, or what is there of its line, is newer. */
  readonly verdict: 'move' | 'same' | 'stale' | 'keep'
  /** Why, without the tag. */
  readonly reason: string
  readonly level: TagDecision['level']
}

function decisionOf(
  {tag, verdict, reason, level}: Verdict & {readonly tag: LinedTag},
  {states, policy}: FloatingRequest,
): TagDecision {
  const name = tag.reference.tag
  const before = holdingOf(states, tag.reference)?.digest
  const moves = `${name} ${before === undefined ? 'is new' : `moves from ${shortDigest(before)}`}`
  if (verdict === 'move') return {tag, before, action: 'put', reason: `${moves}: ${reason}`, level}
  if (verdict === 'stale' && policy.onStale === 'overwrite') {
    return {tag, before, action: 'put', reason: `${moves}, although ${reason}: on-stale: overwrite`, level: 'notice'}
  }
  const stays = before === undefined ? 'is not made' : `stays at ${shortDigest(before)}`
  return {tag, before, action: 'keep', reason: `${name} ${stays}: ${reason}`, level}
}

function judge(tag: LinedTag, request: FloatingRequest): Verdict {
  const {own, policy, states} = request
  const holding = holdingOf(states, tag.reference)
  if (policy.floating === 'never') return {verdict: 'keep', reason: 'floating: never', level: 'info'}
  const target = request.target(tag)
  const isSame = holding !== undefined && holding.digest === target
  if (policy.floating === 'always') {
    return isSame ? alreadyThere : {verdict: 'move', reason: 'floating: always', level: 'info'}
  }
  if (tag.line.kind === 'version') {
    return judgeVersion(tag.line, stateOf(states, tag.reference.repository), isSame)
  }
  if (isSame) return alreadyThere
  return holding === undefined
    ? {verdict: 'move', reason: 'nothing was there', level: 'info'}
    : judgeCommit(holding, own)
}

const alreadyThere: Verdict = {verdict: 'same', reason: 'that is what it shall hold', level: 'info'}

function judgeVersion(line: VersionLine, state: RepositoryState | undefined, isSame: boolean): Verdict {
  if (state?.tags === undefined) {
    if (isSame) return alreadyThere
    const why = state?.unlistedReason ?? catalogue['tags-unlisted'].cause
    const remedy = catalogue['tags-unlisted'].remedy
    return {
      verdict: 'keep',
      reason: `whether a higher version is there cannot be seen. ${why} ${remedy}`,
      level: 'warning',
    }
  }
  const higher = higherMember(line, state.tags)
  if (higher !== undefined) {
    return {verdict: 'stale', reason: `${higher.version} is higher than ${line.version}`, level: 'notice'}
  }
  if (isSame) return alreadyThere
  const name = lineName(line)
  const of = name === '' ? 'the highest version' : `the highest of ${name}`
  return {verdict: 'move', reason: `${line.version} is ${of}`, level: 'info'}
}

function judgeCommit(holding: Holding, own: RunFacts): Verdict {
  const {order, because} = compareCommits(holding, own)
  if (order === 'older') return {verdict: 'stale', reason: because, level: 'notice'}
  return {verdict: 'move', reason: because, level: order === 'unclear' ? 'notice' : 'info'}
}

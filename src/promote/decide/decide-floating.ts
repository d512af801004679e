import {TagboatError} from '../../errors/error.ts'
import {catalogue} from '../../errors/catalogue.ts'
import type {TagPolicy} from '../../inputs/inputs.ts'
import {shortDigest, type Digest} from '../../oci/digest.ts'
import {formatTagRef} from '../../oci/reference.ts'
import {kindOfLine, type VersionLine} from '../../tags/tag-role.ts'
import {ruleText} from '../../tags/rules/rule.ts'
import {isNamed} from '../../tags/named-tag-role.ts'
import {lineName, saidVersion, type LineMember, type SaidVersion} from '../../tags/versions/version-order.ts'
import {compareCommits} from './compare-commits.ts'
import {whyWithheld, type ExistingRelease} from './decide-release.ts'
import type {Holding, RepositoryState} from './registry-state.ts'
import {higherListed, otherImage, restsOnCommits} from './compare-versions.ts'
import {holdingOf, stateOf, type LinedTag, type RunFacts, type TagDecision} from './tag-decision.ts'

export interface FloatingRequest {
  /** All planned tags; the exact ones are left out. */
  readonly tags: readonly LinedTag[]
  readonly states: readonly RepositoryState[]
  readonly own: RunFacts
  /** `if-exists: overwrite` and `on-stale: overwrite` replace another image of the same version on purpose. */
  readonly policy: Pick<TagPolicy, 'floating' | 'ifExists' | 'onStale'>
  /** What the tag would get; undefined before a build. */
  readonly target: (tag: LinedTag) => Digest | undefined
  /** The release that is there already. */
  readonly existing?: ExistingRelease | undefined
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
  readonly higher?: LineMember | undefined
}

function decisionOf(
  {tag, verdict, reason, level, higher}: Verdict & {readonly tag: LinedTag},
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
  // A user who wrote the name expects it to be given.
  const remedy = verdict === 'stale' && isNamed(tag.line) ? ' (`on-stale: overwrite` gives it all the same)' : ''
  const kept: TagDecision = {tag, before, action: 'keep', reason: `${name} ${stays}: ${reason}${remedy}`, level}
  return higher === undefined || policy.onStale !== 'skip' ? kept : {...kept, higher}
}

function judge(tag: LinedTag, request: FloatingRequest): Verdict {
  const {own, policy, states} = request
  const holding = holdingOf(states, tag.reference)
  if (policy.floating === 'never') return {verdict: 'keep', reason: 'floating: never', level: 'info'}
  const withheld = whyWithheld(tag, request.existing, own)
  if (withheld !== undefined) return {verdict: 'keep', reason: withheld, level: 'notice'}
  const target = request.target(tag)
  const isSame = holding !== undefined && holding.digest === target
  if (policy.floating === 'always') {
    return isSame ? alreadyThere : {verdict: 'move', reason: 'floating: always', level: 'info'}
  }
  if (tag.line.kind === 'version') {
    const state = stateOf(states, tag.reference.repository)
    const isOnPurpose = policy.ifExists === 'overwrite' || policy.onStale === 'overwrite'
    return judgeVersion({...tag, line: tag.line}, {state, holding, isSame, own, isOnPurpose})
  }
  if (isSame) return alreadyThere
  return holding === undefined
    ? {verdict: 'move', reason: 'nothing was there', level: 'info'}
    : judgeCommit(holding, own)
}

const alreadyThere: Verdict = {verdict: 'same', reason: 'that is what it shall hold', level: 'info'}

type VersionTag = LinedTag & {readonly line: VersionLine}

interface VersionSituation {
  readonly state: RepositoryState | undefined
  readonly holding: Holding | undefined
  readonly isSame: boolean
  readonly own: RunFacts
  /** Whether an image of the same version is to be replaced. */
  readonly isOnPurpose: boolean
}

/** Two things tell that a tag would go back: what it holds says a higher version, or an exact tag of one is there. */
function judgeVersion(tag: VersionTag, situation: VersionSituation): Verdict {
  const {line} = tag
  const {state, holding, isSame, own} = situation
  const higher = higherListed(line, {holding, tags: state?.tags})
  if (isSame && higher === undefined) return alreadyThere
  if (higher !== undefined) {
    const reason = `${higher.version} is higher than ${line.version}`
    if (isSame) return {verdict: 'same', reason, level: 'notice', higher}
    return {verdict: 'stale', reason, level: 'notice', higher: isLower(line, holding, higher) ? higher : undefined}
  }
  const held = saidVersion(line, holding?.version)
  if (held !== undefined && held.order > 0) {
    return {verdict: 'stale', reason: `it holds ${held.version}, which is higher than ${line.version}`, level: 'notice'}
  }
  if (holding === undefined) return judgeRest(tag, situation, held)
  const other = situation.isOnPurpose ? undefined : otherImage(line, holding, own)
  if (other !== undefined) return {verdict: 'keep', reason: `${other}. ${otherRemedy(tag)}`, level: 'warning'}
  return restsOnCommits(line, holding) ? judgeBuild(holding, {own, held}) : judgeRest(tag, situation, held)
}

/** The tag holds no higher version. */
function judgeRest(tag: VersionTag, {state, holding}: VersionSituation, held: SaidVersion | undefined): Verdict {
  const {line} = tag
  return line.exact.length === 0 || isNamed(line) ? judgeUnread(tag, holding, held) : judgeHighest(line, state)
}

/** Two images of one commit need names of their own. */
function otherRemedy({line, reference}: VersionTag): string {
  const isLatest = line.level === 'all' && reference.tag.includes('latest')
  const own = isLatest
    ? '`latest=false` in `flavor` of the one that is not to have it, `variant`, or `suffix=…,onlatest=true` in `flavor`'
    : '`variant`, or a `suffix` in the rule or in `flavor`'
  return `Give one of them another tag: ${own}. To replace it on purpose, set \`on-stale: overwrite\``
}

/** Whether a tag holds a lower version than one of its line. What does not say its version may be anything. */
function isLower(line: VersionLine, holding: Holding | undefined, {version}: LineMember): boolean {
  const held = saidVersion({...line, version}, holding?.version)
  return held !== undefined && held.order < 0
}

/** The list of tags has no higher version, if there is a list. */
function judgeHighest(line: VersionLine, state: RepositoryState | undefined): Verdict {
  if (state?.tags === undefined) return {verdict: 'keep', reason: unlisted(state), level: 'warning'}
  const name = lineName(line)
  const of = name === '' ? 'the highest version' : `the highest of ${name}`
  return {verdict: 'move', reason: `${line.version} is ${of}`, level: 'info'}
}

/** No list of tags can tell a higher version. */
function judgeUnread(tag: VersionTag, holding: Holding | undefined, held: SaidVersion | undefined): Verdict {
  if (holding === undefined) return {verdict: 'move', reason: 'nothing was there', level: 'info'}
  if (held === undefined) return {verdict: 'keep', reason: unknownLine(tag), level: 'warning'}
  const {version} = tag.line
  const reason = `it holds ${held.version}, and ${version} is higher`
  return {verdict: 'move', reason, level: 'info'}
}

/** The versions are the same, or not known. */
function judgeBuild(
  holding: Holding,
  {own, held}: {readonly own: RunFacts; readonly held: SaidVersion | undefined},
): Verdict {
  const verdict = judgeCommit(holding, own)
  if (held === undefined || verdict.verdict !== 'move') return verdict
  return {...verdict, reason: `it holds another build of ${held.version}`, level: 'info'}
}

function unlisted(state: RepositoryState | undefined): string {
  const {cause, remedy} = catalogue['tags-unlisted']
  return `whether a higher version is there cannot be seen. ${state?.unlistedReason ?? cause} ${remedy}`
}

function unknownLine({line, source}: VersionTag): string {
  const rule = source === undefined ? '' : ` of ${ruleText(source)}`
  return `whether it holds a higher version cannot be seen. The image does not say its version, and none of this run's exact tags shows the version${rule}. Add \`${exactRules[line.scheme]}\` to \`tags\`, with the prefix and suffix of that rule but no expression in them, or set \`floating: always\` to move floating tags without looking.`
}

/** Whose tags can be read in a list of tags. */
const exactRules: Readonly<Record<VersionLine['scheme'], string>> = {
  semver: 'type=semver,pattern={{version}}',
  pep440: 'type=pep440,pattern={{version}}',
  calver: 'type=calver,pattern=…',
  numeric: 'type=ref,event=tag',
}

function judgeCommit(holding: Holding, own: RunFacts): Verdict {
  const {order, because} = compareCommits(holding, own)
  if (order === 'older') return {verdict: 'stale', reason: because, level: 'notice'}
  return {verdict: 'move', reason: because, level: order === 'unclear' ? 'notice' : 'info'}
}

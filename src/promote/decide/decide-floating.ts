import {TagboatError} from '../../errors/error.ts'
import type {TagPolicy} from '../../inputs/inputs.ts'
import type {Digest} from '../../oci/digest.ts'
import {formatTagRef} from '../../oci/reference.ts'
import {withdrawnVersion} from '../../plan/version.ts'
import type {StaleReason} from '../../reasons/floating-reasons.ts'
import {formatRowReason, type DecisionReason} from '../../reasons/promote-reasons.ts'
import {tagKind, type VersionLineRole} from '../../tags/tag-role.ts'
import {ruleText} from '../../tags/rules/rule.ts'
import {isUserNamed} from '../../tags/named-tag-role.ts'
import {lineName, statedVersion, type ListedVersion, type StatedVersion} from '../../tags/versions/version-order.ts'
import {compareCommits, overWithdrawn} from './compare-commits.ts'
import {withheldReason, type ExistingRelease} from './decide-release.ts'
import type {TagState, RepositoryState} from './registry-state.ts'
import {dependsOnCommits, higherListed, otherImage} from './compare-versions.ts'
import {tagStateOf, stateOf, type TargetTag, type RunFacts, type TagDecision} from './tag-decision.ts'

export interface FloatingRequest {
  /** All planned tags. Exact tags do not get a decision here. */
  readonly tags: readonly TargetTag[]
  readonly states: readonly RepositoryState[]
  readonly thisRun: RunFacts
  /** `if-exists: overwrite` and `on-stale: overwrite` replace another image of the same version on purpose. */
  readonly policy: Pick<TagPolicy, 'floating' | 'ifExists' | 'onStale' | 'isWithdrawn'>
  /** Digest that the tag would point to; undefined before a build. */
  readonly target: (tag: TargetTag) => Digest | undefined
  /** The release that is already published. */
  readonly existing?: ExistingRelease | undefined
}

/**
 * Decides about the floating tags, in the order of the plan (`floating`, `on-stale`).
 * @throws TagboatError `tag-stale`, with one line of evidence per tag.
 */
export function decideFloating(request: FloatingRequest): readonly TagDecision[] {
  const floating = request.tags.filter(({role}) => tagKind(role) === 'floating')
  const verdicts = floating.map((tag) => ({tag, ...judge(tag, request)}))
  const stale = verdicts.filter(({verdict}) => verdict === 'stale')
  if (request.policy.onStale === 'fail' && stale.length > 0) {
    const evidence = stale.map(({tag, reason}) => `${formatTagRef(tag.reference)}: ${formatRowReason(reason)}`)
    throw new TagboatError('tag-stale', {evidence})
  }
  return verdicts.map((one) => decisionOf(one, request))
}

interface Judged {
  readonly level: TagDecision['level']
  readonly higher?: ListedVersion | undefined
}

type Verdict =
  | (Judged & {readonly verdict: 'move' | 'same' | 'keep'; readonly reason: DecisionReason})
  /** The current image is newer, or that of another tag of the version line. */
  | (Judged & {readonly verdict: 'stale'; readonly reason: StaleReason})

function decisionOf({tag, ...verdict}: Verdict & {readonly tag: TargetTag}, request: FloatingRequest): TagDecision {
  const {states, policy} = request
  const {level, higher} = verdict
  const before = tagStateOf(states, tag.reference)?.digest
  if (verdict.verdict === 'move') return {tag, before, action: 'put', reason: verdict.reason, level}
  if (verdict.verdict === 'stale' && policy.onStale === 'overwrite') {
    const reason = {code: 'on-stale-overwrite', because: verdict.reason} as const
    return {tag, before, action: 'put', reason, level: 'notice'}
  }
  const kept: TagDecision = {tag, before, action: 'keep', reason: keptReason(verdict, tag), level}
  return higher === undefined || policy.onStale !== 'skip' ? kept : {...kept, higher}
}

/** Reason of a tag that stays. A user who wrote its name expects it to move, so the reason names the input for that. */
function keptReason(verdict: Verdict, {role}: TargetTag): DecisionReason {
  return verdict.verdict === 'stale' && isUserNamed(role)
    ? {code: 'named-tag-stale', because: verdict.reason}
    : verdict.reason
}

function judge(tag: TargetTag, request: FloatingRequest): Verdict {
  const {thisRun, policy, states} = request
  const current = tagStateOf(states, tag.reference)
  if (policy.floating === 'never') return {verdict: 'keep', reason: {code: 'floating-never'}, level: 'info'}
  const withdrawn = ownWithdrawn(tag, request)
  if (withdrawn !== undefined) return {verdict: 'keep', reason: withdrawn, level: 'notice'}
  const withheld = withheldReason(tag, request.existing, thisRun)
  if (withheld !== undefined) return {verdict: 'keep', reason: withheld, level: 'notice'}
  const target = request.target(tag)
  const isSame = current !== undefined && current.digest === target
  if (policy.floating === 'always') {
    return isSame ? upToDate : {verdict: 'move', reason: {code: 'floating-always'}, level: 'info'}
  }
  if (tag.role.kind === 'version-line') {
    const state = stateOf(states, tag.reference.repository)
    const isOnPurpose = policy.ifExists === 'overwrite' || policy.onStale === 'overwrite'
    return judgeVersion({...tag, role: tag.role}, {state, current, isSame, thisRun, isOnPurpose})
  }
  if (isSame) return upToDate
  return current === undefined
    ? {verdict: 'move', reason: {code: 'new-tag'}, level: 'info'}
    : judgeCommit(current, thisRun)
}

/** Reason of a tag that stays because the version of this run is withdrawn. A tag of commits has the versions of all. */
function ownWithdrawn(tag: TargetTag, {tags, policy}: FloatingRequest): DecisionReason | undefined {
  const version = withdrawnVersion('version' in tag.role ? [tag] : tags, policy)
  return version === undefined ? undefined : {code: 'version-withdrawn', version}
}

const upToDate: Verdict = {verdict: 'same', reason: {code: 'up-to-date'}, level: 'info'}

type VersionTag = TargetTag & {readonly role: VersionLineRole}

interface VersionSituation {
  readonly state: RepositoryState | undefined
  readonly current: TagState | undefined
  readonly isSame: boolean
  readonly thisRun: RunFacts
  /** Set if another image of the same version is replaced on purpose. */
  readonly isOnPurpose: boolean
}

/** A tag would go back if its image states a higher version, or if an exact tag of a higher version exists. */
function judgeVersion(tag: VersionTag, situation: VersionSituation): Verdict {
  const {role} = tag
  const {state, current, isSame, thisRun} = situation
  const higher = higherListed(role, {current, tags: state?.tags})
  if (higher !== undefined) return judgeBelow(role, higher, situation)
  if (isSame) return upToDate
  const withdrawn = judgeWithdrawn(role, situation)
  if (withdrawn !== undefined) return withdrawn
  const stated = statedVersion(role, current?.version)
  if (stated !== undefined && stated.order > 0) {
    const reason = {code: 'points-to-higher-version', higher: stated.version, version: role.version} as const
    return {verdict: 'stale', reason, level: 'notice'}
  }
  if (current === undefined) return judgeNotHigher(tag, situation, stated)
  const other = situation.isOnPurpose ? undefined : otherImage(role, current, thisRun)
  if (other !== undefined) {
    return {verdict: 'keep', reason: {code: 'two-images', ...other, isLatest: isLatest(tag)}, level: 'warning'}
  }
  return dependsOnCommits(role, current)
    ? judgeBuild(current, {thisRun, stated})
    : judgeNotHigher(tag, situation, stated)
}

/** An exact tag of a higher version exists. */
function judgeBelow(role: VersionLineRole, higher: ListedVersion, {current, isSame}: VersionSituation): Verdict {
  const reason = {code: 'higher-version', higher: higher.version, version: role.version} as const
  if (isSame) return {verdict: 'same', reason, level: 'notice', higher}
  return {verdict: 'stale', reason, level: 'notice', higher: isLower(role, current, higher) ? higher : undefined}
}

/** Moves a tag away from a withdrawn version, unless a list could show a higher one and there is none. */
function judgeWithdrawn(role: VersionLineRole, {state, current}: VersionSituation): Verdict | undefined {
  if (current?.withdrawn === undefined || !(isWithoutList(role) || state?.tags !== undefined)) return undefined
  return {verdict: 'move', reason: overWithdrawn(current.withdrawn).because, level: 'info'}
}

/** The current image does not state a higher version. */
function judgeNotHigher(
  tag: VersionTag,
  {state, current}: VersionSituation,
  stated: StatedVersion | undefined,
): Verdict {
  const {role} = tag
  return isWithoutList(role) ? judgeWithoutList(tag, current, stated) : judgeHighest(role, state)
}

function isWithoutList(role: VersionLineRole): boolean {
  return role.affixes.length === 0 || isUserNamed(role)
}

function isLatest({role, reference}: VersionTag): boolean {
  return role.level === 'all' && reference.tag.includes('latest')
}

/**
 * Reports whether a tag points to a lower version than a listed one. An image without a version may have any version.
 */
function isLower(role: VersionLineRole, current: TagState | undefined, {version}: ListedVersion): boolean {
  if (current?.withdrawn !== undefined) return true
  const stated = statedVersion({...role, version}, current?.version)
  return stated !== undefined && stated.order < 0
}

/** The list of tags, if there is one, has no higher version. */
function judgeHighest(role: VersionLineRole, state: RepositoryState | undefined): Verdict {
  if (state?.tags === undefined) return {verdict: 'keep', reason: unlisted(state), level: 'warning'}
  const reason = {code: 'highest-version', version: role.version, line: lineName(role)} as const
  return {verdict: 'move', reason, level: 'info'}
}

/** The list of tags cannot show a higher version. */
function judgeWithoutList(tag: VersionTag, current: TagState | undefined, stated: StatedVersion | undefined): Verdict {
  if (current === undefined) return {verdict: 'move', reason: {code: 'new-tag'}, level: 'info'}
  if (stated === undefined) return {verdict: 'keep', reason: unknownVersion(tag), level: 'warning'}
  const reason = {code: 'points-to-lower-version', lower: stated.version, version: tag.role.version} as const
  return {verdict: 'move', reason, level: 'info'}
}

/** The versions are equal, or unknown. */
function judgeBuild(
  current: TagState,
  {thisRun, stated}: {readonly thisRun: RunFacts; readonly stated: StatedVersion | undefined},
): Verdict {
  const verdict = judgeCommit(current, thisRun)
  if (stated === undefined || verdict.verdict !== 'move') return verdict
  return {...verdict, reason: {code: 'another-build', version: stated.version}, level: 'info'}
}

function unlisted(state: RepositoryState | undefined): DecisionReason {
  return {code: 'tags-unlisted', cause: state?.unlistedReason}
}

function unknownVersion({role, source}: VersionTag): DecisionReason {
  const rule = source === undefined ? undefined : ruleText(source)
  return {code: 'version-unknown', rule, exactRule: exactRules[role.scheme]}
}

/** Rules for exact tags that show their version in a list of tags. */
const exactRules: Readonly<Record<VersionLineRole['scheme'], string>> = {
  semver: 'type=semver,pattern={{version}}',
  pep440: 'type=pep440,pattern={{version}}',
  calver: 'type=calver,pattern=…',
  numeric: 'type=ref,event=tag',
}

function judgeCommit(current: TagState, thisRun: RunFacts): Verdict {
  const {order, because} = compareCommits(current, thisRun)
  if (order === 'older') return {verdict: 'stale', reason: because, level: 'notice'}
  return {verdict: 'move', reason: because, level: order === 'unclear' ? 'notice' : 'info'}
}

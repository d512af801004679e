import {TagboatError} from '../../errors/error.ts'
import type {TagPolicy} from '../../inputs/inputs.ts'
import type {Digest} from '../../oci/digest.ts'
import {formatRepository, formatTagRef, type Repository} from '../../oci/reference.ts'
import type {ReasonOf} from '../../reasons/reason.ts'
import type {ReleaseReason} from '../../reasons/release-reasons.ts'
import {tagKind} from '../../tags/tag-role.ts'
import {isUserNamed} from '../../tags/named-tag-role.ts'
import type {Holding, RepositoryState} from './registry-state.ts'
import {releaseComparison, type Standing} from './same-release.ts'
import {explainStandings, imageDifference, tellMaking} from './explain-standing.ts'
import {holdingOf, type TargetTag, type RunFacts, type TagDecision} from './tag-decision.ts'

export interface ReleaseRequest {
  /** All planned tags; the floating ones only say whether new content is needed. */
  readonly tags: readonly TargetTag[]
  readonly states: readonly RepositoryState[]
  readonly own: RunFacts
  readonly policy: Pick<TagPolicy, 'ifExists' | 'floating'>
}

/** A release that is published already: it is what gets the missing tags, and nothing is built. */
export interface ExistingRelease {
  readonly digest: Digest
  /** Holds that digest: where it is copied from. */
  readonly repository: Repository
  /** By `formatRepository`: what the release is in each repository that has it. Builds of one commit may differ. */
  readonly byRepository: ReadonlyMap<string, Digest>
  /** By `formatRepository`: those that are not this run's release, which `if-exists: skip` lets stay. */
  readonly others: ReadonlyMap<string, OtherRelease>
}

/** What an exact tag holds instead of the release of this run. */
interface OtherRelease {
  readonly tag: string
  readonly is: 'other-commit' | 'other-image'
}

export interface ReleaseDecision {
  /** Of the exact tags, in order of the plan. */
  readonly decisions: readonly TagDecision[]
  /** Undefined: this run has to build. */
  readonly existing: ExistingRelease | undefined
}

/**
 * What happens to the exact tags, and whether anything is to be built (`if-exists`).
 *
 * A commit tag names its commit by itself, so one that exists is kept, unless it says that it holds another one (short
 * names of commits may meet). It is not the release: with no release tag, floating tags get a build of their own.
 * @throws TagboatError `tag-taken`, `tag-exists`, with a line for each tag.
 */
export function decideRelease(request: ReleaseRequest): ReleaseDecision {
  const exact = request.tags.filter(({role}) => tagKind(role) === 'exact')
  const compare = releaseComparison(request)
  const found = exact.map((tag): Found => {
    const holding = holdingOf(request.states, tag.reference)
    return {tag, holding, standing: holding && compare(holding)}
  })
  const {ifExists} = request.policy
  if (ifExists === 'fail') refuseAny(found)
  if (ifExists === 'verify' || ifExists === 'fail') refuseOthers(found, request)
  const existing = ifExists === 'overwrite' ? undefined : existingRelease(found, request)
  return {decisions: found.map((one) => decideExact(one, existing, request)), existing}
}

interface Found {
  readonly tag: TargetTag
  /** Undefined: the tag does not exist. */
  readonly holding: Holding | undefined
  readonly standing: Standing | undefined
}

/** A commit tag may hold any image of its commit. */
function isTaken({tag, holding, standing}: Found, own: RunFacts): boolean {
  if (holding === undefined || standing === undefined || standing.kind === 'same') return false
  if (tag.role.kind === 'release') return true
  return standing.kind === 'commit' && holding.revision !== undefined && own.revision !== undefined
}

function refuseOthers(found: readonly Found[], {own}: ReleaseRequest): void {
  const taken = found.filter((one) => isTaken(one, own))
  if (taken.length === 0) return
  const evidence = [...taken.flatMap(evidenceOf), ownEvidence(taken, own)]
  const isRelease = taken.some(({tag}) => tag.role.kind === 'release')
  throw new TagboatError(
    'tag-taken',
    isRelease
      ? {evidence, ...explainStandings(taken.flatMap(({standing}) => standing ?? []))}
      : {evidence, remedy: commitRemedy},
  )
}

const commitRemedy =
  'Two commits have the same short name: write more of it in `tags` (type=sha,format=long), or set `if-exists: overwrite` to replace the content on purpose.'

function refuseAny(found: readonly Found[]): void {
  const there = found.filter(({tag, holding}) => tag.role.kind === 'release' && holding !== undefined)
  if (there.length > 0) throw new TagboatError('tag-exists', {evidence: there.flatMap(evidenceOf)})
}

function evidenceOf({tag, holding, standing}: Found): readonly string[] {
  if (holding === undefined) return []
  const {digest, revision = 'that it does not say', created} = holding
  const date = created === undefined ? '' : ` of ${created}`
  const made = tellMaking(standing, holding, 'held')
  return [`${formatTagRef(tag.reference)} holds ${digest}${date}, revision ${revision}${made}`]
}

function ownEvidence(taken: readonly Found[], own: RunFacts): string {
  const {revision} = own
  const publishes = revision === undefined ? 'does not say its revision' : `is of revision ${revision}`
  const made = taken.map(({standing}) => tellMaking(standing, own, 'own')).find((text) => text !== '') ?? ''
  return `what this run publishes ${publishes}${made}`
}

function existingRelease(found: readonly Found[], request: ReleaseRequest): ExistingRelease | undefined {
  const releases = found.filter(({tag}) => tag.role.kind === 'release')
  const held = releases.flatMap(({tag, holding, standing}) =>
    holding === undefined || standing === undefined ? [] : [{repository: tag.reference.repository, holding, standing}],
  )
  const [first] = held
  if (first === undefined) return undefined
  // With `skip` the tags may hold anything, so that what is missing cannot be made of it.
  if (request.policy.ifExists === 'skip' && held.length < releases.length) return undefined
  const byRepository = new Map<string, Digest>()
  const others = new Map<string, OtherRelease>()
  for (const {repository, holding, standing} of held) {
    const name = formatRepository(repository)
    if (byRepository.has(name)) continue
    byRepository.set(name, holding.digest)
    if (standing.kind === 'same') continue
    const is = standing.kind === 'commit' ? 'other-commit' : 'other-image'
    others.set(name, {tag: holding.reference.tag, is})
  }
  return {digest: first.holding.digest, repository: first.repository, byRepository, others}
}

/** The release that is there and not this run's, from which a repository would get what names this commit. */
export function otherRelease(
  {reference, role}: TargetTag,
  existing: ExistingRelease | undefined,
): OtherRelease | undefined {
  const isOfRun = role.kind === 'commit' || role.kind === 'newest-commit' || isUserNamed(role)
  if (existing === undefined || !isOfRun) return undefined
  const name = formatRepository(reference.repository)
  return existing.others.get(existing.byRepository.has(name) ? name : formatRepository(existing.repository))
}

/** Why a tag gets nothing where nothing is built; undefined: it gets what this run publishes. */
export function whyWithheld(
  tag: TargetTag,
  existing: ExistingRelease | undefined,
  own: RunFacts,
): ReasonOf<'other-release'> | undefined {
  const other = own.digest === undefined ? otherRelease(tag, existing) : undefined
  return other === undefined ? undefined : {code: 'other-release', ...other}
}

function decideExact(found: Found, existing: ExistingRelease | undefined, {own, policy}: ReleaseRequest): TagDecision {
  const {tag, holding, standing} = found
  const put = (reason: ReleaseReason): TagDecision => ({
    tag,
    before: holding?.digest,
    action: 'put',
    reason,
    level: 'info',
  })
  if (holding === undefined) {
    const withheld = whyWithheld(tag, existing, own)
    if (withheld !== undefined) return {tag, before: undefined, action: 'keep', reason: withheld, level: 'notice'}
    return existing === undefined || otherRelease(tag, existing) !== undefined
      ? put({code: 'new-tag'})
      : put({code: 'completes-release', digest: existing.digest})
  }
  if (policy.ifExists === 'overwrite') return put({code: 'if-exists-overwrite'})
  const isAnotherBuild = tag.role.kind === 'release' && existing !== undefined && holding.digest !== existing.digest
  const reason =
    standing?.kind === 'same' && isAnotherBuild ? otherBuild(existing) : keptReason(found, holding, existing)
  const isUnexpected = isAnotherBuild || (tag.role.kind === 'commit' && standing?.kind === 'build')
  return {tag, before: holding.digest, action: 'keep', reason, level: isUnexpected ? 'notice' : 'info'}
}

function keptReason(
  {tag, standing}: Found,
  {digest, revision}: Holding,
  existing: ExistingRelease | undefined,
): ReleaseReason {
  const {role, reference} = tag
  const isSkipped = role.kind === 'release' && standing?.kind !== 'same'
  if (standing?.kind === 'build') return {code: 'other-image', ...imageDifference(standing.differences), isSkipped}
  if (isSkipped) return {code: 'if-exists-skip'}
  if (standing?.kind === 'commit') return {code: revision === undefined ? 'commit-unknown' : 'if-exists-skip'}
  const release = existing?.byRepository.get(formatRepository(reference.repository)) ?? existing?.digest
  return {code: role.kind === 'commit' && digest !== release ? 'same-commit-image' : 'up-to-date'}
}

/** Two tags of a release with different digests: each may be in use already, so that neither is right alone. */
function otherBuild({digest, repository}: ExistingRelease): ReleaseReason {
  return {code: 'other-build', digest, repository: formatRepository(repository)}
}

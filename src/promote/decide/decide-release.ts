import type {TagPolicy} from '../../inputs/inputs.ts'
import type {Digest} from '../../oci/digest.ts'
import {formatRepository, type Repository} from '../../oci/reference.ts'
import type {ReasonOf} from '../../reasons/reason.ts'
import type {ReleaseReason} from '../../reasons/release-reasons.ts'
import {identifies, tagKind} from '../../tags/tag-role.ts'
import {isUserNamed} from '../../tags/named-tag-role.ts'
import {imageDifference} from './describe-build.ts'
import type {RepositoryState, TagState} from './registry-state.ts'
import {releaseComparer, type ReleaseComparison} from './same-release.ts'
import {tagStateOf, type TargetTag, type RunFacts, type TagDecision} from './tag-decision.ts'

export interface ReleaseRequest {
  /** All planned tags. Floating tags do not get a decision here. */
  readonly tags: readonly TargetTag[]
  readonly states: readonly RepositoryState[]
  readonly thisRun: RunFacts
  readonly policy: Pick<TagPolicy, 'ifExists' | 'floating'>
}

/** A release that is already published. Its missing tags are pointed to it, and nothing is built. */
export interface ExistingRelease {
  readonly digest: Digest
  /** A repository with that digest, which is the source of copies. */
  readonly repository: Repository
  /** Digest of the release in each repository that has it, by `formatRepository`. Builds of one commit may differ. */
  readonly byRepository: ReadonlyMap<string, Digest>
  /** Releases that are not those of this run, and stay with `if-exists: skip`, by `formatRepository`. */
  readonly others: ReadonlyMap<string, OtherRelease>
}

/** A release that an exact tag points to instead of that of this run. */
interface OtherRelease {
  readonly tag: string
  readonly is: 'other-commit' | 'other-image'
}

/** An exact tag, and its current image compared with the release of this run. */
export interface ExactTag {
  readonly tag: TargetTag
  /** State of the tag; undefined if it does not exist. */
  readonly current: TagState | undefined
  readonly comparison: ReleaseComparison | undefined
}

/** Exact tags because of which nothing is published. */
export interface ReleaseRefusal {
  readonly code: 'tag-taken' | 'tag-exists'
  readonly tags: readonly ExactTag[]
}

export interface ReleaseDecision {
  /** Decisions on the exact tags, in the order of the plan. */
  readonly decisions: readonly TagDecision[]
  /** The release that is already published; undefined if this run must build. */
  readonly existing: ExistingRelease | undefined
  /** Reason to publish nothing; `taken-tags.ts` has its error. */
  readonly refusal: ReleaseRefusal | undefined
}

/**
 * Decides about the exact tags, and whether anything must be built (`if-exists`).
 *
 * A commit tag names its commit, so an existing one is kept, unless its image states another commit (short hashes can
 * collide). It is not the release: without a release tag, floating tags get a new build. A run with commit tags alone has
 * nothing to build if they point to its image.
 */
export function decideRelease(request: ReleaseRequest): ReleaseDecision {
  const compare = releaseComparer(request)
  const exact = request.tags
    .filter(({role}) => tagKind(role) === 'exact')
    .map((tag): ExactTag => {
      const current = tagStateOf(request.states, tag.reference)
      return {tag, current, comparison: current && compare(current)}
    })
  const existing = request.policy.ifExists === 'overwrite' ? undefined : existingRelease(exact, request)
  const decisions = exact.map((one) => decideExact(one, existing, request))
  return {decisions, existing, refusal: refusalOf(exact, request)}
}

/** Refusal of existing tags (`fail`), or of tags that point to something else (`fail`, `verify`). */
function refusalOf(exact: readonly ExactTag[], {policy, thisRun}: ReleaseRequest): ReleaseRefusal | undefined {
  const {ifExists} = policy
  if (ifExists !== 'verify' && ifExists !== 'fail') return undefined
  const existing = exact.filter(({tag, current}) => tag.role.kind === 'release' && current !== undefined)
  if (ifExists === 'fail' && existing.length > 0) return {code: 'tag-exists', tags: existing}
  const taken = exact.filter((one) => isTaken(one, thisRun))
  return taken.length === 0 ? undefined : {code: 'tag-taken', tags: taken}
}

/** Reports whether a tag points to something else. A commit tag may point to any image of its commit. */
function isTaken({tag, current, comparison}: ExactTag, thisRun: RunFacts): boolean {
  if (current === undefined || comparison === undefined || comparison.kind === 'same') return false
  if (tag.role.kind === 'release') return true
  return comparison.kind === 'other-commit' && current.revision !== undefined && thisRun.revision !== undefined
}

function existingRelease(exact: readonly ExactTag[], request: ReleaseRequest): ExistingRelease | undefined {
  const {tags, policy} = request
  const releases = exact.filter(({tag}) => identifies(tag.role, tags))
  const published = releases.flatMap(({tag, current, comparison}) => {
    if (current === undefined || comparison === undefined) return []
    if (tag.role.kind === 'commit' && !isOwn(comparison, policy)) return []
    return [{repository: tag.reference.repository, current, comparison}]
  })
  const [first] = published
  if (first === undefined) return undefined
  // With `skip`, the tags may point to any image, which must not get the missing tags.
  if (policy.ifExists === 'skip' && published.length < releases.length) return undefined
  const byRepository = new Map<string, Digest>()
  const others = new Map<string, OtherRelease>()
  for (const {repository, current, comparison} of published) {
    const name = formatRepository(repository)
    if (byRepository.has(name)) continue
    byRepository.set(name, current.digest)
    if (comparison.kind === 'same') continue
    const is = comparison.kind === 'other-commit' ? 'other-commit' : 'other-image'
    others.set(name, {tag: current.reference.tag, is})
  }
  return {digest: first.current.digest, repository: first.repository, byRepository, others}
}

/** Reports whether the image of a commit tag is that of this run. A commit may have several, which `skip` accepts. */
function isOwn({kind}: ReleaseComparison, {ifExists}: ReleaseRequest['policy']): boolean {
  return ifExists === 'skip' ? kind !== 'other-commit' : kind === 'same'
}

/** Release of another commit or image that a tag for this commit would point to; undefined if there is none. */
export function otherRelease(
  {reference, role}: TargetTag,
  existing: ExistingRelease | undefined,
): OtherRelease | undefined {
  const namesCommit = role.kind === 'commit' || role.kind === 'newest-commit' || isUserNamed(role)
  if (existing === undefined || !namesCommit) return undefined
  const name = formatRepository(reference.repository)
  return existing.others.get(existing.byRepository.has(name) ? name : formatRepository(existing.repository))
}

/** Reason why a tag gets no image if nothing is built. Undefined if it gets the image of this run. */
export function withheldReason(
  tag: TargetTag,
  existing: ExistingRelease | undefined,
  thisRun: RunFacts,
): ReasonOf<'other-release'> | undefined {
  const other = thisRun.digest === undefined ? otherRelease(tag, existing) : undefined
  return other === undefined ? undefined : {code: 'other-release', ...other}
}

function decideExact(
  {tag, current, comparison}: ExactTag,
  existing: ExistingRelease | undefined,
  {thisRun, policy}: ReleaseRequest,
): TagDecision {
  const before = current?.digest
  const put = (reason: ReleaseReason): TagDecision => ({tag, before, action: 'put', reason, level: 'info'})
  if (current === undefined || comparison === undefined) {
    const withheld = withheldReason(tag, existing, thisRun)
    if (withheld !== undefined) return {tag, before, action: 'keep', reason: withheld, level: 'notice'}
    const isNew = existing === undefined || otherRelease(tag, existing) !== undefined
    return put(isNew ? {code: 'new-tag'} : {code: 'completes-release', digest: existing.digest})
  }
  if (policy.ifExists === 'overwrite') return put({code: 'if-exists-overwrite'})
  const {kind} = tag.role
  const isUnexpected =
    (kind === 'release' && existing !== undefined && current.digest !== existing.digest) ||
    (kind === 'commit' && comparison.kind === 'other-build')
  const reason = keptReason({tag, current, comparison}, existing)
  return {tag, before, action: 'keep', reason, level: isUnexpected ? 'notice' : 'info'}
}

interface KeptTag {
  readonly tag: TargetTag
  readonly current: TagState
  readonly comparison: ReleaseComparison
}

/** Reason why an existing tag is kept: the first of the rows that applies. */
function keptReason({tag, current, comparison}: KeptTag, existing: ExistingRelease | undefined): ReleaseReason {
  const isRelease = tag.role.kind === 'release'
  const released = existing?.byRepository.get(formatRepository(tag.reference.repository)) ?? existing?.digest
  const isSkipped = isRelease && comparison.kind !== 'same'
  const rows: readonly (ReleaseReason | false)[] = [
    comparison.kind === 'other-build' && {
      code: 'other-image',
      ...imageDifference(comparison.differences),
      isSkipped,
    },
    isSkipped && {code: 'if-exists-skip'},
    isRelease && otherBuild(current, existing),
    comparison.kind === 'other-commit' && current.revision === undefined && {code: 'commit-unknown'},
    comparison.kind === 'other-commit' && {code: 'if-exists-skip'},
    !isRelease && current.digest !== released && {code: 'same-commit-image'},
  ]
  return rows.find((row) => row !== false) ?? {code: 'up-to-date'}
}

/** Reason for two digests of one release. Each may be in use, so neither replaces the other. */
function otherBuild(current: TagState, existing: ExistingRelease | undefined): ReleaseReason | false {
  if (existing === undefined || current.digest === existing.digest) return false
  return {code: 'other-build', digest: existing.digest, repository: formatRepository(existing.repository)}
}

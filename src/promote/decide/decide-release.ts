import {TagboatError} from '../../errors/error.ts'
import type {TagPolicy} from '../../inputs/inputs.ts'
import type {Digest} from '../../oci/digest.ts'
import {formatRepository, formatTagRef, type Repository} from '../../oci/reference.ts'
import type {ReasonOf} from '../../reasons/reason.ts'
import type {ReleaseReason} from '../../reasons/release-reasons.ts'
import {tagKind} from '../../tags/tag-role.ts'
import {isUserNamed} from '../../tags/named-tag-role.ts'
import type {TagState, RepositoryState} from './registry-state.ts'
import {releaseComparison, type Standing} from './same-release.ts'
import {explainStandings, imageDifference, describeBuild} from './describe-difference.ts'
import {tagStateOf, type TargetTag, type RunFacts, type TagDecision} from './tag-decision.ts'

export interface ReleaseRequest {
  /** All planned tags; the floating ones only say whether new content is needed. */
  readonly tags: readonly TargetTag[]
  readonly states: readonly RepositoryState[]
  readonly thisRun: RunFacts
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
    const current = tagStateOf(request.states, tag.reference)
    return {tag, current, standing: current && compare(current)}
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
  readonly current: TagState | undefined
  readonly standing: Standing | undefined
}

/** A commit tag may hold any image of its commit. */
function isTaken({tag, current, standing}: Found, thisRun: RunFacts): boolean {
  if (current === undefined || standing === undefined || standing.kind === 'same') return false
  if (tag.role.kind === 'release') return true
  return standing.kind === 'commit' && current.revision !== undefined && thisRun.revision !== undefined
}

function refuseOthers(found: readonly Found[], {thisRun}: ReleaseRequest): void {
  const taken = found.filter((one) => isTaken(one, thisRun))
  if (taken.length === 0) return
  const evidence = [...taken.flatMap(evidenceOf), evidenceOfThisRun(taken, thisRun)]
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
  const there = found.filter(({tag, current}) => tag.role.kind === 'release' && current !== undefined)
  if (there.length > 0) throw new TagboatError('tag-exists', {evidence: there.flatMap(evidenceOf)})
}

function evidenceOf({tag, current, standing}: Found): readonly string[] {
  if (current === undefined) return []
  const {digest, revision = 'that it does not say', created} = current
  const date = created === undefined ? '' : ` of ${created}`
  const made = describeBuild(standing, current, 'current')
  return [`${formatTagRef(tag.reference)} holds ${digest}${date}, revision ${revision}${made}`]
}

function evidenceOfThisRun(taken: readonly Found[], thisRun: RunFacts): string {
  const {revision} = thisRun
  const publishes = revision === undefined ? 'does not say its revision' : `is of revision ${revision}`
  const made = taken.map(({standing}) => describeBuild(standing, thisRun, 'thisRun')).find((text) => text !== '') ?? ''
  return `what this run publishes ${publishes}${made}`
}

function existingRelease(found: readonly Found[], request: ReleaseRequest): ExistingRelease | undefined {
  const releases = found.filter(({tag}) => tag.role.kind === 'release')
  const held = releases.flatMap(({tag, current, standing}) =>
    current === undefined || standing === undefined ? [] : [{repository: tag.reference.repository, current, standing}],
  )
  const [first] = held
  if (first === undefined) return undefined
  // With `skip` the tags may hold anything, so that what is missing cannot be made of it.
  if (request.policy.ifExists === 'skip' && held.length < releases.length) return undefined
  const byRepository = new Map<string, Digest>()
  const others = new Map<string, OtherRelease>()
  for (const {repository, current, standing} of held) {
    const name = formatRepository(repository)
    if (byRepository.has(name)) continue
    byRepository.set(name, current.digest)
    if (standing.kind === 'same') continue
    const is = standing.kind === 'commit' ? 'other-commit' : 'other-image'
    others.set(name, {tag: current.reference.tag, is})
  }
  return {digest: first.current.digest, repository: first.repository, byRepository, others}
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
export function withheldReason(
  tag: TargetTag,
  existing: ExistingRelease | undefined,
  thisRun: RunFacts,
): ReasonOf<'other-release'> | undefined {
  const other = thisRun.digest === undefined ? otherRelease(tag, existing) : undefined
  return other === undefined ? undefined : {code: 'other-release', ...other}
}

function decideExact(
  found: Found,
  existing: ExistingRelease | undefined,
  {thisRun, policy}: ReleaseRequest,
): TagDecision {
  const {tag, current, standing} = found
  const put = (reason: ReleaseReason): TagDecision => ({
    tag,
    before: current?.digest,
    action: 'put',
    reason,
    level: 'info',
  })
  if (current === undefined) {
    const withheld = withheldReason(tag, existing, thisRun)
    if (withheld !== undefined) return {tag, before: undefined, action: 'keep', reason: withheld, level: 'notice'}
    return existing === undefined || otherRelease(tag, existing) !== undefined
      ? put({code: 'new-tag'})
      : put({code: 'completes-release', digest: existing.digest})
  }
  if (policy.ifExists === 'overwrite') return put({code: 'if-exists-overwrite'})
  const isAnotherBuild = tag.role.kind === 'release' && existing !== undefined && current.digest !== existing.digest
  const reason =
    standing?.kind === 'same' && isAnotherBuild ? otherBuild(existing) : keptReason(found, current, existing)
  const isUnexpected = isAnotherBuild || (tag.role.kind === 'commit' && standing?.kind === 'build')
  return {tag, before: current.digest, action: 'keep', reason, level: isUnexpected ? 'notice' : 'info'}
}

function keptReason(
  {tag, standing}: Found,
  {digest, revision}: TagState,
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

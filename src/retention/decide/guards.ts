import type {PolicyLine, PruneInputs, TagPattern} from '../../inputs/prune/policy.ts'
import type {BoundedRegex} from '../../io/bounded-regex.ts'
import {formatRepository, type Repository} from '../../oci/reference.ts'
import type {RetentionReason} from '../../reasons/retention-reasons.ts'
import {brokenImages} from '../broken-images.ts'
import type {LiveRefs} from '../live-refs.ts'
import {matchesGlob, partialMatches} from '../patterns.ts'
import type {Candidate, JudgedContent} from './candidate.ts'
import {standingGuard} from './standing-names.ts'
import {newestOfLines} from './version-groups.ts'

/** Everything that decides what stays whatever the policy deletes. */
export interface GuardRequest extends JudgedContent {
  readonly inputs: PruneInputs
  readonly refs: LiveRefs
  /** Commits that deployments run. */
  readonly deployed: ReadonlySet<string>
  readonly regex: BoundedRegex
}

/** Reason to keep a tag or image whatever the policy deletes; undefined if there is none. */
type Guard = (candidate: Candidate) => RetentionReason | undefined

/** Creates the guards of a repository. Of several reasons, the first counts. */
export function guardsOf(request: GuardRequest, candidates: readonly Candidate[]): Guard {
  const guards: readonly Guard[] = [
    protectedGuard(request),
    deployedGuard(request),
    namedGuard(request),
    ({digest}) => (request.content.locked.has(digest) ? {code: 'locked'} : undefined),
    refGuard(request),
    standingGuard(candidates, request.refs.defaultBranch),
    newestGuard(candidates),
    stateGuard(request),
  ]
  return (candidate) => {
    for (const guard of guards) {
      const reason = guard(candidate)
      if (reason !== undefined) return reason
    }
    return undefined
  }
}

/** Digests that `protect` names in this repository, directly or by a tag. */
export function protectedDigests({inputs, content}: Pick<GuardRequest, 'inputs' | 'content'>): ReadonlySet<string> {
  const {host, path} = content.repository
  const digests = inputs.protected.flatMap((one) => {
    if (one.kind === 'digest') return one.digest
    return one.host === host && one.path === path ? (content.tags.get(one.tag) ?? []) : []
  })
  return new Set(digests)
}

function protectedGuard(request: GuardRequest): Guard {
  const digests = protectedDigests(request)
  return ({digest}) => (digests.has(digest) ? {code: 'protected'} : undefined)
}

function deployedGuard({deployed}: GuardRequest): Guard {
  return ({facts: {revision}, commit}) => {
    if (revision !== undefined && deployed.has(revision)) return {code: 'deployed', commit: revision}
    const found = commit === undefined ? undefined : [...deployed].find((one) => one.startsWith(commit))
    return found === undefined ? undefined : {code: 'deployed', commit: found}
  }
}

/** Tags that `exclude-tags` and lines of type `keep` name. */
function namedGuard({inputs, content, regex}: GuardRequest): Guard {
  const tags = [...content.tags.keys()]
  const reasons = new Map<string, RetentionReason>()
  const add = (pattern: TagPattern, reason: RetentionReason): void => {
    for (const tag of partialMatches(pattern, tags, regex)) if (!reasons.has(tag)) reasons.set(tag, reason)
  }
  for (const pattern of inputs.excludeTags) add(pattern, {code: 'excluded', pattern: pattern.text})
  for (const {type, pattern, images} of inputs.policy) {
    if (type !== 'keep' || pattern === undefined || !appliesTo(images, content.repository)) continue
    add(pattern, {code: 'kept-by-line', pattern: pattern.text})
  }
  return ({tag}) => (tag === undefined ? undefined : reasons.get(tag))
}

/** Reports whether a line with these globs of images applies to a repository. */
export function appliesTo(images: PolicyLine['images'], repository: Repository): boolean {
  const name = formatRepository(repository)
  return images === undefined || images.some((glob) => matchesGlob(glob, name))
}

/** Floating tags, and the tag of the default branch. If it is unknown, any tag that no rule explains may be it, or `edge`. */
function refGuard({refs: {defaultBranch}}: GuardRequest): Guard {
  return ({class: name, owner}) => {
    if (name === 'floating') return {code: 'floating'}
    if (defaultBranch === undefined)
      return name === 'branch' || name === 'other' ? {code: 'default-branch-unknown'} : undefined
    const isDefault = name === 'branch' && owner?.kind === 'branch' && owner.branch === defaultBranch
    return isDefault ? {code: 'default-branch', branch: defaultBranch} : undefined
  }
}

function newestGuard(candidates: readonly Candidate[]): Guard {
  const newest = newestOfLines(candidates)
  return (candidate) => {
    const line = newest.get(candidate)
    if (line === undefined) return undefined
    return {code: candidate.class === 'release' ? 'newest-version' : 'newest-prerelease', line}
  }
}

/** Images that are not whole, or of which this is unknown. */
function stateGuard({content, graph, inputs}: GuardRequest): Guard {
  const broken = inputs.deletePartial ? [] : brokenImages(content, graph)
  const missing = new Map(broken.map((image) => [image.digest, image.missing.length]))
  return ({digest}) => {
    const read = content.manifests.get(digest)
    if (read?.kind === 'unreadable') return {code: 'unreadable-image', answer: read.reason}
    if (read?.kind !== 'read') return {code: 'missing-image'}
    const count = missing.get(digest)
    return count === undefined ? undefined : {code: 'partial', missing: count}
  }
}

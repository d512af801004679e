import type {TagPolicy} from '../inputs/inputs.ts'
import type {Digest} from '../oci/digest.ts'
import {formatRepository, type Repository} from '../oci/reference.ts'
import {otherRelease, type ExistingRelease} from './decide/decide-release.ts'
import type {RepositoryState} from './decide/registry-state.ts'
import {stateOf, type TargetTag} from './decide/tag-decision.ts'
import type {VersionLineRole} from '../tags/tag-role.ts'
import {isUserNamed} from '../tags/named-tag-role.ts'

interface TargetQuestion {
  /** All tags of the run. */
  readonly tags: readonly TargetTag[]
  readonly states: readonly RepositoryState[]
  /** The release that is already published. */
  readonly existing: ExistingRelease | undefined
  /** Digest of the image that this run publishes. */
  readonly digest: Digest
  readonly ifExists: TagPolicy['ifExists']
}

/**
 * Digest that a tag should point to. A floating version tag follows the exact tag of its version in the repository,
 * whatever that points to, so that `1.2.3`, `1.2` and `latest` are the same image. If `if-exists: skip` leaves one of
 * several exact tags at another image, it follows one that points to the image of this run.
 */
export function targetOf({reference, role}: TargetTag, question: TargetQuestion): Digest {
  const {existing, digest} = question
  const {repository} = reference
  // The existing release is of another commit, so tags that name this commit get the image of this run.
  if (otherRelease({reference, role}, existing) !== undefined) return digest
  const release = existing?.byRepository.get(formatRepository(repository)) ?? digest
  // A tag that the user named points to the image of this run.
  return role.kind === 'version-line' && !isUserNamed(role)
    ? (exactTarget(repository, role, {...question, release}) ?? release)
    : release
}

/** Digest of an exact tag of the version. Among several, those with the affixes of the floating tag have priority. */
function exactTarget(
  repository: Repository,
  {version, affixes}: VersionLineRole,
  {tags, states, ifExists, release}: TargetQuestion & {readonly release: Digest},
): Digest | undefined {
  const name = formatRepository(repository)
  const tagStates = stateOf(states, repository)?.tagStates
  const names = new Set(affixes.map(({prefix, suffix}) => `${prefix}${version}${suffix}`))
  const exact = tags
    .filter(({role}) => role.kind === 'release' && role.version === version)
    .filter(({reference}) => formatRepository(reference.repository) === name)
    .flatMap(({reference: {tag}}) => {
      const current = tagStates?.get(tag)?.digest
      return current === undefined ? [] : [{digest: current, hasAffixes: names.has(tag)}]
    })
  const ofThisRun = ifExists === 'skip' ? exact.find(({digest}) => digest === release) : undefined
  return (ofThisRun ?? exact.find(({hasAffixes}) => hasAffixes) ?? exact[0])?.digest
}

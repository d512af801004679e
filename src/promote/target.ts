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
  /** What is published already of this release. */
  readonly existing: ExistingRelease | undefined
  /** What this run has brought. */
  readonly brought: Digest
  readonly ifExists: TagPolicy['ifExists']
}

/**
 * What a tag is to hold. Floating versions follow the exact tag of their version in the repository, whatever it holds, so that
 * `1.2.3`, `1.2` and `latest` are the same. Where `if-exists: skip` leaves one of several exact tags to another image, they
 * follow one that holds this run's.
 */
export function targetOf({reference, role}: TargetTag, question: TargetQuestion): Digest {
  const {existing, brought} = question
  const {repository} = reference
  // Of another commit than the release is, they get what this run has brought.
  if (otherRelease({reference, role}, existing) !== undefined) return brought
  const own = existing?.byRepository.get(formatRepository(repository)) ?? brought
  // A name that the user wrote is for what this run publishes.
  return role.kind === 'version-line' && !isUserNamed(role)
    ? (releaseIn(repository, role, {...question, own}) ?? own)
    : own
}

/** Of several exact tags of the version, those written like the floating one come first. */
function releaseIn(
  repository: Repository,
  {version, affixes}: VersionLineRole,
  {tags, states, ifExists, own}: TargetQuestion & {readonly own: Digest},
): Digest | undefined {
  const name = formatRepository(repository)
  const tagStates = stateOf(states, repository)?.tagStates
  const framed = new Set(affixes.map(({prefix, suffix}) => `${prefix}${version}${suffix}`))
  const held = tags
    .filter(({role}) => role.kind === 'release' && role.version === version)
    .filter(({reference}) => formatRepository(reference.repository) === name)
    .flatMap(({reference: {tag}}) => {
      const digest = tagStates?.get(tag)?.digest
      return digest === undefined ? [] : [{digest, isFramed: framed.has(tag)}]
    })
  const ours = ifExists === 'skip' ? held.find(({digest}) => digest === own) : undefined
  return (ours ?? held.find(({isFramed}) => isFramed) ?? held[0])?.digest
}

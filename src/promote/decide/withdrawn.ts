import type {TagPolicy} from '../../inputs/inputs.ts'
import {versionInTag} from '../../tags/version-affixes.ts'
import type {VersionLineRole} from '../../tags/tag-role.ts'
import {parseStatedVersions} from '../../tags/versions/version-order.ts'
import type {RepositoryState, TagState} from './registry-state.ts'
import type {TargetTag} from './tag-decision.ts'

type IsWithdrawn = NonNullable<TagPolicy['isWithdrawn']>

/**
 * State of a repository in which withdrawn versions count for no floating tag: the list of tags lacks them, and a tag
 * whose image states only such versions is marked, and counts as one without a version.
 */
export function withoutWithdrawn(
  state: RepositoryState,
  tags: readonly TargetTag[],
  isWithdrawn: IsWithdrawn,
): RepositoryState {
  const lines = tags.flatMap(({role}) => (role.kind === 'version-line' ? [role] : []))
  const isListed = (tag: string): boolean => !lines.some((line) => readingsOf(tag, line).some(isWithdrawn))
  const marked = [...state.tagStates].map(([name, one]) => [name, mark(one, lines, isWithdrawn)] as const)
  return {...state, tags: state.tags?.filter(isListed), tagStates: new Map(marked)}
}

function mark(state: TagState, lines: readonly VersionLineRole[], isWithdrawn: IsWithdrawn): TagState {
  const stated = parseStatedVersions(state.version ?? '')
  const isMarked = (version: (typeof stated)[number]): boolean =>
    isWithdrawn(version) || lines.some((line) => readingsOf(version.version, line).some(isWithdrawn))
  return stated.length > 0 && stated.every(isMarked) ? {...state, version: undefined, withdrawn: state.version} : state
}

/** Versions that a text may be as an exact tag of a version line: `1.2.3-alpine` with the suffix `-alpine` is 1.2.3. */
function readingsOf(text: string, {scheme, affixes}: VersionLineRole): readonly Parameters<IsWithdrawn>[0][] {
  return affixes.flatMap((one) => {
    const version = versionInTag(one, text)
    return version === undefined ? [] : [{scheme, version}]
  })
}

import type {PolicyLine} from '../../inputs/prune/policy.ts'
import type {BoundedRegex} from '../../io/bounded-regex.ts'
import type {LiveRefs} from '../live-refs.ts'
import {wholeMatches} from '../patterns.ts'
import type {RepositoryContent} from '../repository-content.ts'
import type {ClassifiedTag} from '../tag-decision.ts'
import {beginsWith, cacheBranches} from './cache-tags.ts'
import {factsOf} from './image-statement.ts'
import {isPlainVersion} from './version-tags.ts'

interface PatternSources {
  readonly content: Pick<RepositoryContent, 'tags' | 'manifests'>
  /** Lines of the policy that apply to the repository. */
  readonly lines: readonly PolicyLine[]
  readonly regex: BoundedRegex
  readonly refs: Pick<LiveRefs, 'defaultBranch' | 'branches'>
}

/**
 * Counts tags of no class as tags of branches if the pattern of a line with `type=branch` names them and their image does not
 * state its ref: images of other programs, and of earlier releases, do not. Such a tag may have a suffix, of a variant for
 * example, so the owner is the longest branch with whose tag and a dash it begins.
 */
export function withBranchPatterns(
  classes: readonly ClassifiedTag[],
  {content, lines, regex, refs: {branches, defaultBranch}}: PatternSources,
): readonly ClassifiedTag[] {
  const tags = [...content.tags.keys()]
  const named = new Set(
    lines.flatMap(({type, pattern}) =>
      type === 'branch' && pattern !== undefined ? [...wholeMatches(pattern, tags, regex)] : [],
    ),
  )
  // Where the branches are not known, the default branch still has its tags.
  const known = branches ?? (defaultBranch === undefined ? [] : [defaultBranch])
  const existing = named.size === 0 ? [] : cacheBranches(known)
  return classes.map((one) => {
    const isNamed = one.class === 'other' && named.has(one.tag) && !isPlainVersion(one.tag)
    if (!isNamed || factsOf(content, one.digest).ref !== undefined) return one
    const found = existing.find(({start}) => beginsWith(one.tag, start))
    return {...one, class: 'branch', ...(found !== undefined && {owner: {kind: 'branch', branch: found.branch}})}
  })
}

import type {PolicyLine} from '../../inputs/prune/policy.ts'
import type {BoundedRegex} from '../../io/bounded-regex.ts'
import {wholeMatches} from '../patterns.ts'
import type {RepositoryContent} from '../repository-content.ts'
import type {ClassifiedTag} from '../tag-decision.ts'
import {factsOf} from './image-statement.ts'
import {isPlainVersion} from './version-tags.ts'

interface PatternSources {
  readonly content: Pick<RepositoryContent, 'tags' | 'manifests'>
  /** Lines of the policy that apply to the repository. */
  readonly lines: readonly PolicyLine[]
  readonly regex: BoundedRegex
}

/**
 * Counts tags of no class as tags of branches if the pattern of a line with `type=branch` names them and their image does not
 * state its ref: images of other programs, and of earlier releases, do not.
 */
export function withBranchPatterns(
  classes: readonly ClassifiedTag[],
  {content, lines, regex}: PatternSources,
): readonly ClassifiedTag[] {
  const tags = [...content.tags.keys()]
  const named = new Set(
    lines.flatMap(({type, pattern}) =>
      type === 'branch' && pattern !== undefined ? [...wholeMatches(pattern, tags, regex)] : [],
    ),
  )
  return classes.map((one) => {
    const isNamed = one.class === 'other' && named.has(one.tag) && !isPlainVersion(one.tag)
    return isNamed && factsOf(content, one.digest).ref === undefined ? {...one, class: 'branch'} : one
  })
}

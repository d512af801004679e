import type {PruneInputs} from '../../inputs/prune/policy.ts'
import type {TagRule} from '../../tags/rules/rule.ts'

type Policy = Pick<PruneInputs, 'policy' | 'deleteTags'>

/**
 * Reports whether the run needs to know which branches and pull requests exist. Without that, every other policy deletes the
 * same or less. These could delete more:
 * - lines of type `pr`: a branch may have the name of such a tag
 * - patterns, if `tags` gives a branch other than the default one the tag `edge`, which only its name shows
 */
export function dependsOnRefs({policy, deleteTags}: Policy, rules: readonly TagRule[]): boolean {
  if (policy.some(({type, isGone}) => isGone === true || type === 'pr')) return true
  const hasEdgeBranch = rules.some((rule) => rule.kind === 'edge' && rule.branch !== undefined)
  const hasPattern = deleteTags.length > 0 || policy.some(({type, pattern}) => type !== 'keep' && pattern !== undefined)
  return hasEdgeBranch && hasPattern
}

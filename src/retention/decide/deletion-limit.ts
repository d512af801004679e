import {retentionError} from '../../errors/retention-error.ts'
import type {TagboatError} from '../../errors/error.ts'
import type {DeletionLimit, PruneInputs} from '../../inputs/prune/policy.ts'
import {formatRepository} from '../../oci/reference.ts'
import {isReferrerTag} from '../../oci/referrers-tag.ts'
import type {DeletionPlan} from '../plan-deletion.ts'
import type {RepositoryContent} from '../repository-content.ts'
import type {RetentionDecision} from '../tag-decision.ts'

/** A share does not limit a repository with fewer tags: a single tag would be a large share. */
const fewTags = 20

/** Plan for a repository, and the limit of its deletions. */
interface LimitedDeletion {
  readonly plan: Pick<DeletionPlan, 'steps'>
  readonly content: Pick<RepositoryContent, 'repository' | 'tags'>
  readonly decisions: readonly RetentionDecision[]
  readonly inputs: LimitInputs
}

/** Inputs that name what is deleted, and the limit. */
type LimitInputs = Pick<PruneInputs, 'policy' | 'isDefaultPolicy' | 'deleteTags' | 'maxDeleted'>

/**
 * Error of a plan that deletes more tags of a repository than the limit; undefined for any other. A plan that deletes all
 * tags is an error whatever the limit is. Tags for referrers do not count.
 */
export function tooMuch({plan, content, decisions, inputs}: LimitedDeletion): TagboatError | undefined {
  const {steps} = plan
  const {repository, tags} = content
  const deleted = steps.flatMap((step) => (step.kind === 'image' ? step.tags : [step.tag])).filter(isCounted).length
  const total = [...tags.keys()].filter(isCounted).length
  const {maxDeleted: limit} = inputs
  const isAll = deleted > 0 && deleted === total
  if (!isAll && !isAbove(deleted, total, limit)) return undefined
  const {kind, value} = limit
  const allowed = kind === 'percent' ? `${value}%` : String(value)
  return retentionError('prune-too-much', {
    message: isAll
      ? `The policy deletes all ${total} tags of ${formatRepository(repository)}.`
      : `The policy deletes ${deleted} of ${total} tags of ${formatRepository(repository)}, more than \`max-deleted\` allows.`,
    evidence: [...(isAll ? [] : [`max-deleted: ${allowed}`]), ...countsByLine(decisions, inputs)],
    remedy: isAll
      ? `Name a tag that stays in \`exclude-tags\`, keep the newest (keep=1 in a line of \`policy\`), or ${correction(inputs)}. If all tags have to go, delete the repository in the registry.`
      : `Look at the tags that would be deleted. Raise \`max-deleted\` for this run if they are right, or else ${correction(inputs)}. Nothing of this repository was deleted.`,
  })
}

/** Correction of inputs that name the wrong tags. */
function correction({policy, isDefaultPolicy, deleteTags}: LimitInputs): string {
  if (isDefaultPolicy) return 'set a `policy` with other lines'
  const hasLines = policy.some(({type, line}) => type !== 'keep' && line !== undefined)
  const inputs = [...(hasLines ? ['the lines of `policy`'] : []), ...(deleteTags.length > 0 ? ['`delete-tags`'] : [])]
  return `correct ${inputs.join(' or ')}`
}

function isCounted(tag: string): boolean {
  return !isReferrerTag(tag)
}

function isAbove(deleted: number, total: number, {kind, value}: DeletionLimit): boolean {
  if (kind === 'count') return deleted > value
  return total >= fewTags && deleted * 100 > total * value
}

/** Numbers of deleted tags by the line that names them, the largest first: `policy, line 3: 298`. Signatures do not count. */
function countsByLine(
  decisions: readonly RetentionDecision[],
  {policy, isDefaultPolicy}: LimitInputs,
): readonly string[] {
  const nameOf = (line: number | undefined): string => {
    if (line === undefined) return 'delete-tags'
    if (!isDefaultPolicy) return `policy, line ${line}`
    return `default policy, ${policy.find((one) => one.type !== 'keep' && one.line === line)?.text ?? ''}`
  }
  const deleted = decisions.filter(({tag, verdict}) => tag !== undefined && isCounted(tag) && verdict === 'delete')
  return [...Map.groupBy(deleted, ({line}) => line)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([line, {length}]) => `${nameOf(line)}: ${length}`)
}

import type {PruneInputs} from '../../inputs/prune/policy.ts'
import {field} from '../../oci/manifest.ts'
import type {LifecycleReason} from '../../reasons/prune/lifecycle-reasons.ts'
import {appliesTo} from '../decide/guards.ts'
import {matchesGlob} from '../patterns.ts'
import type {RepositoryContent} from '../repository-content.ts'
import type {RetentionDecision} from '../tag-decision.ts'
import {untaggedDays} from './sayable-rules.ts'

const dayMs = 86_400_000
/** Number of images beyond which a rule counts as one that keeps all that it selects. */
const unreachable = 1000
/** Number of tags that a remark names. */
const shown = 3

/** Decisions of this step about a repository. */
interface StepDecisions {
  readonly inputs: PruneInputs
  readonly content: RepositoryContent
  readonly decisions: readonly RetentionDecision[]
}

/**
 * Compares the lifecycle policy that a repository of Amazon ECR has with what this step keeps:
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html. The policy is applied by Amazon ECR within a
 * day, whatever this step decides.
 */
export function ecrConflicts(text: string, step: StepDecisions): readonly LifecycleReason[] {
  const rules = rulesIn(text)
  return rules === undefined
    ? [{code: 'policy-unreadable'}]
    : [...untaggedConflicts(rules, step), ...tagConflicts(rules, step)]
}

interface EcrRule {
  readonly priority: number
  readonly status: 'tagged' | 'untagged' | 'any'
  /** Globs of which each must match a tag of an image. */
  readonly patterns: readonly string[]
  /** Age in days at which an image goes; undefined for a rule that counts images, or their pulls. */
  readonly days: number | undefined
  /** Number of images that stay. */
  readonly count: number | undefined
  readonly action: 'expire' | 'archive'
}

/** Rules in the order in which they apply, without those for archived images. Undefined if the text is not a policy. */
function rulesIn(text: string): readonly EcrRule[] | undefined {
  const list = field(jsonIn(text), 'rules')
  if (!Array.isArray(list)) return undefined
  const rules = list.filter((rule) => field(field(rule, 'selection'), 'storageClass') !== 'archive').map(ruleIn)
  return rules.every((rule) => rule !== undefined) ? rules.toSorted((a, b) => a.priority - b.priority) : undefined
}

function jsonIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

function ruleIn(rule: unknown): EcrRule | undefined {
  const selection = field(rule, 'selection')
  const [status, type, number] = ['tagStatus', 'countType', 'countNumber'].map((name) => field(selection, name))
  const priority = field(rule, 'rulePriority')
  const isStatus = status === 'tagged' || status === 'untagged' || status === 'any'
  if (!isStatus || typeof priority !== 'number' || typeof number !== 'number') return undefined
  const prefixes = textsIn(selection, 'tagPrefixList').map((prefix) => `${prefix}*`)
  return {
    priority,
    status,
    patterns: [...textsIn(selection, 'tagPatternList'), ...prefixes],
    days: type === 'sinceImagePushed' ? number : undefined,
    count: type === 'imageCountMoreThan' ? number : undefined,
    action: field(field(rule, 'action'), 'type') === 'transition' ? 'archive' : 'expire',
  }
}

function textsIn(value: unknown, name: string): readonly string[] {
  const list = field(value, name)
  return Array.isArray(list) ? list.filter((text) => typeof text === 'string') : []
}

/** Remarks about untagged images, even if there are none now: a staged image has no tag until its promote. */
function untaggedConflicts(
  rules: readonly EcrRule[],
  {inputs, content: {repository}}: StepDecisions,
): readonly LifecycleReason[] {
  const rule = rules.find(({status}) => status !== 'tagged')
  if (rule === undefined) return []
  const lines = inputs.policy.filter(({type, images}) => type === 'untagged' && appliesTo(images, repository))
  const ages = lines.flatMap((line) => (line.keep === undefined ? [untaggedDays(line, inputs)] : []))
  const keptDays = ages.length === 0 ? undefined : Math.min(...ages)
  if (rule.days !== undefined && (keptDays === undefined || rule.days < keptDays))
    return [{code: 'untagged-sooner', days: rule.days, keptDays}]
  return rule.count !== undefined && rule.count < unreachable ? [{code: 'untagged-counted', count: rule.count}] : []
}

function tagConflicts(rules: readonly EcrRule[], {content, decisions}: StepDecisions): readonly LifecycleReason[] {
  const byDigest = Map.groupBy(decisions, ({digest}) => digest)
  const conflicts = [...Map.groupBy(content.tags, ([, digest]) => digest)].flatMap(([digest, entries]) => {
    const tags = entries.map(([tag]) => tag)
    const rule = rules.find((one) => selects(one, tags))
    // An index protects what it contains.
    if (rule === undefined || isContained(digest, content)) return []
    return isSooner(rule, keptDays(byDigest.get(digest) ?? [])) ? [{rule, tags}] : []
  })
  return [...Map.groupBy(conflicts, ({rule}) => rule)].map(([{priority, action}, found]): LifecycleReason => {
    const tags = found.flatMap((one) => one.tags).sort()
    return {code: 'kept-tags-expire', priority, action, tags: tags.slice(0, shown)}
  })
}

function selects({status, patterns}: EcrRule, tags: readonly string[]): boolean {
  if (status !== 'tagged') return status === 'any'
  return patterns.length > 0 && patterns.every((pattern) => tags.some((tag) => matchesGlob(pattern, tag)))
}

function isContained(digest: string, {manifests}: RepositoryContent): boolean {
  return [...manifests.values()].some((read) => read.kind === 'read' && read.manifest.children.includes(digest))
}

/** Age in days at which this step deletes an image; infinite if it keeps it for another reason than its age. */
function keptDays(decisions: readonly RetentionDecision[]): number {
  const ages = decisions.map(({verdict, reason}) => {
    if (verdict === 'delete') return 0
    return reason.code === 'too-young' ? reason.requiredMs / dayMs : Number.POSITIVE_INFINITY
  })
  return Math.max(...ages)
}

/** Reports whether a rule takes an image before this step deletes it. */
function isSooner({days, count}: EcrRule, kept: number): boolean {
  if (days !== undefined) return days < kept
  return kept === Number.POSITIVE_INFINITY && (count === undefined || count < unreachable)
}

import type {PolicyLine, PruneInputs, TagPattern} from '../../inputs/prune/policy.ts'
import type {Repository} from '../../oci/reference.ts'
import type {LifecycleReason} from '../../reasons/prune/lifecycle-reasons.ts'
import {appliesTo} from '../decide/guards.ts'

const dayMs = 86_400_000
/** Age of staged images in days, which a line without an age keeps. */
const stagedDays = 14

/** Rule that selects tags by a glob alone, and deletes their images after a number of days. */
export interface TagRule {
  readonly glob: string
  readonly days: number
  /** Line of the policy, or input. */
  readonly text: string
}

interface AgedLine {
  readonly days: number
  /** Line of the policy. */
  readonly text: string
}

/** Part of a policy that does not depend on anything but tags and ages, and what is left out of it. */
export interface SayableRules {
  readonly tagged: readonly TagRule[]
  readonly untagged: AgedLine | undefined
  readonly unsaid: readonly LifecycleReason[]
}

/** Rules of the policy for a repository that a registry can express. */
export function sayableRules(inputs: PruneInputs, repository: Repository): SayableRules {
  const lines = inputs.policy.filter(({type, images}) => type !== 'keep' && appliesTo(images, repository))
  const judged = lines.map((line) => ({line, reason: unsaidReason(line, inputs)}))
  const said = judged.flatMap(({line, reason}) => (reason === undefined ? [line] : []))
  const named = namedRules(inputs)
  const untagged = untaggedRule(lines, said, inputs)
  return {
    tagged: [
      ...said.flatMap(({type, pattern, text, olderThanMs}): TagRule[] =>
        type === 'match' && pattern !== undefined
          ? [{glob: pattern.text, days: daysOf(inputs, olderThanMs), text}]
          : [],
      ),
      ...named.rules,
    ],
    untagged: untagged.rule,
    unsaid: [...judged.flatMap(({reason}) => reason ?? []), ...untagged.unsaid, ...named.unsaid],
  }
}

/** Reason why a registry cannot express a line; undefined if it can. */
function unsaidReason(
  {type, text, isGone, keep, pattern}: PolicyLine,
  inputs: PruneInputs,
): LifecycleReason | undefined {
  if (type === 'orphan') return {code: 'line-by-graph', text}
  if (isGone === true) return {code: 'line-by-refs', text}
  const isCounted = type === 'untagged' && inputs.keepUntagged !== undefined
  if (keep !== undefined || isCounted) return {code: 'line-by-number', text}
  if (type === 'untagged') return undefined
  if (type !== 'match') return {code: 'line-by-class', text}
  return pattern?.kind === 'glob' ? undefined : unsuitable(text)
}

/**
 * Rule for images without a tag, by the line with the lowest age. A registry does not distinguish them from signatures whose
 * image does not exist, so a line must delete those too, which that of the default policy does not do with all of them.
 */
function untaggedRule(
  lines: readonly PolicyLine[],
  said: readonly PolicyLine[],
  inputs: PruneInputs,
): {readonly rule: SayableRules['untagged']; readonly unsaid: readonly LifecycleReason[]} {
  const byAge = (type: PolicyLine['type'], of: readonly PolicyLine[]): readonly AgedLine[] =>
    of
      .filter((line) => line.type === type)
      .map((line) => ({days: untaggedDays(line, inputs), text: line.text}))
      .toSorted((a, b) => a.days - b.days)
  const [untagged] = byAge('untagged', said)
  const [orphan] = byAge(
    'orphan',
    lines.filter(({keep}) => keep === undefined),
  )
  if (untagged === undefined) return {rule: undefined, unsaid: []}
  if (orphan === undefined || inputs.isDefaultPolicy)
    return {rule: undefined, unsaid: [{code: 'untagged-orphans', text: untagged.text}]}
  return {rule: {...untagged, days: Math.max(untagged.days, orphan.days)}, unsaid: []}
}

/** Rules of the input `delete-tags`. */
function namedRules(inputs: PruneInputs): Pick<SayableRules, 'unsaid'> & {readonly rules: readonly TagRule[]} {
  const {deleteTags, keepTagged} = inputs
  const text = 'delete-tags'
  if (deleteTags.length === 0) return {rules: [], unsaid: []}
  if (keepTagged !== undefined) return {rules: [], unsaid: [{code: 'line-by-number', text}]}
  const globs = deleteTags.filter(({kind}) => kind === 'glob')
  return {
    rules: globs.map((glob) => ({glob: glob.text, days: daysOf(inputs, 0), text})),
    unsaid: globs.length === deleteTags.length ? [] : [unsuitable(text)],
  }
}

function unsuitable(text: string): LifecycleReason {
  return {code: 'pattern-unsuitable', text, form: 'with *'}
}

/** Age of a rule in whole days, rounded up: at least one. */
function daysOf({olderThanMs}: PruneInputs, ofLine = 0): number {
  return Math.max(1, Math.ceil(Math.max(olderThanMs, ofLine) / dayMs))
}

/** Images that wait for their promote have no tag, and stay for the age of the line, or two weeks. */
export function untaggedDays(
  {type, olderThanMs}: Pick<PolicyLine, 'type' | 'olderThanMs'>,
  inputs: PruneInputs,
): number {
  const isStaged = type === 'untagged' && olderThanMs === undefined
  return Math.max(daysOf(inputs, olderThanMs), isStaged ? stagedDays : 0)
}

/** Patterns of tags that stay by `exclude-tags`, by lines of type `keep`, and by `protect`. */
export function keepingPatterns(inputs: PruneInputs, repository: Repository): readonly TagPattern[] {
  const {host, path} = repository
  const lines = inputs.policy.filter(({type, images}) => type === 'keep' && appliesTo(images, repository))
  const named = inputs.protected.flatMap((one): TagPattern[] =>
    one.kind === 'reference' && one.host === host && one.path === path ? [{kind: 'glob', text: one.tag}] : [],
  )
  return [...inputs.excludeTags, ...lines.flatMap(({pattern}) => pattern ?? []), ...named]
}

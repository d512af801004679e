import type {LifecycleReason} from '../../reasons/prune/lifecycle-reasons.ts'
import type {LifecycleText, VendorRequest} from './lifecycle-text.ts'
import type {TagRule} from './sayable-rules.ts'
import {deletableRules, digits, includesGlob, referrerGlob, type TagForms} from './tag-forms.ts'

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
const maxRules = 50
/** Wildcards in a pattern: https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html */
const maxStars = 4
/** Number of images that no repository has, so that a rule keeps all that it selects. */
const unreachable = 999_999

/**
 * Writes a lifecycle policy of Amazon ECR: https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html. An
 * image belongs to the first rule that one of its tags matches, and no later rule deletes it. So rules come first that keep:
 * they delete beyond a number that is never reached. Each pattern has a rule of its own, since several in one rule must all
 * match. Of two rules that delete, the one with the higher age comes first. Untagged images that an index contains stay,
 * and referrers go with their subject.
 */
export function ecrPolicy(request: VendorRequest): LifecycleText {
  const {selections, unsaid} = taggedRules(request)
  const {untagged} = request.rules
  const all = [...selections, ...(untagged === undefined ? [] : [untaggedRule(untagged.days)])]
  if (all.length === 0) return {text: undefined, notices: unsaid}
  const whole: readonly LifecycleReason[] = selections.length > 0 ? [{code: 'whole-images'}] : []
  return {text: formatRules(all), notices: [...unsaid, ...whole, {code: 'no-limit'}]}
}

interface Selection {
  readonly description: string
  readonly selection: object
}

interface TaggedRules {
  readonly selections: readonly Selection[]
  readonly unsaid: readonly LifecycleReason[]
}

function taggedRules({rules: {tagged}, forms, keeping}: VendorRequest): TaggedRules {
  const unsuitable = tagged.filter(({glob}) => !isExact(glob))
  const {
    rules,
    unsafe,
    kept: keptForms,
  } = deletableRules(
    tagged.filter(({glob}) => isExact(glob)),
    forms.events,
  )
  const unsaid: readonly LifecycleReason[] = [
    ...unsuitable.map(({text}): LifecycleReason => ({
      code: 'pattern-unsuitable',
      text,
      form: `with at most ${maxStars} *`,
    })),
    ...unsafe.map(({text}): LifecycleReason => ({code: 'pattern-unsafe', text})),
  ]
  if (rules.length === 0) return {selections: [], unsaid}
  const blocked = keeping.find(({kind}) => kind === 'regex')
  if (blocked !== undefined)
    return {selections: [], unsaid: [...unsaid, {code: 'keeping-pattern', pattern: blocked.text}]}
  const kept = keptGlobs(forms, [...keeping.map(({text}) => text), ...keptForms])
  const {deleting, covered} = splitCovered(rules, kept)
  if (deleting.length === 0) return {selections: [], unsaid: [...unsaid, ...covered]}
  const selections = [...kept.map(keepingRule), ...distinct(deleting).map(deletingRule)]
  // One for untagged images.
  const tooMany: LifecycleReason = {code: 'too-many-rules', count: selections.length + 1, limit: maxRules}
  return selections.length < maxRules
    ? {selections, unsaid: [...unsaid, ...covered]}
    : {selections: [], unsaid: [...unsaid, ...covered, tooMany]}
}

function isExact(glob: string): boolean {
  return !glob.includes('?') && starsIn(glob) <= maxStars
}

function starsIn(glob: string): number {
  return glob.split('*').length - 1
}

/** Patterns of tags that stay. They may match more than that. */
function keptGlobs({names, versionStarts}: TagForms, others: readonly string[]): readonly string[] {
  const versions = ['*.*', ...versionStarts.flatMap((start) => digits.map((digit) => `${start}${digit}*`))]
  const all = [...others, ...names.flatMap(withVariants), ...versions, referrerGlob].map(widened)
  const distinctGlobs = [...new Set(all)]
  return distinctGlobs.filter((glob) => !distinctGlobs.some((other) => other !== glob && includesGlob(other, glob)))
}

/** A tag that stays, and those of variants: their names are at its end, or before the environment. */
function withVariants(name: string): readonly string[] {
  const parts = name.split('-')
  const inserted = parts.map((_, index) => [...parts.slice(0, index + 1), '*', ...parts.slice(index + 1)].join('-'))
  return [name, ...inserted]
}

/** Pattern that matches all tags of a glob, and possibly others. */
function widened(glob: string): string {
  const plain = glob.replaceAll('?', '*').replaceAll(/\*+/g, '*')
  return starsIn(plain) <= maxStars ? plain : `${plain.split('*').slice(0, maxStars).join('*')}*`
}

interface Split {
  readonly deleting: readonly TagRule[]
  readonly covered: readonly LifecycleReason[]
}

/** Separates the rules that a kept pattern leaves without effect. */
function splitCovered(rules: readonly TagRule[], kept: readonly string[]): Split {
  const judged = rules.map((rule) => ({rule, by: kept.find((one) => includesGlob(one, rule.glob))}))
  return {
    deleting: judged.flatMap(({rule, by}) => (by === undefined ? [rule] : [])),
    covered: judged.flatMap(({rule, by}): LifecycleReason[] =>
      by === undefined ? [] : [{code: 'pattern-covered', text: rule.text, kept: by}],
    ),
  }
}

/** Rules by descending age, with each pattern once, at the lowest age. */
function distinct(rules: readonly TagRule[]): readonly TagRule[] {
  const byAge = rules.toSorted((a, b) => b.days - a.days)
  return [...new Map(byAge.map((rule) => [rule.glob, rule])).values()].toSorted((a, b) => b.days - a.days)
}

function keepingRule(pattern: string): Selection {
  return {
    description: `Keep ${pattern}`,
    selection: {
      tagStatus: 'tagged',
      tagPatternList: [pattern],
      countType: 'imageCountMoreThan',
      countNumber: unreachable,
    },
  }
}

function deletingRule({glob, days}: TagRule): Selection {
  const age = {countType: 'sinceImagePushed', countUnit: 'days', countNumber: days}
  return {
    description: `Delete ${glob} after ${days} days`,
    selection: {tagStatus: 'tagged', tagPatternList: [glob], ...age},
  }
}

function untaggedRule(days: number): Selection {
  const age = {countType: 'sinceImagePushed', countUnit: 'days', countNumber: days}
  return {description: `Delete untagged images after ${days} days`, selection: {tagStatus: 'untagged', ...age}}
}

function formatRules(selections: readonly Selection[]): string {
  const rules = selections.map(({description, selection}, index) => ({
    rulePriority: index + 1,
    description,
    selection,
    action: {type: 'expire'},
  }))
  return `${JSON.stringify({rules}, undefined, 2)}\n`
}

import type {SkippedRuleReason} from '../reasons/rule-reasons.ts'
import {isTag} from '../oci/reference.ts'
import {keyOf, type Candidate} from './candidate.ts'
import {movable, repeatedReason, versionIn, type Evaluated, type TextOutcome} from './evaluated.ts'
import {isOfEvent, isUserNamedRule, withCommit, withPromise} from './named-tag-role.ts'
import {emptyExpressions, hasEmptyAffix, notesOf} from './notes.ts'
import {aboutVersion, type TextRule} from './outcome.ts'
import type {SkippedRule} from './proposal.ts'
import {isVersionKind} from './rules/rule.ts'
import {sanitizeTag} from './sanitize.ts'
import {latestRole, type TextRole} from './tag-role.ts'
import {maxLengthOf, type TagRun} from './tag-run.ts'
import {exactTagAffixes} from './version-affixes.ts'

type EvaluatedText = Extract<Evaluated, {kind: 'text'}>

/** Facts of the first tag, whose rule decides about `latest`, as in docker/metadata-action. */
interface FirstTag extends Pick<Candidate, 'source' | 'role' | 'affixes'> {
  readonly key: string
  /** The rule asks for `latest`. */
  readonly isForLatest: boolean
}

/** Tags of the rules without duplicates, before variant and environment are added. */
export interface NamedTags {
  /** Candidates by `keyOf`, in order. */
  readonly candidates: ReadonlyMap<string, Candidate>
  readonly skipped: readonly SkippedRule[]
  /** The first tag; undefined: no rule gives a tag. */
  readonly first: FirstTag | undefined
  /** Key of the first tag whose rule asks for `latest`. */
  readonly keyForLatest: string | undefined
}

/** Makes valid tags from the texts of the rules, in order, and skips rules whose tag exists already. */
export function nameTags(evaluated: readonly Evaluated[], run: TagRun): NamedTags {
  const candidates = new Map<string, Candidate>()
  const skipped: SkippedRule[] = []
  let first: FirstTag | undefined
  let keyForLatest: string | undefined
  for (const one of evaluated) {
    if (one.kind === 'skipped') skipped.push({source: one.rule.source, reason: one.reason, level: one.level})
    if (one.kind !== 'text') continue
    const {source} = one.rule
    const reason = skippedReason(one, evaluated)
    if (reason !== undefined) {
      skipped.push({source, reason, level: 'info'})
      continue
    }
    const candidate = toCandidate(one, run)
    const key = keyOf(candidate.tag, candidate.namesEnvironment)
    const earlier = candidates.get(key)
    if (earlier === undefined) candidates.set(key, candidate)
    else skipped.push({source, ...duplicate(candidate, earlier)})
    first ??= firstTag(one, key, candidate, run)
    if (one.outcome.latest) keyForLatest ??= key
  }
  return {candidates, skipped, first, keyForLatest}
}

/** Reason of a rule with a text to give no tag: expressions are empty, or its pre-release has a tag of another rule. */
function skippedReason({outcome, full}: EvaluatedText, all: readonly Evaluated[]): SkippedRuleReason | undefined {
  if (hasEmptyAffix(full)) return {code: 'empty-expression', ...emptyExpressions(full)}
  return repeatedReason({outcome, full}, all)
}

function duplicate({tag, text}: Candidate, earlier: Candidate): Pick<SkippedRule, 'reason' | 'level'> {
  return earlier.text === text
    ? {reason: {code: 'repeated-tag', tag}, level: 'info'}
    : {reason: {code: 'same-tag', text, other: earlier.text, tag}, level: 'warning'}
}

function firstTag({rule, outcome}: EvaluatedText, key: string, {affixes}: Candidate, {sources}: TagRun): FirstTag {
  const role = latestRole(aboutVersion(outcome, sources.version?.text))
  return {isForLatest: outcome.latest, source: rule.source, key, role, affixes}
}

function toCandidate({rule, outcome, full}: EvaluatedText, run: TagRun): Candidate {
  const {text} = full
  const {from, remarks = []} = outcome
  const maxLength = maxLengthOf(run)
  const isPlainLiteral = rule.kind === 'raw' && rule.literal && !rule.value.includes('{{')
  if (isPlainLiteral && (!isTag(text) || text.length > maxLength)) reportLiteral(rule, text, run)
  const {tag, lossy, hashed} = sanitizeTag(text, maxLength)
  const isUnique = rule.kind === 'ref' && rule.event === 'branch' && run.sources.uniqueBranchTags
  return {
    tag,
    text,
    role: roleOf(rule, outcome, text, run),
    version: versionIn(outcome.role),
    isOfVersionRule: isVersionKind(rule.kind),
    affixes: exactTagAffixes(outcome, full.affixes),
    source: rule.source,
    notes: notesOf({text: nameIn(full), tag, shared: lossy && !isUnique, hashed, from, remarks}),
    namesEnvironment: rule.kind === 'env' && run.variant.environmentSuffix !== '',
    latestForVariant: undefined,
  }
}

/** Text of a rule without its prefix and suffix: the name of the branch, for instance. */
function nameIn({text, affixes: {prefix, suffix}}: EvaluatedText['full']): string {
  return text.slice(prefix.length, text.length - suffix.length)
}

function roleOf(rule: TextRule, outcome: TextOutcome, text: string, {flavor, sources}: TagRun): TextRole {
  const {context} = sources
  // A branch, a pull request and a schedule move, whatever their tags look like.
  const role = mayNameCommit(rule) ? withCommit(outcome.role, text, context) : outcome.role
  const isUserNamed = isUserNamedRule(rule, flavor) && !isOfEvent(rule, flavor, context)
  const withName = isUserNamed ? withPromise(role, text, context) : role
  return rule.mutable === true ? movable(withName) : withName
}

function mayNameCommit({kind}: TextRule): boolean {
  return kind === 'raw' || kind === 'env' || kind === 'match'
}

/** Reports a literal that is not valid with prefix and suffix. The tag that a user wrote is never changed silently. */
function reportLiteral(rule: TextRule, text: string, run: TagRun): void {
  run.problems.add({
    input: 'tags',
    line: rule.source.line,
    message: `with prefix and suffix the literal tag is ${JSON.stringify(text)}, which is not a valid tag of at most ${maxLengthOf(run)} characters`,
    remedy: 'Shorten it, or change `flavor` or `max-tag-length`.',
  })
}

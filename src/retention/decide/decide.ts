import {shortDigest} from '../../oci/digest.ts'
import type {RetentionNotice} from '../../reasons/retention-notices.ts'
import type {RetentionReason} from '../../reasons/retention-reasons.ts'
import {classifyTags, type ClassRequest} from '../classes/classify.ts'
import {withBranchPatterns} from '../classes/branch-patterns.ts'
import {manifestGraph} from '../graph.ts'
import type {RepositoryContent} from '../repository-content.ts'
import type {RetentionDecision} from '../tag-decision.ts'
import {candidatesOf, type Candidate} from './candidate.ts'
import {appliesTo, guardsOf, protectedDigests, type GuardRequest} from './guards.ts'
import {judgeRule, selects, type RuleVerdict} from './judge-rule.ts'
import {livingReason} from './living-refs.ts'
import {retentionNotices, type RuleJudgement} from './notices.ts'
import {deletionRules, type DeletionRule} from './rules.ts'

/** Everything on which the decisions about a repository depend. */
export interface RetentionRequest
  extends Pick<ClassRequest, 'planner' | 'component'>, Omit<GuardRequest, 'graph' | 'classes'> {
  readonly content: RepositoryContent
  /** Web address of the repository of `refs`: `https://github.com/acme/app`. */
  readonly source: string | undefined
}

/** Decisions about a repository. */
export interface Retention {
  /** One for each tag, and one for each image without a tag that does not belong to another one. */
  readonly decisions: readonly RetentionDecision[]
  readonly notices: readonly RetentionNotice[]
}

/**
 * Decides which tags and images of a repository the policy deletes. What a kept one needs is not decided here: it stays with
 * it (`planDeletion`). A tag for the referrers of an image follows that image.
 * @throws TagboatError `input-invalid` for a regular expression that does not end in time.
 */
export function decideRetention(request: RetentionRequest): Retention {
  const {content, inputs, refs, regex, source, now} = request
  const lines = inputs.policy.filter(({images}) => appliesTo(images, content.repository))
  const classes = withBranchPatterns(classifyTags(request), {content, lines, regex, refs})
  const judged: GuardRequest = {...request, graph: manifestGraph(content), classes}
  const candidates = candidatesOf(judged)
  const guard = guardsOf(judged, candidates)
  const guards = new Map(candidates.map((candidate) => [candidate, guard(candidate)]))
  const isGuarded = (candidate: Candidate): boolean => guards.get(candidate) !== undefined
  const judgeable = candidates.filter(({isBeingRemoved}) => !isBeingRemoved)
  const rules = deletionRules(request)
  const judgements = rules.map((rule): RuleJudgement => {
    return {rule, verdicts: judgeRule(rule, {candidates: judgeable, refs, source, now, isGuarded})}
  })
  const decisions = candidates.map((candidate) =>
    candidate.class === 'referrer'
      ? decideReferrer(candidate, guards.get(candidate), judged)
      : decide(candidate, guards.get(candidate) ?? ownerReason(candidate, rules, request), judgements),
  )
  return {
    decisions: [...decisions, ...protectedParts(judged, candidates)],
    notices: retentionNotices({...request, judgements, decisions}),
  }
}

/** A tag for referrers follows its subject, unless it is protected itself. */
function decideReferrer(
  {tag = '', digest}: Candidate,
  guard: RetentionReason | undefined,
  {graph}: GuardRequest,
): RetentionDecision {
  const subject = graph.taggedSubjects.get(tag)
  const ownReason: RetentionReason =
    subject === undefined
      ? {code: 'subject-unknown'}
      : {code: 'follows-subject', image: graph.tagsOf.get(subject)?.[0] ?? shortDigest(subject)}
  const reason = guard?.code === 'protected' ? guard : ownReason
  return {tag, digest, class: 'referrer', verdict: 'keep', reason}
}

/**
 * Reason to keep a tag whose removal has begun: the branch or pull request that owns it may exist again. Where the branches
 * are not known, one may own it. It is none if a rule deletes the tag whether they exist or not.
 */
function ownerReason(
  candidate: Candidate,
  rules: readonly DeletionRule[],
  request: RetentionRequest,
): RetentionReason | undefined {
  const {isBeingRemoved, owner, class: name} = candidate
  const mayHaveOwner = owner !== undefined || (request.refs.branches === undefined && ofBranches.has(name))
  if (!isBeingRemoved || !mayHaveOwner) return undefined
  return rules.some((rule) => !rule.isGone && selects(rule, candidate)) ? undefined : livingReason(candidate, request)
}

/** Classes of the tags that a branch may have, if the branches are not known. */
const ofBranches: ReadonlySet<Candidate['class']> = new Set(['branch', 'cache', 'pr', 'other'])

function decide(
  candidate: Candidate,
  guard: RetentionReason | undefined,
  judgements: readonly RuleJudgement[],
): RetentionDecision {
  const {tag, digest, date} = candidate
  const found = judgements.flatMap(({rule, verdicts}) => {
    const verdict = verdicts.get(candidate)
    return verdict === undefined ? [] : [{rule, ...verdict}]
  })
  const isMatch = candidate.class === 'other' && found.some(({rule}) => rule.type === 'match')
  const base = {tag, digest, class: isMatch ? 'match' : candidate.class, ...(date !== undefined && {date})}
  if (guard !== undefined) return {...base, verdict: 'keep', reason: guard}
  if (candidate.isBeingRemoved) return {...base, verdict: 'delete', reason: {code: 'removal-begun'}}
  const [decisive] = found.toSorted((a, b) => weightOf(b) - weightOf(a))
  if (decisive === undefined) return {...base, verdict: 'keep', reason: {code: 'no-rule'}}
  const {rule, verdict, reason} = decisive
  return {...base, verdict, reason, ...(rule.line === undefined ? {} : {line: rule.line})}
}

/** Order of the results of several rules: a deletion, then the reason to keep that is nearest to one. */
function weightOf({verdict, reason}: RuleVerdict): number {
  return verdict === 'delete' ? keepOrder.length : keepOrder.indexOf(reason.code)
}

const keepOrder: readonly RetentionReason['code'][] = [
  'version-tag',
  'refs-unknown',
  'other-source',
  'pull-open',
  'cache-in-use',
  'branch-exists',
  'age-unknown',
  'too-young',
  'among-newest',
]

/** Protected manifests about which nothing else is decided: parts of an image, and images of incomplete lists. */
function protectedParts(judged: GuardRequest, candidates: readonly Candidate[]): readonly RetentionDecision[] {
  const decided = new Set(candidates.map(({digest}) => digest))
  return [...protectedDigests(judged)]
    .filter((digest) => judged.content.manifests.get(digest)?.kind === 'read' && !decided.has(digest))
    .map((digest) => ({tag: undefined, digest, class: 'untagged', verdict: 'keep', reason: {code: 'protected'}}))
}

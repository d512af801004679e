import type {PruneInputs, TagPattern} from '../../inputs/prune/policy.ts'
import type {BoundedRegex} from '../../io/bounded-regex.ts'
import {formatTagRef} from '../../oci/reference.ts'
import type {RetentionNotice} from '../../reasons/retention-notices.ts'
import {partialMatches, wholeMatches} from '../patterns.ts'
import {factsOf} from '../classes/image-statement.ts'
import {parseRef} from '../classes/ref-tags.ts'
import type {RepositoryContent} from '../repository-content.ts'
import type {RetentionDecision} from '../tag-decision.ts'
import type {Candidate} from './candidate.ts'
import {appliesTo} from './guards.ts'
import type {RuleVerdict} from './judge-rule.ts'
import type {DeletionRule} from './rules.ts'

/** Rule, and its results for everything that it selects. */
export interface RuleJudgement {
  readonly rule: DeletionRule
  readonly verdicts: ReadonlyMap<Candidate, RuleVerdict>
}

interface NoticeSources {
  readonly content: RepositoryContent
  readonly inputs: PruneInputs
  readonly regex: BoundedRegex
  readonly judgements: readonly RuleJudgement[]
  readonly decisions: readonly RetentionDecision[]
}

/**
 * Notices about lines and patterns that name nothing, and those that name everything: a mistake in them would go unnoticed.
 * Nothing is wrong with a line for refs that are gone, or for images without a tag, if there is nothing to delete.
 */
export function retentionNotices(sources: NoticeSources): readonly RetentionNotice[] {
  const {inputs, judgements, decisions, content} = sources
  const ofLines = inputs.isDefaultPolicy
    ? orphanNotices(judgements, decisions)
    : judgements.flatMap((one) => lineNotices(one, decisions))
  const unlisted = content.isComplete || inputs.isDefaultPolicy ? [] : untaggedNotices(judgements)
  return [
    ...ofLines,
    ...unlisted,
    ...judgements.flatMap(({rule, verdicts}) => (verdicts.size === 0 ? refNotices(rule, sources) : [])),
    ...judgements.flatMap(releaseNotices),
    ...patternNotices(sources),
    ...protectNotices(sources),
  ]
}

/** Notice about the lines for images without a tag, which cannot be found where the registry lists only tags. */
function untaggedNotices(judgements: readonly RuleJudgement[]): readonly RetentionNotice[] {
  const texts = judgements.flatMap(({rule: {type, text}}) => (type === 'untagged' || type === 'orphan' ? [text] : []))
  return texts.length === 0 ? [] : [{code: 'untagged-unlisted', text: texts.join(' and ')}]
}

/** Form of the tags of pull requests in the default strategy. */
const pullForm = /^pr-\d+(?=-|$)/

/** Notice about a line for refs that names no tag, while images state such refs: the rules of the publication are others. */
function refNotices(
  {type, text, isGone}: DeletionRule,
  {content, decisions}: NoticeSources,
): readonly RetentionNotice[] {
  if (!isGone || (type !== 'pr' && type !== 'branch')) return []
  const isOfType = (tag: string, digest: string): boolean => {
    const ref = parseRef(factsOf(content, digest).ref ?? '')
    return type === 'pr' ? ref?.kind === 'pull' || (ref === undefined && pullForm.test(tag)) : ref?.kind === 'branch'
  }
  const found = decisions.flatMap(({class: name, tag, digest, reason}) => {
    const isUnexplained = name === 'other' && reason.code === 'no-rule'
    return isUnexplained && tag !== undefined && isOfType(tag, digest) ? [tag] : []
  })
  const [tag] = found
  return tag === undefined ? [] : [{code: 'refs-unnamed', text, tag, count: found.length}]
}

/** Notices about patterns that match only releases, which they do not delete. */
function releaseNotices({
  rule: {line, matches = new Map<string, string>()},
  verdicts,
}: RuleJudgement): readonly RetentionNotice[] {
  const byPattern = Map.groupBy(verdicts, ([{tag = ''}]) => matches.get(tag))
  return [...byPattern].flatMap(([pattern, found]): RetentionNotice[] => {
    const areReleases = found.every(([, {reason}]) => reason.code === 'version-tag')
    const input = line === undefined ? 'delete-tags' : 'policy'
    return pattern !== undefined && areReleases ? [{code: 'pattern-releases', input, pattern}] : []
  })
}

/** Notice about signatures without their image, which the default policy does not name. */
function orphanNotices(
  judgements: readonly RuleJudgement[],
  decisions: readonly RetentionDecision[],
): readonly RetentionNotice[] {
  const rules = judgements.filter(({rule}) => rule.type === 'orphan')
  if (rules.length === 0) return []
  const named = new Set(rules.flatMap(({verdicts}) => [...verdicts.keys()].map(({tag, digest}) => tag ?? digest)))
  const count = decisions.filter((one) => one.class === 'orphan' && !named.has(one.tag ?? one.digest)).length
  return count === 0 ? [] : [{code: 'orphans-kept', count}]
}

function lineNotices(
  {rule, verdicts}: RuleJudgement,
  decisions: readonly RetentionDecision[],
): readonly RetentionNotice[] {
  const {type, text, isGone, matches} = rule
  if (isGone || type === 'untagged' || type === 'orphan' || matches !== undefined) return []
  if (verdicts.size === 0) return [{code: 'line-unmatched', text}]
  const ofType = decisions.filter((one) => one.class === type)
  const isEmptied = ofType.length > 1 && ofType.every(({verdict}) => verdict === 'delete')
  return isEmptied ? [{code: 'class-emptied', text, count: ofType.length}] : []
}

/** Notices about tags of this repository in `protect` that do not exist, and about those that are read as another image. */
function protectNotices({content, inputs}: NoticeSources): readonly RetentionNotice[] {
  const {host, path} = content.repository
  return inputs.protected.flatMap((one): RetentionNotice[] => {
    if (one.kind === 'digest') return []
    const {tag, withoutHost: text} = one
    if (one.host === host && one.path === path)
      return content.tags.has(tag) ? [] : [{code: 'protect-unmatched', reference: formatTagRef({repository: one, tag})}]
    const meant = text !== undefined && content.tags.has(text) ? text : one.path === path ? tag : undefined
    if (text === undefined || meant === undefined || !content.tags.has(meant)) return []
    return [{code: 'protect-elsewhere', text, reference: `${one.host}/${one.path}:${tag}`, tag: meant}]
  })
}

function patternNotices({content, inputs, regex}: NoticeSources): readonly RetentionNotice[] {
  const tags = [...content.tags.keys()]
  const lines = inputs.policy.filter(({images}) => appliesTo(images, content.repository))
  const [keeping, deleting] = [
    lines.filter(({type}) => type === 'keep'),
    lines.filter(({type}) => type !== 'keep'),
  ].map((some) => some.flatMap(({pattern}) => pattern ?? []))
  const judge = (input: string, patterns: readonly TagPattern[] = [], isWhole: boolean): readonly RetentionNotice[] =>
    patterns.flatMap((one): RetentionNotice[] => {
      const pattern = one.text
      const parts = partialMatches(one, tags, regex).size
      const count = isWhole ? wholeMatches(one, tags, regex).size : parts
      if (count > 1 && count === tags.length) return [{code: 'pattern-matches-all', input, pattern}]
      if (count > 0) return []
      return [
        parts > 0
          ? {code: 'pattern-partial', input, pattern, count: parts}
          : {code: 'pattern-unmatched', input, pattern},
      ]
    })
  return [
    ...judge('policy', deleting, true),
    ...judge('policy', keeping, false),
    ...judge('delete-tags', inputs.deleteTags, true),
    ...judge('exclude-tags', inputs.excludeTags, false),
  ]
}

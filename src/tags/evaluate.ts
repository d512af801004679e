import {evaluateCalver, evaluateFile, evaluateMatch, evaluateVersion} from './evaluate-version.ts'
import type {GitContext} from '../context/git-context.ts'
import type {SkippedRuleReason} from '../reasons/rule-reasons.ts'
import {roleOfText, nothing, text, type Outcome, type RuleSituation, type TextRule} from './outcome.ts'
import {shortHash} from './sanitize.ts'
import {isDefaultBranch, shortSha} from './templates/values.ts'

/** Evaluates a rule for this event: its text, or the reason why it gives none. */
export function evaluateRule(rule: TextRule, situation: RuleSituation): Outcome {
  const {context, environment} = situation.sources
  switch (rule.kind) {
    case 'schedule':
      return context.event === 'schedule'
        ? rendered('pattern', rule.pattern, situation)
        : nothing({code: 'other-event', wanted: 'schedule'})
    case 'semver':
    case 'pep440':
      return evaluateVersion(rule, situation)
    case 'match':
      return evaluateMatch(rule, situation)
    case 'calver':
      return evaluateCalver(rule, situation)
    case 'file':
      return evaluateFile(rule, situation)
    case 'edge':
      return evaluateEdge(rule, situation)
    case 'ref':
      return evaluateRef(rule, situation)
    case 'raw':
      return rendered('value', rule.value, situation)
    case 'sha':
      return evaluateSha(rule, situation)
    case 'env':
      return environment === '' ? nothing({code: 'no-environment'}) : text(environment, {role: {kind: 'newest-commit'}})
  }
}

function evaluateEdge(rule: Extract<TextRule, {kind: 'edge'}>, {sources: {context}}: RuleSituation): Outcome {
  if (context.ref.kind !== 'branch')
    return nothing(otherCommitReason(context) ?? {code: 'other-event', wanted: 'branch'})
  if (rule.branch === undefined || rule.branch === '') {
    return isDefaultBranch(context)
      ? text('edge', {role: {kind: 'newest-commit'}})
      : nothing({code: 'not-default-branch'})
  }
  return context.ref.name === rule.branch
    ? text('edge', {role: {kind: 'newest-commit'}})
    : nothing({code: 'other-branch', branch: rule.branch})
}

function evaluateRef(rule: Extract<TextRule, {kind: 'ref'}>, {sources}: RuleSituation): Outcome {
  const {ref, fullRef} = sources.context
  if (ref.kind !== (rule.event === 'pr' ? 'pull' : rule.event))
    return nothing(
      otherCommitReason(sources.context) ?? {
        code: 'other-event',
        wanted: rule.event === 'pr' ? 'pull request' : rule.event,
      },
    )
  if (ref.kind === 'branch' && sources.uniqueBranchTags)
    return text(`${/\w/.test(ref.name) ? ref.name : 'ref'}-${shortHash(fullRef)}`, {role: {kind: 'newest-commit'}})
  // A branch moves, even if its name is 1.2.0.
  return ref.kind === 'tag'
    ? text(ref.name, {latest: true, role: roleOfText(ref.name, true)})
    : text(ref.name, {role: {kind: 'newest-commit'}})
}

/** Reason of a rule for refs to give nothing: the ref of the event may not point to the commit that is built. */
function otherCommitReason({ref, instead}: GitContext): SkippedRuleReason | undefined {
  if (ref.kind !== 'none' || instead === undefined || instead.fullRef === '') return undefined
  return {code: 'not-newest-commit', ref: instead.fullRef}
}

function evaluateSha(rule: Extract<TextRule, {kind: 'sha'}>, {sources}: RuleSituation): Outcome {
  if (sources.context.sha === '') return nothing({code: 'no-commit'})
  return text(rule.format === 'long' ? sources.context.sha : shortSha(sources), {role: {kind: 'commit'}})
}

/** Renders the text of a rule. It may be empty: prefix and suffix may be a tag by themselves. */
function rendered(attribute: 'pattern' | 'value', template: string, situation: RuleSituation): Outcome {
  const {renderer, values, placeOf} = situation
  if (template === '') return nothing({code: 'empty-attribute', attribute}, 'warning')
  const result = renderer.render(template, values, placeOf(attribute))
  if (result === undefined) return {kind: 'problem'}
  return {kind: 'text', text: result, role: roleOfText(result.text, isOfGitTag(result.text, situation)), latest: false}
}

/** Reports whether a text is the end of the Git tag. */
function isOfGitTag(text: string, {sources: {context}}: RuleSituation): boolean {
  return context.ref.kind === 'tag' && context.ref.name.endsWith(text.replace(/^[vV]/, ''))
}

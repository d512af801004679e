import {evaluateCalver, evaluateFile, evaluateMatch, evaluateVersion} from './evaluate-version.ts'
import {emptyReason} from './notes.ts'
import {nothing, text, type Outcome, type RuleSituation, type TextRule} from './outcome.ts'
import {shortHash} from './sanitize.ts'
import {isDefaultBranch, shortSha} from './values.ts'

/** The text that a rule gives for this event, or the reason why it gives none. */
export function evaluateRule(rule: TextRule, situation: RuleSituation): Outcome {
  const {context, environment} = situation.sources
  switch (rule.kind) {
    case 'schedule':
      return context.event === 'schedule' ? rendered(rule.pattern, situation) : nothing('the event is no schedule')
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
      return rendered(rule.value, situation)
    case 'sha':
      return evaluateSha(rule, situation)
    case 'env':
      return environment === '' ? nothing('the input `environment` is empty') : text(environment, {tagKind: 'floating'})
  }
}

function evaluateEdge(rule: Extract<TextRule, {kind: 'edge'}>, {sources: {context}}: RuleSituation): Outcome {
  if (context.ref.kind !== 'branch') return nothing('the event is no branch')
  if (rule.branch === undefined || rule.branch === '') {
    return isDefaultBranch(context) ? text('edge', {tagKind: 'floating'}) : nothing('this is not the default branch')
  }
  return context.ref.name === rule.branch
    ? text('edge', {tagKind: 'floating'})
    : nothing(`this is not the branch ${rule.branch}`)
}

function evaluateRef(rule: Extract<TextRule, {kind: 'ref'}>, {sources}: RuleSituation): Outcome {
  const {ref, fullRef} = sources.context
  const wanted = rule.event === 'pr' ? 'pull' : rule.event
  if (ref.kind !== wanted) return nothing(`the event is no ${rule.event === 'pr' ? 'pull request' : rule.event}`)
  if (ref.kind === 'branch' && sources.uniqueBranchTags) return text(`${ref.name}-${shortHash(fullRef)}`, {})
  return text(ref.name, {latest: rule.event === 'tag'})
}

function evaluateSha(rule: Extract<TextRule, {kind: 'sha'}>, {sources}: RuleSituation): Outcome {
  if (sources.context.sha === '') return nothing('the event has no commit')
  return text(rule.format === 'long' ? sources.context.sha : shortSha(sources), {tagKind: 'exact'})
}

function rendered(template: string, {renderer, values, place}: RuleSituation): Outcome {
  const result = renderer.render(template, values, place)
  if (result === undefined) return {kind: 'problem'}
  if (result.text === '')
    return template === '' ? nothing('its value is empty', 'warning') : nothing(emptyReason(result))
  return {kind: 'text', text: result, tagKind: undefined, latest: false}
}

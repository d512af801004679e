import {enableProblem, isEnable} from '../inputs/image-list.ts'
import {evaluateRule} from './evaluate.ts'
import type {Evaluated} from './evaluated.ts'
import {isOfEvent} from './named-tag-role.ts'
import type {TextRule} from './outcome.ts'
import type {TagRule} from './rules/rule.ts'
import type {TagRun} from './tag-run.ts'
import {placeIn, type TemplatePlace} from './templates/render.ts'

/** Evaluates every rule by itself, in order of priority. Reports the problems of rules. */
export function evaluateRules(run: TagRun): readonly Evaluated[] {
  return run.rules.map((rule) => {
    const isEnabled = readEnable(rule, run)
    if (isEnabled === undefined) return {kind: 'problem'}
    if (!isEnabled) return {kind: 'skipped', rule, reason: {code: 'disabled', enable: rule.enable}, level: 'info'}
    return rule.kind === 'reference' ? {kind: 'reference', rule} : evaluateText(rule, run)
  })
}

/** Value of `enable` on this event; undefined after a problem. */
function readEnable(rule: TagRule, {renderer, values, problems}: TagRun): boolean | undefined {
  const place = placeIn(rule, 'enable')
  const enable = renderer.render(rule.enable, values, place)
  if (enable === undefined) return undefined
  if (isEnable(enable.text)) return enable.text === 'true'
  problems.add({...place, ...enableProblem(enable.text)})
  return undefined
}

function evaluateText(rule: TextRule, run: TagRun): Evaluated {
  const {sources, flavor, values, renderer, problems} = run
  const placeOf = (attribute: string): TemplatePlace => placeIn(rule, attribute)
  const onWarning = (message: string): void => {
    problems.warn({input: 'tags', line: rule.source.line, message})
  }
  const outcome = evaluateRule(rule, {sources, values, renderer, placeOf, onWarning})
  switch (outcome.kind) {
    case 'problem':
      return outcome
    case 'refused':
      problems.add({...placeOf(outcome.attribute), message: outcome.reason, remedy: outcome.remedy})
      return {kind: 'problem'}
    case 'nothing':
      return {kind: 'skipped', rule, reason: outcome.reason, level: outcome.level}
    case 'text': {
      const full = run.affixes.addTo(outcome.text, rule, placeOf)
      if (full === undefined) return {kind: 'problem'}
      const isMoving = isOfEvent(rule, flavor, sources.context)
      return {kind: 'text', rule, outcome: isMoving ? {...outcome, role: {kind: 'newest-commit'}} : outcome, full}
    }
  }
}

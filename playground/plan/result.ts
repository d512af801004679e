import {element, type Child} from '../ui/element.ts'
import type {EventAnswer, ShownPlan, ShownTag, SkippedRule, StepAnswer} from '../worker/messages.ts'
import {count} from '../ui/count.ts'
import {withCode} from '../ui/text.ts'
import {needList, unknownTitle, type Give} from './needs.ts'
import {failureBox, foldable, pairList, remarks, ruleLink, verdict, type GoTo} from './parts.ts'
import {tagTable} from './tag-table.ts'
import {verdictTitle} from './verdict-title.ts'

/** Ways from a result to other parts of the page. */
export interface ResultLinks {
  readonly goTo: GoTo
  readonly give: Give
  /** Opens a text with the Docker actions in the view that converts; undefined if it has none. */
  readonly convert: (() => void) | undefined
}

/** Result of one event. */
export function eventResult({notTriggered, assumed, steps}: EventAnswer, links: ResultLinks): readonly HTMLElement[] {
  const {convert} = links
  if (notTriggered !== undefined) return [verdict('hold', 'The workflow does not run', [paragraph(notTriggered)])]
  if (steps.length === 0) {
    const help = 'Add a step with `uses: tagboat/tagboat@v1`, or choose an example.'
    const offer =
      convert === undefined
        ? paragraph(help)
        : element(
            'p',
            {},
            'This workflow uses the Docker actions. ',
            element('button', {type: 'button', class: 'link', click: convert}, 'Convert it'),
          )
    return [verdict('hold', 'There is no step of Tagboat here', [offer])]
  }
  const shown = steps.map((step, index) => stepResult(step, {links, key: String(index), isOnly: steps.length === 1}))
  return assumed === undefined ? shown : [...shown, paragraph(assumed, 'note')]
}

interface StepShown {
  readonly links: ResultLinks
  readonly key: string
  readonly isOnly: boolean
}

function stepResult({title, leg, outcome}: StepAnswer, {links, key, isOnly}: StepShown): HTMLElement {
  const heading = isOnly && leg === undefined ? undefined : stepHeading(title, leg)
  return element('section', {class: 'step'}, heading, ...outcomeParts(outcome, {links, key, isOnly}))
}

function stepHeading(title: string, leg: string | undefined): HTMLElement {
  return element('h3', {class: 'step-title'}, title, leg && element('span', {class: 'leg'}, leg))
}

function outcomeParts(outcome: StepAnswer['outcome'], shown: StepShown): readonly Child[] {
  switch (outcome.kind) {
    case 'planned':
      return planParts(outcome.plan, shown)
    case 'skipped':
      return [verdict('hold', 'The step is skipped', [paragraph(outcome.reason)])]
    case 'unknown':
      return [
        verdict('unknown', unknownTitle(outcome.needs), [
          paragraph(outcome.reason),
          needList(outcome.needs, shown.links.give),
        ]),
      ]
    case 'failed':
      return [failureBox(outcome.failure, shown.links.goTo)]
  }
}

function planParts(plan: ShownPlan, {links: {goTo, give}, key}: StepShown): readonly Child[] {
  return [
    planVerdict(plan, goTo),
    remarks('warning', plan.warnings),
    remarks('notice', plan.notices),
    plan.needs.length === 0 ? undefined : openInputs(plan.needs, give),
    plan.action === 'stage' && plan.tags.length > 0 ? paragraph(staged, 'note') : undefined,
    ...byRepository(plan.tags).map(([repository, tags]) => tagTable(repository, tags, goTo)),
    skippedRules(plan.skipped, goTo),
    labelParts(`labels-${key}`, 'Labels', plan.labels),
    labelParts(`annotations-${key}`, 'Annotations', plan.annotations),
  ]
}

/** Inputs that need values of a run, and that change nothing here. */
function openInputs(needs: ShownPlan['needs'], give: Give): HTMLElement {
  return element('div', {class: 'open-inputs'}, paragraph('Other inputs need values of a run:'), needList(needs, give))
}

/** Meaning of the tags of a step that stages. */
const staged = 'A step of `tagboat/tagboat/promote@v1` with the same inputs gives these tags to the image:'

function planVerdict(plan: ShownPlan, goTo: GoTo): HTMLElement {
  if (plan.refusal !== undefined) return failureBox(plan.refusal, goTo, 'The run is refused')
  if (plan.pushFails !== undefined) return verdict('failed', verdictTitle(plan), [paragraph(plan.pushFails)])
  const version =
    plan.version === undefined
      ? undefined
      : element('div', {class: 'aside'}, 'version ', element('b', {}, plan.version))
  return verdict(plan.pushes ? 'push' : 'hold', verdictTitle(plan), [paragraph(plan.pushReason)], version)
}

function byRepository(tags: readonly ShownTag[]): readonly (readonly [string, readonly ShownTag[]])[] {
  return [...Map.groupBy(tags, ({repository}) => repository)]
}

function skippedRules(skipped: readonly SkippedRule[], goTo: GoTo): HTMLElement | undefined {
  if (skipped.length === 0) return undefined
  const rows = skipped.map(({rule, reason}) => element('li', {}, ruleLink(rule, goTo), paragraph(reason)))
  return element(
    'section',
    {class: 'skipped'},
    element('h3', {}, `${count(skipped.length, 'rule')} without a tag here`),
    element('ul', {}, ...rows),
  )
}

function labelParts(key: string, title: string, pairs: ShownPlan['labels']): HTMLElement | undefined {
  return pairs.length === 0 ? undefined : foldable(key, `${title} (${pairs.length})`, pairList(pairs))
}

function paragraph(text: string, kind?: string): HTMLElement {
  return element('p', {class: kind}, withCode(text))
}

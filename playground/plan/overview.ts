import {element, type Child} from '../ui/element.ts'
import {icon} from '../ui/icons.ts'
import type {EventAnswer, ShownTag, StepAnswer} from '../worker/messages.ts'
import {needNames, unknownTitle, type Give} from './needs.ts'
import {tableHead} from './parts.ts'

/** Ways from the table to other parts of the page. */
interface OverviewLinks {
  readonly select: (id: string) => void
  readonly give: Give
}

/** Table of all events with their tags. */
export function overview(events: readonly EventAnswer[], links: OverviewLinks): HTMLElement {
  return element(
    'table',
    {class: 'overview', role: 'table'},
    element('caption', {class: 'unseen'}, 'Tags of each event'),
    tableHead(['Event', 'Tags', 'Pushed']),
    element('tbody', {role: 'rowgroup'}, ...events.map((event) => eventRow(event, links))),
  )
}

function eventRow(event: EventAnswer, {select, give}: OverviewLinks): HTMLElement {
  const go = (): void => {
    select(event.id)
  }
  return element(
    'tr',
    {role: 'row'},
    element(
      'th',
      {scope: 'row', role: 'rowheader'},
      element('button', {type: 'button', class: 'link', click: go}, event.title),
    ),
    element('td', {role: 'cell'}, ...tagsCell(event, give)),
    element('td', {role: 'cell', class: 'pushed'}, pushedMark(event)),
  )
}

function tagsCell({notTriggered, steps}: EventAnswer, give: Give): readonly Child[] {
  if (notTriggered !== undefined) return [quiet('does not run')]
  return steps.length === 0
    ? [quiet('no step of Tagboat')]
    : steps.map((step) => stepTags(step, steps.length === 1, give))
}

function stepTags({title, leg, outcome}: StepAnswer, isOnly: boolean, give: Give): HTMLElement {
  const name = isOnly
    ? undefined
    : element('span', {class: 'step-name'}, leg === undefined ? title : `${title} (${leg})`)
  return element('div', {class: 'step-tags'}, name, ...outcomeTags(outcome, give))
}

function outcomeTags(outcome: StepAnswer['outcome'], give: Give): readonly Child[] {
  switch (outcome.kind) {
    case 'planned': {
      const {action, tags, refusal, pushes, pushFails} = outcome.plan
      const failures = [refusal && failed('refused'), pushFails === undefined ? undefined : failed('the push fails')]
      if (action === 'stage' && pushes) return [...failures, quiet('an image without a tag')]
      const unique = [...new Map(tags.map((tag) => [tag.tag, tag])).values()]
      return [...failures, ...(unique.length === 0 ? [quiet('no tag')] : unique.map(chip))]
    }
    case 'skipped':
      return [quiet('the step is skipped')]
    case 'unknown': {
      const names = new Map(outcome.needs.flatMap((need) => need.names.map((one) => [one.name, one])))
      return [quiet(unknownTitle(outcome.needs).toLowerCase()), ...needNames([...names.values()], give)]
    }
    case 'failed':
      return [failed(`fails: ${outcome.failure.code}`)]
  }
}

function chip({tag, isExact, registry}: ShownTag): HTMLElement {
  const effect = registry === undefined ? '' : ` effect-${registry.outcome}`
  return element(
    'span',
    {class: `chip ${isExact ? 'exact' : 'floating'}${effect}`, title: isExact ? 'exact' : 'floating'},
    isExact ? icon('lock') : undefined,
    tag,
    isExact ? element('span', {class: 'unseen'}, ' (exact)') : undefined,
  )
}

function quiet(text: string): HTMLElement {
  return element('span', {class: 'quiet'}, text)
}

function failed(text: string): HTMLElement {
  return element('span', {class: 'chip bad'}, text)
}

function pushedMark({pushed}: EventAnswer): Child {
  return pushed === 'yes' ? element('span', {class: 'yes'}, icon('check'), pushed) : quiet(pushed)
}

import {element, type Child} from '../ui/element.ts'
import {icon} from '../ui/icons.ts'
import type {EventAnswer, ShownTag, StepAnswer} from '../worker/messages.ts'
import {eventTitle} from './events.ts'
import {tableHead} from './parts.ts'

/** Table of all events with their tags. */
export function overview(events: readonly EventAnswer[], select: (id: string) => void): HTMLElement {
  return element(
    'table',
    {class: 'overview', role: 'table'},
    element('caption', {class: 'unseen'}, 'Tags of each event'),
    tableHead(['Event', 'Tags', 'Pushed']),
    element('tbody', {role: 'rowgroup'}, ...events.map((event) => eventRow(event, select))),
  )
}

function eventRow(event: EventAnswer, select: (id: string) => void): HTMLElement {
  const go = (): void => {
    select(event.id)
  }
  return element(
    'tr',
    {role: 'row'},
    element(
      'th',
      {scope: 'row', role: 'rowheader'},
      element('button', {type: 'button', class: 'link', click: go}, eventTitle(event.id)),
    ),
    element('td', {role: 'cell'}, ...tagsCell(event)),
    element('td', {role: 'cell', class: 'pushed'}, pushedMark(event)),
  )
}

function tagsCell({notTriggered, steps}: EventAnswer): readonly Child[] {
  if (notTriggered !== undefined) return [quiet('does not run')]
  return steps.length === 0 ? [quiet('no step of Tagboat')] : steps.map(stepTags)
}

function stepTags({title, leg, outcome}: StepAnswer, _: number, all: readonly StepAnswer[]): HTMLElement {
  const name =
    all.length === 1
      ? undefined
      : element('span', {class: 'step-name'}, leg === undefined ? title : `${title} (${leg})`)
  return element('div', {class: 'step-tags'}, name, ...outcomeTags(outcome))
}

function outcomeTags(outcome: StepAnswer['outcome']): readonly Child[] {
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
    case 'unknown':
      return [quiet('only a run can know')]
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

function pushedMark({steps}: EventAnswer): Child {
  const pushes = steps.some(
    ({outcome}) =>
      outcome.kind === 'planned' &&
      outcome.plan.pushes &&
      outcome.plan.refusal === undefined &&
      outcome.plan.pushFails === undefined,
  )
  return pushes ? element('span', {class: 'yes'}, icon('check'), 'yes') : element('span', {class: 'quiet'}, 'no')
}

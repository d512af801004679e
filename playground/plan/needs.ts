import {element, type Child} from '../ui/element.ts'
import {icon} from '../ui/icons.ts'
import type {Need} from '../worker/messages.ts'

/** Opens the field for a value, by its name. */
export type Give = (name: string) => void

/** Title of a result that is not known. */
export function unknownTitle(needs: readonly Need[]): string {
  return needs.length === 0 ? 'Only a run can know' : 'Needs values of a run'
}

/** List of inputs, each with the names of the values that it needs. */
export function needList(needs: readonly Need[], give: Give): HTMLElement | undefined {
  if (needs.length === 0) return undefined
  const rows = needs.map(({input, names}) =>
    element('li', {}, element('code', {}, input), ' needs ', ...needNames(names, give)),
  )
  return element('ul', {class: 'needs'}, ...rows)
}

/** Names of values, as buttons that lead to the fields of those that can be given. */
export function needNames(names: Need['names'], give: Give): readonly Child[] {
  return names.flatMap(({name, canBeGiven}, index) => [
    index === 0 ? undefined : ' ',
    canBeGiven ? needButton(name, give) : element('code', {}, name),
  ])
}

function needButton(name: string, give: Give): HTMLElement {
  const go = (): void => {
    give(name)
  }
  return element(
    'button',
    {type: 'button', class: 'need', title: 'Give a value', click: go},
    element('span', {class: 'unseen'}, 'Give a value for '),
    element('code', {}, name),
    icon('edit'),
  )
}

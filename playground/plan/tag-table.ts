import {element} from '../ui/element.ts'
import type {RegistryEffect, ShownTag} from '../worker/messages.ts'
import {withCode} from '../ui/text.ts'
import {badge, ruleLink, tableHead, type GoTo} from './parts.ts'

/** Words for the effect on a registry. */
const effects: Readonly<Record<RegistryEffect['outcome'], string>> = {
  new: 'new',
  moved: 'moves',
  unchanged: 'unchanged',
  kept: 'stays',
  'not-created': 'not created',
  failed: 'refused',
}

/** Table of the tags of one repository. */
export function tagTable(repository: string, tags: readonly ShownTag[], goTo: GoTo): HTMLElement {
  const hasRegistry = tags.some(({registry}) => registry !== undefined)
  const titles = ['Tag', 'Kind', 'Rule', ...(hasRegistry ? ['In the registry'] : [])]
  return element(
    'table',
    {class: hasRegistry ? 'tags with-registry' : 'tags', role: 'table'},
    element('caption', {}, repository),
    tableHead(titles),
    element('tbody', {role: 'rowgroup'}, ...tags.map((tag) => tagRow(tag, goTo))),
  )
}

function tagRow({tag, isExact, rule, reason, registry}: ShownTag, goTo: GoTo): HTMLElement {
  return element(
    'tr',
    {role: 'row', class: registry && `effect-${registry.outcome}`},
    element('th', {scope: 'row', role: 'rowheader'}, element('code', {class: 'tag'}, tag)),
    element('td', {role: 'cell'}, kindBadge(isExact)),
    element(
      'td',
      {role: 'cell'},
      ruleLink(rule, goTo),
      reason === '' ? undefined : element('p', {class: 'note'}, withCode(reason)),
    ),
    registry && element('td', {role: 'cell'}, effect(registry)),
  )
}

function kindBadge(isExact: boolean): HTMLElement {
  const shown = isExact ? badge('exact', 'exact', 'lock') : badge('floating', 'floating', 'wave')
  shown.title = isExact ? 'Never replaced by other content' : 'Expected to move'
  return shown
}

function effect({outcome, reason}: RegistryEffect): HTMLElement {
  return element(
    'div',
    {},
    badge(outcome, effects[outcome]),
    reason === '' ? undefined : element('p', {class: 'note'}, withCode(reason)),
  )
}

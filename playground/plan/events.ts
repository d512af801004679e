import {byId, element} from '../ui/element.ts'
import {tabs} from '../ui/tabs.ts'
import {allEvents} from '../state/state.ts'
import {otherEvents, sampleEvents} from '../../src/simulation/events/sample-events.ts'

/** Titles that are short enough for a tab, by the identifier of the event. */
const shortTitles: Readonly<Record<string, string>> = {
  'default-branch': 'Default branch',
  branch: 'Branch',
  version: 'v1.2.3',
  'pre-release': 'v1.3.0-rc.1',
  'pull-request': 'Pull request',
  fork: 'Fork',
  schedule: 'Schedule',
  dispatch: 'Dispatch',
  release: 'Release',
  'merge-queue': 'Merge queue',
  closed: 'Closed',
}

/** Tabs of the events, and a list of the events without a tab. */
export interface EventTabs {
  /** Selects an event, which has a tab from now on. */
  select(id: string): void
  /** Gives the events that a workflow lists in `on` a tab each. Reports whether there are other tabs than before. */
  offer(triggers: readonly string[]): boolean
  /** Identifiers of the events that have a tab. */
  offered(): readonly string[]
}

/** Adds the tabs of the usual events to their list, with the overview first, and the other events to another list. */
export function eventTabs(onSelect: (id: string) => void): EventTabs {
  const list = byId('events', HTMLElement)
  const others = byId('other-events', HTMLSelectElement)
  list.replaceChildren(tab(allEvents, 'All events'), ...sampleEvents.map(({id, title}) => tab(id, title)))
  const selection = tabs(list, (id) => {
    onSelect(id.replace(/^event-/, ''))
  })
  others.addEventListener('change', () => {
    onSelect(others.value)
    others.value = ''
  })
  let listed: readonly string[] = []
  const chosen = new Set<string>()
  const added = (): readonly string[] =>
    otherEvents.map(({id}) => id).filter((id) => listed.includes(id) || chosen.has(id))
  let shown: readonly string[] | undefined
  const show = (): boolean => {
    const wanted = added()
    if (wanted.join() === shown?.join()) return false
    for (const id of shown ?? []) if (!wanted.includes(id)) document.getElementById(tabId(id))?.remove()
    // Tabs that stay keep the focus.
    for (const [index, {id, title}] of otherEvents.filter(({id}) => wanted.includes(id)).entries())
      if (document.getElementById(tabId(id)) === null)
        list.insertBefore(tab(id, title, id), list.children[1 + sampleEvents.length + index] ?? null)
    shown = wanted
    const rest = otherEvents.filter(({id}) => !wanted.includes(id))
    others.replaceChildren(
      element('option', {value: '', selected: true, disabled: true, hidden: true}, 'Another event'),
      ...rest.map(({id, title}) => element('option', {value: id}, `${title} (${id})`)),
    )
    others.disabled = rest.length === 0
    return true
  }
  show()
  return {
    select(id) {
      if (otherEvents.some((event) => event.id === id)) chosen.add(id)
      show()
      selection.select(tabId(id))
    },
    offer(triggers) {
      listed = triggers
      return show()
    },
    offered: () => [...sampleEvents.map(({id}) => id), ...added()],
  }
}

function tab(id: string, title: string, text = shortTitles[id] ?? title): HTMLElement {
  return element(
    'button',
    {
      type: 'button',
      role: 'tab',
      id: tabId(id),
      'aria-controls': 'event-panel',
      'aria-selected': 'false',
      tabindex: '-1',
      title: title === text ? undefined : title,
    },
    text,
  )
}

/** Identifier of the tab of an event. */
export function tabId(event: string): string {
  return `event-${event}`
}

/** Title of an event in a sentence or a table. One that is not usual has the name that workflows list in `on`. */
export function eventTitle(id: string): string {
  return sampleEvents.find((event) => event.id === id)?.title ?? (id === allEvents ? 'All events' : id)
}

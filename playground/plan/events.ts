import {element} from '../ui/element.ts'
import {tabs, type Tabs} from '../ui/tabs.ts'
import {allEvents} from '../state/state.ts'
import {sampleEvents} from '../../src/simulation/events/sample-events.ts'

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

/** Adds the tabs of the events to their list, with the overview first. */
export function eventTabs(list: HTMLElement, onSelect: (id: string) => void): Tabs {
  const tab = (id: string, text: string, title: string): HTMLElement =>
    element(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: tabId(id),
        'aria-controls': 'event-panel',
        title: title === text ? undefined : title,
      },
      text,
    )
  list.replaceChildren(
    tab(allEvents, 'All events', 'All events'),
    ...sampleEvents.map(({id, title}) => tab(id, shortTitles[id] ?? title, title)),
  )
  return tabs(list, (id) => {
    onSelect(id.replace(/^event-/, ''))
  })
}

/** Identifier of the tab of an event. */
export function tabId(event: string): string {
  return `event-${event}`
}

/** Title of an event in a sentence or a table. */
export function eventTitle(id: string): string {
  return sampleEvents.find((event) => event.id === id)?.title ?? 'All events'
}

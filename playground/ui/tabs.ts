/** Tabs of a list, by the pattern of the ARIA Authoring Practices (https://www.w3.org/WAI/ARIA/apg/patterns/tabs/). */
export interface Tabs {
  /** Selects the tab with an `id`, without a call of `onSelect`. */
  select(id: string): void
}

/** Steps to another tab, by key. */
const moves: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowRight: (index, count) => (index + 1) % count,
  ArrowDown: (index, count) => (index + 1) % count,
  ArrowLeft: (index, count) => (index + count - 1) % count,
  ArrowUp: (index, count) => (index + count - 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
}

/**
 * Makes the buttons of a list tabs: one of them is in the order of Tab, and arrow keys move between them. Tabs can be added
 * to the list later.
 */
export function tabs(list: HTMLElement, onSelect: (id: string) => void): Tabs {
  const all = (): readonly HTMLElement[] => [...list.querySelectorAll<HTMLElement>('[role=tab]')]
  const select = (id: string): void => {
    for (const tab of all()) {
      const isSelected = tab.id === id
      tab.setAttribute('aria-selected', String(isSelected))
      tab.tabIndex = isSelected ? 0 : -1
      if (isSelected) showTab(list, tab)
    }
  }
  const choose = (tab: HTMLElement): void => {
    select(tab.id)
    onSelect(tab.id)
  }
  list.addEventListener('click', ({target}) => {
    const tab = all().find((one) => one === target)
    if (tab !== undefined) choose(tab)
  })
  list.addEventListener('keydown', (event) => {
    const current = all()
    const index = current.findIndex((tab) => tab === event.target)
    const next = index < 0 ? undefined : current[moves[event.key]?.(index, current.length) ?? -1]
    if (next === undefined || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    next.focus()
    choose(next)
  })
  return {select}
}

/** Scrolls the list, and nothing else, so that a tab is visible. */
function showTab(list: HTMLElement, tab: HTMLElement): void {
  const left = tab.offsetLeft - list.offsetLeft
  if (left < list.scrollLeft || left + tab.offsetWidth > list.scrollLeft + list.clientWidth)
    list.scrollTo({left: left - 24})
}

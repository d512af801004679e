import {element} from '../ui/element.ts'

/** Sign that the result which is shown is an old one. */
export interface BusyResult {
  /** Marks the result as old, because a plan of an event is being made. */
  planning(event: string): void
  /** Notes that the result of an event is shown, and whether it is the current one. */
  shown(event: string, isCurrent: boolean): void
}

/** Time that a plan may take before the old result is marked, in milliseconds: most plans are faster. */
const patienceMs = 200

/** Marks an old result: one of the same event is dimmed, one of another event is removed. */
export function busyResult(result: HTMLElement): BusyResult {
  let shownEvent: string | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const mark = (event: string): void => {
    timer = undefined
    result.classList.add('old')
    if (event === shownEvent) return
    shownEvent = undefined
    result.replaceChildren(element('p', {class: 'quiet'}, 'Planning…'))
  }
  return {
    planning(event) {
      result.setAttribute('aria-busy', 'true')
      // A text that is being typed is marked too.
      if (event !== shownEvent) clearTimeout(timer)
      if (event !== shownEvent || timer === undefined) timer = setTimeout(mark, patienceMs, event)
    },
    shown(event, isCurrent) {
      shownEvent = event
      clearTimeout(timer)
      timer = undefined
      result.classList.remove('old')
      result.setAttribute('aria-busy', String(!isCurrent))
      if (!isCurrent) timer = setTimeout(mark, patienceMs, event)
    },
  }
}

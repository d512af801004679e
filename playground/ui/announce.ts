import {byId} from './element.ts'

let pending: ReturnType<typeof setTimeout> | undefined

/** Time without another announcement before screen readers get one, in milliseconds. */
const quietMs = 700

/** Announces a text to screen readers, once typing has paused. */
export function announce(text: string): void {
  clearTimeout(pending)
  pending = setTimeout(() => {
    const region = byId('announcement', HTMLElement)
    if (region.textContent !== text) region.textContent = text
  }, quietMs)
}

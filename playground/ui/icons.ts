const namespace = 'http://www.w3.org/2000/svg'

/** Outlines in a square of 16 units. */
const paths = {
  push: 'M8 10.5v-8M4.5 5.5 8 2l3.5 3.5M2.5 13.5h11',
  hold: 'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4M4 4l8 8',
  failed: 'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4M8 4.8V9M8 11.2v.1',
  unknown: 'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4M6.2 6.3a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.8.7-.8 1.3M8 11.4v.1',
  lock: 'M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  wave: 'M1.5 6c2.2-2.6 4.3-2.6 6.5 0s4.3 2.6 6.5 0M1.5 11c2.2-2.6 4.3-2.6 6.5 0s4.3 2.6 6.5 0',
  check: 'M3 8.5l3.2 3.2L13 4.8',
  arrow: 'M3 8h9.5M9 4.5 12.5 8 9 11.5',
  edit: 'M10.8 3.2l2 2-7 7-2.6.6.6-2.6zM9.3 4.7l2 2',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
} as const

/** Name of an icon. */
export type IconName = keyof typeof paths

/** Creates an icon, which is hidden from screen readers. */
export function icon(name: IconName): SVGElement {
  const svg = document.createElementNS(namespace, 'svg')
  svg.setAttribute('class', `icon icon-${name}`)
  svg.setAttribute('viewBox', '0 0 16 16')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(namespace, 'path')
  path.setAttribute('d', paths[name])
  svg.append(path)
  return svg
}

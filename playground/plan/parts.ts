import {element, type Child} from '../ui/element.ts'
import {icon, type IconName} from '../ui/icons.ts'
import {withCode} from '../ui/text.ts'
import type {Pair, Range, ShownEvidence, ShownFailure, ShownRule} from '../worker/messages.ts'

/** Moves the editor to a range. */
export type GoTo = (range: Range) => void

/** Kind of a verdict, which chooses its colour and icon. */
export type VerdictKind = 'push' | 'hold' | 'failed' | 'unknown'

/** Head of a table. Roles are written, because narrow windows show rows as cards. */
export function tableHead(titles: readonly string[]): HTMLElement {
  const cells = titles.map((title) => element('th', {scope: 'col', role: 'columnheader'}, title))
  return element('thead', {role: 'rowgroup'}, element('tr', {role: 'row'}, ...cells))
}

/** Box with the most important result. */
export function verdict(kind: VerdictKind, title: string, details: readonly Child[] = [], aside?: Child): HTMLElement {
  return element(
    'div',
    {class: `verdict ${kind}`},
    icon(kind),
    element('div', {class: 'verdict-text'}, element('strong', {}, title), ...details),
    aside,
  )
}

/** Box of an error, with its evidence and its remedy. */
export function failureBox(
  {code, message, evidence, remedy}: ShownFailure,
  goTo: GoTo,
  title = 'The run fails',
): HTMLElement {
  return verdict('failed', title, [
    element('p', {}, withCode(message)),
    evidence.length === 0
      ? undefined
      : element('ul', {class: 'evidence'}, ...evidence.map((line) => element('li', {}, evidenceLine(line, goTo)))),
    remedy === '' ? undefined : element('p', {class: 'remedy'}, withCode(remedy)),
    element('p', {class: 'code'}, element('code', {}, code)),
  ])
}

function evidenceLine({text, place}: ShownEvidence, goTo: GoTo): Node {
  if (place === undefined) return withCode(text)
  const go = (): void => {
    goTo(place)
  }
  return element('button', {type: 'button', class: 'link', click: go}, withCode(text))
}

/** Rule, as a button that leads to its line if the text has one. */
export function ruleLink({text, place}: ShownRule, goTo: GoTo): HTMLElement {
  const code = element('code', {}, text)
  if (place === undefined)
    return element('span', {class: 'rule'}, code, element('span', {class: 'origin'}, ' default strategy'))
  const go = (): void => {
    goTo(place)
  }
  return element('button', {type: 'button', class: 'link rule', title: 'Show the line', click: go}, code)
}

/** Badge with an icon. */
export function badge(kind: string, text: string, name?: IconName): HTMLElement {
  return element('span', {class: `badge ${kind}`}, name && icon(name), text)
}

const open = new Set<string>()

/** Part that can be opened, and stays open when the result changes. */
export function foldable(key: string, title: string, ...content: readonly Child[]): HTMLElement {
  const details = element('details', {class: 'fold', open: open.has(key)}, element('summary', {}, title), ...content)
  details.addEventListener('toggle', () => {
    if (details.open) open.add(key)
    else open.delete(key)
  })
  return details
}

/** List of names and values. */
export function pairList(pairs: readonly Pair[]): HTMLElement {
  return element(
    'dl',
    {class: 'pairs'},
    ...pairs.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
  )
}

/** Remarks of a run, by their level. */
export function remarks(level: 'warning' | 'notice', texts: readonly string[]): HTMLElement | undefined {
  if (texts.length === 0) return undefined
  return element('ul', {class: `remarks ${level}`}, ...texts.map((text) => element('li', {}, withCode(text))))
}

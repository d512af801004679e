import {element} from './element.ts'

/** Text in which words between backticks are code. */
export function withCode(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment()
  for (const [index, part] of text.split('`').entries())
    fragment.append(index % 2 === 1 ? element('code', {}, part) : part)
  return fragment
}

/** Number with its noun: `1 tag`, `5 tags`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`
}

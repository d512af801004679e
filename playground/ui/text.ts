import {element} from './element.ts'

/** Text in which words between backticks are code. */
export function withCode(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment()
  for (const [index, part] of text.split('`').entries())
    fragment.append(index % 2 === 1 ? element('code', {}, part) : part)
  return fragment
}

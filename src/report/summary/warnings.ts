import type {IssuedWarning} from '../../io/workflow.ts'
import {code, prose} from './markdown.ts'
import type {Report} from '../report.ts'

const maxWarnings = 10
const maxPlaces = 5

/** List of the warnings of the run, those of one rule together. The result of a `call` lists those of the build already. */
export function warningList({warnings: issued = [], called}: Report): readonly string[] {
  const listed = called === undefined ? issued : issued.filter(({place}) => place === undefined)
  const groups = [...Map.groupBy(listed, ruleOf).values()]
  if (groups.length === 0) return []
  const rest = groups.length - maxWarnings
  return [[...groups.slice(0, maxWarnings).map(item), ...(rest > 0 ? [`- ${rest} more in the log`] : [])].join('\n')]
}

/** Title of an annotation, which is the rule of a check, or the text of another warning. */
function ruleOf({text, place}: IssuedWarning): string {
  return place?.title ?? text
}

/** `- ⚠️ JSONArgsRecommended: text (Dockerfile:3, Dockerfile:9)` */
function item(group: readonly IssuedWarning[]): string {
  const [first] = group
  const rule = first?.place?.title
  const texts = [...new Set(group.map(({text}) => text))]
  const all = group.map(placeOf).filter((place) => place !== '')
  const places = [...new Set(all)]
  const more = places.length > maxPlaces ? [`${places.length - maxPlaces} more`] : []
  const at = places.length === 0 ? '' : ` (${[...places.slice(0, maxPlaces), ...more].join(', ')})`
  const others = texts.length > 1 ? ` and ${texts.length - 1} more` : ''
  return `- ⚠️ ${rule === undefined ? '' : `${code(rule)} `}${prose(texts[0] ?? '')}${others}${at}`
}

/** `Dockerfile:3` as inline code; empty for a warning without a file. */
function placeOf({place}: IssuedWarning): string {
  if (place === undefined || place.file === '') return ''
  return code(place.line > 0 ? `${place.file}:${place.line}` : place.file)
}

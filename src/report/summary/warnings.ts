import type {IssuedWarning} from '../../io/workflow.ts'
import {code, prose} from './markdown.ts'
import type {Report} from '../report.ts'

const maxWarnings = 10
const maxPlaces = 5

/** List of the warnings of the run, those of one rule together. The result of a `call` lists those of the build already. */
export async function warningList({
  warnings: issued = [],
  called,
}: Pick<Report, 'warnings' | 'called'>): Promise<readonly string[]> {
  const listed = called === undefined ? issued : issued.filter(({place}) => place === undefined)
  const groups = [...Map.groupBy(listed, ruleOf).values()]
  if (groups.length === 0) return []
  const rest = groups.length - maxWarnings
  const items = await Promise.all(groups.slice(0, maxWarnings).map(item))
  return [[...items, ...(rest > 0 ? [`- ${rest} more in the log`] : [])].join('\n')]
}

/** Title of an annotation, which is the rule of a check, or the text of another warning. */
function ruleOf({text, place}: IssuedWarning): string {
  return place?.title ?? text
}

/**
 * `- ⚠️ JSONArgsRecommended: text (Dockerfile:3, Dockerfile:9)`. A warning that contains an error has its evidence and
 * remedy in the same item, as a failure shows them.
 */
async function item(group: readonly IssuedWarning[]): Promise<string> {
  const [first] = group
  if (first?.about !== undefined) return errorItem(first.about)
  const rule = first?.place?.title
  const texts = [...new Set(group.map(({text}) => text))]
  const all = group.map(placeOf).filter((place) => place !== '')
  const places = [...new Set(all)]
  const more = places.length > maxPlaces ? [`${places.length - maxPlaces} more`] : []
  const at = places.length === 0 ? '' : ` (${[...places.slice(0, maxPlaces), ...more].join(', ')})`
  const others = texts.length > 1 ? ` and ${texts.length - 1} more` : ''
  return `- ⚠️ ${rule === undefined ? '' : `${code(rule)} `}${prose(texts[0] ?? '')}${others}${at}`
}

async function errorItem(about: NonNullable<IssuedWarning['about']>): Promise<string> {
  const {warningParts} = await import('./failure-section.ts')
  return `- ⚠️ ${warningParts(about)
    .join('\n\n')
    .replaceAll(/\n(?=.)/g, '\n  ')}`
}

/** `Dockerfile:3` as inline code; empty for a warning without a file. */
function placeOf({place}: IssuedWarning): string {
  if (place === undefined || place.file === '') return ''
  return code(place.line > 0 ? `${place.file}:${place.line}` : place.file)
}

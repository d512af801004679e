import {element} from '../ui/element.ts'
import {icon} from '../ui/icons.ts'
import {count} from '../ui/count.ts'
import {withCode} from '../ui/text.ts'
import type {ConvertAnswer, Range, ShownRemark} from '../worker/messages.ts'

const verdicts = {
  converted: 'converted',
  partial: 'converted in part',
  refused: 'not converted',
  nothing: 'nothing to convert',
} as const

const levels = {note: 'note', kept: 'kept', refused: 'refused'} as const

/** Verdict of each job. */
export function jobVerdicts({jobs}: ConvertAnswer): readonly HTMLElement[] {
  return jobs.map(({id, verdict}) =>
    element(
      'span',
      {class: `job ${verdict}`},
      verdict === 'converted' ? icon('check') : undefined,
      element('b', {}, id),
      ` ${verdicts[verdict]}`,
    ),
  )
}

/** List of the remarks, whose line numbers lead to the lines. */
export function remarkList({remarks, changed}: ConvertAnswer, goTo: (range: Range) => void): readonly HTMLElement[] {
  if (remarks.length === 0) {
    const text = changed
      ? 'No remarks: everything was taken over.'
      : 'Nothing to convert: no step of the Docker actions that Tagboat replaces.'
    return [element('p', {class: 'quiet'}, text)]
  }
  return [element('ul', {class: 'remark-list'}, ...remarks.map((remark) => remarkRow(remark, goTo)))]
}

function remarkRow(remark: ShownRemark, goTo: (range: Range) => void): HTMLElement {
  const {level, line, message, remedy} = remark
  const go = (): void => {
    goTo(remark)
  }
  return element(
    'li',
    {},
    element('span', {class: `badge ${level}`}, levels[level]),
    element('button', {type: 'button', class: 'link', click: go}, `line ${line}`),
    element(
      'div',
      {},
      element('p', {}, withCode(message)),
      remedy === undefined ? undefined : element('p', {class: 'note'}, withCode(remedy)),
    ),
  )
}

/** Sentence for screen readers about a conversion. */
export function spokenConversion({jobs, remarks, changed}: ConvertAnswer): string {
  if (!changed) return 'Nothing was converted.'
  const all = jobs.filter(({verdict}) => verdict !== 'nothing').map(({id, verdict}) => `${id}: ${verdicts[verdict]}`)
  return `${all.join(', ')}. ${count(remarks.length, 'remark')}.`
}

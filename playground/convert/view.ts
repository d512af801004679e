import {goTo, replaceText, showFindings} from '../editor/editor.ts'
import type {PageState} from '../state/state.ts'
import {announce} from '../ui/announce.ts'
import {byId, element} from '../ui/element.ts'
import {count} from '../ui/count.ts'
import type {ConvertAnswer, Finding, ShownRemark} from '../worker/messages.ts'
import type {Planner} from '../worker/planner.ts'
import {sideBySide, stacked, type DiffView} from './diff.ts'
import {convertParts, type ConvertParts} from './parts.ts'
import {jobVerdicts, remarkList, spokenConversion} from './remarks.ts'

/** View that converts. */
export interface ConvertView {
  /** Shows a state, and converts its workflow. */
  show(state: PageState): void
}

/** Time without a key press before the text is converted, in milliseconds. */
const pauseMs = 60
/** Widest window with one column. */
const narrow = '(max-width: 860px)'

/** Creates the view in its part of the page. */
export function convertView(planner: Planner, change: (changed: Partial<PageState>) => void): ConvertView {
  const parts = convertParts(byId('panel-convert', HTMLElement))
  const onChange = (convert: string): void => {
    change({convert})
  }
  const onLineBreaks = (crlf: boolean): void => {
    change({crlf})
  }
  let text = ''
  let converted = ''
  let crlf = false
  let diff: DiffView | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const media = matchMedia(narrow)
  const current = (): DiffView => {
    diff ??= (media.matches ? stacked : sideBySide)({
      parent: parts.diff,
      text,
      onChange,
      onLineBreaks,
    })
    return diff
  }
  const convert = async (): Promise<void> => {
    const outcome = await planner.ask({kind: 'convert', text})
    if (outcome.kind === 'broken' || outcome.kind === 'stopped') {
      showFindings(current().source, [])
      showFailure(parts, outcome)
    }
    if (outcome.kind !== 'convert') return
    converted = outcome.text
    const shown = current()
    shown.showResult(outcome.text)
    showFindings(shown.source, outcome.remarks.map(finding))
    showAnswer(parts, outcome, shown.source)
  }
  media.addEventListener('change', () => {
    diff?.destroy()
    diff = undefined
    current().showResult(converted)
    void convert()
  })
  copyButton(parts, () => (crlf ? converted.replaceAll('\n', '\r\n') : converted))
  parts.open.addEventListener('click', () => {
    change({view: 'plan', text: converted})
    byId('view-plan', HTMLButtonElement).focus()
  })
  return {
    show(state) {
      text = state.convert
      crlf = state.crlf
      replaceText(current().source, text)
      clearTimeout(timer)
      timer = setTimeout(() => void convert(), pauseMs)
    },
  }
}

function copyButton(parts: ConvertParts, text: () => string): void {
  parts.copy.addEventListener('click', () => {
    navigator.clipboard.writeText(text()).then(
      () => {
        announce('The converted workflow was copied.')
        parts.copied()
      },
      () => {
        announce('The browser does not allow to copy.')
      },
    )
  })
}

function showAnswer(parts: ConvertParts, answer: ConvertAnswer, source: DiffView['source']): void {
  parts.verdicts.replaceChildren(...jobVerdicts(answer))
  parts.remarksTitle.textContent = answer.remarks.length === 0 ? 'Remarks' : count(answer.remarks.length, 'remark')
  parts.remarks.replaceChildren(
    ...remarkList(answer, (range) => {
      goTo(source, range)
    }),
  )
  parts.copy.disabled = !answer.changed
  parts.open.disabled = !answer.changed
  announce(spokenConversion(answer))
}

function showFailure(
  {verdicts, remarksTitle, remarks, copy, open}: ConvertParts,
  outcome: {readonly kind: 'broken' | 'stopped'; readonly message?: string},
): void {
  const text =
    outcome.kind === 'stopped'
      ? 'Converting made no progress for 2 seconds and was ended.'
      : `This page failed: ${outcome.message ?? ''}`
  verdicts.replaceChildren()
  remarksTitle.textContent = 'Remarks'
  remarks.replaceChildren(element('p', {class: 'bad-text'}, text))
  copy.disabled = true
  open.disabled = true
  announce(text)
}

function finding({from, to, level, message, remedy}: ShownRemark): Finding {
  return {from, to, level: level === 'refused' ? 'warning' : 'notice', message, remedy}
}

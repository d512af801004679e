import {element} from '../ui/element.ts'
import {isShared} from '../state/shared-value.ts'
import type {ShownValue} from '../worker/messages.ts'

/** Contents of a row. */
export interface RowContents {
  /** Value that is given; undefined if none is. */
  readonly value: string | undefined
  readonly usual: ShownValue['usual']
  readonly options: ShownValue['options']
  readonly problem: string | undefined
}

/** Row for a value that can be given. */
export interface ValueRow {
  readonly element: HTMLElement
  show(contents: RowContents): void
  focus(): void
}

/** Field of a row, for a text or for a choice. */
interface Control {
  readonly element: HTMLTextAreaElement | HTMLSelectElement
  show(contents: RowContents): void
}

let rows = 0

/** Creates a row. `give` gets a value, or undefined to take it back. */
export function valueRow(name: string, give: (value: string | undefined) => void): ValueRow {
  rows += 1
  const id = `value-${rows}`
  let value: string | undefined
  let control = textControl(id, give)
  let options: readonly string[] = []
  const empty = rowButton('Use empty text', `for ${name}`, () => {
    give(value === '' ? undefined : '')
  })
  const remove = rowButton('Clear', `the value of ${name}`, () => {
    // A button that is disabled loses the focus.
    control.element.focus()
    give(undefined)
  })
  const problem = element('p', {id: `${id}-problem`, class: 'field-problem', hidden: true})
  const fields = element('div', {class: 'value-fields'}, control.element, empty, remove)
  const note = isShared(name) ? undefined : element('p', {class: 'note'}, 'A link to this page does not contain it.')
  const row = element('li', {class: 'value-row'}, element('label', {for: id}, name), fields, problem, note)
  return {
    element: row,
    show(contents) {
      value = contents.value
      if (contents.options.join('\n') !== options.join('\n')) {
        ;({options} = contents)
        const next = options.length === 0 ? textControl(id, give) : choiceControl(id, options, give)
        const isFocused = document.activeElement === control.element
        control.element.replaceWith(next.element)
        control = next
        if (isFocused) control.element.focus()
      }
      control.show(contents)
      control.element.setAttribute('aria-invalid', String(contents.problem !== undefined))
      empty.hidden = options.length > 0
      empty.setAttribute('aria-pressed', String(value === ''))
      remove.disabled = value === undefined
      problem.hidden = contents.problem === undefined
      problem.textContent = contents.problem === undefined ? '' : `Not used: ${contents.problem}.`
    },
    focus() {
      control.element.focus()
    },
  }
}

function rowButton(text: string, what: string, click: () => void): HTMLButtonElement {
  return element(
    'button',
    {type: 'button', class: 'button', click},
    text,
    element('span', {class: 'unseen'}, ` ${what}`),
  )
}

function textControl(id: string, give: (value: string) => void): Control {
  const area = element('textarea', {
    id,
    rows: '1',
    spellcheck: 'false',
    autocomplete: 'off',
    autocapitalize: 'off',
    'aria-describedby': `${id}-problem`,
  })
  area.addEventListener('input', () => {
    give(area.value)
  })
  return {
    element: area,
    show({value, usual}) {
      if (area.value !== (value ?? '')) area.value = value ?? ''
      area.placeholder = value === '' ? 'empty' : usualText(usual)
    },
  }
}

function choiceControl(id: string, options: readonly string[], give: (value: string | undefined) => void): Control {
  const list = element('select', {id, 'aria-describedby': `${id}-problem`})
  let shown: readonly string[] = []
  let texts = ''
  list.addEventListener('change', () => {
    give(shown[Number(list.value)])
  })
  return {
    element: list,
    show({value, usual}) {
      // A value of a link can be another one.
      shown = value === undefined || options.includes(value) ? options : [...options, value]
      const next = JSON.stringify([usualText(usual), ...shown])
      // A list that is open closes, or loses the place of the user, if its options are replaced.
      if (next !== texts) {
        list.replaceChildren(
          element('option', {value: '-1'}, usualText(usual)),
          ...shown.map((option, index) => element('option', {value: String(index)}, option)),
        )
        texts = next
      }
      list.value = String(value === undefined ? -1 : shown.indexOf(value))
    },
  }
}

function usualText(usual: string | undefined): string {
  if (usual === undefined) return 'not known'
  return usual === '' ? 'usual value: empty' : `usual value: ${usual}`
}

import {element} from '../ui/element.ts'
import {icon} from '../ui/icons.ts'

/** Elements of the view that change. */
export interface ConvertParts {
  readonly verdicts: HTMLElement
  readonly diff: HTMLElement
  readonly remarksTitle: HTMLElement
  readonly remarks: HTMLElement
  readonly copy: HTMLButtonElement
  readonly open: HTMLButtonElement
  /** Shows for a moment that the result was copied. */
  copied(): void
}

/** Creates the elements of the view in its panel. */
export function convertParts(panel: HTMLElement): ConvertParts {
  const verdicts = element('div', {class: 'jobs', id: 'jobs'})
  const diff = element('div', {class: 'diff', id: 'diff'})
  const remarksTitle = element('h2', {}, 'Remarks')
  const remarks = element('div', {class: 'remarks-body', id: 'remarks'})
  const copyText = element('span', {}, 'Copy the result')
  const copy = element(
    'button',
    {type: 'button', class: 'button', id: 'copy-result', disabled: true},
    icon('copy'),
    copyText,
  )
  const open = element(
    'button',
    {type: 'button', class: 'button primary', id: 'open-result', disabled: true},
    'Plan the result',
    icon('arrow'),
  )
  panel.append(
    element(
      'div',
      {class: 'pane'},
      element(
        'div',
        {class: 'bar'},
        element('h2', {}, 'Docker actions to Tagboat'),
        verdicts,
        element('div', {class: 'bar-actions'}, copy, open),
      ),
      diff,
      element(
        'p',
        {class: 'hint', id: 'convert-hint'},
        'Paste your own workflow. ',
        element('kbd', {}, 'Esc'),
        ' and then ',
        element('kbd', {}, 'Tab'),
        ' leaves the editor.',
      ),
    ),
    element('section', {class: 'pane remarks-pane'}, element('div', {class: 'bar'}, remarksTitle), remarks),
  )
  return {
    verdicts,
    diff,
    remarksTitle,
    remarks,
    copy,
    open,
    copied: () => {
      copyText.textContent = 'Copied'
      setTimeout(() => (copyText.textContent = 'Copy the result'), 2500)
    },
  }
}

import {refProblem} from '../../src/simulation/events/ref-name.ts'
import {repositoryProblem} from './names.ts'
import {element} from '../ui/element.ts'
import type {PageState} from '../state/state.ts'
import {sampleEvents} from '../../src/simulation/events/sample-events.ts'

/** Fields for the values of an event that can be typed. */
export interface EventForm {
  /** Shows the values of a state. The overview has no form. */
  show(state: PageState): void
}

const usual = {repository: 'octocat/app', defaultBranch: 'main'}

/** Creates the fields in a form. */
export function eventForm(form: HTMLFormElement, onChange: (changed: Partial<PageState>) => void): EventForm {
  let shown: PageState | undefined
  const ref = field('ref', 'Branch or Git tag')
  const repository = field('repository', 'Repository', usual.repository)
  const defaultBranch = field('default-branch', 'Default branch', usual.defaultBranch)
  form.append(ref.row, repository.row, defaultBranch.row)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
  })
  ref.input.addEventListener('input', () => {
    if (shown === undefined) return
    const typed = {...shown.typed, [shown.event]: {ref: ref.input.value.trim()}}
    onChange({typed: Object.fromEntries(Object.entries(typed).filter(([, one]) => one.ref !== ''))})
  })
  repository.input.addEventListener('input', () => {
    onChange({repository: repository.input.value.trim()})
  })
  defaultBranch.input.addEventListener('input', () => {
    onChange({defaultBranch: defaultBranch.input.value.trim()})
  })
  return {
    show(state) {
      shown = state
      const sample = sampleEvents.find(({id}) => id === state.event)
      ref.row.hidden = sample === undefined
      ref.input.placeholder = usualRef(sample?.choice, state)
      ref.title.textContent = refTitle(sample?.choice.event)
      setValue(ref, state.typed[state.event]?.ref ?? '', refProblem)
      setValue(repository, state.repository, repositoryProblem)
      setValue(defaultBranch, state.defaultBranch, refProblem)
    },
  }
}

interface Field {
  readonly row: HTMLElement
  readonly title: HTMLElement
  readonly input: HTMLInputElement
  /** Problem of the value. */
  readonly problem: HTMLElement
}

function field(id: string, text: string, placeholder = ''): Field {
  const input = element('input', {
    type: 'text',
    id,
    placeholder,
    spellcheck: 'false',
    autocomplete: 'off',
    autocapitalize: 'off',
    'aria-describedby': `${id}-problem`,
  })
  const title = element('span', {}, text)
  const problem = element('p', {id: `${id}-problem`, class: 'field-problem', hidden: true})
  const row = element('div', {class: 'field'}, element('label', {for: id}, title, input), problem)
  return {row, title, input, problem}
}

/** Sets a value unless the user is typing it, and shows its problem. */
function setValue({input, problem}: Field, value: string, check: (name: string) => string | undefined): void {
  if (document.activeElement !== input || input.value.trim() !== value) input.value = value
  const found = check(value)
  input.setAttribute('aria-invalid', String(found !== undefined))
  problem.hidden = found === undefined
  problem.textContent = found === undefined ? '' : `${found} The plan is for ${input.placeholder}.`
}

function refTitle(event: string | undefined): string {
  if (event === 'release') return 'Git tag of the release'
  return event === 'pull_request' ? 'Branch of the pull request' : 'Branch or Git tag'
}

function usualRef(choice: {readonly event: string; readonly ref?: string} | undefined, state: PageState): string {
  if (choice?.event === 'pull_request') return 'feature'
  const main = state.defaultBranch === '' ? usual.defaultBranch : state.defaultBranch
  return (choice?.ref ?? main).replace(/^refs\/(?:heads|tags)\//, '')
}

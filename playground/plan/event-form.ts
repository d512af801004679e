import {refProblem} from '../../src/simulation/events/ref-name.ts'
import {repositoryProblem} from './names.ts'
import {element} from '../ui/element.ts'
import type {PageState} from '../state/state.ts'
import {namedEvent} from '../../src/simulation/events/sample-events.ts'

/** Fields for the values of an event that can be typed. */
export interface EventForm {
  /** Shows the values of a state. The overview has no form. */
  show(state: PageState): void
}

/** Events whose run is always that of the default branch. */
const ofDefaultBranch = ['schedule', 'repository_dispatch', 'issue_comment']

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
      const sample = namedEvent(state.event)
      ref.row.hidden = sample === undefined || ofDefaultBranch.includes(sample.choice.event)
      ref.input.placeholder = usualRef(sample?.choice, state)
      ref.title.textContent = refTitles[sample?.choice.event ?? ''] ?? 'Branch or Git tag'
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

/** Titles of the field for the ref, by the event. */
const refTitles: Readonly<Record<string, string>> = {
  release: 'Git tag of the release',
  pull_request: 'Branch of the pull request',
  pull_request_target: 'Branch of the pull request',
  workflow_run: 'Branch of the other workflow',
  create: 'New branch or Git tag',
  delete: 'Deleted branch or Git tag',
}

/** Events whose usual branch is `feature`. */
const ofFeature = ['pull_request', 'pull_request_target', 'create', 'delete']

function usualRef(choice: {readonly event: string; readonly ref?: string} | undefined, state: PageState): string {
  if (ofFeature.includes(choice?.event ?? '')) return 'feature'
  const main = state.defaultBranch === '' ? usual.defaultBranch : state.defaultBranch
  return (choice?.ref ?? main).replace(/^refs\/(?:heads|tags)\//, '')
}

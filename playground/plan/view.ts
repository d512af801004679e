import type {EditorView} from '@codemirror/view'
import {createEditor, editorBase, goTo, replaceText, showFindings, yamlEditing} from '../editor/editor.ts'
import {completion} from '../editor/completion.ts'
import {examples, type Example} from '../state/examples.ts'
import {allEvents, settingsOf, type PageState} from '../state/state.ts'
import {announce} from '../ui/announce.ts'
import {byId, element} from '../ui/element.ts'
import {busyResult} from './busy-result.ts'
import type {EventSettings, Finding, PlanAnswer, PlanRequest, Range} from '../worker/messages.ts'
import type {Outcome, Planner} from '../worker/planner.ts'
import {eventForm} from './event-form.ts'
import {eventTabs, eventTitle, tabId} from './events.ts'
import {count} from '../ui/count.ts'
import {verdict} from './parts.ts'
import type {Give} from './needs.ts'
import {overview} from './overview.ts'
import {registryField} from './registry-field.ts'
import {eventResult} from './result.ts'
import {spokenResult} from './spoken.ts'
import {ValuesField} from './values-field.ts'

/** View that plans. */
export interface PlanView {
  /** Shows a state, and plans it. */
  show(state: PageState): void
}

/** Time without a key press before a plan is made, in milliseconds. */
const pauseMs = 12

/** Creates the view in its part of the page. */
export function planView(
  initial: PageState,
  planner: Planner,
  change: (changed: Partial<PageState>) => void,
): PlanView {
  const result = byId('result', HTMLElement)
  const editor = workflowEditor(initial.text, change)
  const values = new ValuesField(initial.values, change)
  const registry = registryField(initial.registry, change)
  const form = eventForm(byId('event-form', HTMLFormElement), change)
  const select = (event: string): void => {
    change({event})
    document.getElementById(tabId(event))?.focus()
  }
  const events = eventTabs(select)
  exampleChoice(({text, ref}) => {
    replaceText(editor, text)
    change({text, ...(ref === undefined ? {typed: {}} : {event: 'version', typed: {version: {ref}}})})
  })
  let state = initial
  let timer: ReturnType<typeof setTimeout> | undefined
  const busy = busyResult(result)
  const plan = async (): Promise<void> => {
    const asked = state
    const outcome = await planner.ask(requestOf(asked, events.offered()))
    if (outcome.kind === 'replaced' || outcome.kind === 'convert' || asked.event !== state.event) return
    const convert = converting(asked.text, change)
    const show = shownOutcome(outcome, asked, {goTo: goToIn(editor), select, convert, give: values.focus})
    result.replaceChildren(...show)
    busy.shown(asked.event, asked === state)
    const isPlanned = outcome.kind === 'plan'
    const hasOthers = isPlanned && outcome.triggers !== undefined && events.offer(outcome.triggers)
    if (hasOthers && asked.event === allEvents) void plan()
    const findings = isPlanned ? allFindings(outcome) : []
    showFindings(editor, findings)
    if (isPlanned) registry.show(outcome)
    if (isPlanned) values.show(outcome, asked.values)
    showState(findings)
    announce(isPlanned ? spokenResult(outcome, eventTitle(asked.event)) : result.textContent)
    performance.mark('plan-shown')
  }
  return {
    show(next) {
      state = next
      replaceText(editor, state.text)
      registry.set(state.registry)
      values.set(state.values)
      form.show(state)
      events.select(state.event)
      byId('event-panel', HTMLElement).setAttribute('aria-labelledby', tabId(state.event))
      busy.planning(state.event)
      clearTimeout(timer)
      timer = setTimeout(() => void plan(), pauseMs)
    },
  }
}

function workflowEditor(initial: string, change: (changed: Partial<PageState>) => void): EditorView {
  return createEditor({
    parent: byId('editor', HTMLElement),
    text: initial,
    extensions: [editorBase('Workflow or step', 'editor-hint'), yamlEditing, completion],
    onChange: (text) => {
      change({text})
    },
  })
}

/** Opens a text in the view that converts. */
function converting(text: string, change: (changed: Partial<PageState>) => void): () => void {
  return () => {
    change({view: 'convert', convert: text})
    document.getElementById('view-convert')?.focus()
  }
}

function requestOf(state: PageState, offered: readonly string[]): PlanRequest {
  const ids = state.event === allEvents ? offered : [state.event]
  const events = ids.map((id): EventSettings => settingsOf(id, state))
  return {kind: 'plan', text: state.text, registry: state.registry, values: state.values, events}
}

function goToIn(editor: EditorView): (range: Range) => void {
  return (range) => {
    goTo(editor, range)
  }
}

interface Actions {
  readonly goTo: (range: Range) => void
  readonly select: (id: string) => void
  readonly convert: () => void
  readonly give: Give
}

/** Step of one of the Docker actions. */
const dockerStep = /^[ \t]*(?:-[ \t]+)?uses:[ \t]*["']?docker\/(?:build-push|metadata|login)-action@/m

function shownOutcome(
  outcome: Exclude<Outcome, {readonly kind: 'replaced' | 'convert'}>,
  state: PageState,
  {goTo, select, convert, give}: Actions,
): readonly HTMLElement[] {
  if (outcome.kind === 'stopped') {
    const cause = element(
      'p',
      {},
      'One step of this text takes very long. A cause can be a regular expression, which a run stops too.',
    )
    return [verdict('failed', 'Planning made no progress for 2 seconds and was ended', [cause])]
  }
  if (outcome.kind === 'broken') return [verdict('failed', 'This page failed', [element('p', {}, outcome.message)])]
  if (outcome.events.length === 0) return [problemList(outcome.findings, goTo)]
  const [first] = outcome.events
  const called = calledNote(outcome.events)
  const note = called === undefined ? [] : [element('p', {class: 'note called'}, called)]
  return state.event === allEvents || first === undefined
    ? [...note, overview(outcome.events, {select, give})]
    : [...note, ...eventResult(first, {goTo, give, convert: dockerStep.test(state.text) ? convert : undefined})]
}

/** Meaning of the events of a workflow that only others call, or of a call alone. */
function calledNote(events: PlanAnswer['events']): string | undefined {
  if (events.some(({isCalled}) => !isCalled)) return undefined
  const isCall = events.every(({id}) => id === 'workflow_call')
  const here = isCall ? 'here a push' : 'each event is that of a caller here'
  return `Other workflows call this one. It has the event of its caller: ${here}.`
}

/** Problems of a text that is not a workflow. */
function problemList(findings: readonly Finding[], goTo: (range: Range) => void): HTMLElement {
  const rows = findings.map((finding) => {
    const go = (): void => {
      goTo(finding)
    }
    return element(
      'li',
      {},
      element('button', {type: 'button', class: 'link', click: go}, finding.message),
      finding.remedy === undefined ? undefined : element('p', {class: 'note'}, finding.remedy),
    )
  })
  return verdict('failed', 'This is not a workflow yet', [element('ul', {class: 'evidence'}, ...rows)])
}

/** Findings of the file and of all steps, each once. */
function allFindings({findings, events}: PlanAnswer): readonly Finding[] {
  const all = [...findings, ...events.flatMap(({steps}) => steps.flatMap((step) => step.findings))]
  return [...new Map(all.map((finding) => [`${finding.from} ${finding.level} ${finding.message}`, finding])).values()]
}

function showState(findings: readonly Finding[]): void {
  const errors = findings.filter(({level}) => level === 'error').length
  const state = byId('source-state', HTMLElement)
  state.className = errors === 0 ? 'state' : 'state bad'
  state.textContent = errors === 0 ? '' : count(errors, 'error')
}

function exampleChoice(choose: (example: Example) => void): void {
  const list = byId('example', HTMLSelectElement)
  list.append(
    element('option', {value: '', selected: true, disabled: true, hidden: true}, 'Examples'),
    ...examples.map(({title}, index) => element('option', {value: String(index)}, title)),
  )
  list.addEventListener('change', () => {
    const example = examples[Number(list.value)]
    if (list.value !== '' && example !== undefined) choose(example)
    list.value = ''
  })
}

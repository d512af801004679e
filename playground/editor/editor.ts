import {closeBrackets} from '@codemirror/autocomplete'
import {defaultKeymap, history, historyKeymap, indentWithTab} from '@codemirror/commands'
import {yaml} from '@codemirror/lang-yaml'
import {bracketMatching, indentOnInput, indentUnit, syntaxHighlighting} from '@codemirror/language'
import {lintGutter, lintKeymap, setDiagnostics, type Diagnostic} from '@codemirror/lint'
import {EditorState, type Extension} from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view'
import type {Finding, Range} from '../worker/messages.ts'
import {editorTheme, highlighting} from './theme.ts'

/** Extensions that every editor of the page has. */
export function editorBase(label: string, describedBy?: string): Extension {
  return [
    lineNumbers(),
    history(),
    drawSelection(),
    rectangularSelection(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    bracketMatching(),
    EditorState.tabSize.of(2),
    indentUnit.of('  '),
    keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
    editorTheme,
    syntaxHighlighting(highlighting),
    EditorView.cspNonce.of(nonce()),
    EditorView.contentAttributes.of({
      'aria-label': label,
      tabindex: '0',
      ...(describedBy !== undefined && {'aria-describedby': describedBy}),
    }),
  ]
}

/** Nonce that the policy of the page allows for style elements. */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name=style-nonce]')?.content ?? ''
}

/** Extensions for a text in YAML that is edited. */
export const yamlEditing: Extension = [
  yaml(),
  indentOnInput(),
  closeBrackets(),
  lintGutter(),
  keymap.of([indentWithTab]),
]

interface EditorOptions {
  readonly parent: HTMLElement
  readonly text: string
  readonly extensions: Extension
  readonly onChange: (text: string) => void
}

/** Creates an editor. Changes by the page itself are not reported. */
export function createEditor({parent, text, extensions, onChange}: EditorOptions): EditorView {
  const listener = EditorView.updateListener.of((update) => {
    const isOwn = update.transactions.some((transaction) => transaction.isUserEvent('page'))
    if (update.docChanged && !isOwn) onChange(update.state.doc.toString())
  })
  return new EditorView({parent, state: EditorState.create({doc: text, extensions: [extensions, listener]})})
}

/** Replaces the whole text, as one step that can be undone. */
export function replaceText(view: EditorView, text: string): void {
  if (view.state.doc.toString() === text) return
  view.dispatch({changes: {from: 0, to: view.state.doc.length, insert: text}, userEvent: 'page'})
}

/** Shows findings at their places. Those of an older, longer text are cut. */
export function showFindings(view: EditorView, findings: readonly Finding[]): void {
  const text = view.state.doc.toString()
  const diagnostics = findings.map(({level, message, remedy, ...range}): Diagnostic => ({
    ...visibleRange(range, text),
    severity: level === 'notice' ? 'info' : level,
    message: remedy === undefined || remedy === '' ? message : `${message}\n${remedy}`,
  }))
  view.dispatch(setDiagnostics(view.state, diagnostics))
}

/**
 * Range with at least one character that can be underlined: an error at the end of a line is at the character before. A step
 * is underlined in its first line.
 */
function visibleRange({from, to}: Range, text: string): Range {
  const [first = ''] = text.slice(from, to).split('\n')
  if (first.trim() !== '') return {from, to: from + first.length}
  const end = text.slice(0, from).trimEnd().length
  return {from: Math.max(0, end - 1), to: end}
}

/** Selects a range in the middle of the editor, and moves the focus there. */
export function goTo(view: EditorView, {from, to}: Range): void {
  const end = view.state.doc.length
  const selection = {anchor: Math.min(from, end), head: Math.min(to, end)}
  view.dispatch({selection, effects: EditorView.scrollIntoView(selection.anchor, {y: 'center'})})
  view.focus()
}

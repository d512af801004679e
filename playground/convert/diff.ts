import {MergeView, unifiedMergeView} from '@codemirror/merge'
import {yaml} from '@codemirror/lang-yaml'
import {EditorState, type Extension} from '@codemirror/state'
import {EditorView} from '@codemirror/view'
import {createEditor, editorBase, replaceText, yamlEditing} from '../editor/editor.ts'
import {lineBreaks} from '../editor/line-breaks.ts'
import {element} from '../ui/element.ts'
import {LineFillers} from './fillers.ts'
import {lineDiff} from './line-diff.ts'

/** Workflow that is edited, and the difference to its conversion. */
export interface DiffView {
  /** Editor of the workflow to convert. */
  readonly source: EditorView
  /** Shows a conversion of the current text. */
  showResult(text: string): void
  destroy(): void
}

interface DiffOptions {
  readonly parent: HTMLElement
  readonly text: string
  readonly onChange: (text: string) => void
  /** Called before a text replaces the whole one. */
  readonly onLineBreaks: (crlf: boolean) => void
}

const sourceLabel = 'Workflow to convert'
const resultLabel = 'Converted workflow'

/** Extensions of the conversion, which cannot be edited, but can be selected and copied. */
const resultBase: Extension = [editorBase(resultLabel), yaml(), EditorState.readOnly.of(true)]

/** Shows both texts side by side. Lines that belong together have the same height. */
export function sideBySide({parent, text, onChange, onLineBreaks}: DiffOptions): DiffView {
  const listener = EditorView.updateListener.of(({docChanged, state, transactions}) => {
    if (docChanged && !transactions.some((one) => one.isUserEvent('page'))) onChange(state.doc.toString())
  })
  const aligned = new LineFillers()
  const both = [EditorView.lineWrapping, aligned.extension]
  const merge = new MergeView({
    parent,
    a: {
      doc: text,
      extensions: [both, editorBase(sourceLabel, 'convert-hint'), yamlEditing, lineBreaks(onLineBreaks), listener],
    },
    b: {doc: text, extensions: [both, resultBase]},
    highlightChanges: true,
    gutter: true,
    diffConfig: lineDiff,
  })
  aligned.start(merge.a, merge.b)
  return {
    source: merge.a,
    showResult: (result) => {
      replaceText(merge.b, result)
    },
    destroy: () => {
      aligned.destroy()
      merge.destroy()
    },
  }
}

/** Shows the difference in one column below the workflow, for narrow windows. */
export function stacked({parent, text, onChange, onLineBreaks}: DiffOptions): DiffView {
  const above = element('div', {class: 'stacked-source'})
  const below = element('div', {class: 'stacked-result'})
  parent.append(above, below)
  const source = createEditor({
    parent: above,
    text,
    extensions: [
      EditorView.lineWrapping,
      editorBase(sourceLabel, 'convert-hint'),
      yamlEditing,
      lineBreaks(onLineBreaks),
    ],
    onChange,
  })
  const stateOf = (result: string, original: string): EditorState =>
    EditorState.create({
      doc: result,
      extensions: [
        EditorView.lineWrapping,
        resultBase,
        unifiedMergeView({original, mergeControls: false, allowInlineDiffs: true, diffConfig: lineDiff}),
      ],
    })
  const view = new EditorView({parent: below, state: stateOf(text, text)})
  return {
    source,
    showResult: (result) => {
      view.setState(stateOf(result, source.state.doc.toString()))
    },
    destroy: () => {
      source.destroy()
      view.destroy()
      above.remove()
      below.remove()
    },
  }
}

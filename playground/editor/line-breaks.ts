import type {EditorState, Extension} from '@codemirror/state'
import {EditorView} from '@codemirror/view'

/**
 * Reports whether a text that replaces the whole one has the line breaks of Windows. Editors hold every text with line
 * feeds alone.
 */
export function lineBreaks(onReplace: (crlf: boolean) => void): Extension {
  return EditorView.clipboardInputFilter.of((text, state) => {
    if (isWhole(state) && text.includes('\n')) onReplace(text.includes('\r\n'))
    return text
  })
}

function isWhole({selection: {main}, doc}: EditorState): boolean {
  return main.from === 0 && main.to === doc.length
}

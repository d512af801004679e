import {lintGutter} from '@codemirror/lint'
import {createEditor, editorBase, replaceText, showFindings} from '../editor/editor.ts'
import {registryExample} from '../state/examples.ts'
import type {PageState} from '../state/state.ts'
import {byId} from '../ui/element.ts'
import type {PlanAnswer} from '../worker/messages.ts'
import {count} from '../ui/count.ts'

/** Field with the contents of the registry. */
export interface RegistryField {
  /** Replaces the text. */
  set(text: string): void
  /** Shows how many tags were read, and findings in place of those before. */
  show(read: Pick<PlanAnswer, 'registryFindings' | 'registryTags'>): void
}

/** Creates the field. It is open at first if it has a text. */
export function registryField(text: string, change: (changed: Partial<PageState>) => void): RegistryField {
  const note = byId('registry-note', HTMLElement)
  const usualNote = note.textContent
  const details = byId('registry', HTMLDetailsElement)
  const editor = createEditor({
    parent: byId('registry-editor', HTMLElement),
    text,
    extensions: [editorBase('What the registry holds', 'registry-hint'), lintGutter()],
    onChange: (registry) => {
      change({registry})
    },
  })
  details.open = text !== ''
  byId('registry-example', HTMLButtonElement).addEventListener('click', () => {
    replaceText(editor, registryExample)
    change({registry: registryExample})
  })
  return {
    set(next) {
      if (next !== '' && editor.state.doc.length === 0) details.open = true
      replaceText(editor, next)
    },
    show({registryFindings: findings, registryTags}) {
      showFindings(editor, findings)
      const [first] = findings
      if (first === undefined) {
        note.textContent = registryTags === 0 ? usualNote : count(registryTags, 'tag')
        return
      }
      const line = editor.state.doc.lineAt(Math.min(first.from, editor.state.doc.length)).number
      const others = findings.length === 1 ? '' : ` (and ${count(findings.length - 1, 'other line')})`
      const unused = registryTags === 0 ? `no tag is used. Line ${line}` : `line ${line} is not used`
      note.textContent = `${unused}: ${first.message}${others}`
    },
  }
}

import {HighlightStyle} from '@codemirror/language'
import {EditorView} from '@codemirror/view'
import {tags} from '@lezer/highlight'

/** Looks of the editors. The colours are those of the page, in light and dark. */
export const editorTheme = EditorView.theme({
  '&': {color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: 'var(--code-size)', height: '100%'},
  '&.cm-focused': {outline: 'none'},
  '.cm-scroller': {fontFamily: 'var(--mono)', lineHeight: '1.55'},
  '.cm-content': {padding: '10px 0', caretColor: 'var(--text)'},
  '.cm-line': {padding: '0 14px 0 8px'},
  '.cm-gutters': {backgroundColor: 'var(--surface)', color: 'var(--faint)', border: 'none', paddingLeft: '4px'},
  '.cm-lineNumbers .cm-gutterElement': {minWidth: '28px', padding: '0 6px 0 4px'},
  '.cm-activeLine': {backgroundColor: 'var(--line)'},
  '.cm-activeLineGutter': {backgroundColor: 'var(--line)', color: 'var(--text)'},
  '.cm-cursor': {borderLeftColor: 'var(--text)', borderLeftWidth: '1.5px'},
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--selection)',
  },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {backgroundColor: 'var(--selection)'},
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    border: '1px solid var(--border)',
    borderRadius: '8px',
    boxShadow: 'var(--shadow)',
    overflow: 'hidden',
    maxWidth: 'min(460px, 90vw)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {fontFamily: 'var(--mono)', fontSize: '13px', maxHeight: '16em'},
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {padding: '3px 10px'},
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent)',
    color: 'var(--on-accent)',
  },
  '.cm-completionMatchedText': {textDecoration: 'none', fontWeight: '700'},
  '.cm-completionDetail': {fontStyle: 'normal', opacity: '0.8', marginLeft: '1em'},
  '.cm-completionInfo': {padding: '8px 12px', fontSize: '13px', lineHeight: '1.45', width: '300px'},
  '.cm-tooltip-hover': {padding: '8px 12px', fontSize: '13px', lineHeight: '1.45'},
  '.cm-tooltip-lint': {padding: '0'},
  '.cm-diagnostic': {padding: '8px 12px', whiteSpace: 'pre-wrap', borderLeft: '3px solid', fontSize: '13px'},
  '.cm-diagnostic-error': {borderLeftColor: 'var(--danger)'},
  '.cm-diagnostic-warning': {borderLeftColor: 'var(--warning)'},
  '.cm-diagnostic-info': {borderLeftColor: 'var(--accent)'},
  '.cm-lintRange-error, .cm-lintRange-warning, .cm-lintRange-info': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy 1px',
    textUnderlineOffset: '3px',
    textDecorationSkipInk: 'none',
  },
  '.cm-lintRange-error': {textDecorationColor: 'var(--danger)'},
  '.cm-lintRange-warning': {textDecorationColor: 'var(--warning)'},
  '.cm-lintRange-info': {textDecorationColor: 'var(--accent)'},
  '.cm-deletedChunk, &.cm-merge-a .cm-changedLine': {backgroundColor: 'var(--deleted)'},
  '&.cm-merge-b .cm-changedLine, .cm-inlineChangedLine': {backgroundColor: 'var(--inserted)'},
  '&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText': {background: 'var(--deleted-text)'},
  '&.cm-merge-b .cm-changedText': {background: 'var(--inserted-text)'},
  '.cm-changeGutter': {width: '3px', paddingLeft: '0'},
  '&.cm-merge-a .cm-changedLineGutter, .cm-deletedLineGutter': {background: 'var(--danger)'},
  '&.cm-merge-b .cm-changedLineGutter': {background: 'var(--success)'},
  '.cm-gutter-lint': {width: '14px'},
  '.cm-gutter-lint .cm-gutterElement': {padding: '0', display: 'flex', alignItems: 'center', justifyContent: 'center'},
  '.cm-lint-marker': {width: '8px', height: '8px', borderRadius: '50%', content: '""'},
  '.cm-lint-marker-error': {content: '""', backgroundColor: 'var(--danger)', borderRadius: '2px'},
  '.cm-lint-marker-warning': {content: '""', backgroundColor: 'var(--warning)'},
  '.cm-lint-marker-info': {content: '""', backgroundColor: 'var(--accent)'},
})

/** Colours of YAML. */
export const highlighting = HighlightStyle.define([
  {tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-key)'},
  {tag: [tags.string, tags.special(tags.string)], color: 'var(--code-text)'},
  {tag: [tags.content, tags.literal], color: 'var(--text)'},
  {tag: [tags.comment, tags.lineComment], color: 'var(--muted)', fontStyle: 'italic'},
  {tag: [tags.labelName, tags.typeName, tags.keyword, tags.meta], color: 'var(--code-mark)'},
  {tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: 'var(--muted)'},
])

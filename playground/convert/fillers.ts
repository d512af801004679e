import {StateEffect, StateField, type Extension, type Text} from '@codemirror/state'
import {BlockType, Decoration, EditorView, WidgetType, type DecorationSet} from '@codemirror/view'
import {alignedLines, type LinePair} from './aligned-lines.ts'

/** Space in place of lines that only the other text has. */
class Filler extends WidgetType {
  readonly height: number

  constructor(height: number) {
    super()
    this.height = height
  }

  override eq({height}: Filler): boolean {
    return height === this.height
  }

  override toDOM(): HTMLElement {
    const space = document.createElement('div')
    space.className = 'cm-filler'
    space.style.height = `${this.height}px`
    return space
  }

  override get estimatedHeight(): number {
    return this.height
  }
}

const setFillers = StateEffect.define<DecorationSet>()

const fillers = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (shown, {changes, effects}) => effects.find((effect) => effect.is(setFillers))?.value ?? shown.map(changes),
  provide: (field) => EditorView.decorations.from(field),
})

/** Space below a line. */
interface Space {
  /** Number of the line, from 1. */
  readonly line: number
  readonly height: number
}

/** Keeps the lines of two editors side by side: lines that only one text has are opposite a space. */
export class LineFillers {
  /** Extension of both editors. */
  readonly extension: Extension
  #views: readonly [EditorView, EditorView] | undefined
  #pairs: readonly LinePair[] = []
  #docs: readonly Text[] = []
  #shown = ''
  #frame: number | undefined

  constructor() {
    const listener = EditorView.updateListener.of(({docChanged, geometryChanged}) => {
      if (docChanged || geometryChanged) this.#refresh()
    })
    this.extension = [fillers, listener]
  }

  /** Starts with the editors that have the extension. */
  start(a: EditorView, b: EditorView): void {
    this.#views = [a, b]
    this.#refresh()
  }

  destroy(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
  }

  /** Aligns the lines before the next frame. Heights change with the texts and with the width of the window. */
  #refresh(): void {
    if (this.#views === undefined) return
    const [a, b] = this.#views
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined
      this.#align(a, b)
    })
  }

  #align(a: EditorView, b: EditorView): void {
    const docs = [a.state.doc, b.state.doc] as const
    if (docs.some((doc, index) => doc !== this.#docs[index])) {
      this.#docs = docs
      this.#pairs = alignedLines(docs[0].toJSON(), docs[1].toJSON()) ?? []
      this.#shown = ''
    }
    const spaces = spacesOf(this.#pairs, heights(a), heights(b))
    const described = JSON.stringify(spaces)
    if (described === this.#shown) return
    this.#shown = described
    show(a, spaces.a)
    show(b, spaces.b)
  }
}

type Heights = (line: number) => number

/** Heights of the lines of an editor without the spaces around them, by the index of the line. */
function heights(view: EditorView): Heights {
  return (line) => {
    const {type, height} = view.lineBlockAt(view.state.doc.line(line + 1).from)
    if (typeof type === 'number') return height
    return type.filter((part) => part.type === BlockType.Text).reduce((sum, part) => sum + part.height, 0)
  }
}

function spacesOf(
  pairs: readonly LinePair[],
  heightA: Heights,
  heightB: Heights,
): {readonly a: readonly Space[]; readonly b: readonly Space[]} {
  const spaces = {a: new Map<number, number>(), b: new Map<number, number>()}
  const next = {a: 0, b: 0}
  const add = (side: 'a' | 'b', line: number, height: number): void => {
    // The view itself adds the space above the first line.
    if (height > 0.5 && line > 0) spaces[side].set(line, (spaces[side].get(line) ?? 0) + height)
  }
  for (const {a, b} of pairs) {
    if (a === undefined && b !== undefined) add('a', next.a, heightB(b))
    if (b === undefined && a !== undefined) add('b', next.b, heightA(a))
    if (a !== undefined) next.a = a + 1
    if (b !== undefined) next.b = b + 1
    if (a === undefined || b === undefined) continue
    // A long line that is wrapped on one side is higher there.
    add('a', next.a, heightB(b) - heightA(a))
    add('b', next.b, heightA(a) - heightB(b))
  }
  const listed = (side: 'a' | 'b'): readonly Space[] =>
    [...spaces[side]].map(([line, height]) => ({line, height: Math.round(height * 100) / 100}))
  return {a: listed('a'), b: listed('b')}
}

function show(view: EditorView, spaces: readonly Space[]): void {
  const {doc} = view.state
  const widgets = spaces.map(({line, height}) =>
    Decoration.widget({widget: new Filler(height), block: true, side: 1}).range(doc.line(line).to),
  )
  view.dispatch({effects: setFillers.of(Decoration.set(widgets))})
}

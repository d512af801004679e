/** Part of a workflow in which a cursor is. `from` is the offset of the word or value in its line. */
export type CursorContext =
  /** Name of an input of a Tagboat step. */
  | {readonly kind: 'input'; readonly action: string; readonly from: number; readonly used: readonly string[]}
  /** Value of an input, or one line of it. */
  | {readonly kind: 'value'; readonly action: string; readonly input: string; readonly from: number}
  /** Action after `uses:`. */
  | {readonly kind: 'uses'; readonly from: number}

/** Line with a key, such as `  - uses: x`. */
interface KeyLine {
  readonly index: number
  /** Column of the key, after the dashes of lists. */
  readonly indent: number
  readonly key: string
  readonly value: string
}

/**
 * Finds the context of a column of a line. It works by indentation, because a text that is being typed is often not valid
 * YAML.
 */
export function contextAt(lines: readonly string[], index: number, column: number): CursorContext | undefined {
  const before = (lines[index] ?? '').slice(0, column)
  const key = keyOf(before, index)
  if (key?.key === 'uses') return {kind: 'uses', from: column - key.value.length}
  if (key !== undefined) {
    const action = actionOfInputs(lines, parentOf(lines, index, key.indent))
    if (action !== undefined && !/^[|>]/.test(key.value))
      return {kind: 'value', action, input: key.key, from: column - key.value.length}
  }
  return inBlock(lines, index, before) ?? inputName(lines, index, before)
}

/** Context in a block of text, such as a line below `tags: |`. */
function inBlock(lines: readonly string[], index: number, before: string): CursorContext | undefined {
  const indent = before.length - before.trimStart().length
  for (
    let parent = parentOf(lines, index, indent);
    parent !== undefined;
    parent = parentOf(lines, parent.index, parent.indent)
  ) {
    if (!/^[|>]/.test(parent.value)) continue
    const action = actionOfInputs(lines, parentOf(lines, parent.index, parent.indent))
    return action === undefined ? undefined : {kind: 'value', action, input: parent.key, from: indent}
  }
  return undefined
}

function inputName(lines: readonly string[], index: number, before: string): CursorContext | undefined {
  const [, space = '', word] = /^(\s*)([\w-]*)$/.exec(before) ?? []
  if (word === undefined) return undefined
  const parent = parentOf(lines, index, space.length)
  const action = actionOfInputs(lines, parent)
  if (action === undefined) return undefined
  const used = siblings(lines, index, space.length).filter((one) => one.index !== index)
  return {kind: 'input', action, from: space.length, used: used.map(({key}) => key)}
}

/** Action whose inputs are below a key, or undefined if they are not inputs of Tagboat. */
function actionOfInputs(lines: readonly string[], parent: KeyLine | undefined): string | undefined {
  if (parent === undefined) return isInputsAlone(lines) ? 'publish' : undefined
  if (parent.key !== 'with' || parent.value !== '') return undefined
  const uses = siblings(lines, parent.index, parent.indent).find(({key}) => key === 'uses')
  return uses === undefined ? 'publish' : actionOf(uses.value)
}

/** Reports whether a text consists of inputs, without a key around them. */
function isInputsAlone(lines: readonly string[]): boolean {
  return !lines.some((line) => /^(?:- |\s*(?:on|jobs|steps|uses|with|run)\s*:)/.test(line))
}

/** Action of Tagboat by its name in `uses`: `tagboat/tagboat/stage@v1` is `stage`. */
export function actionOf(uses: string): string | undefined {
  const name = uses.replace(/^['"]|['"]$/g, '').replace(/@.*$/, '')
  if (name === './' || name === '.') return 'publish'
  const [, part] =
    /(?:^|\/)tagboat(?:\/(stage|promote|prune))?$/.exec(name) ?? /^\.\/(stage|promote|prune)$/.exec(name) ?? []
  return part ?? (/(?:^|\/)tagboat$/.test(name) ? 'publish' : undefined)
}

/** Nearest key above with a smaller indentation. */
function parentOf(lines: readonly string[], index: number, indent: number): KeyLine | undefined {
  for (let above = index - 1; above >= 0; above -= 1) {
    const line = lines[above] ?? ''
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue
    const key = keyOf(line, above)
    if (key !== undefined && key.indent < indent) return key
  }
  return undefined
}

/** Keys of the same map as a line with an indentation. */
function siblings(lines: readonly string[], index: number, indent: number): readonly KeyLine[] {
  const found: KeyLine[] = []
  const visit = (at: number): boolean => {
    const line = lines[at] ?? ''
    if (line.trim() === '') return true
    const key = keyOf(line, at)
    const start = key?.indent ?? line.length - line.trimStart().length
    if (start < indent) return false
    if (key?.indent === indent) found.push(key)
    return true
  }
  const startsItem = (at: number): boolean => (lines[at] ?? '').slice(0, indent).includes('-')
  for (let at = index; at >= 0 && visit(at) && !startsItem(at); at -= 1);
  for (let at = index + 1; at < lines.length && !startsItem(at) && visit(at); at += 1);
  return found
}

function keyOf(line: string, index: number): KeyLine | undefined {
  const [, space = '', key, value = ''] = /^(\s*(?:- +)*)([\w-]+):(?:\s+(.*))?$/.exec(line) ?? []
  return key === undefined ? undefined : {index, indent: space.length, key, value: value.trimEnd()}
}

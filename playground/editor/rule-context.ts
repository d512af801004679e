/** Part of a line of `tags` in which a cursor is. `from` is the offset of the part in the line. */
export type RuleContext =
  | {readonly kind: 'type'; readonly from: number}
  | {readonly kind: 'attribute'; readonly type: string; readonly from: number; readonly used: readonly string[]}
  | {readonly kind: 'attribute-value'; readonly type: string; readonly attribute: string; readonly from: number}
  /** Expression after `{{`. */
  | {readonly kind: 'expression'; readonly from: number}

/** Finds the context at the end of the part of a line before the cursor. */
export function ruleContext(before: string): RuleContext {
  const open = before.lastIndexOf('{{')
  if (open !== -1 && !before.includes('}}', open)) return {kind: 'expression', from: open + 2}
  const start = before.lastIndexOf(',') + 1
  const part = before.slice(start)
  const others = before
    .slice(0, start)
    .split(',')
    .map((one) => one.trim())
  const type = others.find((one) => one.startsWith('type='))?.slice('type='.length) ?? ''
  const from = start + part.length - part.trimStart().length
  const equals = part.indexOf('=')
  if (start === 0 && (equals === -1 || part.startsWith('type='))) return {kind: 'type', from}
  const used = others.map((one) => one.replace(/=.*/, ''))
  if (equals === -1) return {kind: 'attribute', type, from, used}
  return {kind: 'attribute-value', type, attribute: part.slice(0, equals).trim(), from: start + equals + 1}
}

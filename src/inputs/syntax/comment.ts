import type {Attribute} from './attributes.ts'

/**
 * Finds a comment after a value, such as `sha # comment`, and returns the 0-based offset of its `#`. A `#` in an
 * expression does not begin one.
 */
export function commentOffset(value: string): number | undefined {
  const at = value.replace(/\{\{.{0,300}?\}\}/gs, (expression) => 'x'.repeat(expression.length)).search(/\s#/)
  return at === -1 ? undefined : at + 1
}

/** Finds a comment after an attribute. In a quoted attribute, a `#` is text. A bare word may be a comment as a whole. */
export function commentBehind(line: string, {name, value, nameColumn}: Attribute): number | undefined {
  if (
    line
      .slice(0, nameColumn - 1)
      .trimEnd()
      .endsWith('"')
  )
    return undefined
  return name === undefined && value.startsWith('#') ? 0 : commentOffset(value)
}

/** Remedy for a comment after a value that may contain any text. */
export function commentRemedy(name: string): string {
  return `Write the comment on its own line. If it belongs to the value, quote the attribute: "${name}=…".`
}

/** Scalar of a YAML document, as the parser describes it. */
interface ScalarNode {
  readonly value: unknown
  /** `PLAIN`, `QUOTE_DOUBLE`, `BLOCK_LITERAL` and so on. */
  readonly type?: string
  readonly tag?: string
  readonly anchor?: string
  /** Offsets of its start, of the end of its value, and of its end with comments. */
  readonly range?: readonly [number, number, number] | null
}

interface LossQuestion {
  /** Text of the whole document. */
  readonly source: string
  /** Whether an alias refers to the anchor of the value. */
  readonly isReferenced: boolean
  /** Whether a comment after the value may be a part of it. */
  readonly mayEndInComment: boolean
}

/**
 * Reason why YAML reads less than what is written after the colon: the text of a secret may begin or end like a tag, an
 * anchor, a block of text or a comment. Undefined if YAML reads the whole text. The reason does not quote it.
 */
export function lostPart(node: ScalarNode, {source, isReferenced, mayEndInComment}: LossQuestion): string | undefined {
  const [start, valueEnd] = node.range ?? [0, 0]
  const written = source.slice(start, valueEnd)
  const before = lostBeginning(node, {written, isReferenced})
  if (before !== undefined) return before
  if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') {
    const isHeader = String(node.value).trim() === '' && !hasBlankLine(written)
    return isHeader ? 'YAML reads the value as the header of a block (| or >)' : undefined
  }
  if (written.trim().includes('\n')) return 'the value has several lines, which YAML joins'
  const isCommented = node.type === 'PLAIN' && /^[ \t]*#/.test(source.slice(valueEnd))
  return mayEndInComment && isCommented ? 'YAML reads the end of the value as a comment (#)' : undefined
}

function lostBeginning(
  {tag, anchor}: ScalarNode,
  {written, isReferenced}: {readonly written: string; readonly isReferenced: boolean},
): string | undefined {
  const isText = tag === textTag && written !== ''
  if (tag !== undefined && !isText) return 'YAML reads the beginning of the value as a tag (!)'
  return anchor !== undefined && !isReferenced ? 'YAML reads the beginning of the value as an anchor (&)' : undefined
}

const textTag = 'tag:yaml.org,2002:str'

/** Reports whether a block has a line of spaces only, such as an expression that gives an empty text leaves. */
function hasBlankLine(block: string): boolean {
  return /\n[ \t]+(?:\n|$)/.test(block)
}

/** Part of a tag that differs between events. */
export type HoleKind = 'version' | 'minor' | 'major' | 'commit' | 'number' | 'ref'

/** Text of a planned event, and what it is. */
export interface KnownText {
  readonly kind: HoleKind
  readonly text: string
}

/** Form of the tags that one rule gives: literal texts, and holes for what differs between events. */
export interface TagForm {
  /** Literal texts, with `{commit:7}` and the like for holes. Equal for equal templates. */
  readonly form: string
  readonly holes: readonly HoleKind[]
  /** Number of literal characters. */
  readonly literalLength: number
  /** Source of the regular expression for whole tags. */
  readonly source: string
}

/** Form with its regular expression, whose groups are the holes. */
export interface TagTemplate extends TagForm {
  readonly expression: RegExp
}

/** Compiles the regular expression of a form. */
export function compiled(form: TagForm): TagTemplate {
  return {...form, expression: new RegExp(form.source)}
}

type Part = {readonly literal: string} | {readonly hole: HoleKind; readonly length: number}

/** Shortest abbreviation of a commit that is recognized. */
const shortestCommit = 4

/**
 * Derives the form of a tag from the texts of its event that it contains. Undefined if two holes are adjacent: then it is
 * unknown where one ends.
 */
export function formOf(tag: string, texts: readonly KnownText[]): TagForm | undefined {
  let parts: readonly Part[] = [{literal: tag}]
  for (const known of [...texts].sort((a, b) => b.text.length - a.text.length))
    parts = parts.flatMap((part) => ('literal' in part ? split(part.literal, known) : [part]))
  const isAmbiguous = parts.some((part, index) => 'hole' in part && 'hole' in (parts[index + 1] ?? {}))
  return isAmbiguous ? undefined : fromParts(parts)
}

/** Splits a literal at each occurrence of a text; a commit may be abbreviated. */
function split(literal: string, {kind, text}: KnownText): readonly Part[] {
  const written = kind === 'commit' ? abbreviationIn(literal, text) : text
  if (written === undefined || written === '') return [{literal}]
  return literal
    .split(written)
    .flatMap((piece, index): readonly Part[] => [
      ...(index === 0 ? [] : [{hole: kind, length: written.length}]),
      ...(piece === '' ? [] : [{literal: piece}]),
    ])
}

function abbreviationIn(literal: string, commit: string): string | undefined {
  for (let length = commit.length; length >= shortestCommit; length -= 1)
    if (literal.includes(commit.slice(0, length))) return commit.slice(0, length)
  return undefined
}

function fromParts(parts: readonly Part[]): TagForm {
  const literals = parts.flatMap((part) => ('literal' in part ? [part.literal] : []))
  const source = parts.map((part) => ('literal' in part ? escaped(part.literal) : patternOf(part.hole, part.length)))
  return {
    form: parts.map((part) => ('literal' in part ? part.literal : placeholderOf(part.hole, part.length))).join(''),
    holes: parts.flatMap((part) => ('hole' in part ? [part.hole] : [])),
    literalLength: literals.join('').length,
    source: `^${source.join('')}$`,
  }
}

function placeholderOf(hole: HoleKind, length: number): string {
  return hole === 'commit' ? `{commit:${length}}` : `{${hole}}`
}

function patternOf(hole: HoleKind, length: number): string {
  switch (hole) {
    case 'version':
    case 'ref':
      return '([0-9A-Za-z_][0-9A-Za-z._-]*)'
    case 'minor':
      return '(\\d+\\.\\d+)'
    case 'major':
      return '(\\d+)'
    // Whole numbers: pr-2 is not a part of pr-267.
    case 'number':
      return '([1-9]\\d*)'
    case 'commit':
      return `([0-9a-f]{${length}})`
  }
}

function escaped(literal: string): string {
  return literal.replaceAll(/[^A-Za-z0-9]/g, '\\$&')
}

/** Texts in the holes of a tag; undefined if the tag has another form, or two texts for one hole. */
export function readTemplate(
  {expression, holes}: Pick<TagTemplate, 'expression' | 'holes'>,
  tag: string,
): ReadonlyMap<HoleKind, string> | undefined {
  const [whole, ...texts] = expression.exec(tag) ?? []
  if (whole === undefined) return undefined
  const found = new Map<HoleKind, string>()
  for (const [index, hole] of holes.entries()) {
    const text = texts[index] ?? ''
    if ((found.get(hole) ?? text) !== text) return undefined
    found.set(hole, text)
  }
  return found
}

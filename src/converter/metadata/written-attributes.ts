import {parseAttributes, type Attribute} from '../../inputs/syntax/attributes.ts'

/** Attributes of a line whose expressions (`${{ … }}`) may contain commas, quotes and equals signs. */
interface WrittenAttributes {
  readonly all: readonly Attribute[]
  /** Value of the first attribute with this name. */
  readonly value: (name: string) => string | undefined
  /** Line without some of the attributes. */
  readonly without: (dropped: readonly Attribute[]) => string
}

/** Parses the attributes of a line. Undefined if it is not valid. */
export function writtenAttributes(line: string): WrittenAttributes | undefined {
  const expressions: string[] = []
  const masked = line.replaceAll(/\$\{\{.*?\}\}/gs, (found) => {
    expressions.push(found)
    return `${mark}${expressions.length - 1}${mark}`
  })
  const unmasked = (text: string): string =>
    text.replaceAll(new RegExp(`${mark}(\\d+)${mark}`, 'g'), (_, at: string) => expressions[Number(at)] ?? '')
  const parsed = parseAttributes(masked)
  if (!parsed.ok) return undefined
  const all = parsed.attributes.map((one) => ({
    ...one,
    name: one.name === undefined ? undefined : unmasked(one.name),
    value: unmasked(one.value),
  }))
  return {
    all,
    value: (key) => all.find(({name}) => name?.toLowerCase() === key)?.value,
    without: (dropped) => unmasked(withoutAttributes(masked, dropped)),
  }
}

/** Character that no workflow contains, around the number of an expression. */
const mark = '\uE000'

function withoutAttributes(line: string, dropped: readonly Attribute[]): string {
  const columns = new Set(dropped.map(({nameColumn}) => nameColumn))
  const fields: string[] = []
  let start = 0
  let isQuoted = false
  for (let at = 0; at <= line.length; at += 1) {
    if (line[at] === '"') isQuoted = !isQuoted
    if (at < line.length && (line[at] !== ',' || isQuoted)) continue
    const column = start + (/^[\s"]*/.exec(line.slice(start, at))?.[0].length ?? 0) + 1
    if (!columns.has(column)) fields.push(line.slice(start, at))
    start = at + 1
  }
  return fields.join(',').trim()
}

import type {Problems} from '../../inputs/problem.ts'
import {parseAttributes, unquote, type Attribute} from '../../inputs/syntax/attributes.ts'
import {RuleAttributes} from './rule-attributes.ts'
import type {RuleSource} from './rule.ts'
import {commentIn} from './rule-slips.ts'

type RuleLine = ReturnType<typeof parseAttributes>

/**
 * Parses the attributes of a line of `tags`. A whole rule may be quoted as one field, with its quotes doubled, as
 * docker/metadata-action documents it: `"type=match,""pattern=\d{1,3}"""`. Columns are those of the line.
 */
export function parseRuleLine(text: string): RuleLine {
  const parsed = parseAttributes(text)
  if (!parsed.ok) return parsed
  const attributes: Attribute[] = []
  for (const attribute of parsed.attributes) {
    const inner = parsed.attributes.filter(isType).every((type) => type === attribute)
      ? quotedRule(text, attribute)
      : undefined
    if (inner?.ok === false) return inner
    attributes.push(...(inner?.attributes ?? [attribute]))
  }
  return {ok: true, attributes}
}

/** Attributes of a rule that is quoted as a whole. Undefined for any other attribute. */
function quotedRule(text: string, attribute: Attribute): RuleLine | undefined {
  const open = text.slice(0, attribute.nameColumn - 1).trimEnd().length - 1
  const quoted = text.charAt(open) === '"' ? unquote(text, open) : undefined
  if (!quoted?.text.includes(',')) return undefined
  const column = (inner: number): number =>
    open + 1 + inner + (quoted.text.slice(0, inner - 1).match(/"/g)?.length ?? 0)
  const parsed = parseAttributes(quoted.text)
  if (!parsed.ok) return isType(attribute) ? {...parsed, column: column(parsed.column)} : undefined
  if (!parsed.attributes.some(isType)) return undefined
  const attributes = parsed.attributes.map((one) => ({
    ...one,
    nameColumn: column(one.nameColumn),
    valueColumn: column(one.valueColumn),
  }))
  return {ok: true, attributes}
}

function isType({name}: Attribute): boolean {
  return name?.toLowerCase() === 'type'
}

/** Reads the attributes of the rules on a line. A line of bare words has one rule for each. Problems are reported. */
export function readLine(source: RuleSource, problems: Problems): readonly RuleAttributes[] {
  const parsed = parseRuleLine(source.text)
  if (!parsed.ok) {
    // The quote may be in a comment.
    const comment = commentIn(source.text.slice(0, parsed.column))
    const column = comment === undefined ? parsed.column : comment.offset + 1
    const message = comment === undefined ? parsed.reason : 'the comment would be part of the rule'
    const remedy = comment?.remedy ?? 'Close the quote, or remove it.'
    problems.add({input: 'tags', line: source.line, column, message, remedy})
    return []
  }
  const hasNames = parsed.attributes.some((attribute) => attribute.name !== undefined)
  // Neither a tag nor a reference can contain a comma: a line of bare words is a list of them, as in similar actions.
  const groups = hasNames ? [parsed.attributes] : parsed.attributes.map((attribute) => [attribute])
  return groups.map((attributes) => new RuleAttributes(source, attributes, problems))
}

import type {Line} from '../../inputs/inputs.ts'
import {parseAttributes} from '../../inputs/syntax/attributes.ts'
import type {Problems} from '../../inputs/problem.ts'
import type {RuleSource, TagRule} from './rule.ts'
import {RuleAttributes} from './rule-attributes.ts'
import {readRule} from './rule-reader.ts'

/**
 * The lines of `tags` as rules, highest priority first, in the order of writing where priorities are equal. A line is
 * a rule (`type=semver,pattern={{version}}`), a literal tag (`stable`), or a whole reference (`user/app:1.0`).
 * What cannot be parsed is reported with line and column and left out.
 */
export function parseRules(
  lines: readonly Line[],
  origin: RuleSource['origin'],
  problems: Problems,
): readonly TagRule[] {
  return lines
    .flatMap((line) => parseLine({origin, line: line.number, text: line.text}, problems))
    .sort((a, b) => b.priority - a.priority)
}

function parseLine(source: RuleSource, problems: Problems): readonly TagRule[] {
  const parsed = parseAttributes(source.text)
  if (!parsed.ok) {
    const remedy = 'Close the quote, or remove it.'
    problems.add({input: 'tags', line: source.line, column: parsed.column, message: parsed.reason, remedy})
    return []
  }
  const named = parsed.attributes.some((attribute) => attribute.name !== undefined)
  // Neither a tag nor a reference can hold a comma: a line of bare words is a list of them, as users of the peers write it.
  const groups = named ? [parsed.attributes] : parsed.attributes.map((attribute) => [attribute])
  return groups.flatMap((attributes) => readRule(new RuleAttributes(source, attributes, problems)))
}

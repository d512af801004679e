import {formatTagRef} from '../src/oci/reference.ts'
import {formatPattern} from '../src/tags/rules/match.ts'
import {defaultPriority, type TagRule} from '../src/tags/rules/rule.ts'

/** Formats a rule for the input `tags`, so that parsing it results in the same rule. */
export function formatRule(rule: TagRule): string {
  return [...kindFields(rule), ...commonFields(rule)].map(quote).join(',')
}

function kindFields(rule: TagRule): readonly string[] {
  switch (rule.kind) {
    case 'schedule':
      return fields({type: rule.kind, pattern: rule.pattern})
    case 'semver':
    case 'pep440':
      return fields({type: rule.kind, pattern: rule.pattern, value: rule.value, match: rule.match?.source})
    case 'match':
      return fields({
        type: rule.kind,
        pattern: formatPattern(rule.pattern),
        group: String(rule.group),
        value: rule.value,
      })
    case 'calver':
      return fields({
        type: rule.kind,
        pattern: rule.pattern.pieces.map((piece) => (piece.kind === 'token' ? piece.token : piece.text)).join(''),
        value: rule.value,
        tz: rule.timeZone,
      })
    case 'file':
      return fields({type: rule.kind, path: rule.path, pattern: rule.pattern})
    case 'edge':
      return fields({type: rule.kind, branch: rule.branch})
    case 'ref':
      return fields({type: rule.kind, event: rule.event})
    case 'raw':
      return rule.literal ? [rule.value] : fields({type: rule.kind, value: rule.value})
    case 'sha':
      return fields({type: rule.kind, format: rule.format})
    case 'env':
      return fields({type: rule.kind})
    case 'reference':
      return [formatTagRef(rule.reference)]
  }
}

function commonFields({kind, priority, enable, prefix, suffix, mutable}: TagRule): readonly string[] {
  // A whole reference has the priority of a literal tag by default.
  const usual = defaultPriority[kind === 'reference' ? 'raw' : kind]
  return fields({
    enable: enable === 'true' ? undefined : enable,
    priority: priority === usual ? undefined : String(priority),
    prefix,
    suffix,
    mutable: mutable === true ? 'true' : undefined,
  })
}

function fields(given: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
}

/** Quotes a field if it would otherwise be parsed differently. */
function quote(field: string): string {
  const value = field.slice(field.indexOf('=') + 1)
  const isTrimmed = field === field.trim() && value === value.trimStart()
  // Behind whitespace, a `#` would begin a comment.
  const plain = isTrimmed && !/,|^"|\s#/.test(field)
  return plain && field !== '' ? field : `"${field.replaceAll('"', '""')}"`
}

import {isListForm, listForms, type InputForm, type InputSpec} from '../../src/inputs/spec/spec-row.ts'

/** Separators of a list input in words, or `undefined` for any other input. */
export function listFormat(form: InputForm): string | undefined {
  if (!isListForm(form)) return undefined
  return listForms[form].commas ? 'One per line, or separated by commas' : 'One per line'
}

/** Format of an input in words, such as "list of `key=value` pairs, one per line". */
export function formatOf({form, choices}: InputSpec): string {
  switch (form) {
    case 'boolean':
      return 'boolean'
    case 'choice':
      return `one of ${(choices ?? []).map((choice) => `\`${choice}\``).join(', ')}`
    case 'integer':
      return 'integer'
    case 'yaml':
      return 'YAML'
    case 'text':
      return 'text'
    case 'verbatim':
      return 'text, whitespace included'
    default:
      return `${form.startsWith('pair') ? 'list of pairs' : 'list'}, ${(listFormat(form) ?? '').toLowerCase()}`
  }
}

import type {ListSyntax} from '../syntax/lists.ts'

/** How the text of an input that is a list is cut into items. */
export const listForms = {
  /** One item a line; an item in double quotes may span lines. */
  lines: {commas: false, quotes: true},
  /** One item a line, in which quotes have a meaning of their own. */
  'plain-lines': {commas: false, quotes: false},
  /** As `lines`, and commas separate items too: users of the peers write these inputs so. */
  items: {commas: true, quotes: true},
  /** `lines` of `key=value`. */
  pairs: {commas: false, quotes: true},
  /** `items` of `key=value`. */
  'pair-items': {commas: true, quotes: true},
} as const satisfies Record<string, ListSyntax>

export type ListForm = keyof typeof listForms

/** What kind of text an input takes. */
export type InputForm = 'text' | 'verbatim' | 'boolean' | 'choice' | 'integer' | 'yaml' | ListForm

/** One row of the table of inputs. */
export interface InputSpec {
  readonly form: InputForm
  /** One or two plain sentences, for `action.yml`, the README and `docs/inputs.md`. */
  readonly description: string
  /** As text; an input given as empty text means its default too. */
  readonly default?: string
  /** Of a `choice`: the first one is the default. */
  readonly choices?: readonly [string, ...string[]]
  /** Its value, or a part of it, is a secret: no message quotes anything of it. */
  readonly secret?: true
}

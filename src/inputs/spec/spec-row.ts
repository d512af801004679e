import type {ListSyntax} from '../syntax/lists.ts'
import type {ActionName} from './action-names.ts'

/** Syntax of each form of list input. */
export const listForms = {
  /** One item per line. An item in double quotes may span several lines. */
  lines: {commas: false, quotes: true},
  /** One item per line. Quotes belong to the item. */
  'plain-lines': {commas: false, quotes: false},
  /** One item per line, or separated by commas as in the Docker actions. */
  items: {commas: true, quotes: true},
  /** One `key=value` per line. */
  pairs: {commas: false, quotes: true},
  /** `key=value` items, one per line or separated by commas. */
  'pair-items': {commas: true, quotes: true},
} as const satisfies Record<string, ListSyntax>

export type ListForm = keyof typeof listForms

/** Reports whether an input is a list. */
export function isListForm(form: InputForm): form is ListForm {
  return Object.hasOwn(listForms, form)
}

/** Format of the value of an input. */
export type InputForm = 'text' | 'verbatim' | 'boolean' | 'choice' | 'integer' | 'yaml' | ListForm

/** One row of the table of inputs. */
export interface InputSpec {
  readonly form: InputForm
  /** Default value as text. An input set to an empty text has its default, too. */
  readonly default?: string
  /** Allowed values of a `choice`. The first one is the default. */
  readonly choices?: readonly [string, ...string[]]
  /** Words that a list accepts as items, and only them, except `run=` of `scan` and levels with a platform. */
  readonly words?: readonly [string, ...string[]]
  /** Marks an input that contains a secret. Messages never quote any part of it. */
  readonly secret?: true
  /** Columns that differ in an action. */
  readonly inAction?: Partial<Readonly<Record<ActionName, Pick<InputSpec, 'default' | 'choices'>>>>
}

/** Texts of one input for `action.yml` and `docs/inputs.md`. The table of texts is separate, so that no run loads it. */
export interface InputText {
  /** One or two plain sentences, without the format of a list and the default. */
  readonly description: string
  /** Words for a default that depends on the run. */
  readonly fallback?: string
  /** Descriptions for actions in which the input means something else. */
  readonly inAction?: Partial<Readonly<Record<ActionName, string>>>
}

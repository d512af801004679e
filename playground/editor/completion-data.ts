/** Names and texts for the completion, which the build takes from the schema of the inputs and the table of rules. */
export interface CompletionData {
  /** Inputs by the name of the action, such as `publish`. */
  readonly inputs: Readonly<Record<string, readonly InputFact[]>>
  readonly rules: readonly RuleFact[]
  readonly commonAttributes: readonly Attribute[]
  readonly expressions: readonly {readonly name: string; readonly description: string}[]
}

/** Input of an action. */
export interface InputFact {
  readonly name: string
  readonly description: string
  /** Default as text. */
  readonly fallback?: string
  readonly values: readonly string[]
}

/** Kind of tag rule. */
interface RuleFact {
  readonly type: string
  readonly description: string
  readonly attributes: readonly Attribute[]
}

/** Attribute of a tag rule. */
export interface Attribute {
  readonly name: string
  readonly description: string
  readonly default?: string
  readonly example?: string
  readonly values?: readonly string[]
  readonly required?: boolean
}

/** The part of JSON Schema (draft 7, which every editor reads) that the schemas of this project use. */
export interface JsonSchema {
  readonly $schema?: string
  readonly $id?: string
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly title?: string
  readonly description?: string
  /** Description with links, for editors that render Markdown. */
  readonly markdownDescription?: string
  /** Text that an editor shows in place of its own if a value is wrong. */
  readonly errorMessage?: string
  readonly doNotSuggest?: boolean
  readonly default?: string | number | boolean
  readonly examples?: readonly string[]
  readonly type?: string | readonly string[]
  readonly enum?: readonly (string | boolean)[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | false
  readonly items?: JsonSchema
  readonly allOf?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly if?: JsonSchema
  readonly then?: JsonSchema
}

/** Version of JSON Schema of all schemas for editors. */
export const draft = 'http://json-schema.org/draft-07/schema#'

/** Regular expression for a word in any case. It needs no flag, which JSON Schema does not have. */
export function anyCase(word: string): string {
  return word.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)
}

/** Address of a file of `docs/` as editors fetch it. */
export function schemaAddress(file: string): string {
  return `https://raw.githubusercontent.com/tagboat/tagboat/main/docs/${file}`
}

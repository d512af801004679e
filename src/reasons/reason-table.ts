/** Union of reasons, discriminated by `code`, from a table of values. */
export type ReasonIn<Values> = {
  readonly [Code in keyof Values & string]: {readonly code: Code} & Values[Code]
}[keyof Values & string]

/** One sentence per code. */
export type ReasonTable<Values> = {readonly [Code in keyof Values]: (values: Values[Code]) => string}

/** A code without values. */
export type NoValues = unknown

/** Sentence of a reason, from the table that has its code. */
export function formatWith<Values, Code extends keyof Values>(
  table: ReasonTable<Values>,
  reason: {readonly code: Code} & Values[Code],
): string {
  return table[reason.code](reason)
}

/** Object of a value; empty for anything else. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

/** List of a field; empty for anything else. */
export function listAt(object: Readonly<Record<string, unknown>>, name: string): readonly unknown[] {
  const value = object[name]
  return Array.isArray(value) ? value : []
}

/** Text of a field; empty for anything else. */
export function textAt(object: Readonly<Record<string, unknown>>, name: string): string {
  const value = object[name]
  return typeof value === 'string' ? value : ''
}

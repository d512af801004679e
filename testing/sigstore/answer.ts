/** Answer of a service of Sigstore. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** Refusal of a request that does not follow the protocol. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'Refusal'
    this.status = status
  }
}

/** Reads a field of a JSON document by its path. @throws Refusal if it is not a text. */
export function textAt(document: unknown, ...path: readonly string[]): string {
  const value = valueAt(document, ...path)
  if (typeof value !== 'string' || value === '') throw new Refusal(400, `${path.join('.')} is missing`)
  return value
}

export function valueAt(document: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && name in value
        ? (value as Record<string, unknown>)[name]
        : undefined,
    document,
  )
}

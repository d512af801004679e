/**
 * Text in place of a secret whose value is not known. It is not empty, since an empty secret is one that does not exist,
 * and it can be part of a name of an image. The name of the secret is written in it.
 */
export function secretText(name: string): string {
  const letters = name.toLowerCase().replaceAll('z', 'zz').replaceAll('_', 'zu')
  return `zq${letters}zx`
}

const anySecret = /zq((?:[a-y0-9]|zz|zu)+)zx/gi

/** Names of the secrets in a text: `secrets.TOKEN`. */
export function secretsIn(text: string): readonly string[] {
  const found = [...text.matchAll(anySecret)].map(([, letters = '']) => letters.toLowerCase())
  const names = found.map((letters) => letters.replaceAll(/z([zu])/g, (_, one) => (one === 'u' ? '_' : 'z')))
  return [...new Set(names)].map((name) => `secrets.${name.toUpperCase()}`)
}

export function withMaskedSecrets<T>(value: T): T
/** Value with `***` in place of each secret, at any depth, as the log of a run shows it. */
export function withMaskedSecrets(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(anySecret, '***')
  if (Array.isArray(value)) return value.map((one: unknown) => withMaskedSecrets(one))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]: [string, unknown]) => [name, withMaskedSecrets(one)]),
  )
}

import type {Secret} from '../../errors/secret.ts'

/** Reports whether a password is the JSON of a text, or of a secret that is not set, as `toJSON` writes it. */
export function isJsonText(password: Secret): boolean {
  const text = password.reveal()
  if (text === 'null') return true
  if (!/^".*"$/s.test(text)) return false
  try {
    return typeof JSON.parse(text) === 'string'
  } catch {
    return false
  }
}

export const asJson = 'the password is used with its double quotes, or is the word null'

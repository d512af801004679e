import {errorMessage} from '../../errors/error.ts'

/** First line of the message of an error. */
export function firstLine(error: unknown): string {
  const message = errorMessage(error)
  const [line = ''] = message.split('\n', 1)
  return printable(line)
}

/** Excerpt of the text of a file, for messages. */
export function excerpt(text: string): string {
  return printable(text, 40)
}

/** Text without control characters, at most one line long. */
function printable(text: string, longest = 120): string {
  const safe = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
  return safe.length <= longest ? safe : `${safe.slice(0, longest - 1)}…`
}

/** Text of a stranger for one line of a message: without control characters, and cut to this number of characters. */
export function printable(text: string, longest = 200): string {
  const line = text.slice(0, 4 * longest).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
  return line.length <= longest && text.length <= 4 * longest ? line : `${line.slice(0, longest - 1)}…`
}

/** Evidence without the characters that change a terminal or the direction of a text. Its lines stay. */
export function withoutControls(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}\[[\d;?]*[A-Za-z]/gu, '').replace(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu, ' ')
}

/**
 * Formats a command as a line for a POSIX shell. Values of build arguments are replaced, because users put secrets
 * there.
 */
export function commandLine(words: readonly string[]): string {
  return words.map((word, index) => quoted(words[index - 1] === '--build-arg' ? nameOnly(word) : word)).join(' ')
}

function nameOnly(argument: string): string {
  return argument.replace(/=.*$/s, '=***')
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

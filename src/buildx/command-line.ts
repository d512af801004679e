/**
 * Formats a command for a POSIX shell, each flag on a line of its own. Values of build arguments are replaced, because
 * users put secrets there.
 */
export function commandLine(words: readonly string[]): string {
  const shown = words.map((word, index) => shellWord(words[index - 1] === '--build-arg' ? nameOnly(word) : word))
  return shown.reduce((line, word) => `${line}${word.startsWith('--') ? ' \\\n  ' : ' '}${word}`)
}

/** Command without the flags whose value is one of these files, which exist during a run only. */
export function withoutFiles(words: readonly string[], files: readonly string[]): readonly string[] {
  return words.filter((word, index) => !files.includes(word) && !files.includes(words[index + 1] ?? ''))
}

function nameOnly(argument: string): string {
  return argument.replace(/=.*$/s, '=***')
}

/** Text as one word of a POSIX shell, in quotes if it needs them. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** Patterns that `git check-ref-format` refuses in the name of a branch, with the end of a sentence about the name. */
const refused: readonly (readonly [RegExp, string])[] = [
  [/\s/, 'contains no space'],
  [/[\p{Cc}~^:?*[\\]/u, 'contains none of ~ ^ : ? * [ \\'],
  [/\.\./, 'does not contain two dots in a row'],
  [/@\{/, 'does not contain @{'],
  [/^\/|\/\/|\/$/, 'has a name before and after each slash'],
  [/(?:^|\/)\./, 'has no part that starts with a dot'],
  [/\.lock(?:\/|$)/, 'has no part that ends with .lock'],
  [/\.$/, 'does not end with a dot'],
  [/^(?:refs\/heads\/)?-/, 'does not start with a dash'],
]

/** Problem of a name of a branch or of a Git tag, as a sentence. Undefined: it has none, or it is empty. */
export function refProblem(name: string): string | undefined {
  const found = refused.find(([pattern]) => pattern.test(name))
  return found === undefined ? undefined : `The name of a branch or Git tag ${found[1]}.`
}

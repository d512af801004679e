/**
 * Weight of a page in the search, by its address. Pages for contributors and for a change from other actions contain the words
 * of all other pages, and an error is found by its code. The site sends this function to the browser as text as well.
 */
export function pageWeight(address: string): number {
  if (/\/docs\/(?:architecture|changelog|contributing|security-policy)\b/.test(address)) return 0.2
  if (/\/docs\/migrating\b/.test(address)) return 0.15
  if (/\/docs\/errors\b/.test(address)) return 0.35
  return /\/docs\/registries\/[a-z]/.test(address) ? 1.3 : 1
}

/**
 * Terms of a text for the search: words, and whole terms of code such as `if-exists`, `tag-taken` or `type=semver` beside
 * their parts. The site sends this function to the browser as text, so it must not use anything outside of itself.
 */
export function searchTerms(text: string): string[] {
  const words = text.split(/[\s,;:!?()[\]{}<>"'`|…“”’]+/).map((word) => word.replace(/^[-./=]+|[-./=]+$/g, ''))
  return words.flatMap((word) => {
    const parts = word.split(/[-./=@_]+/).filter((part) => part !== '')
    return word === '' ? [] : parts.length > 1 ? [word, ...parts] : [word]
  })
}

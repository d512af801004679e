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

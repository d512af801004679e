/** File and first line of an annotation. */
interface Place {
  readonly file: string
  readonly line: number
}

/**
 * Creates a function that reports whether an annotation was not shown yet. Several registries, platforms and builds of a
 * run may report the same, and GitHub shows only ten annotations of each kind.
 */
export function annotationsOnce(): (kind: 'notice' | 'warning', text: string, place?: Place) => boolean {
  const shown = new Set<string>()
  return (kind, text, place) => {
    const key = [kind, text, place?.file, place?.line].join('\n')
    if (shown.has(key)) return false
    shown.add(key)
    return true
  }
}

/** Reports whether two names are one for GitHub, which does not distinguish capitals in contexts. */
export function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** Name of a list that is the same as another name for GitHub; undefined if the list has none. */
export function sameName(name: string, names: readonly string[]): string | undefined {
  return names.find((one) => isSameName(one, name))
}

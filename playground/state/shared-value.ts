/** Reports whether links to the page contain a value, by its name: they do not contain secrets. */
export function isShared(name: string): boolean {
  return !/^secrets\./i.test(name.trim())
}

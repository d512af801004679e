/** Makes names unique. A name that occurs once stays; others get their number, as `run-1` and `run-2`. */
export function numbered(names: readonly string[]): readonly string[] {
  return names.map((name, index) => {
    const isRepeated = names.filter((other) => other === name).length > 1
    const number = names.slice(0, index + 1).filter((other) => other === name).length
    return isRepeated ? `${name}-${number}` : name
  })
}

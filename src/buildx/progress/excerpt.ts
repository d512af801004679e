/** Lines of a Dockerfile, as Buildx shows where a build went wrong. */
interface Excerpt {
  readonly filename: string
  readonly line: number
  readonly endLine: number
  readonly lines: readonly string[]
}

/**
 * `Dockerfile:2`, a rule, numbered lines of which `>>>` marks those that count, a rule. Undefined when there is none.
 */
export function excerptOf(lines: readonly string[]): Excerpt | undefined {
  const start = lines.findIndex((line, index) => /^\S.*:\d+$/.test(line) && isRule(lines[index + 1]))
  if (start === -1) return undefined
  const length = lines.slice(start + 2).findIndex(isRule)
  const shown = lines.slice(start, length === -1 ? undefined : start + length + 3)
  const [, filename = '', first = ''] = /^(.*):(\d+)$/.exec(shown[0] ?? '') ?? []
  const marked = shown.flatMap((line) => /^ *(\d+) \| >>>/.exec(line)?.[1] ?? []).map(Number)
  return {filename, line: marked[0] ?? Number(first), endLine: marked.at(-1) ?? Number(first), lines: shown}
}

function isRule(line: string | undefined): boolean {
  return line !== undefined && /^-{10,}$/.test(line)
}

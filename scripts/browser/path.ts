/**
 * The part of `node:path` that planning uses, for a page in a browser, where all paths are POSIX paths
 * (https://nodejs.org/api/path.html). A bundle for browsers has this module in place of `node:path`.
 */
const sep = '/'

/** Whole path without `.` and `..`. The directory of a page is `/`. */
function resolve(...parts: readonly string[]): string {
  const start = parts.findLastIndex(isAbsolute)
  const text = normalized(parts.slice(Math.max(start, 0)).join(sep), true)
  return `/${text}`
}

function join(...parts: readonly string[]): string {
  const text = parts.filter((part) => part !== '').join(sep)
  if (text === '') return '.'
  const rooted = isAbsolute(text)
  const inner = normalized(text, rooted)
  const end = text.endsWith(sep) && inner !== '' ? sep : ''
  return rooted ? `/${inner}${end}` : inner === '' ? (end === '' && text.endsWith(sep) ? './' : '.') : `${inner}${end}`
}

function normalized(text: string, rooted: boolean): string {
  const kept: string[] = []
  for (const part of text.split(sep)) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!rooted) kept.push(part)
  }
  return kept.join(sep)
}

function isAbsolute(file: string): boolean {
  return file.startsWith(sep)
}

function dirname(file: string): string {
  const text = file.replace(/(?<=.)\/+$/, '')
  const at = text.lastIndexOf(sep)
  if (at < 0) return '.'
  const parent = text.slice(0, at).replace(/\/+$/, '')
  return parent === '' ? sep : parent
}

function relative(from: string, to: string): string {
  const [start, end] = [from, to].map((one) =>
    resolve(one)
      .split(sep)
      .filter((part) => part !== ''),
  )
  const [here = [], there = []] = [start, end]
  const differs = here.findIndex((part, index) => part !== there[index])
  const shared = differs < 0 ? here.length : differs
  return [...here.slice(shared).map(() => '..'), ...there.slice(shared)].join(sep)
}

function basename(file: string): string {
  return file.replace(/\/+$/, '').split(sep).at(-1) ?? ''
}

/** Parts of a path that its users read. */
function parse(file: string): {readonly root: string; readonly base: string; readonly dir: string} {
  return {root: isAbsolute(file) ? sep : '', base: basename(file), dir: dirname(file)}
}

const path = {sep, resolve, join, isAbsolute, dirname, relative, basename, parse}

// `node:path` is imported by its default export.
export default path

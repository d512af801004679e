/** Table in GitHub-flavoured Markdown; the cells are Markdown already. Default: all columns are aligned to the left. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly ('left' | 'right')[] = [],
): string {
  return [head, head.map((_, index) => (align[index] === 'right' ? '--:' : '---')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}

/** Section that a reader opens by a click on its title. */
export function details(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`
}

/**
 * Escapes text that may come from a ref, a label or a registry: no part of it is Markdown or a link, and no part of it
 * ends a table cell. A word that GitHub would turn into a link or a mention becomes inline code: a backslash does not
 * prevent that (https://github.github.com/gfm/#autolinks-extension-).
 */
export function text(value: string): string {
  const words = value.replace(/\s+/g, ' ').split(' ')
  return words.map((word) => (linked.test(word) ? code(word) : plain(word))).join(' ')
}

const linked = /@|www\.|:\/\//i

function plain(word: string): string {
  return word.replace(/[\\`*_{}[\]<>#|!~&]/g, '\\$&')
}

/**
 * Inline code; empty for an empty text. A back-tick becomes a quote, and a bar is escaped, as tables require even in
 * code.
 */
export function code(value: string): string {
  return value === '' ? '' : `\`${value.replaceAll('`', "'").replaceAll('|', '\\|').replace(/\s+/g, ' ')}\``
}

/** Code block, with a fence longer than any run of back-ticks in it. */
export function fence(value: string, language = ''): string {
  const longest = Math.max(2, ...[...value.matchAll(/`+/g)].map(([run]) => run.length))
  const marks = '`'.repeat(longest + 1)
  return `${marks}${language}\n${value}\n${marks}`
}

/** Sentence of Tagboat, in which back-ticks enclose code. The rest is escaped as in `text`. */
export function prose(value: string): string {
  const parts = value.split(/`([^`]+)`/)
  return parts.map((part, index) => (index % 2 === 1 ? code(part) : spaced(part))).join('')
}

/** Escapes a part of a sentence, with its outer blanks. */
function spaced(part: string): string {
  const inner = part.trim()
  if (inner === '') return part === '' ? '' : ' '
  return `${part.trimStart() === part ? '' : ' '}${text(inner)}${part.trimEnd() === part ? '' : ' '}`
}

/** Link to a web page, as the only item; empty if the address is not a plain one. `label` is Markdown already. */
export function link(label: string, url: string | undefined): readonly string[] {
  return url !== undefined && /^https?:\/\/[\w.:/@%~+-]+$/.test(url) ? [`[${label}](${url})`] : []
}

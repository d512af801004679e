import path from 'node:path'
import {pages, sitePath} from './pages.ts'

const repository = 'https://github.com/tagboat/tagboat'

/**
 * Target on the site of a link in a file of the repository: a page of the site for the Markdown that it shows, and the
 * file at GitHub for everything else. Addresses and anchors stay as they are.
 */
export function siteLink(page: string, target: string): string {
  if (/^(?:[a-z]+:|#|\/)/i.test(target)) return target
  const [address = '', anchor] = target.split('#', 2)
  const file = path.posix.join(path.posix.dirname(page), address)
  const hash = anchor === undefined ? '' : `#${anchor}`
  return pages.includes(file) ? `/${sitePath(file)}${hash}` : `${repository}/blob/main/${file}${hash}`
}

/** Anchor of a heading, as GitHub makes it. */
export function anchor(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-')
}

/**
 * Replaces a picture with a source for dark pages by two pictures, of which the style sheet shows one: the reader may
 * have chosen another theme than that of the system.
 */
export function pictureOfTheme(html: string): string {
  return html.replaceAll(/<picture>(.*?)<\/picture>/gs, (whole, content: string) => {
    const dark = /<source[^>]*\bsrcset="([^"]*)"/.exec(content)?.[1]
    const [image = '', light] = /<img\b[^>]*\bsrc="([^"]*)"[^>]*>/.exec(content) ?? []
    if (dark === undefined || light === undefined) return whole
    const of = (theme: string, source: string): string =>
      image.replace(`src="${light}"`, `src="./${source}"`).replace('<img', `<img class="only-${theme}"`)
    return `${of('light', light)}\n${of('dark', dark)}`
  })
}

/** Adds the body that a table written as HTML may leave out: a browser adds it, and the page would differ from its script. */
export function wholeTable(html: string): string {
  return html.replaceAll('<table><tr>', '<table><tbody><tr>').replaceAll('</tr></table>', '</tr></tbody></table>')
}

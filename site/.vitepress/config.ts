import {readdirSync, readFileSync} from 'node:fs'
import path from 'node:path'
import footnote from 'markdown-it-footnote'
import {defineConfig, type MarkdownOptions} from 'vitepress'
import {anchor, pictureOfTheme, siteLink, wholeTable} from '../../scripts/site/links.ts'
import {pages, pageTitle, sections, sitePath} from '../../scripts/site/pages.ts'
import {pageWeight, searchTerms} from '../../scripts/site/search-terms.ts'
import {versionList} from '../../scripts/site/versions.ts'
import {licencesOfSite, packagesOfSite, playground} from './plugins.ts'

const root = path.resolve(import.meta.dirname, '..', '..')
/** Folder of the site on its host. An older version has its own: `/tagboat/v1/`. */
const base = (process.env['SITE_BASE'] ?? '/').replace(/\/?$/, '/')
/** Folder of the latest version, for the menu of versions. */
const home = process.env['SITE_HOME'] ?? base
const origin = process.env['SITE_ORIGIN'] ?? 'https://tagboat.github.io'
const version = process.env['SITE_VERSION'] ?? 'latest'
const repository = 'https://github.com/tagboat/tagboat'
const summary =
  'A GitHub Action that publishes a multi-platform container image in one step: tested first, tagged last.'

const icon = `data:image/svg+xml,${encodeURIComponent(read('playground/icon.svg'))}`
const versions = versionList(JSON.parse(read('site/versions.json')))

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}

/** Everything of the repository but the pages of the site. */
function notShown(): string[] {
  const shown = new Set(pages.map((page) => page.split('/', 1)[0]))
  const other = readdirSync(root, {withFileTypes: true})
    .filter((entry) => !shown.has(entry.name))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/**` : entry.name))
  return [...other, 'docs/images/**', 'site/node_modules/**', 'site/build/**']
}

/** Path of the page that is rendered, in the repository. */
function pageOf(env: {readonly realPath?: string; readonly path?: string}): string {
  return path.relative(root, env.realPath ?? env.path ?? '').replaceAll(path.sep, '/')
}

const markdown: NonNullable<MarkdownOptions['config']> = (md) => {
  md.use(footnote)
  // Vue would evaluate the expressions of tags as its own.
  for (const rule of ['text', 'code_inline'] as const) {
    const render = md.renderer.rules[rule]
    md.renderer.rules[rule] = (...args) => (render?.(...args) ?? '').replaceAll('{{', '&#123;&#123;')
  }
  md.core.ruler.push('links', ({tokens, env}) => {
    const page = pageOf(env)
    for (const token of tokens) {
      if (token.type === 'html_block') token.content = wholeTable(pictureOfTheme(token.content))
      // A picture of another host would be a request to it: the badge of the README.
      if (token.children?.some((child) => child.type === 'image' && /^https?:/.test(child.attrGet('src') ?? '')))
        token.children = []
      for (const child of token.children ?? []) {
        const target = child.type === 'link_open' ? child.attrGet('href') : null
        if (target !== null) child.attrSet('href', siteLink(page, target))
      }
    }
  })
}

export default defineConfig({
  srcDir: '..',
  srcExclude: notShown(),
  outDir: './build/site',
  cacheDir: './node_modules/.cache/vitepress',
  rewrites: Object.fromEntries(pages.map((page) => [page, `${sitePath(page).replace(/^$|(?<=\/)$/, 'index')}.md`])),
  base,
  cleanUrls: true,
  lang: 'en',
  title: 'Tagboat',
  description: summary,
  metaChunk: true,
  head: [
    ['link', {rel: 'icon', href: icon}],
    ['meta', {name: 'theme-color', content: '#0b6a8a'}],
    ['meta', {property: 'og:title', content: 'Tagboat'}],
    ['meta', {property: 'og:description', content: summary}],
  ],
  sitemap: {hostname: new URL(base, origin).href},
  markdown: {
    attrs: {disable: true},
    anchor: {slugify: anchor},
    theme: {light: 'github-light-high-contrast', dark: 'github-dark-high-contrast'},
    config: markdown,
  },
  vite: {
    plugins: [
      packagesOfSite(),
      playground(path.join(root, 'playground', 'build')),
      licencesOfSite(path.join(root, 'site')),
    ],
    server: {fs: {allow: [root]}, watch: {ignored: ['**/dist/**', '**/coverage/**', '**/__tests__/**']}},
    build: {target: 'es2022', chunkSizeWarningLimit: 4000},
  },
  transformPageData({relativePath}) {
    // The landing page is wide, and has its own title.
    if (relativePath === 'index.md') return {titleTemplate: 'container images in one step'}
    return {}
  },
  themeConfig: {
    logo: icon,
    nav: [
      {text: 'Docs', link: '/docs/start', activeMatch: '/docs/(?!inputs|errors)'},
      {text: 'Inputs', link: '/docs/inputs'},
      {text: 'Errors', link: '/docs/errors'},
      {text: 'Playground', link: '/playground/', target: '_self'},
      {
        text: version,
        items: [
          ...versions.map(({name, path: folder}) => ({
            text: name,
            link: new URL(home.replace(/\/?$/, '') + folder, origin).href,
            target: '_self',
            noIcon: true,
          })),
          {text: 'What changed', link: '/docs/changelog'},
        ],
      },
    ],
    sidebar: {
      '/docs/': sections.map(({title, pages: own}) => ({
        text: title,
        items: own.map((page) => ({text: pageTitle(page, read(page)), link: `/${sitePath(page)}`})),
      })),
    },
    outline: {level: [2, 3]},
    search: {
      provider: 'local',
      options: {
        detailedView: 'auto',
        miniSearch: {
          options: {tokenize: searchTerms},
          searchOptions: {
            combineWith: 'AND',
            fuzzy: 0.1,
            prefix: true,
            boost: {title: 4, text: 2, titles: 1},
            boostDocument: pageWeight,
          },
        },
      },
    },
    editLink: {pattern: `${repository}/edit/main/:path`, text: 'Edit this page at GitHub'},
    socialLinks: [{icon: 'github', link: repository, ariaLabel: 'Tagboat at GitHub'}],
    externalLinkIcon: false,
  },
})

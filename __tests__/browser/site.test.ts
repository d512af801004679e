import {existsSync, readFileSync} from 'node:fs'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import type {AxeResults} from 'axe-core'
import {pages, sitePath} from '../../scripts/site/pages.ts'
import {loadAxe} from '../../testing/browser.ts'
import {eventually} from '../../testing/eventually.ts'
import {siteAddresses, siteFolder, startSite, type Site} from '../../testing/site.ts'

let site: Site
beforeAll(async () => {
  site = await startSite()
})
afterAll(async () => site[Symbol.asyncDispose]())

/** Words of readers, and the addresses of the pages that answer them. */
const searched: Readonly<Record<string, string | readonly string[]>> = {
  rollback: '/docs/recipes',
  'latest went backwards': '/docs/troubleshooting',
  'multi-arch': ['/docs/builders', '/docs/distributed', '/docs/scale'],
  ECR: '/docs/registries/amazon-ecr',
  retry: ['/docs/publishing', '/docs/inputs'],
  cosign: '/docs/supply-chain',
  '429': '/docs/troubleshooting',
  'dry run': ['/docs/inputs', '/docs/publishing'],
  cleanup: '/docs/retention',
  untagged: ['/docs/retention', '/docs/inputs'],
  'rate limit': ['/docs/troubleshooting', '/docs/registries/docker-hub'],
  sbom: ['/docs/supply-chain', '/docs/inputs'],
  qemu: ['/docs/builders', '/docs/inputs'],
  cache: ['/docs/builders', '/docs/inputs'],
  monorepo: ['/docs/tags', '/docs/inputs'],
  'docker hub': '/docs/registries/docker-hub',
  'sign images': '/docs/supply-chain',
  'delete old tags': '/docs/retention',
  'permission denied': '/docs/troubleshooting',
  unauthorized: ['/docs/troubleshooting', '/docs/errors'],
  'self-hosted': ['/docs/requirements', '/docs/security'],
  'reusable workflow': '/docs/distributed',
  offline: '/docs/trying',
}

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  test.each([
    {address: '/', width: 1280},
    {address: '/', width: 375},
    {address: '/docs/tags', width: 1280},
    {address: '/docs/security', width: 375},
    {address: '/docs/start', width: 1280},
    {address: '/missing', width: 1280},
  ])('$address is accessible with a width of $width', async ({address, width}) => {
    await using opened = await site.open(address, {colorScheme, viewport: {width, height: 800}})
    const {page, complaints} = opened
    await loadAxe(page)
    const {violations} = await page.evaluate<AxeResults>('axe.run()')
    const found = violations.map(({id, nodes}) => ({id, targets: nodes.map(({target}) => target.join(' '))}))
    expect(found).toEqual([])
    // Nothing is wider than the window.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    expect(complaints.filter((complaint) => address !== '/missing' || !complaint.includes('404'))).toEqual([])
  })
})

describe('the search', () => {
  test.each([
    {text: 'if-exists', expected: '/docs/inputs#if-exists'},
    {text: 'tag-taken', expected: '/docs/errors#tag-taken'},
    {text: 'unique-branch-tags', expected: '/docs/inputs#unique-branch-tags'},
    {text: 'emulation', expected: '/docs/builders#emulation-qemu'},
  ])('finds $text', async ({text, expected}) => {
    await using opened = await site.open('/docs/start')
    const {page, complaints} = opened
    await page.keyboard.press('ControlOrMeta+k')
    await page.locator('.VPLocalSearchBox input').fill(text)
    const results = page.locator('.VPLocalSearchBox a.result')
    await results.first().waitFor()
    const found = await page.evaluate<readonly string[]>(
      '[...document.querySelectorAll(".VPLocalSearchBox a.result")].map((link) => link.getAttribute("href"))',
    )
    expect(found.slice(0, 3)).toContain(expected)
    expect(complaints).toEqual([])
  })
})

test('the search finds the page for the words of a reader at its top', async () => {
  await using opened = await site.open('/docs/start')
  const {page, complaints} = opened
  await page.keyboard.press('ControlOrMeta+k')
  const input = page.locator('.VPLocalSearchBox input')
  const first = page.locator('.VPLocalSearchBox a.result').first()
  const found: Record<string, string | undefined> = {}
  for (const [words, expected] of Object.entries(searched)) {
    await input.fill(words)
    const reached = async (): Promise<string | undefined> => (await first.getAttribute('href'))?.replace(/#.*$/, '')
    await eventually(async () => [expected].flat().includes((await reached()) ?? ''), true).catch(() => undefined)
    found[words] = await reached()
  }
  const wrong = Object.entries(searched).filter(([words, expected]) => ![expected].flat().includes(found[words] ?? ''))
  expect(wrong.map(([words]) => `${words}: ${found[words] ?? 'nothing'}`)).toEqual([])
  expect(complaints).toEqual([])
}, 120_000)

test.each([
  {address: '/', width: 1280},
  {address: '/docs/tags', width: 1280},
  {address: '/docs/tags', width: 375},
])(
  'the licences of the packages in the pages are linked at $address with a width of $width',
  async ({address, width}) => {
    await using opened = await site.open(address, {viewport: {width, height: 800}})
    const {page, complaints} = opened
    await page.getByRole('link', {name: 'Licences of this site'}).click()
    for (const name of ['@vue/runtime-core', 'minisearch', 'vitepress'])
      await page.getByText(new RegExp(`^${name}$`, 'm')).waitFor()
    expect(complaints).toEqual([])
  },
)

test('the theme can be changed, and stays', async () => {
  await using opened = await site.open('/', {colorScheme: 'light'})
  const {page, complaints} = opened
  const isDark = async (): Promise<unknown> => page.evaluate('document.documentElement.classList.contains("dark")')
  expect(await isDark()).toBe(false)
  expect(await page.locator('.landing figure img:visible').count()).toBe(1)
  await page.locator('.VPNavBarAppearance button').click()
  await eventually(isDark, true)
  await page.reload()
  expect(await isDark()).toBe(true)
  expect(await page.locator('.landing figure img.only-dark').isVisible()).toBe(true)
  expect(complaints).toEqual([])
})

test('the playground opens from the navigation, and converts the example of the landing page', async () => {
  await using opened = await site.open('/')
  const {page, complaints} = opened
  await page.getByRole('link', {name: 'Convert this, or yours'}).click()
  await page.locator('#panel-convert').waitFor()
  await eventually(async () => (await page.locator('#panel-convert').textContent())?.includes('tagboat/tagboat@'), true)
  await page.goBack()
  await page.getByRole('navigation', {name: 'Main Navigation'}).getByRole('link', {name: 'Playground'}).click()
  await page.locator('#panel-plan').waitFor()
  expect(complaints).toEqual([])
})

describe('the built pages', () => {
  interface BuiltPage {
    readonly address: string
    readonly html: string
  }
  const built = (): readonly BuiltPage[] =>
    siteAddresses()
      .filter((address) => !address.startsWith('/playground/'))
      .map((address) => ({address, html: readFileSync(fileOf(address) ?? '', 'utf8')}))

  /** File of an address of the site. */
  function fileOf(address: string): string | undefined {
    const name = address.endsWith('/') ? `${address}index.html` : address
    return [name, `${name}.html`]
      .map((one) => path.join(siteFolder, one))
      .find((file) => /\.\w+$/.test(file) && existsSync(file))
  }

  test('are those of the list', () => {
    const expected = [...pages.map((page) => `/${sitePath(page)}`), '/404', '/playground/'].sort()
    expect(siteAddresses()).toEqual(expected)
  })

  test('link to pages and headings that exist', () => {
    const ids = new Map<string, ReadonlySet<string>>()
    const idsOf = (file: string): ReadonlySet<string> => {
      const known =
        ids.get(file) ?? new Set([...readFileSync(file, 'utf8').matchAll(/\bid="([^"]*)"/g)].map(([, id = '']) => id))
      ids.set(file, known)
      return known
    }
    let checked = 0
    const broken = built().flatMap(({address, html}) =>
      [...html.matchAll(/<a\b[^>]*\bhref="([^"]*)"/g)].flatMap(([, href = '']) => {
        const {origin, pathname, hash} = new URL(href.replaceAll('&amp;', '&'), `http://site.test${address}`)
        if (origin !== 'http://site.test') return []
        checked += 1
        const file = fileOf(decodeURIComponent(pathname))
        const anchor = decodeURIComponent(hash.slice(1))
        const isFound = file !== undefined && (anchor === '' || anchor.startsWith('1.') || idsOf(file).has(anchor))
        return isFound ? [] : [`${address}: ${href}`]
      }),
    )
    expect(broken).toEqual([])
    expect(checked).toBeGreaterThan(2000)
  })

  test('load nothing from elsewhere', () => {
    const loaded = built().flatMap(({html}) =>
      [...html.matchAll(/<(?:img|script|link|source|iframe)\b[^>]*\b(?:src|href|srcset)="([^"]*)"/g)].map(
        ([, to = '']) => to,
      ),
    )
    expect(loaded.length).toBeGreaterThan(100)
    expect(loaded.filter((to) => /^(?:https?:)?\/\//.test(to))).toEqual([])
  })

  test('show expressions as they are written', () => {
    const tags = built().find(({address}) => address === '/docs/tags')?.html ?? ''
    expect(tags).toContain('{{version}}')
    expect(built().filter(({html}) => html.includes('&amp;#123;'))).toEqual([])
  })
})

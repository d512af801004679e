import {existsSync} from 'node:fs'
import path from 'node:path'
import {chromium, type Browser, type BrowserContextOptions, type Locator, type Page} from 'playwright-core'
import {serveFolder, type FolderServer} from '../scripts/playground/serve.ts'

const build = path.join(import.meta.dirname, '..', 'playground', 'build')

/** Browser and server of the built playground. */
export interface Playground extends AsyncDisposable {
  readonly url: string
  readonly server: FolderServer
  /** Opens the page, by default with a fragment, in a new profile. */
  open(fragment?: string, options?: BrowserContextOptions): Promise<OpenPage>
}

/** Page of the playground with everything that must not happen. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page
  /** Requests to other servers, errors of scripts, and violations of the policy of the page. */
  readonly complaints: readonly string[]
}

/** Starts Chromium and serves the built page. @throws Error if one of both is missing. */
export async function startPlayground(): Promise<Playground> {
  const executablePath = process.env['TAGBOAT_BROWSER']
  if (executablePath === undefined) throw new Error('TAGBOAT_BROWSER is not set: run this by scripts/with-browser')
  if (!existsSync(path.join(build, 'index.html'))) throw new Error('the playground is not built: npm run playground')
  const server = await serveFolder(build)
  // Chromium's sandbox does not work for root; all pages are files of this repository.
  const args = ['--no-sandbox', '--font-render-hinting=none']
  const browser = await chromium.launch({executablePath, args})
  return {
    url: server.url,
    server,
    open: async (fragment = '', options = {}) => openPage(browser, server.url, {fragment, options}),
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      await server.close()
    },
  }
}

interface Opening {
  readonly fragment: string
  readonly options: BrowserContextOptions
}

async function openPage(browser: Browser, url: string, {fragment, options}: Opening): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: {width: 1280, height: 800},
    permissions: ['clipboard-read', 'clipboard-write'],
    reducedMotion: 'reduce',
    ...options,
  })
  const complaints: string[] = []
  context.on('request', (request) => {
    if (!request.url().startsWith(url)) complaints.push(`request to ${request.url()}`)
  })
  context.on('requestfailed', (request) => complaints.push(`failed request: ${request.url()}`))
  context.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`)
  })
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`)
  })
  context.on('weberror', (error) => complaints.push(`error: ${error.error().message}`))
  const page = await context.newPage()
  await page.goto(url + fragment)
  await page.locator('#result[aria-busy=false]').waitFor({state: 'attached'})
  return {
    page,
    complaints,
    [Symbol.asyncDispose]: async () => {
      await context.close()
    },
  }
}

/** Editor of the workflow. */
export function editorOf(page: Page): Locator {
  return page.getByRole('textbox', {name: 'Workflow or step'})
}

/** Replaces the whole text of an editor, as pasting does. */
export async function replaceEditor(editor: Locator, text: string): Promise<void> {
  await editor.focus()
  const page = editor.page()
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('ControlOrMeta+v')
}

/** Chooses the tab of an event. */
export async function chooseEvent(page: Page, title: string): Promise<void> {
  await page.getByRole('tablist', {name: 'Events'}).getByRole('tab', {name: title, exact: true}).click()
}

/** Cells of a column of the table of tags, as texts. */
export function tagsIn(page: Page): Locator {
  return page.locator('table.tags code.tag')
}

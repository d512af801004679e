import path from 'node:path'
import type {Browser, BrowserContextOptions, Locator, Page} from 'playwright-core'
import type {FolderServer} from '../scripts/playground/serve.ts'
import {browseFolder, openWatched, type WatchedPage} from './browser.ts'

/** Folder of the built page. */
export const playgroundBuild = path.join(import.meta.dirname, '..', 'playground', 'build')

/** Title of the field for the tags that registries have. */
export const registryTitle = 'What the registry holds'

/** Browser and server of the built playground. */
export interface Playground extends AsyncDisposable {
  readonly url: string
  readonly server: FolderServer
  /** Opens the page, by default with a fragment, in a new profile. */
  open(fragment?: string, options?: BrowserContextOptions): Promise<WatchedPage>
}

/** Starts Chromium and serves the built page, or another folder. @throws Error if one of both is missing. */
export async function startPlayground(files = playgroundBuild): Promise<Playground> {
  const folder = await browseFolder(files, {
    missing: 'the playground is not built: npm run playground',
    args: ['--font-render-hinting=none'],
  })
  const {browser, server} = folder
  return {
    url: server.url,
    server,
    open: async (fragment = '', options = {}) => openPage(browser, server.url, {fragment, options}),
    [Symbol.asyncDispose]: async () => folder[Symbol.asyncDispose](),
  }
}

interface Opening {
  readonly fragment: string
  readonly options: BrowserContextOptions
}

async function openPage(browser: Browser, url: string, {fragment, options}: Opening): Promise<WatchedPage> {
  const opened = await openWatched(browser, {
    options: {permissions: ['clipboard-read', 'clipboard-write'], ...options},
    isOwn: (request) => request.startsWith(url),
    levels: ['error', 'warning'],
  })
  const {context, page, complaints} = opened
  context.on('requestfailed', (request) => complaints.push(`failed request: ${request.url()}`))
  await page.goto(url + fragment)
  await page.locator('#result[aria-busy=false]').waitFor({state: 'attached'})
  return opened
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

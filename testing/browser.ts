import {existsSync, readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import path from 'node:path'
import {chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page} from 'playwright-core'
import {serveFolder, type FolderServer} from '../scripts/playground/serve.ts'

/** Chromium, and a server for a folder that was built. */
export interface BrowsedFolder extends AsyncDisposable {
  readonly browser: Browser
  readonly server: FolderServer
}

/** Page with everything that must not happen. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page
  /** Requests to other servers, responses without a file, and errors of scripts. */
  readonly complaints: string[]
}

/**
 * Starts Chromium and serves a folder. `missing` says how to build it.
 * @throws Error if the browser or the folder is missing.
 */
export async function browseFolder(
  folder: string,
  {missing, args = []}: {readonly missing: string; readonly args?: readonly string[]},
): Promise<BrowsedFolder> {
  const executablePath = process.env['TAGBOAT_BROWSER']
  if (executablePath === undefined) throw new Error('TAGBOAT_BROWSER is not set: run this by scripts/with-browser')
  if (!existsSync(path.join(folder, 'index.html'))) throw new Error(missing)
  const server = await serveFolder(folder)
  // Chromium's sandbox does not work for root; all pages are files of this repository.
  const browser = await chromium.launch({executablePath, args: ['--no-sandbox', ...args]})
  return {
    browser,
    server,
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      await server.close()
    },
  }
}

interface Watching {
  readonly options: BrowserContextOptions
  /** Reports whether a request stays on the server. */
  readonly isOwn: (url: string) => boolean
  /** Kinds of messages on the console that are complaints. */
  readonly levels: readonly string[]
}

/** Opens an empty page in a new profile, and watches it. */
export async function openWatched(
  browser: Browser,
  {options, isOwn, levels}: Watching,
): Promise<WatchedPage & {readonly context: BrowserContext}> {
  const context = await browser.newContext({
    viewport: {width: 1280, height: 800},
    reducedMotion: 'reduce',
    ...options,
  })
  const complaints: string[] = []
  context.on('request', (request) => {
    if (!isOwn(request.url())) complaints.push(`request to ${request.url()}`)
  })
  context.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`)
  })
  context.on('console', (message) => {
    if (levels.includes(message.type())) complaints.push(`console: ${message.text()}`)
  })
  context.on('weberror', (error) => complaints.push(`error: ${error.error().message}`))
  const page = await context.newPage()
  return {
    context,
    page,
    complaints,
    [Symbol.asyncDispose]: async () => {
      await context.close()
    },
  }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Loads axe into a page. Then `axe` is a global variable there. */
export async function loadAxe(page: Page): Promise<void> {
  await page.evaluate(axe)
}

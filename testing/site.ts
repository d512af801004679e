import {existsSync, globSync} from 'node:fs'
import path from 'node:path'
import {chromium, type BrowserContextOptions, type Page} from 'playwright-core'
import {serveFolder} from '../scripts/playground/serve.ts'

/** Folder of the built site. */
export const siteFolder = path.join(import.meta.dirname, '..', 'site', 'build', 'site')

/** Page of the site with everything that must not happen. */
interface SitePage extends AsyncDisposable {
  readonly page: Page
  /** Requests to other servers, responses without a file, and errors of scripts. */
  readonly complaints: readonly string[]
}

/** Browser and server of the built site. */
export interface Site extends AsyncDisposable {
  readonly url: string
  open(address: string, options?: BrowserContextOptions): Promise<SitePage>
}

/** Starts Chromium and serves the built site. @throws Error if one of both is missing. */
export async function startSite(): Promise<Site> {
  const executablePath = process.env['TAGBOAT_BROWSER']
  if (executablePath === undefined) throw new Error('TAGBOAT_BROWSER is not set: run this by scripts/with-browser')
  if (!existsSync(path.join(siteFolder, 'index.html'))) throw new Error('the site is not built: npm run site')
  const server = await serveFolder(siteFolder)
  // Chromium's sandbox does not work for root; all pages are files of this repository.
  const browser = await chromium.launch({executablePath, args: ['--no-sandbox']})
  const open = async (address: string, options: BrowserContextOptions = {}): Promise<SitePage> => {
    const context = await browser.newContext({
      viewport: {width: 1280, height: 800},
      reducedMotion: 'reduce',
      ...options,
    })
    const complaints: string[] = []
    context.on('request', (request) => {
      const isOwn = request.url().startsWith(server.url) || request.url().startsWith('data:')
      if (!isOwn) complaints.push(`request to ${request.url()}`)
    })
    context.on('response', (response) => {
      if (response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`)
    })
    context.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`console: ${message.text()}`)
    })
    context.on('weberror', (error) => complaints.push(`error: ${error.error().message}`))
    const page = await context.newPage()
    await page.goto(new URL(address, server.url).href, {waitUntil: 'networkidle'})
    return {
      page,
      complaints,
      [Symbol.asyncDispose]: async () => {
        await context.close()
      },
    }
  }
  return {
    url: server.url,
    open,
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      await server.close()
    },
  }
}

/** Addresses of all pages of the built site. */
export function siteAddresses(): readonly string[] {
  return globSync('**/*.html', {cwd: siteFolder})
    .map((file) => `/${file.replaceAll(path.sep, '/')}`)
    .map((file) => file.replace(/index\.html$/, '').replace(/\.html$/, ''))
    .sort()
}

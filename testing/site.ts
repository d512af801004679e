import {globSync} from 'node:fs'
import path from 'node:path'
import type {BrowserContextOptions} from 'playwright-core'
import {browseFolder, openWatched, type WatchedPage} from './browser.ts'

/** Folder of the built site. */
export const siteFolder = path.join(import.meta.dirname, '..', 'site', 'build', 'site')

/** Browser and server of the built site. */
export interface Site extends AsyncDisposable {
  readonly url: string
  open(address: string, options?: BrowserContextOptions): Promise<WatchedPage>
}

/** Starts Chromium and serves the built site. @throws Error if one of both is missing. */
export async function startSite(): Promise<Site> {
  const folder = await browseFolder(siteFolder, {missing: 'the site is not built: npm run site'})
  const {browser, server} = folder
  return {
    url: server.url,
    open: async (address, options = {}) => {
      const opened = await openWatched(browser, {
        options,
        isOwn: (url) => url.startsWith(server.url) || url.startsWith('data:'),
        levels: ['error'],
      })
      await opened.page.goto(new URL(address, server.url).href, {waitUntil: 'networkidle'})
      return opened
    },
    [Symbol.asyncDispose]: async () => folder[Symbol.asyncDispose](),
  }
}

/** Addresses of all pages of the built site. */
export function siteAddresses(): readonly string[] {
  return globSync('**/*.html', {cwd: siteFolder})
    .map((file) => `/${file.replaceAll(path.sep, '/')}`)
    .map((file) => file.replace(/index\.html$/, '').replace(/\.html$/, ''))
    .sort()
}

import {readdirSync} from 'node:fs'
import path from 'node:path'
import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {eventually} from '../../testing/eventually.ts'
import {
  chooseEvent,
  editorOf,
  replaceEditor,
  startPlayground,
  tagsIn,
  type Playground,
} from '../../testing/playground.ts'

let playground: Playground
beforeAll(async () => {
  playground = await startPlayground()
})
afterAll(async () => playground[Symbol.asyncDispose]())

const files = readdirSync(path.join(import.meta.dirname, '..', '..', 'playground', 'build'))
const secret = 'hush-hush'
const text = `- uses: tagboat/tagboat@v1
  with:
    password: ${secret}
    tags: type=raw,value={{date 'YYYY'}}
`

test('nothing but the files of the page is requested, and no text leaves it', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  const requests: string[] = []
  page
    .context()
    .on('request', (request) => requests.push(`${request.method()} ${request.url()} ${request.postData() ?? ''}`))
  await replaceEditor(editorOf(page), text)
  await chooseEvent(page, 'All events')
  await page.locator('table.overview').waitFor()
  await page.getByRole('tab', {name: 'Convert'}).click()
  await page.locator('#jobs .job').first().waitFor()
  await page.getByRole('tab', {name: 'Plan'}).click()
  const written = page.url()
  await eventually(() => page.url() !== written, true)
  await page.reload()
  await page.locator('table.overview').waitFor()
  const allowed = new Set(['/', ...files.map((name) => `/${name}`)])
  expect(playground.server.requested.filter((name) => !allowed.has(name))).toEqual([])
  expect(requests.filter((one) => one.includes(secret) || !one.startsWith('GET '))).toEqual([])
  expect(complaints).toEqual([])
})

test('the policy of the page forbids connections', async () => {
  await using opened = await playground.open()
  const {page} = opened
  const sent = await page.evaluate(`fetch('./index.html').then(() => 'sent', () => 'refused')`)
  expect(sent).toBe('refused')
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content')
  for (const rule of ["default-src 'none'", "connect-src 'none'", "form-action 'none'"]) expect(policy).toContain(rule)
})

test('the page works without a network once it was loaded', async () => {
  await using opened = await playground.open()
  const {page} = opened
  await page.evaluate('navigator.serviceWorker.ready.then(() => true)')
  await eventually(async () => page.evaluate('navigator.serviceWorker.controller !== null'), true)
  await page.context().setOffline(true)
  await page.reload()
  await replaceEditor(editorOf(page), text)
  const year = String(new Date().getUTCFullYear())
  await eventually(async () => tagsIn(page).allTextContents(), [year])
  await page.getByRole('tab', {name: 'Convert'}).click()
  await page.locator('.job.converted').waitFor()
  await page.getByRole('tab', {name: 'Plan'}).click()
  await editorOf(page).press('Control+Space')
  expect(await page.title()).toBe('Tagboat playground')
})

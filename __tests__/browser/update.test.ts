import {cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {afterAll, beforeAll, expect, test} from '@jest/globals'
import type {Page} from 'playwright-core'
import {eventually} from '../../testing/eventually.ts'
import {editorOf, playgroundBuild, replaceEditor, startPlayground, tagsIn} from '../../testing/playground.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'playground-'))
})
afterAll(() => {
  rmSync(folder, {recursive: true})
})

/**
 * Replaces the files of the folder by those of another version, as a deployment does: all hashes in names differ, and the old
 * files are gone.
 */
function deploy(version: string): void {
  rmSync(folder, {recursive: true})
  cpSync(playgroundBuild, folder, {recursive: true})
  const hashed = readdirSync(folder).filter((name) => /-[A-Za-z0-9]{8}\.\w+$/.test(name))
  const renamed = hashed.map((name, index) => {
    const hash = `V${version}X${String(index).padStart(5, '0')}`
    return [name, name.replace(/-[A-Za-z0-9]{8}\./, `-${hash}.`)] as const
  })
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name)
    const text = renamed.reduce((all, [from, to]) => all.replaceAll(from, to), readFileSync(file, 'utf8'))
    const [, next = name] = renamed.find(([from]) => from === name) ?? []
    rmSync(file)
    writeFileSync(path.join(folder, next), changed(name, text, version))
  }
}

function changed(name: string, text: string, version: string): string {
  if (name === 'index.html') return text.replace('Nothing is sent.', `Nothing is sent. Version ${version}.`)
  if (name !== 'service-worker.js') return text
  const worker = text.replace(/[0-9a-f]{12}/, version.padStart(12, '0'))
  expect(worker).not.toBe(text)
  return worker
}

/** Waits until the service worker of a version has taken the page over. */
async function takenOver(page: Page, version: string): Promise<void> {
  const names = `caches.keys().then((all) => all.map((name) => name.replace(/^.*-0*/, '')))`
  await eventually(async () => (await page.evaluate<readonly string[]>(names)).at(-1), version)
  const states = `navigator.serviceWorker.getRegistration().then((one) =>
    [one.installing, one.waiting, one.active].map((worker) => worker?.state ?? ''))`
  await eventually(async () => page.evaluate(states), ['', '', 'activated'])
  await eventually(async () => page.evaluate('navigator.serviceWorker.controller !== null'), true)
}

const shownVersion = async (page: Page): Promise<unknown> => page.locator('#foot-note').textContent()

test('a page that was deployed again takes the new version, which then works offline', async () => {
  deploy('1')
  await using playground = await startPlayground(folder)
  await using opened = await playground.open()
  const {page} = opened
  await takenOver(page, '1')
  const other = await page.context().newPage()
  await other.goto(playground.url)
  await tagsIn(other).first().waitFor()

  deploy('2')
  await page.reload()
  expect(await shownVersion(page)).toContain('Version 2.')
  await takenOver(page, '2')
  // The other tab is still of the first version, whose files are no longer on the server.
  await other.getByRole('tab', {name: 'Convert'}).click()
  await other.locator('.job.converted').waitFor()
  expect(await shownVersion(other)).toContain('Version 1.')

  await page.context().setOffline(true)
  await page.reload()
  expect(await shownVersion(page)).toContain('Version 2.')
  await replaceEditor(editorOf(page), '- uses: tagboat/tagboat@v1\n  with:\n    tags: offline\n')
  await eventually(async () => tagsIn(page).allTextContents(), ['offline'])
  await page.getByRole('tab', {name: 'Convert'}).click()
  await page.locator('.job.converted').waitFor()

  // The browser keeps the files of two versions.
  await page.context().setOffline(false)
  deploy('3')
  await page.reload()
  await takenOver(page, '3')
  const kept = `caches.keys().then((all) => all.map((name) => name.replace(/^.*-0*/, '')))`
  await eventually(async () => page.evaluate(kept), ['2', '3'])
}, 60_000)

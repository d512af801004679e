import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {eventually} from '../../testing/eventually.ts'
import {startPlayground, replaceEditor, type Playground, registryTitle} from '../../testing/playground.ts'

let playground: Playground
beforeAll(async () => {
  playground = await startPlayground()
})
afterAll(async () => playground[Symbol.asyncDispose]())

test('the contents of the registry decide what moves, stays or is refused', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await page.getByText(registryTitle).click()
  await page.getByRole('button', {name: 'Fill in an example'}).click()
  const outcomes = async (): Promise<readonly string[]> =>
    page.locator('table.tags td:nth-child(4) .badge').allTextContents()
  await eventually(outcomes, ['new', 'moves', 'new', 'stays'])
  const registry = page.getByRole('textbox', {name: registryTitle})
  await replaceEditor(registry, '1.2.3 1.2.3 aaaaaaa 2026-01-01\n')
  await page.locator('#result .verdict.failed').getByText('is refused').waitFor()
  await eventually(async () => (await outcomes())[0], 'refused')
  await replaceEditor(registry, '')
  await eventually(outcomes, [])
  expect(complaints).toEqual([])
})

test('a line that is not a tag is marked', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await page.getByText(registryTitle).click()
  await replaceEditor(page.getByRole('textbox', {name: registryTitle}), 'latest 1.2.3\nlatest what\n')
  await eventually(
    async () => page.locator('#registry-editor .cm-line:has(.cm-lintRange-error)').allTextContents(),
    ['latest what'],
  )
  await eventually(
    async () => page.locator('#registry-note').textContent(),
    'line 2 is not used: what is not a version, commit, digest or date',
  )
  expect(complaints).toEqual([])
})

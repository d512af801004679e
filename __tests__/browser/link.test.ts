import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {eventually} from '../../testing/eventually.ts'
import {
  chooseEvent,
  editorOf,
  replaceEditor,
  startPlayground,
  tagsIn,
  type Playground,
  registryTitle,
} from '../../testing/playground.ts'

let playground: Playground
beforeAll(async () => {
  playground = await startPlayground()
})
afterAll(async () => playground[Symbol.asyncDispose]())

const text = '- uses: tagboat/tagboat@v1\n  with:\n    images: ghcr.io/acme/größe\n    tags: nightly\n'

test('the link that is copied restores the whole state', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await replaceEditor(editorOf(page), text.replace('größe', 'web'))
  await chooseEvent(page, 'Branch')
  await page.getByLabel('Branch or Git tag').fill('topic/a')
  await page.getByLabel('Repository').fill('acme/web')
  await page.getByText(registryTitle).click()
  await replaceEditor(page.getByRole('textbox', {name: registryTitle}), 'nightly 1.0.0\n')
  await page.getByRole('button', {name: 'Copy link'}).click()
  await eventually(
    async () =>
      page
        .locator('#share')
        .textContent()
        .then((label) => label?.trim()),
    'Copied',
  )
  const link = String(await page.evaluate('navigator.clipboard.readText()'))
  expect(link).toContain(playground.url)
  await using linked = await playground.open(link.slice(playground.url.length))
  const other = linked.page
  await eventually(async () => tagsIn(other).allTextContents(), ['nightly'])
  expect(await other.locator('#editor .cm-content').innerText()).toContain('ghcr.io/acme/web')
  expect(await other.getByRole('tab', {name: 'Branch', exact: true}).getAttribute('aria-selected')).toBe('true')
  expect(await other.getByLabel('Branch or Git tag').inputValue()).toBe('topic/a')
  expect(await other.getByLabel('Repository').inputValue()).toBe('acme/web')
  expect(await other.locator('#registry-editor .cm-content').innerText()).toContain('nightly 1.0.0')
  expect([...complaints, ...linked.complaints]).toEqual([])
})

test('any text survives in a link', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await replaceEditor(editorOf(page), text)
  await eventually(() => new URL(page.url()).hash.startsWith('#1.'), true)
  await using linked = await playground.open(new URL(page.url()).hash)
  await eventually(
    async () => linked.page.locator('#editor .cm-line').nth(2).textContent(),
    '    images: ghcr.io/acme/größe',
  )
  expect([...complaints, ...linked.complaints]).toEqual([])
})

test('a link that is cut shows the example and a notice', async () => {
  await using opened = await playground.open('#1.abc')
  const {page, complaints} = opened
  await eventually(async () => page.locator('#editor .cm-line').first().textContent(), 'name: publish')
  await page.getByRole('alert').getByText('This link').waitFor()
  expect(complaints).toEqual([])
})

test('a link that is cut leaves an open page as it was', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await replaceEditor(editorOf(page), text)
  await eventually(() => new URL(page.url()).hash.startsWith('#1.'), true)
  await page.evaluate("location.hash = '#1.abc'")
  await page.getByRole('alert').getByText('This link').waitFor()
  expect(await page.locator('#editor .cm-line').nth(2).textContent()).toBe('    images: ghcr.io/acme/größe')
  expect(complaints).toEqual([])
})

test('an address without a state stays without one', async () => {
  await using opened = await playground.open()
  expect(opened.page.url()).toBe(playground.url)
  await chooseEvent(opened.page, 'Fork')
  await eventually(() => opened.page.url().includes('#1.'), true)
  await chooseEvent(opened.page, 'v1.2.3')
  await eventually(() => opened.page.url(), playground.url)
})

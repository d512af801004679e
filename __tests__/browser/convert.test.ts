import {afterAll, beforeAll, expect, test} from '@jest/globals'
import type {Page} from 'playwright-core'
import {eventually} from '../../testing/eventually.ts'
import {editorOf, replaceEditor, startPlayground, tagsIn, type Playground} from '../../testing/playground.ts'

let playground: Playground
beforeAll(async () => {
  playground = await startPlayground()
})
afterAll(async () => playground[Symbol.asyncDispose]())

const chain = `on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/metadata-action@v6
        id: meta
        with:
          images: ghcr.io/acme/web
          tags: type=ref,event=branch
      - uses: docker/login-action@v4
        with:
          registry: ghcr.io
          username: \${{ github.actor }}
          password: \${{ github.token }}
      - uses: docker/build-push-action@v7
        with:
          push: true
          tags: \${{ steps.meta.outputs.tags }}
`

async function openConverter(page: Page): Promise<void> {
  await page.getByRole('tab', {name: 'Convert'}).click()
  await page.getByRole('textbox', {name: 'Converted workflow'}).waitFor()
}

test('a workflow is shown with its conversion, as a difference', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await openConverter(page)
  await replaceEditor(page.getByRole('textbox', {name: 'Workflow to convert'}), chain)
  await page.locator('.job.converted').getByText('image').waitFor()
  const changed = async (side: 'a' | 'b'): Promise<readonly string[]> => {
    const lines = (await page.locator(`.cm-merge-${side} .cm-changedLine`).allTextContents()).join('\n')
    return [...lines.matchAll(/uses: (\S+)@/g)].map(([, action = '']) => action)
  }
  await eventually(async () => changed('b'), ['tagboat/tagboat'])
  await eventually(
    async () => changed('a'),
    ['docker/metadata-action', 'docker/login-action', 'docker/build-push-action'],
  )
  expect(complaints).toEqual([])
})

test('a workflow of the Docker actions that is to be planned can be converted', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await replaceEditor(editorOf(page), chain)
  await page.getByRole('tab', {name: 'Default branch'}).click()
  await page.getByRole('button', {name: 'Convert it'}).click()
  await page.locator('.job.converted').getByText('image').waitFor()
  expect(complaints).toEqual([])
})

test('the result can be copied, and planned', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await openConverter(page)
  await replaceEditor(page.getByRole('textbox', {name: 'Workflow to convert'}), chain)
  await page.locator('.job.converted').getByText('image').waitFor()
  await page.getByRole('button', {name: 'Copy the result'}).click()
  await eventually(async () => page.locator('#copy-result').textContent(), 'Copied')
  expect(await page.evaluate('navigator.clipboard.readText()')).toContain('- uses: tagboat/tagboat@v1')
  await page.getByRole('button', {name: 'Plan the result'}).click()
  await eventually(async () => (await editorOf(page).innerText()).includes('tagboat/tagboat@v1'), true)
  await page.getByRole('tab', {name: 'Default branch'}).click()
  await eventually(async () => tagsIn(page).allTextContents(), ['main'])
  expect(complaints).toEqual([])
})

test('the copied result has the line breaks of the workflow', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await openConverter(page)
  const copied = async (): Promise<unknown> => {
    await page.getByRole('button', {name: 'Copy the result'}).click()
    await page.locator('#announcement').getByText('was copied').waitFor({state: 'attached'})
    return page.evaluate('navigator.clipboard.readText()')
  }
  const source = page.getByRole('textbox', {name: 'Workflow to convert'})
  await replaceEditor(source, chain.replaceAll('\n', '\r\n'))
  await page.locator('.job.converted').getByText('image').waitFor()
  const windows = String(await copied())
  expect(windows).toContain('- uses: tagboat/tagboat@v1\r\n')
  expect(windows.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  await replaceEditor(source, chain.replace('image:', 'other:'))
  await page.locator('.job.converted').getByText('other').waitFor()
  expect(await copied()).toBe(windows.replaceAll('\r\n', '\n').replace('image:', 'other:'))
  expect(complaints).toEqual([])
})

test('a conversion that fails leaves nothing of the one before', async () => {
  await using opened = await playground.open('', {serviceWorkers: 'block'})
  const {page} = opened
  await openConverter(page)
  await replaceEditor(page.getByRole('textbox', {name: 'Workflow to convert'}), chain)
  await page.locator('.job.converted').getByText('image').waitFor()
  // The worker is ended, and the next one cannot be loaded.
  await page.getByRole('tab', {name: 'Plan', exact: true}).click()
  await page.getByLabel('Branch or Git tag').fill(`refs/tags/${'a'.repeat(60)}b`)
  await replaceEditor(editorOf(page), '- uses: tagboat/tagboat@v1\n  with:\n    tags: type=match,pattern=(a+)+$\n')
  await page.locator('#result .verdict.failed').getByText('was ended').waitFor()
  await page.route('**/worker-*.js', async (route) => route.abort())
  await page.getByRole('tab', {name: 'Convert'}).click()
  await page.locator('#remarks').getByText('This page failed').waitFor()
  expect(await page.locator('#jobs .job').count()).toBe(0)
  expect(await page.getByRole('button', {name: 'Copy the result'}).isDisabled()).toBe(true)
  expect(await page.getByRole('button', {name: 'Plan the result'}).isDisabled()).toBe(true)
  await page.locator('#announcement').getByText('This page failed').waitFor({state: 'attached'})
})

test('the converter is loaded again after it could not be loaded', async () => {
  await using opened = await playground.open('', {serviceWorkers: 'block'})
  const {page} = opened
  await page.route('**/view-*.js', async (route) => route.abort())
  await page.getByRole('tab', {name: 'Convert'}).click()
  await page.getByRole('alert').getByText('could not be loaded').waitFor()
  await page.unroute('**/view-*.js')
  await page.getByRole('tab', {name: 'Plan', exact: true}).click()
  await page.getByRole('tab', {name: 'Convert'}).click()
  await page.getByRole('textbox', {name: 'Converted workflow'}).waitFor()
  await page.locator('#foot-note').getByText('Nothing is sent').waitFor()
})

test('a remark leads to its line', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await openConverter(page)
  const own = chain.replace('      - uses: docker/login', '      # Names\n      - uses: docker/login')
  await replaceEditor(page.getByRole('textbox', {name: 'Workflow to convert'}), own)
  await page.locator('#remarks').getByRole('button', {name: 'line 11'}).click()
  await eventually(async () => page.evaluate('getSelection().toString()'), '# Names')
  expect(complaints).toEqual([])
})

test('a workflow without these actions stays as it is', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await openConverter(page)
  await replaceEditor(
    page.getByRole('textbox', {name: 'Workflow to convert'}),
    'on: push\njobs:\n  a:\n    steps:\n      - run: make\n',
  )
  await page.locator('#remarks').getByText('Nothing to convert').waitFor()
  expect(await page.getByRole('button', {name: 'Copy the result'}).isDisabled()).toBe(true)
  expect(complaints).toEqual([])
})

test('a narrow window shows the difference in one column', async () => {
  await using opened = await playground.open('', {viewport: {width: 375, height: 800}})
  const {page, complaints} = opened
  await openConverter(page)
  await replaceEditor(page.getByRole('textbox', {name: 'Workflow to convert'}), chain)
  await eventually(async () => (await page.locator('.stacked-result .cm-deletedChunk').count()) > 0, true)
  await eventually(
    async () => (await page.locator('.stacked-result .cm-content').innerText()).includes('uses: tagboat/tagboat@v1'),
    true,
  )
  expect(complaints).toEqual([])
})

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

const versions = JSON.stringify(
  ['1.2', '1.1'].map((tag) => ({
    name: `sha256:${tag.at(-1)?.repeat(64) ?? ''}`,
    metadata: {container: {tags: [tag, `${tag}.0`]}},
  })),
  null,
  2,
)

test.each([
  {name: 'a list over several lines', text: '[\n  "1.2",\n  "1.1"\n]', note: '2 tags'},
  {name: 'an answer in one line', text: '{"name": "acme/web", "tags": ["1.2", "1.1", "1.0"]}', note: '3 tags'},
  {name: 'versions of a package', text: versions, note: '4 tags'},
  {name: 'lines with a comment', text: '# before the release\n1.2 1.2.2\n', note: '1 tag'},
  {
    name: 'an entry that is not a tag',
    text: '[\n  "1.2",\n  7\n]',
    note: 'no tag is used',
  },
])('the note on the registry counts the tags of $name', async ({text, note}) => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await page.getByText(registryTitle).click()
  await replaceEditor(page.getByRole('textbox', {name: registryTitle}), text)
  await eventually(async () => (await page.locator('#registry-note').textContent())?.slice(0, note.length), note)
  expect(complaints).toEqual([])
})

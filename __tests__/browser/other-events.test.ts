import {afterAll, beforeAll, expect, test} from '@jest/globals'
import type {Page} from 'playwright-core'
import {loadAxe} from '../../testing/browser.ts'
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

/** Workflow that an event starts. */
function workflowOf(on: string): string {
  return `on: ${on}
jobs:
  image:
    steps:
      - uses: tagboat/tagboat@v1
        with: {images: ghcr.io/acme/web, tags: 'type=raw,value=\${{ github.event_name }}'}
`
}

const others = (page: Page): ReturnType<Page['getByLabel']> => page.getByLabel('Another event')

test.each([
  {id: 'pull_request_target', tag: 'pull_request_target'},
  {id: 'workflow_run', tag: 'workflow_run'},
  {id: 'workflow_call', tag: 'push'},
  {id: 'create', tag: 'create'},
])('$id is chosen from the list, and planned', async ({id, tag}) => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await replaceEditor(editorOf(page), workflowOf(`[push, ${id}]`).replace(`, ${id}`, ''))
  await others(page).selectOption(id)
  await page.locator('#result .verdict.hold').waitFor()
  await eventually(async () => page.evaluate('document.activeElement.id'), `event-${id}`)
  expect(await page.locator(`#event-${id}`).getAttribute('aria-selected')).toBe('true')
  await replaceEditor(editorOf(page), workflowOf(`[push, ${id}]`))
  await eventually(async () => tagsIn(page).allTextContents(), [tag])
  expect(complaints).toEqual([])
})

test('events that a workflow lists have tabs, which arrow keys reach, and rows in the overview', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  const tabs = page.getByRole('tablist', {name: 'Events'}).getByRole('tab')
  const usual = await tabs.count()
  await chooseEvent(page, 'All events')
  await replaceEditor(editorOf(page), workflowOf('[workflow_run, issue_comment]'))
  await eventually(async () => (await tabs.allTextContents()).slice(usual), ['workflow_run', 'issue_comment'])
  await page.locator('.overview tr').filter({hasText: 'issue_comment'}).locator('.chip').waitFor()
  await page.locator('#event-all').press('End')
  await eventually(async () => tagsIn(page).allTextContents(), ['issue_comment'])
  expect(await page.evaluate('document.activeElement.id')).toBe('event-issue_comment')
  await page.keyboard.press('ArrowLeft')
  await eventually(async () => tagsIn(page).allTextContents(), ['workflow_run'])
  expect(await others(page).locator('option', {hasText: 'issue_comment'}).count()).toBe(0)
  await page.getByRole('status').getByText('workflow_run').waitFor({state: 'attached'})
  await loadAxe(page)
  expect(await page.evaluate(`axe.run(document).then(({violations}) => violations.map(({id}) => id))`)).toEqual([])
  await replaceEditor(editorOf(page), workflowOf('push'))
  await eventually(async () => (await tabs.allTextContents()).slice(usual), ['workflow_run', 'issue_comment'])
  expect(complaints).toEqual([])
})

test('the event of a call is explained where it is planned, beside events of the workflow itself', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  const note = page.locator('.note.called')
  await chooseEvent(page, 'All events')
  await replaceEditor(editorOf(page), workflowOf('[push, workflow_call]'))
  await page.locator('.overview tr').filter({hasText: 'workflow_call'}).locator('.chip').waitFor()
  expect(await note.count()).toBe(0)
  await chooseEvent(page, 'workflow_call')
  await note.getByText('here a push').waitFor()
  await chooseEvent(page, 'Branch')
  await eventually(async () => note.count(), 0)
  expect(complaints).toEqual([])
})

test('a link restores an event without a tab of its own', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await others(page).selectOption('delete')
  await page.getByRole('textbox', {name: /^Deleted branch/}).fill('topic/old')
  await eventually(() => new URL(page.url()).hash.startsWith('#1.'), true)
  await page.locator('#announcement').getByText('delete:').waitFor({state: 'attached'})
  await page.reload()
  await eventually(async () => page.getByRole('tab', {name: 'delete'}).getAttribute('aria-selected'), 'true')
  expect(await page.getByRole('textbox', {name: /^Deleted branch/}).inputValue()).toBe('topic/old')
  await page.locator('#result .verdict.hold').waitFor()
  expect(complaints).toEqual([])
})

import {afterAll, beforeAll, expect, test} from '@jest/globals'
import type {Page} from 'playwright-core'
import {chooseEvent, editorOf, replaceEditor, startPlayground, type Playground} from '../../testing/playground.ts'

let playground: Playground
beforeAll(async () => {
  playground = await startPlayground()
})
afterAll(async () => playground[Symbol.asyncDispose]())

/** Computed value of a property of the first element of a selector. */
async function computed(page: Page, selector: string, property: string, pseudo = ''): Promise<string> {
  await page.locator(selector).first().waitFor({state: 'attached'})
  const style = `getComputedStyle(document.querySelector('${selector}'), '${pseudo}')`
  return page.evaluate<string>(`${style}.${property}`)
}

const forced = {forcedColors: 'active', colorScheme: 'light'} as const

test('with forced colours, the chosen tabs and the focus differ from the others', async () => {
  await using opened = await playground.open('', forced)
  const {page, complaints} = opened
  const canvas = await computed(page, 'body', 'backgroundColor')
  const chosen = await computed(page, '#events [aria-selected=true]', 'backgroundColor')
  expect(chosen).not.toBe(await computed(page, '#events [aria-selected=false]', 'backgroundColor'))
  expect(await computed(page, '#events [aria-selected=true]', 'color')).not.toBe(chosen)
  expect(await computed(page, '#views [aria-selected=true]', 'backgroundColor', '::after')).toBe(chosen)
  expect(chosen).not.toBe(canvas)
  await page.locator('#share').focus()
  await page.keyboard.press('Tab')
  expect(await computed(page, '#theme', 'outlineStyle')).toBe('solid')
  expect(await computed(page, '#theme', 'outlineColor')).toBe(chosen)
  expect(complaints).toEqual([])
})

test('with forced colours, errors differ from results and from warnings', async () => {
  await using opened = await playground.open('', forced)
  const {page, complaints} = opened
  expect(await computed(page, '#result .verdict.push', 'borderTopWidth')).toBe('1px')
  expect(await computed(page, '.badge.exact', 'borderTopStyle')).toBe('solid')
  await replaceEditor(editorOf(page), '- uses: tagboat/tagboat@v1\n  with:\n    tags: type=what\n')
  expect(await computed(page, '#result .verdict.failed', 'borderTopWidth')).toBe('2px')
  expect(await computed(page, '#source-state', 'borderTopWidth')).toBe('2px')
  expect(await computed(page, '.cm-lintRange-error', 'textDecorationStyle')).toBe('wavy')
  const marker = await computed(page, '.cm-lint-marker-error', 'backgroundColor')
  expect(marker).not.toBe(await computed(page, 'body', 'backgroundColor'))
  await page.getByLabel('Repository').fill('acme')
  expect(await computed(page, '#repository', 'borderTopWidth')).toBe('2px')
  await chooseEvent(page, 'All events')
  expect(await computed(page, '.chip.bad', 'borderTopWidth')).toBe('2px')
  expect(complaints).toEqual([])
})

test('with forced colours, removed and added lines differ', async () => {
  await using opened = await playground.open('', forced)
  const {page, complaints} = opened
  await page.getByRole('tab', {name: 'Convert'}).click()
  expect(await computed(page, '.cm-merge-a .cm-changedText', 'textDecorationLine')).toBe('line-through')
  expect(await computed(page, '.cm-merge-b .cm-changedText', 'textDecorationLine')).toBe('underline')
  expect(await computed(page, '.cm-merge-a .cm-changedLineGutter', 'borderLeftStyle')).toBe('dashed')
  expect(await computed(page, '.cm-merge-b .cm-changedLineGutter', 'borderLeftStyle')).toBe('solid')
  expect(await computed(page, '.job.refused', 'borderTopWidth')).toBe('2px')
  expect(complaints).toEqual([])
})

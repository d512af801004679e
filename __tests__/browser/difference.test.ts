import {readFileSync} from 'node:fs'
import path from 'node:path'
import {afterAll, beforeAll, expect, test} from '@jest/globals'
import type {Page} from 'playwright-core'
import {eventually} from '../../testing/eventually.ts'
import {replaceEditor, startPlayground, type Playground} from '../../testing/playground.ts'
import {corpusFolder} from '../../testing/workflow-corpus/corpus.ts'

let playground: Playground
beforeAll(async () => {
  playground = await startPlayground()
})
afterAll(async () => playground[Symbol.asyncDispose]())

interface ShownLine {
  readonly text: string
  readonly top: number
}

/** Lines of an editor with their places in the window, without spaces for lines of the other editor. */
async function shownLines(page: Page, side: 'a' | 'b'): Promise<readonly ShownLine[]> {
  return page.evaluate(
    `[...document.querySelectorAll('.cm-merge-${side} .cm-line')].map((line) => ({
      text: line.textContent,
      top: Math.round(line.getBoundingClientRect().top),
    }))`,
  )
}

const keyOf = (text: string): string => /^\s*(?:- )?([\w-]+):/.exec(text)?.[1] ?? text

test.each([
  {workflow: 'several-builds', width: 1280},
  {workflow: 'several-builds', width: 900},
  {workflow: 'pushed-pull-requests', width: 1280},
  {workflow: 'nightly', width: 900},
])('lines beside each other in the difference of $workflow at $width pixels belong together', async (example) => {
  await using opened = await playground.open('', {viewport: {width: example.width, height: 3000}})
  const {page, complaints} = opened
  const text = readFileSync(path.join(corpusFolder, example.workflow, 'before.yml'), 'utf8')
  await page.getByRole('tab', {name: 'Convert'}).click()
  await replaceEditor(page.getByRole('textbox', {name: 'Workflow to convert'}), text)
  const strangers = async (): Promise<unknown> => {
    const [before, after] = [await shownLines(page, 'a'), await shownLines(page, 'b')]
    const rows = before.flatMap(({text: a, top}) => {
      const beside = after.find((line) => Math.abs(line.top - top) < 2)
      return beside === undefined ? [] : [{a, b: beside.text}]
    })
    return {
      strangers: rows.filter(({a, b}) => keyOf(a) !== keyOf(b)),
      // Most lines of the result are in the workflow.
      isAligned: rows.filter(({a, b}) => a === b).length > after.length / 2,
      converted: after.some((line) => line.text.includes('tagboat/tagboat@v1')),
    }
  }
  await eventually(strangers, {strangers: [], isAligned: true, converted: true})
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(example.width)
  const wider = `[...document.querySelectorAll('.diff .cm-scroller')].filter((one) => one.scrollWidth > one.clientWidth).length`
  expect(await page.evaluate(wider)).toBe(0)
  expect(complaints).toEqual([])
})

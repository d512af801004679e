import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {chooseEvent, editorOf, replaceEditor, startPlayground, type Playground} from '../../testing/playground.ts'

let playground: Playground
beforeAll(async () => {
  playground = await startPlayground()
})
afterAll(async () => playground[Symbol.asyncDispose]())

/** Workflow that takes seconds to plan for all events. */
function largeWorkflow(image: string): string {
  const six = '[1, 2, 3, 4, 5, 6]'
  return `on: [push, pull_request, schedule, release, workflow_dispatch]
jobs:
  image:
    strategy:
      matrix: {a: ${six}, b: ${six}, c: ${six}}
    steps:
      - uses: tagboat/tagboat@v1
        with:
          images: ghcr.io/acme/${image}
          variant: ${image}-\${{ matrix.a }}-\${{ matrix.b }}-\${{ matrix.c }}
`
}

test('the old result of a large workflow is marked until the new one is shown', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await chooseEvent(page, 'All events')
  await replaceEditor(editorOf(page), largeWorkflow('first'))
  const result = page.locator('#result')
  const planned = {state: 'attached', timeout: 60_000} as const
  await result.getByText('first-6-6-6').first().waitFor(planned)
  await page.locator('#result[aria-busy=false]:not(.old)').waitFor(planned)
  await replaceEditor(editorOf(page), largeWorkflow('second'))
  const marked = page.locator('#result.old[aria-busy=true]')
  await marked.getByText('first-6-6-6').first().waitFor(planned)
  expect(Number(await page.evaluate(`getComputedStyle(document.getElementById('result')).opacity`))).toBeLessThan(1)
  // The result of another event is not that of the chosen one.
  await chooseEvent(page, 'Schedule')
  await marked.getByText('Planning…').waitFor()
  expect(await result.textContent()).toBe('Planning…')
  await result.getByText('second-6-6-6').first().waitFor(planned)
  await page.locator('#result[aria-busy=false]:not(.old)').waitFor(planned)
  expect(complaints).toEqual([])
}, 120_000)

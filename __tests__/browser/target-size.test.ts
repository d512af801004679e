import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {states} from '../../testing/playground-states.ts'
import {startPlayground, type Playground} from '../../testing/playground.ts'

let playground: Playground
beforeAll(async () => {
  playground = await startPlayground()
})
afterAll(async () => playground[Symbol.asyncDispose]())

/** Visible controls with their sizes in CSS pixels. */
const controls = `[...document.querySelectorAll('a[href], button, input, select, summary, textarea, [role=tab], [tabindex="0"]')]
  .filter((control) => control.checkVisibility({visibilityProperty: true}))
  .map((control) => ({box: control.getBoundingClientRect(), name: control.id || control.textContent.trim()}))
  .filter(({box}) => box.width > 1)
  .map(({box, name}) => ({name, width: box.width, height: box.height}))`

interface Control {
  readonly name: string
  readonly width: number
  readonly height: number
}

// https://www.w3.org/TR/WCAG22/#target-size-minimum
describe.each([375, 1280])('with a width of %d', (width) => {
  test.each(states)('every control of $name is at least 24 pixels wide and high', async ({arrange}) => {
    await using opened = await playground.open('', {viewport: {width, height: 900}})
    const {page, complaints} = opened
    await arrange(page)
    const found = await page.evaluate<readonly Control[]>(controls)
    expect(found.length).toBeGreaterThan(6)
    expect(found.filter((one) => Math.min(one.width, one.height) < 24)).toEqual([])
    expect(complaints).toEqual([])
  })
})

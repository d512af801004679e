import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import type {Page} from 'playwright-core'
import {loadAxe} from '../../testing/browser.ts'
import {eventually} from '../../testing/eventually.ts'
import {chooseEvent, registryTitle, startPlayground, tagsIn, type Playground} from '../../testing/playground.ts'
import {states} from '../../testing/playground-states.ts'

let playground: Playground
beforeAll(async () => {
  playground = await startPlayground()
})
afterAll(async () => playground[Symbol.asyncDispose]())

/** Violations that axe finds, as `rule: elements`. */
async function violations(page: Page): Promise<unknown> {
  await loadAxe(page)
  return page.evaluate(
    `axe.run(document, {resultTypes: ['violations']}).then(({violations}) =>
      violations.map(({id, nodes}) => id + ': ' + nodes.map(({html, any}) => html.slice(0, 160) + ' ' + (any[0]?.message ?? '')).join(' | ')))`,
  )
}

describe.each(['light', 'dark'] as const)('in the %s theme, axe finds no violation', (colorScheme) => {
  test.each(states)('$name', async ({arrange}) => {
    await using opened = await playground.open('', {colorScheme})
    await arrange(opened.page)
    expect(await violations(opened.page)).toEqual([])
  })
})

describe('on a phone', () => {
  test.each(states)('$name is not wider than the window, and axe finds no violation', async ({arrange}) => {
    await using opened = await playground.open('', {viewport: {width: 375, height: 700}, hasTouch: true})
    const {page} = opened
    await arrange(page)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375)
    expect(await violations(page)).toEqual([])
  })
})

describe('with the keyboard alone', () => {
  const focused = async (page: Page): Promise<unknown> =>
    page.evaluate(
      `(() => { const at = document.activeElement; return at.id || at.getAttribute('aria-label') || at.textContent })()`,
    )

  test('every control is reached in order, and the editor can be left', async () => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await tagsIn(page).first().waitFor()
    const reached: unknown[] = []
    for (let presses = 0; presses < 15; presses += 1) {
      if ((await focused(page)) === 'Workflow or step') await page.keyboard.press('Escape')
      await page.keyboard.press('Tab')
      reached.push(await focused(page))
    }
    const brand = (await page.locator('.brand').textContent()) ?? ''
    expect(reached).toEqual(
      [
        brand,
        'view-plan',
        'share',
        'theme',
        'example',
        'Workflow or step',
        'Values of a run',
        registryTitle,
        'event-version',
        'other-events',
        'ref',
        'repository',
        'default-branch',
        'type=semver,pattern={{version}}',
        'type=semver,pattern={{major}}.{{minor}}',
      ].map((text) => (/^(?:What|Values)/.test(text) ? expect.stringContaining(text.slice(0, 15)) : text)),
    )
    expect(complaints).toEqual([])
  })

  test('arrow keys move between events and between views', async () => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await page.locator('#event-version').focus()
    await page.keyboard.press('ArrowRight')
    await eventually(async () => tagsIn(page).allTextContents(), ['1.3.0-rc.1', 'sha-860c190'])
    await page.keyboard.press('Home')
    await page.locator('table.overview').waitFor()
    await page.keyboard.press('End')
    expect(await focused(page)).toBe('event-closed')
    await page.locator('#view-plan').focus()
    await page.keyboard.press('ArrowRight')
    expect(await focused(page)).toBe('view-convert')
    await page.locator('.job.converted').waitFor()
    expect(complaints).toEqual([])
  })

  test('a new plan is announced', async () => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await chooseEvent(page, 'Schedule')
    await page.getByRole('status').getByText('nightly, main, sha-860c190').waitFor({state: 'attached'})
    expect(complaints).toEqual([])
  })
})

test('the theme follows the system until it is chosen, and the choice stays', async () => {
  await using opened = await playground.open('', {colorScheme: 'dark'})
  const {page, complaints} = opened
  const background = async (): Promise<unknown> =>
    page.evaluate('getComputedStyle(document.body.parentElement).backgroundColor')
  const dark = await background()
  await page.getByRole('button', {name: 'Colours'}).click()
  const light = await background()
  expect(light).not.toBe(dark)
  await page.reload()
  expect(await background()).toBe(light)
  expect(complaints).toEqual([])
})

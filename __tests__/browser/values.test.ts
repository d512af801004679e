import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import type {Locator, Page} from 'playwright-core'
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

/** Step with a tag that is an expression. */
function tagged(expression: string): string {
  return `- uses: tagboat/tagboat@v1\n  with:\n    images: ghcr.io/acme/web\n    tags: a-\${{ ${expression} }}\n`
}

function note(page: Page): Locator {
  return page.locator('#values-note')
}

/** Whether the part with the values is open. */
async function isOpen(page: Page): Promise<boolean> {
  return (await page.locator('#values[open]').count()) === 1
}

/** Labels of the field that has the focus. */
async function focused(page: Page): Promise<unknown> {
  return page.evaluate('[...(document.activeElement.labels ?? [])].map((label) => label.textContent)')
}

describe('a value that only a run knows', () => {
  test('is given by the keyboard alone, and restored by the link', async () => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await replaceEditor(editorOf(page), tagged('vars.X'))
    await page.getByRole('button', {name: 'Give a value for vars.X'}).focus()
    expect(await isOpen(page)).toBe(false)
    await page.keyboard.press('Enter')
    expect(await focused(page)).toEqual(['vars.X'])
    await page.keyboard.type('nightly')
    await eventually(async () => tagsIn(page).allTextContents(), ['a-nightly'])
    await eventually(async () => note(page).textContent(), '1 given')
    await eventually(() => page.url().includes('#1.'), true)
    await page.waitForTimeout(400)
    await using linked = await playground.open(new URL(page.url()).hash)
    await eventually(async () => tagsIn(linked.page).allTextContents(), ['a-nightly'])
    expect(await isOpen(linked.page)).toBe(true)
    expect(await linked.page.getByLabel('vars.X', {exact: true}).inputValue()).toBe('nightly')
    expect([...complaints, ...linked.complaints]).toEqual([])
  })

  test('can be empty, and be cleared', async () => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await replaceEditor(editorOf(page), tagged("vars.X || 'none'"))
    await page.getByRole('button', {name: 'Give a value for vars.X'}).click()
    const empty = page.getByRole('button', {name: 'Use empty text for vars.X'})
    const clear = page.getByRole('button', {name: 'Clear the value of vars.X'})
    expect(await clear.isDisabled()).toBe(true)
    await empty.click()
    await eventually(async () => tagsIn(page).allTextContents(), ['a-none'])
    expect(await empty.getAttribute('aria-pressed')).toBe('true')
    await clear.click()
    await page.locator('.verdict.unknown').getByText('Needs values of a run').waitFor()
    expect(await focused(page)).toEqual(['vars.X'])
    await eventually(async () => note(page).textContent(), '1 not known')
    expect(complaints).toEqual([])
  })

  test('has a field only as long as the text needs it', async () => {
    await using opened = await playground.open()
    const {page} = opened
    const labels = page.locator('#value-rows label')
    await replaceEditor(editorOf(page), tagged('vars.A && steps.b.outputs.c'))
    await eventually(async () => labels.allTextContents(), ['vars.A', 'steps.b.outputs.c'])
    await page.getByText('Values of a run', {exact: true}).click()
    await page.getByLabel('vars.A', {exact: true}).fill('1')
    await replaceEditor(editorOf(page), tagged('env.B'))
    await eventually(async () => labels.allTextContents(), ['vars.A', 'env.B'])
    await page.getByRole('button', {name: 'Clear the value of vars.A'}).click()
    await eventually(async () => labels.allTextContents(), ['env.B'])
    expect(await focused(page)).toEqual(['Name of another value'])
  })

  test('can be a file, in several lines', async () => {
    await using opened = await playground.open()
    const {page} = opened
    await replaceEditor(editorOf(page), 'version: file:package.json\ntags: "type=semver,pattern={{version}}"\n')
    await page.getByRole('button', {name: 'Give a value for file:package.json'}).click()
    await page.keyboard.type('{\n"version": "4.5.6"\n}')
    await eventually(async () => tagsIn(page).allTextContents(), ['4.5.6', 'latest'])
  })
})

test('an input with choices is a list, with the default of the workflow', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  const inputs = '{channel: {type: choice, options: [stable, edge]}}'
  await replaceEditor(
    editorOf(page),
    `on: {workflow_dispatch: {inputs: ${inputs}}}\njobs:\n  image:\n    steps:\n${tagged('inputs.channel').replaceAll(/^/gm, '      ')}`,
  )
  await chooseEvent(page, 'Dispatch')
  await eventually(async () => tagsIn(page).allTextContents(), ['a-stable'])
  await page.getByText('Values of a run', {exact: true}).click()
  const list = page.getByLabel('inputs.channel')
  expect(await list.locator('option').allTextContents()).toEqual(['usual value: stable', 'stable', 'edge'])
  const isMarked = `document.querySelector('#value-rows select').options[1].isMarked`
  await page.evaluate(`${isMarked} = true`)
  await list.selectOption('edge')
  await eventually(async () => tagsIn(page).allTextContents(), ['a-edge'])
  // A list that is open keeps its options.
  expect(await page.evaluate(isMarked)).toBe(true)
  await page.getByRole('button', {name: 'Clear the value of inputs.channel'}).click()
  await eventually(async () => tagsIn(page).allTextContents(), ['a-stable'])
  expect(complaints).toEqual([])
})

test('a name that does not exist, and one that is given twice, are marked', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await page.getByText('Values of a run', {exact: true}).click()
  const add = async (name: string): Promise<void> => {
    await page.getByLabel('Name of another value').fill(name)
    await page.getByRole('button', {name: 'Add'}).click()
  }
  await add('vars.A')
  await add('vars.a')
  await add('github.ref')
  await add('vars.A')
  expect(await focused(page)).toEqual(['vars.A'])
  const problems = page.locator('#value-rows .field-problem')
  await eventually(
    async () => problems.allTextContents(),
    ['', expect.stringContaining('twice'), expect.stringContaining('not github.ref')],
  )
  expect(await page.getByLabel('github.ref').getAttribute('aria-invalid')).toBe('true')
  await eventually(async () => note(page).textContent(), 'vars.a is not used')
  expect(complaints).toEqual([])
})

test('a workflow that only others call has their events, and says which', async () => {
  await using opened = await playground.open()
  const {page} = opened
  await replaceEditor(
    editorOf(page),
    `on: {workflow_call: {inputs: {tag: {type: string}}}}\njobs:\n  image:\n    steps:\n${tagged('inputs.tag').replaceAll(/^/gm, '      ')}`,
  )
  await page.locator('.note.called').getByText('each event').waitFor()
  await page.getByRole('button', {name: 'Give a value for inputs.tag'}).click()
  await page.keyboard.type('b')
  await eventually(async () => tagsIn(page).allTextContents(), ['a-b'])
  await chooseEvent(page, 'All events')
  await eventually(async () => page.locator('table.overview .chip').count(), 11)
})

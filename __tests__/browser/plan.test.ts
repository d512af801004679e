import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {
  chooseEvent,
  editorOf,
  replaceEditor,
  startPlayground,
  tagsIn,
  type Playground,
} from '../../testing/playground.ts'
import {eventually} from '../../testing/eventually.ts'

let playground: Playground
beforeAll(async () => {
  playground = await startPlayground()
})
afterAll(async () => playground[Symbol.asyncDispose]())

const step = `- uses: tagboat/tagboat@v1
  with:
    images: ghcr.io/acme/web
    tags: |
      type=semver,pattern={{version}}
      type=ref,event=branch
      type=sha
`

describe('a step that is typed', () => {
  test('gives its tags', async () => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await replaceEditor(editorOf(page), step)
    await eventually(async () => tagsIn(page).allTextContents(), ['1.2.3', 'sha-860c190', 'latest'])
    await eventually(async () => page.locator('table.tags caption').allTextContents(), ['ghcr.io/acme/web'])
    await editorOf(page).press('ControlOrMeta+End')
    await page.keyboard.type('      stable')
    await eventually(async () => tagsIn(page).allTextContents(), ['1.2.3', 'stable', 'sha-860c190', 'latest'])
    expect(complaints).toEqual([])
  })

  test('links each tag to its line', async () => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await replaceEditor(editorOf(page), step)
    await eventually(async () => page.locator('table.tags caption').allTextContents(), ['ghcr.io/acme/web'])
    await page.getByRole('button', {name: 'type=sha'}).click()
    await eventually(async () => page.evaluate('getSelection().toString()'), 'type=sha')
    expect(complaints).toEqual([])
  })

  test('shows the error at its line, and removes it once it is corrected', async () => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await replaceEditor(editorOf(page), step.replace('pattern=', 'patern='))
    const wrong = page.locator('.cm-line:has(.cm-lintRange-error)')
    await eventually(async () => wrong.allTextContents(), ['      type=semver,patern={{version}}'])
    await eventually(async () => page.locator('.cm-lint-marker-error').count(), 1)
    await page.locator('.cm-lintRange-error').hover()
    await page.locator('.cm-tooltip-lint').getByText('pattern').waitFor()
    await replaceEditor(editorOf(page), step)
    await eventually(async () => wrong.count(), 0)
    expect(complaints).toEqual([])
  })

  test('marks the name of an input that does not exist', async () => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await replaceEditor(editorOf(page), '- uses: tagboat/tagboat@v1\n  with:\n    imagse: ghcr.io/acme/web\n')
    await eventually(async () => page.locator('.cm-lintRange-error').allTextContents(), ['imagse'])
    await eventually(
      async () => page.locator('#result .verdict .evidence').allTextContents(),
      ['imagse: unknown input. Did you mean "images"?'],
    )
    expect(complaints).toEqual([])
  })

  test('can be one of the examples', async () => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await page.getByLabel('Example').selectOption('Component of a monorepo')
    await eventually(async () => (await tagsIn(page).allTextContents()).slice(0, 2), ['1.2.3', '1.2'])
    expect(await page.getByLabel('Branch or Git tag').inputValue()).toBe('refs/tags/api/v1.2.3')
    expect(complaints).toEqual([])
  })

  test('shows where a text is not YAML', async () => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await replaceEditor(editorOf(page), 'on: push\njobs: [\n')
    await page.locator('.cm-lintRange-error').first().waitFor()
    await page.locator('#result .verdict.failed').waitFor()
    expect(complaints).toEqual([])
  })
})

describe('the tab of each event', () => {
  test.each([
    {event: 'Default branch', expected: ['main', 'sha-860c190'], verdict: 'Publishes'},
    {event: 'v1.2.3', expected: ['1.2.3', '1.2', 'sha-860c190', 'latest'], verdict: 'Publishes'},
    {event: 'v1.3.0-rc.1', expected: ['1.3.0-rc.1', 'sha-860c190'], verdict: 'Publishes'},
    {event: 'Pull request', expected: ['pr-42', 'sha-860c190'], verdict: 'pushes nothing'},
    {event: 'Fork', expected: ['pr-42', 'sha-860c190'], verdict: 'pushes nothing'},
    {event: 'Schedule', expected: ['nightly', 'main', 'sha-860c190'], verdict: 'Publishes'},
    {event: 'Dispatch', expected: ['main', 'sha-860c190'], verdict: 'Publishes'},
    {event: 'Branch', expected: [], verdict: 'does not run'},
    {event: 'Release', expected: [], verdict: 'does not run'},
    {event: 'Merge queue', expected: [], verdict: 'does not run'},
    {event: 'Closed', expected: [], verdict: 'does not run'},
  ])('$event', async ({event, expected, verdict}) => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await chooseEvent(page, event)
    await eventually(async () => tagsIn(page).allTextContents(), expected)
    await page.locator('#result .verdict').getByText(verdict).waitFor()
    expect(complaints).toEqual([])
  })

  test('all events at once lead to each', async () => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await chooseEvent(page, 'All events')
    await eventually(async () => page.locator('table.overview tbody tr').count(), 11)
    await page.getByRole('button', {name: 'Schedule'}).click()
    await eventually(async () => tagsIn(page).allTextContents(), ['nightly', 'main', 'sha-860c190'])
    await eventually(async () => page.evaluate('document.activeElement.id'), 'event-schedule')
    expect(complaints).toEqual([])
  })

  test('its ref, repository and default branch can be typed', async () => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await replaceEditor(editorOf(page), '- uses: tagboat/tagboat@v1\n')
    await page.getByLabel('Branch or Git tag').fill('v3.4.5')
    await page.getByLabel('Repository').fill('acme/shop')
    await eventually(async () => (await tagsIn(page).allTextContents()).slice(0, 3), ['3.4.5', '3.4', '3'])
    await eventually(async () => page.locator('table.tags caption').allTextContents(), ['ghcr.io/acme/shop'])
    await chooseEvent(page, 'Default branch')
    await page.getByRole('textbox', {name: 'Default branch'}).fill('trunk')
    await eventually(async () => (await tagsIn(page).allTextContents())[0], 'trunk')
    expect(complaints).toEqual([])
  })

  test('a name that cannot exist has a message at its field, and does not count', async () => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await replaceEditor(editorOf(page), '- uses: tagboat/tagboat@v1\n')
    const planned = page.locator('table.tags caption')
    await page.getByLabel('Repository').fill('acme')
    await page.getByText('Write the owner and the name: owner/name. The plan is for octocat/app.').waitFor()
    await page.locator('#result[aria-busy=false]').waitFor()
    expect(await planned.allTextContents()).toEqual(['ghcr.io/octocat/app'])
    await page.getByLabel('Repository').fill('acme/shop')
    await eventually(async () => planned.allTextContents(), ['ghcr.io/acme/shop'])
    await page.getByLabel('Branch or Git tag').fill('bad..name')
    await page.getByText('does not contain two dots in a row. The plan is for v1.2.3.').waitFor()
    await page.locator('#result[aria-busy=false]').waitFor()
    expect((await tagsIn(page).allTextContents())[0]).toBe('1.2.3')
    expect(await page.locator('.field-problem:visible').count()).toBe(1)
    expect(complaints).toEqual([])
  })
})

test.each([
  {action: 'tagboat/stage', event: 'Branch', title: 'Pushes the image to ghcr.io/acme/web, without a tag', labels: 1},
  {action: 'tagboat/stage', event: 'Fork', title: 'Builds the image and pushes nothing', labels: 1},
  {action: 'tagboat/promote', event: 'Branch', title: 'Points 1 tag in ghcr.io/acme/web to the image', labels: 0},
  {action: 'tagboat/promote', event: 'Fork', title: 'Promotes nothing', labels: 0},
])('$action says what it does: $title', async ({action, event, title, labels}) => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  const digests = action.endsWith('promote') ? `    digests: sha256:${'a'.repeat(64)}\n` : ''
  await chooseEvent(page, event)
  await replaceEditor(
    editorOf(page),
    `- uses: tagboat/${action}@v1\n  with:\n    images: ghcr.io/acme/web\n    tags: stable\n${digests}`,
  )
  await eventually(async () => page.locator('#result .verdict strong').allTextContents(), [title])
  expect(await page.locator('.fold').getByText('Labels').count()).toBe(labels)
  await page.locator('#announcement').getByText(title).waitFor({state: 'attached'})
  await chooseEvent(page, 'All events')
  const staged = action.endsWith('stage') ? 'an image without a tag' : 'stable'
  await page.locator('.overview tr').filter({hasText: 'Another branch'}).getByText(staged).waitFor()
  expect(complaints).toEqual([])
})

test('a push that has no credentials fails, in the result and in the table', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  await chooseEvent(page, 'Fork')
  await replaceEditor(editorOf(page), '- uses: tagboat/tagboat@v1\n  with: {images: acme/web, push: true}\n')
  await eventually(async () => page.locator('#result .verdict.failed strong').allTextContents(), ['The push fails'])
  await chooseEvent(page, 'All events')
  const row = page.locator('.overview tr').filter({hasText: 'Pull request (fork)'})
  await row.getByText('the push fails').waitFor()
  expect(await row.locator('.pushed').textContent()).toBe('no')
  expect(complaints).toEqual([])
})

test('a long table scrolls in its part, and the document has the height of the window', async () => {
  await using opened = await playground.open('', {viewport: {width: 1280, height: 400}})
  const {page, complaints} = opened
  await chooseEvent(page, 'All events')
  await page.locator('table.overview').waitFor()
  expect(await page.evaluate('document.getElementById("event-panel").scrollHeight > innerHeight')).toBe(true)
  expect(await page.evaluate('document.documentElement.scrollHeight')).toBe(400)
  expect(complaints).toEqual([])
})

test('expressions, conditions and a matrix are evaluated', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  const workflow = `on: push
jobs:
  image:
    strategy:
      matrix:
        base: [alpine, debian]
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: tagboat/tagboat@v1
        if: github.ref_type == 'tag'
        with:
          images: ghcr.io/\${{ github.repository }}
          variant: \${{ matrix.base }}
          tags: type=semver,pattern={{version}}
  later:
    runs-on: ubuntu-latest
    steps:
      - uses: tagboat/tagboat@v1
        with:
          tags: \${{ vars.TAGS }}
`
  await replaceEditor(editorOf(page), workflow)
  await eventually(async () => page.locator('.leg').allTextContents(), ['base: alpine', 'base: debian'])
  await eventually(async () => tagsIn(page).allTextContents(), ['1.2.3-alpine', 'alpine', '1.2.3-debian', 'debian'])
  await page.locator('.verdict.unknown').getByText('vars.TAGS').waitFor()
  await chooseEvent(page, 'Default branch')
  await page.locator('.verdict.hold').getByText('skipped').first().waitFor()
  expect(complaints).toEqual([])
})

test('a regular expression that does not end is stopped, and the page goes on', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  const hanging = `- uses: tagboat/tagboat@v1
  with:
    tags: type=match,pattern=(a+)+$
`
  await page.getByLabel('Branch or Git tag').fill(`refs/tags/${'a'.repeat(60)}b`)
  await replaceEditor(editorOf(page), '- uses: tagboat/tagboat@v1\n  with:\n    tag: x\n')
  await eventually(async () => page.locator('#source-state').textContent(), '1 error')
  await replaceEditor(editorOf(page), hanging)
  await page.locator('#result .verdict.failed').getByText('was ended').waitFor()
  expect(await page.locator('#source-state').textContent()).toBe('')
  expect(await page.locator('#editor .cm-lint-marker').count()).toBe(0)
  await page.locator('#announcement').getByText('was ended').waitFor({state: 'attached'})
  await replaceEditor(editorOf(page), '- uses: tagboat/tagboat@v1\n  with:\n    tags: fine\n')
  await eventually(async () => tagsIn(page).allTextContents(), ['fine'])
  expect(complaints).toEqual([])
})

test('a plan of many steps goes on to its end', async () => {
  await using opened = await playground.open()
  const {page, complaints} = opened
  const six = '[1, 2, 3, 4, 5, 6]'
  const workflow = `on: [push, pull_request, schedule, release, workflow_dispatch]
jobs:
  image:
    strategy:
      matrix: {a: ${six}, b: ${six}, c: ${six}}
    steps:
      - uses: tagboat/tagboat@v1
        with:
          images: ghcr.io/acme/web
          variant: \${{ matrix.a }}-\${{ matrix.b }}-\${{ matrix.c }}
`
  await chooseEvent(page, 'All events')
  await replaceEditor(editorOf(page), workflow)
  await page
    .locator('#result')
    .getByText(/6-6-6|was ended/)
    .first()
    .waitFor({state: 'attached', timeout: 60_000})
  expect(await page.locator('#result .verdict.failed').count()).toBe(0)
  expect(complaints).toEqual([])
}, 90_000)

describe('completion', () => {
  test.each([
    {name: 'an input', before: '- uses: tagboat/tagboat@v1\n  with:\n    if-ex', after: '    if-exists: '},
    {name: 'a value', before: '- uses: tagboat/tagboat@v1\n  with:\n    if-exists: sk', after: '    if-exists: skip'},
    {
      name: 'a rule with its required attribute',
      before: '- uses: tagboat/tagboat@v1\n  with:\n    tags: |\n      type=sem',
      after: '      type=semver,pattern={{version}}',
    },
    {
      name: 'an attribute of a rule',
      before: '- uses: tagboat/tagboat@v1\n  with:\n    tags: |\n      type=raw,value=a,ena',
      after: '      type=raw,value=a,enable=',
    },
  ])('$name', async ({before, after}) => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await replaceEditor(editorOf(page), before.slice(0, -1))
    await page.keyboard.type(before.slice(-1))
    await page.locator('.cm-tooltip-autocomplete li[aria-selected]').waitFor()
    // A key press right after the list has opened is not meant for it.
    await page.waitForTimeout(200)
    await page.keyboard.press('Enter')
    await eventually(async () => page.locator('#editor .cm-line').last().textContent(), after)
    expect(complaints).toEqual([])
  })

  test('the pointer shows what an input means', async () => {
    await using opened = await playground.open()
    const {page, complaints} = opened
    await page.locator('#editor .cm-line').getByText('platforms', {exact: true}).hover()
    await page.locator('.cm-tooltip-hover').getByText('Platforms of the image').waitFor()
    expect(complaints).toEqual([])
  })
})

/**
 * Pictures of the playground for the documentation: a plan, a plan with the contents of a registry, and a conversion, in
 * light and dark.
 *
 *   npm run pictures:playground
 */
import {execFile} from 'node:child_process'
import {stat} from 'node:fs/promises'
import path from 'node:path'
import {promisify} from 'node:util'
import type {Page} from 'playwright-core'
import {startPlayground} from '../../testing/playground.ts'

const images = path.join(import.meta.dirname, '..', '..', 'docs', 'images')
const maxBytes = 200_000
const run = promisify(execFile)

interface View {
  readonly name: string
  readonly height: number
  /** Brings the page into the state of the picture. */
  readonly arrange: (page: Page) => Promise<void>
}

const views: readonly View[] = [
  {
    name: 'plan',
    height: 860,
    arrange: async (page) => {
      await page.locator('table.tags').waitFor()
    },
  },
  {
    name: 'registry',
    height: 860,
    arrange: async (page) => {
      await page.getByText('What the registry holds').click()
      await page.getByRole('button', {name: 'Fill in an example'}).click()
      await page.locator('.badge.kept').waitFor()
    },
  },
  {
    name: 'convert',
    height: 1000,
    arrange: async (page) => {
      await page.getByRole('tab', {name: 'Convert'}).click()
      await page.locator('#jobs .job').first().waitFor()
      await page.locator('.cm-merge-b .cm-changedLine').first().waitFor()
      // The steps that become one are further down than the triggers.
      await page.evaluate("document.querySelector('.cm-mergeView').scrollTop = 220")
    },
  },
]

async function main(): Promise<void> {
  await using playground = await startPlayground()
  for (const {name, height, arrange} of views) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const file = path.join(images, `playground-${name}${colorScheme === 'dark' ? '-dark' : ''}.png`)
      await using opened = await playground.open('', {
        colorScheme,
        viewport: {width: 1280, height},
        deviceScaleFactor: 2,
      })
      await arrange(opened.page)
      // The pointer and the cursor of an editor are not part of the picture.
      await opened.page.mouse.move(0, 0)
      await opened.page.evaluate('document.activeElement.blur()')
      await opened.page.waitForTimeout(500)
      await opened.page.screenshot({path: file})
      await reduce(file)
    }
  }
}

/** Reduces a picture to 256 colours, which text on a plain background does not show. */
async function reduce(file: string): Promise<void> {
  await run('pngquant', ['--force', '--skip-if-larger', '--strip', '--speed', '1', '--output', file, file])
  const {size} = await stat(file)
  if (size > maxBytes) throw new Error(`${file} has ${size} bytes, more than ${maxBytes}`)
  console.log(`${path.basename(file)}: ${size} bytes`)
}

await main()

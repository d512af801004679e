import type {Page} from 'playwright-core'
import {chooseEvent, editorOf, registryTitle, replaceEditor, tagsIn} from './playground.ts'

/** State of the page, and how a user brings it about. */
export interface PlaygroundState {
  readonly name: string
  readonly arrange: (page: Page) => Promise<void>
}

/** States in which all controls and kinds of results are shown. */
export const states: readonly PlaygroundState[] = [
  {name: 'a plan', arrange: async (page) => tagsIn(page).first().waitFor()},
  {
    name: 'a plan with labels and a registry',
    arrange: async (page) => {
      await page.getByText(registryTitle).click()
      await page.getByRole('button', {name: 'Fill in an example'}).click()
      await page.locator('.badge.kept').waitFor()
      await page.locator('.fold summary').first().click()
    },
  },
  {
    name: 'an error',
    arrange: async (page) => {
      await replaceEditor(editorOf(page), '- uses: tagboat/tagboat@v1\n  with:\n    tags: type=what\n')
      await page.locator('.cm-lintRange-error').waitFor()
    },
  },
  {
    name: 'values of a run',
    arrange: async (page) => {
      await replaceEditor(editorOf(page), "- uses: tagboat/tagboat@v1\n  if: vars.A == '1' && steps.b.outcome\n")
      await page.locator('.need').first().click()
      await page.keyboard.type('1')
      for (const name of ['secrets.B', 'github.ref']) {
        await page.getByLabel('Name of another value').fill(name)
        await page.keyboard.press('Enter')
      }
      await page.locator('.value-row .field-problem').getByText('Not used').waitFor()
    },
  },
  {
    name: 'all events',
    arrange: async (page) => {
      await chooseEvent(page, 'All events')
      await page.locator('table.overview').waitFor()
    },
  },
  {
    name: 'a conversion',
    arrange: async (page) => {
      await page.getByRole('tab', {name: 'Convert'}).click()
      await page.locator('.job.converted').waitFor()
    },
  },
]

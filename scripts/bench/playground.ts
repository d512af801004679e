/**
 * Time from a key press to the plan, first load, and layout shifts of the playground, in headless Chromium.
 *
 *   npm run bench:playground
 */
import {readFileSync} from 'node:fs'
import path from 'node:path'
import {gzipSync} from 'node:zlib'
import {editorOf, startPlayground, type Playground} from '../../testing/playground.ts'

const build = path.join(import.meta.dirname, '..', '..', 'playground', 'build')
const loads = 5
/** Text that is typed at the end of the list of tags. */
const typed = 'type=raw,value=nightly,enable=true'
const rounds = 4

async function main(): Promise<void> {
  await using playground = await startPlayground()
  await measureLoads(playground)
  await measureKeys(playground)
}

/** Loads the page several times in new profiles, and prints what the first plan needs. */
async function measureLoads(playground: Playground): Promise<void> {
  const firstPlans: number[] = []
  const shifts: number[] = []
  const {requested} = playground.server
  let files: readonly string[] = []
  for (let load = 0; load < loads; load += 1) {
    const before = playground.server.requested.length
    await using opened = await playground.open('', {serviceWorkers: 'block'})
    files = requested.slice(before)
    await opened.page.waitForTimeout(500)
    firstPlans.push(Number(await opened.page.evaluate(`performance.getEntriesByName('plan-shown')[0].startTime`)))
    shifts.push(Number(await opened.page.evaluate(layoutShift)))
  }
  const sizes = files.map((name) => readFileSync(path.join(build, name === '/' ? 'index.html' : name)))
  const bytes = sizes.reduce((sum, content) => sum + gzipSync(content, {level: 9}).length, 0)
  console.log(`first load: ${files.length} requests, ${bytes.toLocaleString('en')} bytes by gzip`)
  console.log(`first plan: ${shown(firstPlans)} after the navigation`)
  console.log(`layout shift: ${Math.max(...shifts).toFixed(4)} at most`)
}

/** Sum of the layout shifts so far (https://web.dev/articles/cls). */
const layoutShift = `new Promise((resolve) => {
  let sum = 0
  new PerformanceObserver((list) => { for (const {value} of list.getEntries()) sum += value }).observe({type: 'layout-shift', buffered: true})
  setTimeout(() => resolve(sum), 200)
})`

/** Types, and prints the times from each key press to the plan that includes it. */
async function measureKeys(playground: Playground): Promise<void> {
  await using opened = await playground.open()
  const {page} = opened
  await page.evaluate(`addEventListener('keydown', ({timeStamp}) => { globalThis.pressed = timeStamp }, true)`)
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    await page.locator('#editor .cm-line').getByText('type=sha').click()
    await editorOf(page).press('End')
    await editorOf(page).press('Enter')
    for (const key of typed) {
      await page.evaluate(`performance.clearMarks('plan-shown')`)
      await page.keyboard.press(key)
      const time: unknown = await page.evaluate(timeOfPlan)
      times.push(Number(time))
    }
    await page.keyboard.press('Escape')
    for (let undo = 0; undo < 3; undo += 1) await page.keyboard.press('ControlOrMeta+z')
  }
  console.log(`key press to plan: ${shown(times)} (${times.length} key presses)`)
}

const timeOfPlan = `new Promise((resolve) => {
  const look = () => {
    const [mark] = performance.getEntriesByName('plan-shown')
    if (mark === undefined) setTimeout(look, 1)
    else resolve(mark.startTime - globalThis.pressed)
  }
  look()
})`

/** Median and 95th percentile: `median 21 ms, 95th percentile 34 ms`. */
function shown(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (part: number): string => (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(1)
  return `median ${at(0.5)} ms, 95th percentile ${at(0.95)} ms`
}

await main()

/**
 * Pictures for the documentation: publishes the demo's releases and renders the log and the job summary of the last one as
 * GitHub shows them. Writes both texts and their pictures to docs/images/.
 *
 *   npm run pictures
 */
import {execFile} from 'node:child_process'
import {mkdir, mkdtemp, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {pathToFileURL} from 'node:url'
import {promisify} from 'node:util'
import {startRegistry} from '../testing/registry.ts'
import {projectRoot, type StepResult} from '../testing/runner.ts'
import {demoCredentials, publishDemo} from './lib/demo-releases.ts'
import {closedLogText, shownLines} from './lib/step-log.ts'
import {capture, type Shot} from './pictures/capture.ts'
import {DevTools} from './pictures/dev-tools.ts'
import {logPage} from './pictures/log-page.ts'
import {summaryPage} from './pictures/summary-page.ts'

const images = path.join(projectRoot, 'docs', 'images')
/** Width of a page in CSS pixels. */
const width = 960
const maxBytes = 200_000
const run = promisify(execFile)

async function main(): Promise<void> {
  const login = demoCredentials()
  await using registry = await startRegistry({login, port: 5000})
  const {log, summary} = await publishDemo(registry, login)
  await mkdir(images, {recursive: true})
  await writeFile(path.join(images, 'log.txt'), `${closedLogText(log)}\n`)
  await writeFile(path.join(images, 'job-summary.md'), summary)
  const folder = await mkdtemp(path.join(tmpdir(), 'tagboat-pictures-'))
  try {
    await takePictures(folder, {log, summary})
  } finally {
    await rm(folder, {recursive: true})
  }
}

async function takePictures(folder: string, {log, summary}: Pick<StepResult, 'log' | 'summary'>): Promise<void> {
  const packages = process.env['TAGBOAT_PAGE_PACKAGES']
  if (packages === undefined)
    throw new Error('TAGBOAT_PAGE_PACKAGES is not set: run this by scripts/pictures/with-browser')
  const summaryFile = path.join(folder, 'summary.html')
  const logFile = path.join(folder, 'log.html')
  await writeFile(summaryFile, summaryPage('publish', summary, packages))
  await writeFile(logFile, logPage('Run tagboat/tagboat@v1', shownLines(log)))
  await using browser = await DevTools.start()
  const save = async (name: string, file: string, theme: Shot['theme']): Promise<void> => {
    await savePicture(path.join(images, name), await capture(browser, {url: pathToFileURL(file).href, width, theme}))
  }
  await save('job-summary.png', summaryFile, 'light')
  await save('job-summary-dark.png', summaryFile, 'dark')
  // GitHub shows logs on a dark background in both themes.
  await save('log.png', logFile, 'dark')
}

/** Reduces the picture to 256 colours, which text on a plain background does not show. */
async function savePicture(file: string, picture: Buffer): Promise<void> {
  await writeFile(file, picture)
  await run('pngquant', ['--force', '--skip-if-larger', '--strip', '--speed', '1', '--output', file, file])
  const {size} = await stat(file)
  if (size > maxBytes) throw new Error(`${file} has ${size} bytes, more than ${maxBytes}`)
  console.log(`${path.relative(projectRoot, file)}: ${size} bytes`)
}

await main()

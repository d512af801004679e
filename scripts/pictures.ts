/**
 * Pictures for the documentation: publishes to registries on this machine, and renders the logs and the job summaries as
 * GitHub shows them. Writes the texts and their pictures to docs/images/.
 *
 *   npm run pictures
 *   npm run pictures -- --phone FOLDER   also renders the summaries in the width of a phone
 */
import {execFile} from 'node:child_process'
import {mkdir, mkdtemp, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {pathToFileURL} from 'node:url'
import {parseArgs, promisify} from 'node:util'
import {startRegistry} from '../testing/registry.ts'
import {projectRoot, type StepResult} from '../testing/runner.ts'
import {demoCredentials} from './lib/demo-releases.ts'
import {runScenes, sceneNames, type SceneName} from './lib/picture-scenes.ts'
import {closedLogText, shownLines} from './lib/step-log.ts'
import {capture, type Shot} from './pictures/capture.ts'
import {DevTools} from './pictures/dev-tools.ts'
import {logPage} from './pictures/log-page.ts'
import {summaryPage} from './pictures/summary-page.ts'

const images = path.join(projectRoot, 'docs', 'images')
/** Width of a page in CSS pixels. */
const width = 960
const phoneWidth = 390
const maxBytes = 200_000
const run = promisify(execFile)

async function main(): Promise<void> {
  const {phone} = parseArgs({options: {phone: {type: 'string'}}}).values
  const login = demoCredentials()
  await using first = await startRegistry({login, port: 5000})
  await using second = await startRegistry({login, port: 5001})
  const results = await runScenes([first, second], login)
  await mkdir(images, {recursive: true})
  const folder = await mkdtemp(path.join(tmpdir(), 'tagboat-pictures-'))
  try {
    await using browser = await DevTools.start()
    for (const name of sceneNames) await takePictures(name, results[name], {browser, folder, phone})
  } finally {
    await rm(folder, {recursive: true})
  }
}

interface Studio {
  readonly browser: DevTools
  /** Folder of the pages. */
  readonly folder: string
  /** Folder for pictures in the width of a phone; undefined: none. */
  readonly phone: string | undefined
}

/** Writes log and summary of one run, as texts and pictures. */
async function takePictures(
  name: SceneName,
  {log, summary, exitCode}: StepResult,
  {browser, folder, phone}: Studio,
): Promise<void> {
  await writeFile(path.join(images, `log-${name}.txt`), `${closedLogText(log)}\n`)
  await writeFile(path.join(images, `summary-${name}.md`), summary)
  const summaryFile = path.join(folder, 'summary.html')
  const logFile = path.join(folder, 'log.html')
  const [job, uses] = name === 'prune' ? ['prune', 'tagboat/tagboat/prune@v1'] : ['publish', 'tagboat/tagboat@v1']
  await writeFile(summaryFile, summaryPage(job, summary, pagePackages()))
  await writeFile(logFile, logPage({title: `Run ${uses}`, hasFailed: exitCode !== 0}, shownLines(log)))
  const shoot = async (file: string, shot: Omit<Shot, 'url'>, target: string): Promise<void> => {
    await savePicture(target, await capture(browser, {url: pathToFileURL(file).href, ...shot}))
  }
  await shoot(summaryFile, {width, theme: 'light'}, path.join(images, `summary-${name}.png`))
  // The README and the pages on retention and on the supply chain show these in the colours of the page.
  if (name === 'release' || name === 'prune' || name === 'signed')
    await shoot(summaryFile, {width, theme: 'dark'}, path.join(images, `summary-${name}-dark.png`))
  // GitHub shows logs on a dark background in both themes.
  await shoot(logFile, {width, theme: 'dark'}, path.join(images, `log-${name}.png`))
  if (phone !== undefined)
    await shoot(summaryFile, {width: phoneWidth, theme: 'dark'}, path.join(phone, `phone-${name}.png`))
}

function pagePackages(): string {
  const packages = process.env['TAGBOAT_PAGE_PACKAGES']
  if (packages === undefined)
    throw new Error('TAGBOAT_PAGE_PACKAGES is not set: run this by scripts/pictures/with-page-packages')
  return packages
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

/**
 * Builds the playground into playground/build/, a folder of static files, and prints their sizes.
 *
 *   npm run playground
 *   npm run playground -- --serve 8000   also serves it on this machine
 */
import {createHash} from 'node:crypto'
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import {parseArgs} from 'node:util'
import {brotliCompressSync, gzipSync} from 'node:zlib'
import {build, type BuildOptions, type Metafile} from 'esbuild'
import {browserModules} from './lib/browser-modules.ts'
import {completionTable, fewFiles} from './playground/bundling.ts'
import {licences} from './playground/licences.ts'
import {serveFolder} from './playground/serve.ts'

const root = path.resolve(import.meta.dirname, '..')
const source = path.join(root, 'playground')
const target = path.join(source, 'build')
/** Limit of all files together, compressed by gzip. */
const maxBytes = 600_000

async function main(): Promise<void> {
  const {serve} = parseArgs({options: {serve: {type: 'string'}}}).values
  rmSync(target, {recursive: true, force: true})
  mkdirSync(target, {recursive: true})
  const worker = await bundle('worker/worker.ts', {splitting: true, format: 'esm'})
  const page = await bundle('main.ts', {
    splitting: true,
    format: 'esm',
    define: {WORKER_URL: JSON.stringify(`./${worker.entry}`)},
  })
  const style = await bundle('style/index.css', {})
  const icon = writeHashed('icon.svg', readFileSync(path.join(source, 'icon.svg')))
  writeFileSync(path.join(target, 'licenses.txt'), licences([worker.metafile, page.metafile], root))
  writeFileSync(path.join(target, 'index.html'), document({main: page.entry, style: style.entry, icon}, page.imported))
  await writeServiceWorker()
  report()
  if (serve !== undefined) await serveOn(Number(serve))
}

interface Bundle {
  /** Name of the file of the entry. */
  readonly entry: string
  /** Names of the files that the entry imports at once. */
  readonly imported: readonly string[]
  readonly metafile: Metafile
}

/** Bundles one entry. The names of its files contain a hash of their content. */
async function bundle(entry: string, options: BuildOptions): Promise<Bundle> {
  const {metafile = {inputs: {}, outputs: {}}} = await build({
    absWorkingDir: root,
    entryPoints: [path.join(source, entry)],
    bundle: true,
    minify: true,
    metafile: true,
    outdir: target,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    target: ['es2023', 'chrome123', 'firefox120', 'safari17.5'],
    alias: browserModules,
    plugins: [fewFiles, completionTable(path.join(root, 'docs'))],
    legalComments: 'none',
    // The stand-ins for modules of Node have no exports.
    logOverride: {'import-is-undefined': 'silent'},
    logLevel: 'warning',
    ...options,
  })
  const output = Object.entries(metafile.outputs).find(([, {entryPoint}]) => entryPoint?.endsWith(entry) === true)
  if (output === undefined) throw new Error(`esbuild wrote no file for ${entry}`)
  const [name, {imports}] = output
  const imported = imports.filter(({kind}) => kind === 'import-statement')
  return {entry: path.basename(name), imported: imported.map((one) => path.basename(one.path)), metafile}
}

function writeHashed(name: string, content: Buffer): string {
  const {name: base, ext} = path.parse(name)
  const hashed = `${base}-${hash(content, 'hex').slice(0, 8)}${ext}`
  writeFileSync(path.join(target, hashed), content)
  return hashed
}

function hash(content: string | Buffer, encoding: 'hex' | 'base64'): string {
  return createHash('sha256').update(content).digest(encoding)
}

/** Applies the stored colours before the first paint. */
const themeScript =
  "try{const t=localStorage.getItem('tagboat-theme');if(t)document.documentElement.dataset.theme=t}catch{}"

/**
 * Fills in index.html. The policy of its content allows the files of this folder and no connection. CodeMirror adds its
 * rules in a style element, which the policy allows by a nonce.
 */
function document(
  files: {readonly main: string; readonly style: string; readonly icon: string},
  imported: readonly string[],
): string {
  const nonce = hash(Object.values(files).join(' '), 'hex').slice(0, 16)
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash(themeScript, 'base64')}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "worker-src 'self'",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const preloads = imported.map((name) => `<link rel="modulepreload" href="${name}" />`).join('')
  const values: Readonly<Record<string, string>> = {...files, policy, nonce}
  const html = readFileSync(path.join(source, 'index.html'), 'utf8')
    .replace(/<script>\s*\/\* theme \*\/\s*<\/script>/, () => `<script>${themeScript}</script>`)
    .replace('<!-- preloads -->', preloads)
    .replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? missing(name))
  return html.replaceAll(/\n\s+/g, '\n')
}

function missing(name: string): never {
  throw new Error(`index.html contains {{${name}}}, which has no value`)
}

/** Writes the service worker with the list of all files. Its version changes with any of them. */
async function writeServiceWorker(): Promise<void> {
  const files = readdirSync(target).sort()
  const version = hash(files.map((name) => hash(readFileSync(path.join(target, name)), 'hex')).join(), 'hex')
  const define = {FILES: JSON.stringify(files), VERSION: JSON.stringify(version.slice(0, 12))}
  await bundle('offline/service-worker.ts', {format: 'iife', define, entryNames: '[name]'})
}

/** Prints the size of each file. @throws Error if all together exceed the limit. */
function report(): void {
  const sizes = readdirSync(target).map((name) => {
    const content = readFileSync(path.join(target, name))
    return {
      name,
      bytes: content.length,
      gzip: gzipSync(content, {level: 9}).length,
      brotli: brotliCompressSync(content).length,
    }
  })
  const total = sizes.reduce(
    (sum, {bytes, gzip, brotli}) => ({
      name: 'total',
      bytes: sum.bytes + bytes,
      gzip: sum.gzip + gzip,
      brotli: sum.brotli + brotli,
    }),
    {name: 'total', bytes: 0, gzip: 0, brotli: 0},
  )
  for (const {name, bytes, gzip, brotli} of [...sizes.toSorted((a, b) => b.gzip - a.gzip), total])
    console.log(`${name.padEnd(36)} ${cell(bytes)} ${cell(gzip)} gzip ${cell(brotli)} brotli`)
  if (total.gzip > maxBytes) throw new Error(`${total.gzip} bytes compressed are more than ${maxBytes}`)
}

function cell(bytes: number): string {
  return bytes.toLocaleString('en').padStart(10)
}

async function serveOn(port: number): Promise<void> {
  const {url} = await serveFolder(target, port)
  console.log(`\nThe playground is at ${url} until this command is ended.`)
}

await main()

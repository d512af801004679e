/** Bundling of compiled modules. */
import {execFileSync} from 'node:child_process'
import {cpSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import {minifySync} from '@swc/core'

const root = path.resolve(import.meta.dirname, '..', '..')

/**
 * Bundles the module `entry` into `index.js` in the directory `target`, with a chunk for each part that is loaded on demand.
 * The entry is in a directory below the root of the repository, to which files are added. @throws Error if the bundler fails.
 */
export function bundleEntry(entry: string, target: string): void {
  const directory = path.dirname(entry)
  copyPackage('@actions/core', directory, {sideEffects: false})
  copyPackage('tslib', directory, {exports: './tslib.es6.mjs'})
  runTool('ncc', ['build', entry, '--out', target, '--license', 'licenses.txt', '--no-cache', '--quiet'])
  addLicences(path.join(target, 'licenses.txt'))
  for (const name of readdirSync(target).filter((name) => name.endsWith('.js'))) minify(path.join(target, name))
}

/**
 * Adds the licence files that ncc misses: it copies one file per package, which may only refer to others. Line ends become
 * those of Git, so that a new bundle equals the committed one.
 */
function addLicences(file: string): void {
  const taken = readText(file)
  const lines = new Set(taken.split('\n'))
  const added = readdirSync(path.join(root, 'node_modules'), {withFileTypes: true})
    .flatMap(({name}) => (name.startsWith('@') ? scoped(name) : [name]))
    .filter((name) => lines.has(name))
    .sort()
    .flatMap((name) => moreLicences(name, taken))
  writeFileSync(file, [taken.trimEnd(), ...added, ''].join('\n\n'))
}

function scoped(scope: string): readonly string[] {
  return readdirSync(path.join(root, 'node_modules', scope)).map((name) => `${scope}/${name}`)
}

function moreLicences(name: string, taken: string): readonly string[] {
  const directory = path.join(root, 'node_modules', name)
  const files = readdirSync(directory).filter((file) => /^licen[cs]e[.-]/i.test(file))
  return files
    .sort()
    .map((file) => ({file, text: readText(path.join(directory, file)).trim()}))
    .filter(({text}) => !taken.includes(text))
    .map(({file, text}) => `${name} (${file})\n${text}`)
}

function readText(file: string): string {
  return readFileSync(file, 'utf8').replaceAll('\r\n', '\n')
}

/** Runs a tool of the development dependencies without showing its standard output. */
export function runTool(tool: string, args: readonly string[]): void {
  execFileSync(path.join(root, 'node_modules', '.bin', tool), args, {cwd: root, stdio: ['ignore', 'ignore', 'inherit']})
}

/**
 * Copies a package next to the entry, with other fields in its package.json, so that the bundle contains only what is
 * used of it (https://webpack.js.org/guides/tree-shaking/). `@actions/core` has no side effects, but does not declare it.
 * `tslib` gives Node.js its CommonJS module, of which nothing can be left out.
 */
function copyPackage(name: string, directory: string, fields: Readonly<Record<string, unknown>>): void {
  const copy = path.join(directory, 'node_modules', name)
  cpSync(path.join(root, 'node_modules', name), copy, {recursive: true})
  const description = path.join(copy, 'package.json')
  writeFileSync(description, JSON.stringify({...JSON.parse(readFileSync(description, 'utf8')), ...fields}))
}

/** Minifies a file: ncc minifies only its entry. */
function minify(file: string): void {
  const {code} = minifySync(readFileSync(file, 'utf8'), {
    module: true,
    compress: {ecma: 2022, passes: 3},
    mangle: true,
    format: {ecma: 2022},
  })
  writeFileSync(file, `${code}\n`)
}

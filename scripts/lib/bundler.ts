/** How the bundle is made of compiled modules, with the tools that make it. */
import {execFileSync} from 'node:child_process'
import {cpSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import {minifySync} from '@swc/core'

const root = path.resolve(import.meta.dirname, '..', '..')

/**
 * Writes to the directory `target` what the module `entry` exports, as `index.js`, with a chunk for each part that is
 * loaded only when it is needed. The entry stands in a directory of its own below the root of the repository, which is
 * written to. @throws Error when the bundler fails.
 */
export function bundleEntry(entry: string, target: string): void {
  leaveOutWhatNobodyCalls('@actions/core', path.dirname(entry))
  runTool('ncc', ['build', entry, '--out', target, '--license', 'licenses.txt', '--no-cache', '--quiet'])
  addLicences(path.join(target, 'licenses.txt'))
  for (const name of readdirSync(target).filter((name) => name.endsWith('.js'))) minify(path.join(target, name))
}

/** ncc takes one file of each package. Where that only names others (`LICENSE.APACHE or LICENSE.BSD`), they are the licence. */
function addLicences(file: string): void {
  const taken = readFileSync(file, 'utf8')
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
    .map((file) => ({file, text: readFileSync(path.join(directory, file), 'utf8').trim()}))
    .filter(({text}) => !taken.includes(text))
    .map(({file, text}) => `${name} (${file})\n${text}`)
}

/** Runs a tool of the development dependencies; what it says on standard output is not shown. */
export function runTool(tool: string, args: readonly string[]): void {
  execFileSync(path.join(root, 'node_modules', '.bin', tool), args, {cwd: root, stdio: ['ignore', 'ignore', 'inherit']})
}

/**
 * Puts a copy of a package next to the entry, whose package.json says that its modules have no side effects
 * (https://webpack.js.org/guides/tree-shaking/). That is so, but the package's own does not say it, and all that is
 * imported anywhere in it would be in every run.
 */
function leaveOutWhatNobodyCalls(name: string, directory: string): void {
  const copy = path.join(directory, 'node_modules', name)
  cpSync(path.join(root, 'node_modules', name), copy, {recursive: true})
  const description = path.join(copy, 'package.json')
  writeFileSync(description, JSON.stringify({...JSON.parse(readFileSync(description, 'utf8')), sideEffects: false}))
}

/** ncc minifies its entry alone; every run loads chunks too. Names are kept: they stand in stack traces. */
function minify(file: string): void {
  const {code} = minifySync(readFileSync(file, 'utf8'), {
    module: true,
    compress: true,
    mangle: {keep_classnames: true, keep_fnames: true},
  })
  writeFileSync(file, `${code}\n`)
}

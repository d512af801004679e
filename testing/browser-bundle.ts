import {existsSync, readFileSync, statSync} from 'node:fs'
import {isBuiltin} from 'node:module'
import path from 'node:path'
import {transformSync} from '@swc/core'
import {browserModules} from '../scripts/lib/browser-modules.ts'

/**
 * Bundles TypeScript modules and their packages into one script for a browser, with the conditions `browser` and `import`.
 * The value of the script is the list of the exports of the entries.
 * @throws Error with the importing file if a module of Node is imported.
 */
export function bundleForBrowser(entries: readonly string[]): string {
  const ids = new Map<string, number>()
  const modules: string[] = []
  const add = (file: string): number => {
    const known = ids.get(file)
    if (known !== undefined) return known
    const id = ids.size
    ids.set(file, id)
    const code = commonJs(file).replaceAll(/\brequire\((["'])([^"']+)\1\)/g, (_, __, specifier: string) => {
      const instead = browserModules[specifier]
      if (instead !== undefined) return `require(${add(instead)})`
      return isBuiltin(specifier) ? missing(specifier, file) : `require(${add(resolve(specifier, file))})`
    })
    modules[id] = `(module, exports, require) => {${code}\n}`
    return id
  }
  const first = entries.map(add)
  return `(() => {
const modules = [${modules.join(',\n')}]
const loaded = []
const require = (id) => {
  if (loaded[id] === undefined) {
    loaded[id] = {exports: {}}
    modules[id](loaded[id], loaded[id].exports, require)
  }
  return loaded[id].exports
}
return ${JSON.stringify(first)}.map(require)
})()`
}

function missing(specifier: string, file: string): never {
  throw new Error(`${path.relative(process.cwd(), file)} imports ${specifier}, which a browser does not have`)
}

function commonJs(file: string): string {
  const text = readFileSync(file, 'utf8')
  if (file.endsWith('.json')) return `module.exports = ${text}`
  const syntax = file.endsWith('.ts') ? 'typescript' : 'ecmascript'
  return transformSync(text, {
    filename: file,
    swcrc: false,
    jsc: {parser: {syntax}, target: 'es2022'},
    module: {type: 'commonjs', ignoreDynamic: false},
  }).code
}

function resolve(specifier: string, from: string): string {
  const found = specifier.startsWith('.')
    ? fileAt(path.resolve(path.dirname(from), specifier))
    : packageFile(specifier, path.dirname(from))
  if (found === undefined) throw new Error(`${from} imports ${specifier}, which does not exist`)
  return replacedForBrowsers(found)
}

function fileAt(place: string): string | undefined {
  const candidates = [place, `${place}.js`, `${place}.json`, path.join(place, 'index.js')]
  return candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile())
}

type Json = Readonly<Record<string, unknown>>

function packageFile(specifier: string, from: string): string | undefined {
  const [, name = '', rest = ''] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.+))?$/.exec(specifier) ?? []
  for (let folder = from; ; folder = path.dirname(folder)) {
    const root = path.join(folder, 'node_modules', name)
    if (existsSync(root)) return fileAt(path.join(root, rest === '' ? mainOf(descriptionOf(root)) : partOf(root, rest)))
    if (folder === path.dirname(folder)) return undefined
  }
}

function descriptionOf(root: string): Json {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Json
}

/** File of a part of a package: by the pattern `./*` of its exports, or else its own path. */
function partOf(root: string, rest: string): string {
  const {exports} = descriptionOf(root)
  const pattern: unknown =
    typeof exports === 'object' && exports !== null && './*' in exports ? exports['./*'] : undefined
  const file = conditional(pattern)
  return typeof file === 'string' ? file.replace('*', rest) : rest
}

function mainOf({exports, browser, module, main}: Json): string {
  const whole = typeof exports === 'object' && exports !== null && '.' in exports ? exports['.'] : exports
  const chosen = [conditional(whole), browser, module, main].find((one) => typeof one === 'string')
  return typeof chosen === 'string' ? chosen : 'index.js'
}

function conditional(target: unknown): unknown {
  if (typeof target !== 'object' || target === null) return target
  const condition = Object.entries(target).find(([name]) => ['browser', 'import', 'default'].includes(name))
  return conditional(condition?.[1])
}

/** Applies the field `browser` of a package if it is a map, such as `{"./file.js": "./browser.js"}`. */
function replacedForBrowsers(file: string): string {
  const marker = `${path.sep}node_modules${path.sep}`
  if (!file.includes(marker)) return file
  let root = path.dirname(file)
  while (!existsSync(path.join(root, 'package.json')) || !path.dirname(root).includes('node_modules')) {
    root = path.dirname(root)
  }
  const {browser} = descriptionOf(root)
  if (typeof browser !== 'object' || browser === null) return file
  const replacement = (browser as Json)[`./${path.relative(root, file).replaceAll(path.sep, '/')}`]
  return typeof replacement === 'string' ? path.join(root, replacement) : file
}

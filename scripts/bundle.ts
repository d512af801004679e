/**
 * Writes `dist/`: the compiled source as one bundle with a chunk for each part that is loaded only when it is needed,
 * and a launcher for each entry that an action.yml names. `--check` writes nothing and fails when `dist/` is stale.
 */
import {execFileSync} from 'node:child_process'
import {cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import {minifySync} from '@swc/core'

const root = path.resolve(import.meta.dirname, '..')
const launchers = {'publish.js': 'publish', 'post.js': 'cleanup'}

function main(): void {
  const check = process.argv.includes('--check')
  const built = mkdtempSync(path.join(root, 'build-dist-'))
  const committed = path.join(root, 'dist')
  try {
    bundle(built)
    if (check) compare(built, committed)
    else replace(committed, built)
  } finally {
    rmSync(built, {recursive: true, force: true})
  }
}

function bundle(target: string): void {
  const compiled = path.join(root, 'build')
  rmSync(compiled, {recursive: true, force: true})
  run('tsc', ['-p', 'tsconfig.build.json'])
  run('ncc', [
    'build',
    path.join(compiled, 'main.js'),
    '--out',
    target,
    '--license',
    'licenses.txt',
    '--no-cache',
    '--quiet',
  ])
  rmSync(compiled, {recursive: true, force: true})
  for (const name of readdirSync(target).filter((name) => name.endsWith('.js'))) minify(path.join(target, name))
  for (const [file, command] of Object.entries(launchers)) {
    writeFileSync(path.join(target, file), `import {main} from './index.js'\nawait main('${command}')\n`)
  }
}

function replace(committed: string, built: string): void {
  rmSync(committed, {recursive: true, force: true})
  cpSync(built, committed, {recursive: true})
}

function compare(built: string, committed: string): void {
  const stale = differences(built, committed)
  if (stale.length === 0) return
  console.error(`dist/ is not what the source builds to: ${stale.join(', ')}. Run: npm run bundle`)
  process.exitCode = 1
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

function differences(built: string, committed: string): readonly string[] {
  const names = new Set([...readdirSync(built), ...readdirSync(committed)])
  return [...names].filter((name) => read(path.join(built, name)) !== read(path.join(committed, name))).sort()
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function run(tool: string, args: readonly string[]): void {
  execFileSync(path.join(root, 'node_modules', '.bin', tool), args, {cwd: root, stdio: ['ignore', 'ignore', 'inherit']})
}

main()

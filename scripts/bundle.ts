/**
 * Writes `dist/`: the compiled source as a bundle with a chunk for each part that is loaded on demand, and a launcher for
 * each entry in an action.yml. `--check` writes nothing and fails if `dist/` is out of date.
 */
import {cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import {bundleEntry, runTool} from './lib/bundler.ts'

const root = path.resolve(import.meta.dirname, '..')
const launchers = {
  'publish.js': 'publish',
  'stage.js': 'stage',
  'promote.js': 'promote',
  'prune.js': 'prune',
  'post.js': 'cleanup',
}

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
  runTool('tsc', ['-p', 'tsconfig.build.json'])
  bundleEntry(path.join(compiled, 'main.js'), target)
  // Modules that the actions and the command line share would be split into many chunks in one bundle.
  bundleEntry(path.join(compiled, 'cli', 'run-cli.js'), path.join(target, 'cli'))
  rmSync(compiled, {recursive: true, force: true})
  for (const [file, command] of Object.entries(launchers)) {
    writeFileSync(path.join(target, file), `import {main} from './index.js'\nawait main('${command}')\n`)
  }
  writeFileSync(path.join(target, 'cli.js'), cliLauncher(), {mode: 0o755})
}

/**
 * Launcher of the command line, with the version of the package. An older Node.js, which cannot load the program, must be
 * able to read it.
 */
function cliLauncher(): string {
  const description: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  if (typeof description !== 'object' || description === null || !('version' in description))
    throw new Error('package.json has no version')
  return `#!/usr/bin/env node
const {node} = process.versions
if (Number(node.split('.')[0]) < 24) {
  console.error('tagboat needs Node.js 24 or newer, and this is ' + node + '. See https://nodejs.org/en/download')
  process.exitCode = 2
} else {
  import('./cli/index.js').then(({runCli}) => runCli('${String(description.version)}'))
}
`
}

function replace(committed: string, built: string): void {
  rmSync(committed, {recursive: true, force: true})
  cpSync(built, committed, {recursive: true})
}

function compare(built: string, committed: string): void {
  const stale = differences(built, committed)
  if (stale.length === 0) return
  console.error(`dist/ is out of date: ${stale.join(', ')}. Run: npm run bundle`)
  process.exitCode = 1
}

function differences(built: string, committed: string): readonly string[] {
  const list = (folder: string): readonly string[] => readdirSync(folder, {recursive: true, encoding: 'utf8'})
  const names = new Set([...list(built), ...list(committed)])
  return [...names].filter((name) => read(path.join(built, name)) !== read(path.join(committed, name))).sort()
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

main()

import {spawnSync} from 'node:child_process'
import {cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync} from 'node:fs'
import path from 'node:path'
import {parseArgs} from 'node:util'
import {olderVersions, versionSettings, type SiteVersion} from './site/versions.ts'

/**
 * Builds the documentation site with the playground into site/build/site/, a folder of static files.
 *
 *   npm run site
 *   npm run site -- --versions   also builds the older versions of site/versions.json into their folders
 *   npm run site:dev             serves the pages on this machine, and shows changes at once
 *
 * SITE_BASE is the folder of the site on its host, SITE_ORIGIN the host; both have defaults for GitHub Pages.
 */
function main(): void {
  const {dev, versions} = parseArgs({options: {dev: {type: 'boolean'}, versions: {type: 'boolean'}}}).values
  installPackages(path.join(root, 'site'))
  run(root, ['node', 'scripts/playground.ts'])
  if (dev === true) {
    vitepress('dev')
    return
  }
  run(root, ['node', path.join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'site'])
  rmSync(output, {recursive: true, force: true})
  vitepress('build')
  cpSync(path.join(root, 'playground', 'build'), path.join(output, 'playground'), {recursive: true})
  if (versions === true) for (const version of olderVersions(versionList())) buildVersion(version)
}

const root = path.resolve(import.meta.dirname, '..')
const output = path.join(root, 'site', 'build', 'site')
const versionFile = path.join(root, 'site', 'versions.json')

function versionList(): unknown {
  return JSON.parse(readFileSync(versionFile, 'utf8'))
}

/** Builds the site of a Git ref with the program and the packages of that ref, but with the current list of versions. */
function buildVersion(version: SiteVersion & {readonly ref: string}): void {
  const tree = path.join(root, 'site', 'build', `version-${version.name}`)
  rmSync(tree, {recursive: true, force: true})
  run(root, ['git', 'worktree', 'prune'])
  run(root, ['git', 'worktree', 'add', '--force', '--detach', tree, version.ref])
  try {
    cpSync(versionFile, path.join(tree, 'site', 'versions.json'))
    run(tree, ['npm', 'ci'])
    run(tree, ['node', 'scripts/site.ts'], versionSettings(version, process.env))
    const target = path.join(output, version.path)
    mkdirSync(target, {recursive: true})
    cpSync(path.join(tree, 'site', 'build', 'site'), target, {recursive: true})
  } finally {
    run(root, ['git', 'worktree', 'remove', '--force', tree])
  }
}

/** Installs the packages of the site, unless they are those of its lock file. */
function installPackages(folder: string): void {
  const installed = path.join(folder, 'node_modules', '.package-lock.json')
  const isCurrent = existsSync(installed) && modified(installed) > modified(path.join(folder, 'package-lock.json'))
  if (!isCurrent) run(folder, ['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'])
}

function modified(file: string): number {
  return statSync(file).mtimeMs
}

function vitepress(command: 'build' | 'dev'): void {
  run(path.join(root, 'site'), ['node', path.join('node_modules', 'vitepress', 'bin', 'vitepress.js'), command])
}

/** Runs a program, and ends with its exit code if that is not 0. */
function run(cwd: string, [program = '', ...args]: readonly string[], environment: object = {}): void {
  const env = {...process.env, ...environment}
  const {status, error} = spawnSync(program, args, {cwd, env, stdio: 'inherit', shell: process.platform === 'win32'})
  if (status === 0) return
  console.error(
    `${[program, ...args].join(' ')} ${error === undefined ? `ended with code ${String(status)}` : error.message}`,
  )
  process.exit(1)
}

main()

import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {createContext, runInContext} from 'node:vm'
import {beforeAll, describe, expect, test} from '@jest/globals'
import {boundedRegex} from '../src/io/bounded-regex.ts'
import {bundleForBrowser} from '../testing/browser-bundle.ts'
import {planLines, type PlanSource} from '../testing/plan-lines.ts'

/** Folders that work on plain values alone, so that a page in a browser can plan a run. */
const folders = [
  'errors',
  'oci',
  'inputs',
  'context',
  'tags',
  'plan',
  'reasons',
  'workflow-file',
  'simulation',
  'converter',
]
const root = path.join(import.meta.dirname, '..')

/** Globals that browsers and Node share. Not among them: `process`, `Buffer`, `require`, `setImmediate`. */
function browserContext(): object {
  const {TextEncoder, TextDecoder, URL, URLSearchParams, btoa, atob} = globalThis
  return createContext({TextEncoder, TextDecoder, URL, URLSearchParams, btoa, atob})
}

describe('the pure folders', () => {
  test.each(folders)('%s loads in a browser, every file of it', (folder) => {
    const files = readdirSync(path.join(root, 'src', folder), {recursive: true, encoding: 'utf8'})
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.join(root, 'src', folder, name))
    const loaded: unknown = runInContext(bundleForBrowser(files), browserContext())
    expect(files.length).toBeGreaterThan(0)
    expect(loaded).toHaveLength(files.length)
  })
})

describe('a plan made in a browser', () => {
  let inBrowser: typeof planLines
  beforeAll(() => {
    const bundle = bundleForBrowser([path.join(root, 'testing', 'plan-lines.ts')])
    const loaded: unknown = runInContext(bundle, browserContext())
    inBrowser = (loaded as readonly [{readonly planLines: typeof planLines}])[0].planLines
  })

  const sha = '860c1904a1ce19322e91ac35af1ab07466440c37'
  const push = {
    GITHUB_EVENT_NAME: 'push',
    GITHUB_SHA: sha,
    GITHUB_REPOSITORY: 'octocat/app',
    GITHUB_ACTOR: 'octocat',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_NUMBER: '1',
    GITHUB_RUN_ATTEMPT: '1',
  }
  const payload = {repository: {name: 'app', default_branch: 'main', private: false, fork: false}}

  test.each([
    {name: 'a Git tag', ref: 'refs/tags/v1.2.3', inputs: {}, files: {}, expected: '    1.2.3'},
    {
      name: 'a branch whose name has to be hashed',
      ref: `refs/heads/${'long-'.repeat(40)}`,
      inputs: {tags: 'type=ref,event=branch'},
      files: {},
      expected: '    long-long-',
    },
    {
      name: 'expressions of the full engine, with a date',
      ref: 'refs/heads/main',
      inputs: {tags: "type=raw,value={{#if is_default_branch}}{{date 'YYYYMMDD' tz='UTC'}}{{/if}}"},
      files: {},
      expected: '    20260102',
    },
    {
      name: 'a version out of a TOML file',
      ref: 'refs/heads/main',
      inputs: {version: 'file:Cargo.toml', tags: 'type=semver,pattern={{version}}'},
      files: {'Cargo.toml': '[package]\nname = "app"\nversion = "2.0.0"\n'},
      expected: '    2.0.0',
    },
    {
      name: 'a version out of an XML file',
      ref: 'refs/heads/main',
      inputs: {version: 'file:pom.xml', tags: 'type=semver,pattern={{version}}'},
      files: {'pom.xml': '<project><version>3.1.0</version></project>'},
      expected: '    3.1.0',
    },
    {
      name: 'a version out of a chart, which is YAML',
      ref: 'refs/heads/main',
      inputs: {version: 'file:Chart.yaml', tags: 'type=pep440,pattern={{version}}'},
      files: {'Chart.yaml': 'apiVersion: v2\nname: app\nversion: 4.0.0\nappVersion: "4.0.0"\n'},
      expected: '    4.0.0',
    },
  ])('$name gives the plan that Node gives', async ({ref, inputs, files, expected}) => {
    const source: PlanSource = {
      inputs: {images: 'ghcr.io/octocat/app', ...inputs},
      environment: {...push, GITHUB_REF: ref},
      payload,
      files,
      now: new Date('2026-01-02T03:04:05Z'),
      regex: boundedRegex(),
    }
    const lines = await inBrowser(source)
    expect(lines.join('\n')).toContain(expected)
    expect([...lines]).toEqual(await planLines(source))
  })
})

describe('the bundler', () => {
  test.each(["import {readFile} from 'node:fs/promises'\nexport {readFile}", "import os from 'os'\nexport {os}"])(
    'refuses %j',
    (text) => {
      const directory = mkdtempSync(path.join(tmpdir(), 'browser-'))
      try {
        const entry = path.join(directory, 'entry.ts')
        writeFileSync(entry, text)
        expect(() => bundleForBrowser([entry])).toThrow(/which a browser does not have/)
      } finally {
        rmSync(directory, {recursive: true})
      }
    },
  )

  test('runs its bundles without the globals of Node', () => {
    const names = ['process', 'Buffer', 'require', 'module', 'setImmediate']
    const found: unknown = runInContext(
      `${JSON.stringify(names)}.filter((name) => name in globalThis)`,
      browserContext(),
    )
    expect(found).toHaveLength(0)
  })
})

import {execFile} from 'node:child_process'
import {mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {promisify} from 'node:util'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {parse} from 'yaml'
import {bundleEntry} from '../scripts/lib/bundler.ts'
import {startConnectProxy} from '../testing/connect-proxy.ts'
import {watchLoadedFiles} from '../testing/loaded-files.ts'
import {loopback} from '../testing/loopback.ts'
import {projectRoot, Step, type StepOptions} from '../testing/runner.ts'
import {sampleDirectory} from '../testing/sample.ts'

const dist = path.join(projectRoot, 'dist')
const dryRun: StepOptions = {
  event: 'push-tag',
  workspace: sampleDirectory,
  inputs: {images: 'registry.example/team/app', 'dry-run': 'true'},
}

/** Texts that identify a package: its messages, which the minifier keeps. */
const marks = {
  'the HTTP client undici': 'Proxy opts.clientFactory must be a function.',
  "the proxy tunnels of the toolkit's HTTP client": 'tunneling socket could not be established',
  'the OIDC client': 'Response json body do not have ID Token field',
  'the GitHub client': 'octokit-core.js/',
  'the rules of type=calver': 'Begin with one of YYYY, YY and 0Y',
}

async function holding(mark: string, files: readonly string[]): Promise<readonly string[]> {
  const texts = await Promise.all(files.map(async (file) => ({file, text: await readFile(file, 'utf8')})))
  return texts.filter(({text}) => text.includes(mark)).map(({file}) => path.basename(file))
}

describe('a dry run', () => {
  let loaded: readonly string[]
  let bytes: number

  beforeAll(async () => {
    await using watch = await watchLoadedFiles()
    await using step = await Step.prepare({...dryRun, env: watch.env})
    const {exitCode, log} = await step.run()
    if (exitCode !== 0) throw new Error(log)
    loaded = await watch.list()
    bytes = await watch.bytes()
  })

  test('loads the bundle alone', () => {
    expect(loaded).toContain(path.join(dist, 'publish.js'))
    expect(loaded.filter((file) => path.dirname(file) !== dist)).toEqual([])
  })

  test('loads at most 250 kB, main and post together', () => {
    expect(bytes).toBeLessThanOrEqual(250_000)
  })

  test.each(Object.entries(marks))('does not load %s', async (_, mark) => {
    expect(await holding(mark, loaded)).toEqual([])
  })
})

describe('the bundle', () => {
  test.each(Object.entries(marks).filter(([name]) => name !== 'the OIDC client'))(
    'has %s, for the runs that need it',
    async (_, mark) => {
      const files = (await readdir(dist)).filter((name) => name !== 'cli').map((name) => path.join(dist, name))
      expect(await holding(mark, files)).not.toEqual([])
    },
  )

  test('has at most 60 kB for the credentials of clouds', async () => {
    const files = (await readdir(dist)).filter((name) => name !== 'cli').map((name) => path.join(dist, name))
    const parts = ['AssumeRoleWithWebIdentity', 'ask-step.cjs', 'Value of the `xml:space` attribute must be']
    const chunks = await Promise.all(parts.map(async (mark) => holding(mark, files)))
    expect(chunks.map(({length}) => length)).toEqual([1, 1, 1])
    const sizes = await Promise.all(chunks.flat().map(async (name) => (await stat(path.join(dist, name))).size))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(60_000)
  })

  test.each([
    {
      line: 'type=calver,pattern=YYYY.0M.MICRO,value=v2024.01.3',
      exitCode: 0,
      logged: 'registry.example/team/app:2024.01.3',
    },
    {line: '"type=calver","pattern=YYYY.MICRO"', exitCode: 0, logged: /registry\.example\/team\/app:\d{4}\.\d+\b/},
    {line: 'calver,pattern=0M.MICRO', exitCode: 1, logged: /"type=calver"[^]*the pattern has no year/},
  ])('loads the rules of type=calver for $line', async ({line, exitCode, logged}) => {
    const event = 'push-branch'
    await using step = await Step.prepare({...dryRun, event, inputs: {...dryRun.inputs, tags: line}})
    const run = await step.run()
    expect(run.log).toMatch(logged)
    expect(run.exitCode).toBe(exitCode)
  })

  test('has every module that it imports', async () => {
    const files = (await readdir(dist)).filter((name) => name.endsWith('.js')).map((name) => path.join(dist, name))
    expect(await holding('eval("require")', files)).toEqual([])
  })

  test.each([
    {name: 'directly', proxied: false},
    {name: 'through the proxy of the environment', proxied: true},
  ])('asks the GitHub API $name', async ({proxied}) => {
    const asked: string[] = []
    await using api = await loopback((request, response) => {
      asked.push(request.url ?? '')
      response.setHeader('content-type', 'application/json').end('{"default_branch": "main"}')
    })
    await using proxy = await startConnectProxy(api.host)
    const env = proxied
      ? {GITHUB_API_URL: 'http://api.example', http_proxy: proxy.url}
      : {GITHUB_API_URL: `http://${api.host}`}
    const event = 'schedule-without-repository'
    await using step = await Step.prepare({...dryRun, event, env, token: 'a-token-of-the-job'})
    const {exitCode, log} = await step.main()
    expect(log).not.toContain('::warning')
    expect(exitCode).toBe(0)
    expect(asked).toEqual(['/repos/octo-org/octo-repo'])
    expect(proxy.tunnels).toEqual(proxied ? ['api.example:80'] : [])
  })
})

describe('an entry that calls core.getIDToken', () => {
  let directory: string

  beforeAll(async () => {
    directory = await mkdtemp(path.join(projectRoot, 'build-dist-'))
    const entry = path.join(directory, 'entry.js')
    await writeFile(
      entry,
      "import {getIDToken} from '@actions/core'\nconsole.log('token:', await getIDToken('registry'))\n",
    )
    bundleEntry(entry, path.join(directory, 'out'))
  })

  afterAll(async () => {
    await rm(directory, {recursive: true})
  })

  test('has the OIDC client', async () => {
    expect(await holding(marks['the OIDC client'], [path.join(directory, 'out', 'index.js')])).toEqual(['index.js'])
  })

  test.each([
    {name: 'directly', proxied: false},
    {name: 'through the proxy of the environment', proxied: true},
  ])('gets a token $name', async ({proxied}) => {
    const asked: unknown[] = []
    await using endpoint = await loopback((request, response) => {
      asked.push({url: request.url, authorization: request.headers.authorization})
      response.end('{"value": "an-identity"}')
    })
    await using proxy = await startConnectProxy(endpoint.host)
    const host = proxied ? 'oidc.example' : endpoint.host
    const env = {
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'a-request-token',
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://${host}/token?version=1`,
      ...(proxied ? {http_proxy: proxy.url} : {}),
    }
    const bundled = path.join(directory, 'out', 'index.js')
    const {stdout} = await promisify(execFile)(process.execPath, [bundled], {env})
    expect(stdout).toContain('::add-mask::an-identity')
    expect(stdout).toContain('token: an-identity')
    expect(asked).toEqual([{url: '/token?version=1&audience=registry', authorization: 'Bearer a-request-token'}])
    expect(proxy.tunnels).toEqual(proxied ? ['oidc.example:80'] : [])
  })
})

describe('the packages', () => {
  const read = async (file: string): Promise<unknown> => parse(await readFile(path.join(projectRoot, file), 'utf8'))

  test('are all in the bundle or tools, so that the package of npm installs none', async () => {
    expect(await read('package.json')).not.toHaveProperty('dependencies')
  })

  test('of the bundle are in no group of Dependabot', async () => {
    interface Settings {
      readonly updates: readonly {
        readonly directory?: string
        readonly groups: Readonly<Record<string, {readonly 'exclude-patterns'?: readonly string[]}>>
      }[]
    }
    const {updates} = (await read('.github/dependabot.yml')) as Settings
    const excluded = updates.find(({directory}) => directory === '/')?.groups['tools']?.['exclude-patterns']
    const licences = ['licenses.txt', 'cli/licenses.txt'].map(async (file) => readFile(path.join(dist, file), 'utf8'))
    const lines = new Set((await Promise.all(licences)).flatMap((text) => text.split('\n')))
    const {devDependencies} = (await read('package.json')) as {readonly devDependencies: object}
    const bundled = Object.keys(devDependencies).filter((name) => lines.has(name))
    expect(excluded?.toSorted()).toEqual(bundled.toSorted())
  })
})

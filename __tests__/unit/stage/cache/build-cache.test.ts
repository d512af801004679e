import {describe, expect, test} from '@jest/globals'
import {publish} from '../../../../src/commands/publish.ts'
import {programOf, runCommand, valuesOf, type CommandRun, type Scenario} from '../../../../testing/command-run.ts'
import {memoryNetwork, memoryRegistry} from '../../../../testing/memory-registry.ts'

const login = {images: 'r.example/o/app', registry: 'r.example', username: 'mona', password: 'canary-1'}
const actions = {ACTIONS_RUNTIME_TOKEN: 'canary-2', ACTIONS_RESULTS_URL: 'https://r.example/actions/'}

async function run(inputs: object, scene: Partial<Scenario> = {}): Promise<CommandRun> {
  const registries = [memoryRegistry({host: 'r.example'})]
  return runCommand(publish, {
    event: 'push-default-branch',
    registries,
    ...scene,
    inputs: {...login, platforms: 'linux/amd64', ...inputs},
  })
}

/** What stands behind `--cache-from` and `--cache-to` of the one build, without hashes. */
function caches({io}: CommandRun): {readonly from: readonly string[]; readonly to: readonly string[]} {
  const builds = io.processes.commands.filter((command) => programOf(command) === 'buildx build')
  expect(builds).toHaveLength(1)
  const plain = (flag: string): readonly string[] =>
    builds.flatMap((command) => valuesOf(command, flag)).map((text) => text.replace(/-[0-9a-f]{7}\b/, '-HASH'))
  return {from: plain('--cache-from'), to: plain('--cache-to')}
}

const ours = 'type=registry,ref=r.example/o/app:buildcache-master-amd64-HASH'
const oursTo = `${ours},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true`

describe('the cache of a run', () => {
  test('is none unless asked for', async () => {
    const done = await run({})
    expect(done.failure).toBeUndefined()
    expect(caches(done)).toEqual({from: [], to: []})
    expect(done.io.workflow.log.filter((line) => line.includes('Cache'))).toEqual([])
  })

  test('comes on top of those of the user, and is told in one line', async () => {
    const done = await run({cache: 'registry', 'cache-from': 'a/b:theirs', 'cache-to': 'type=inline'})
    expect(done.failure).toBeUndefined()
    expect(caches(done)).toEqual({from: ['a/b:theirs', ours], to: ['type=inline', oursTo]})
    const told = done.io.workflow.log.filter((line) => line.includes('Cache'))
    expect(told).toEqual([expect.stringMatching(/^printed: Cache: r\.example\/o\/app \(cache: registry\), reads /)])
  })

  test('is the one of GitHub Actions where the runner offers it, and its token is in no argument', async () => {
    const done = await run({cache: 'auto'}, {environment: actions})
    expect(done.failure).toBeUndefined()
    const scope = 'type=gha,scope=tagboat-r.example-o-app-amd64-HASH'
    expect(caches(done)).toEqual({
      from: [`${scope},timeout=10m`],
      to: [`${scope},mode=max,ignore-error=true,timeout=10m`],
    })
    const words = done.io.processes.commands.flatMap(({args}) => args)
    expect(words.filter((word) => word.includes('canary'))).toEqual([])
    const build = done.io.processes.commands.find((command) => programOf(command) === 'buildx build')
    expect(build?.env['ACTIONS_RUNTIME_TOKEN']).toBe('canary-2')
  })

  test('is that of the platform which the builder takes by itself, where none is given', async () => {
    expect(caches(await run({cache: 'registry', platforms: ''})).to).toEqual([oursTo])
  })

  test('is none with an engine that can export none, which is a notice', async () => {
    const done = await run({cache: 'registry', driver: 'docker'}, {builder: 'inspect-docker-driver'})
    expect(done.failure).toBeUndefined()
    expect(caches(done)).toEqual({from: [], to: []})
    const notices = done.io.workflow.log.filter((line) => line.startsWith('notice: Cache: none'))
    expect(notices).toEqual([expect.stringContaining('containerd image store')])
  })

  test('of a pull request from a fork is read alone', async () => {
    const done = await run({cache: 'registry'}, {event: 'pull-request-fork'})
    expect(done.failure).toBeUndefined()
    expect(caches(done)).toEqual({from: [ours], to: []})
  })
})

describe('a cache at ghcr.io', () => {
  const inputs = {images: '', registry: '', username: '', password: '', 'github-token': 'job-token', cache: 'registry'}
  const logins = ({programs}: CommandRun): readonly string[] => programs.filter((program) => program === 'login')
  const registries = [memoryRegistry({host: 'ghcr.io'})]

  test('is logged in to by a pull request of the same repository, though it publishes nothing', async () => {
    const done = await run(inputs, {event: 'pull-request', registries})
    expect(done.failure).toBeUndefined()
    expect(logins(done)).toHaveLength(1)
    expect(caches(done).to).toEqual([
      expect.stringContaining('ghcr.io/codertocat/hello-world:buildcache-changes-amd64'),
    ])
  })

  test('is not by one from a fork', async () => {
    const done = await run(inputs, {event: 'pull-request-fork', registries})
    expect(done.failure).toBeUndefined()
    expect(logins(done)).toEqual([])
    expect(caches(done).to).toEqual([])
  })
})

test('a cache that says nothing is left out, with one warning', async () => {
  const silent = Object.assign(new Error('no answer from cache.example in 15 s'), {code: 'ETIMEDOUT'})
  const registry = memoryRegistry({host: 'r.example'})
  const done = await run(
    {cache: 'gha'},
    {
      environment: {...actions, ACTIONS_RESULTS_URL: 'https://cache.example/'},
      http: (signal) => {
        const http = memoryNetwork([registry], {signal})
        return {
          ...http,
          send: async (request) => (request.url.host === 'cache.example' ? Promise.reject(silent) : http.send(request)),
        }
      },
    },
  )
  expect(done.failure).toBeUndefined()
  expect(caches(done)).toEqual({from: [], to: []})
  expect(done.io.workflow.log.filter((line) => line.startsWith('warning: '))).toEqual([
    'warning: Cache not saved (no answer from cache.example in 15 s): the next build will be slower',
  ])
})

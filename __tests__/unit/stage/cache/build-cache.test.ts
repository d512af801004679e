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

/** Values of `--cache-from` and `--cache-to` of the build, without hashes. */
function caches({io}: CommandRun): {readonly from: readonly string[]; readonly to: readonly string[]} {
  const builds = io.processes.commands.filter((command) => programOf(command) === 'buildx build')
  expect(builds).toHaveLength(1)
  const plain = (flag: string): readonly string[] =>
    builds.flatMap((command) => valuesOf(command, flag)).map((text) => text.replace(/-[0-9a-f]{7}\b/, '-HASH'))
  return {from: plain('--cache-from'), to: plain('--cache-to')}
}

const cacheFrom = 'type=registry,ref=r.example/o/app:buildcache-master-amd64-HASH'
const cacheTo = `${cacheFrom},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true`

describe('buildCaches', () => {
  test('is not used by default', async () => {
    const done = await run({})
    expect(done.failure).toBeUndefined()
    expect(caches(done)).toEqual({from: [], to: []})
    expect(done.io.workflow.log.filter((line) => line.includes('Cache'))).toEqual([])
  })

  test('is added to those of the user and logged', async () => {
    const done = await run({cache: 'registry', 'cache-from': 'a/b:user', 'cache-to': 'type=inline'})
    expect(done.failure).toBeUndefined()
    expect(caches(done)).toEqual({from: ['a/b:user', cacheFrom], to: ['type=inline', cacheTo]})
    const lines = done.io.workflow.log.filter((line) => line.includes('Cache'))
    expect(lines).toEqual([expect.stringMatching(/^printed: Cache: r\.example\/o\/app \(cache: registry\), reads /)])
  })

  test('is that of GitHub Actions if the runner has it, without its token in an argument', async () => {
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

  test('has the default platform without `platforms`', async () => {
    expect(caches(await run({cache: 'registry', platforms: ''})).to).toEqual([cacheTo])
  })

  test('is not used with an engine that cannot export one, with a notice', async () => {
    const done = await run({cache: 'registry', driver: 'docker'}, {builder: 'inspect-docker-driver'})
    expect(done.failure).toBeUndefined()
    expect(caches(done)).toEqual({from: [], to: []})
    const notices = done.io.workflow.log.filter((line) => line.startsWith('notice: Cache: none'))
    expect(notices).toEqual([expect.stringContaining('containerd image store')])
  })

  test('is only read in a fork', async () => {
    const done = await run({cache: 'registry'}, {event: 'pull-request-fork'})
    expect(done.failure).toBeUndefined()
    expect(caches(done)).toEqual({from: [cacheFrom], to: []})
  })
})

describe('a cache at ghcr.io', () => {
  const inputs = {images: '', registry: '', username: '', password: '', 'github-token': 'job-token', cache: 'registry'}
  const logins = ({programs}: CommandRun): readonly string[] => programs.filter((program) => program === 'login')
  const registries = [memoryRegistry({host: 'ghcr.io'})]

  test('a pull request of the same repository logs in, although it does not publish', async () => {
    const done = await run(inputs, {event: 'pull-request', registries})
    expect(done.failure).toBeUndefined()
    expect(logins(done)).toHaveLength(1)
    expect(caches(done).to).toEqual([
      expect.stringContaining('ghcr.io/codertocat/hello-world:buildcache-changes-amd64'),
    ])
  })

  test('a fork does not log in', async () => {
    const done = await run(inputs, {event: 'pull-request-fork', registries})
    expect(done.failure).toBeUndefined()
    expect(logins(done)).toEqual([])
    expect(caches(done).to).toEqual([])
  })
})

test('an unresponsive cache is not used, with one warning', async () => {
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

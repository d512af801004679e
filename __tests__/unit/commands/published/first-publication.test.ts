import {describe, expect, test} from '@jest/globals'
import {noticeFirstPublications} from '../../../../src/commands/published/first-publication.ts'
import {promote} from '../../../../src/commands/promote.ts'
import {publish} from '../../../../src/commands/publish.ts'
import {stage} from '../../../../src/commands/stage.ts'
import type {Io} from '../../../../src/io/io.ts'
import {packageNotice, type PackageFacts} from '../../../../src/report/package-notice.ts'
import {runCommand, type CommandRun, type Scenario} from '../../../../testing/command-run.ts'
import {json} from '../../../../testing/clouds/github-tokens.ts'
import {fakeIo, scriptedHttp} from '../../../../testing/fake-io.ts'
import {memoryNetwork, memoryRegistry, type MemoryRegistry} from '../../../../testing/memory-registry.ts'
import {gitHubPackages, type GitHubPackages} from '../../../../testing/registries/github-packages.ts'
import {planOf} from '../../../../testing/reports.ts'

const token = 'canary-job-token'
const source = 'Codertocat/Hello-World'
const path = 'codertocat/hello-world'
const both = {platforms: 'linux/amd64,linux/arm64'}

type Given = Readonly<Record<string, string>>

interface Scene {
  readonly registry: MemoryRegistry
  readonly packages: GitHubPackages
  /** Hosts of all requests. */
  readonly hosts: Set<string>
  readonly run: (
    inputs?: Given,
    scenario?: Partial<Scenario>,
    command?: (io: Io) => Promise<void>,
  ) => Promise<CommandRun>
}

/** ghcr.io and the API of GitHub in memory. */
function scene(options: Partial<Parameters<typeof gitHubPackages>[0]> = {}): Scene {
  const registry = options.registry ?? memoryRegistry({host: 'ghcr.io'})
  const packages = gitHubPackages({token, linked: source, ...options, registry})
  const mirror = memoryRegistry({host: 'm.example'})
  const hosts = new Set<string>()
  const http: Io['http'] = (signal) => {
    const network = memoryNetwork([registry, mirror], {signal})
    return {
      ...network,
      send: async (request) => {
        hosts.add(request.url.host)
        return packages.answer(request) ?? network.send(request)
      },
    }
  }
  return {
    registry,
    packages,
    hosts,
    run: async (inputs = {}, scenario = {}, command = publish) =>
      runCommand(command, {
        http,
        registries: [registry, mirror],
        ...scenario,
        inputs: {'github-token': token, ...both, ...inputs},
      }),
  }
}

function packageNotices({io}: CommandRun): readonly string[] {
  return io.workflow.log.filter((line) => line.startsWith('notice: ') && line.includes('package'))
}

const facts: PackageFacts = {owners: 'users', visibility: 'private', linked: source, isNew: true}

/** Notices about packages at ghcr.io with these facts. */
function noticed(given: PackageFacts | string, repository = path, host = 'ghcr.io'): readonly string[] {
  const server = host === 'ghcr.io' ? 'https://github.com' : 'https://git.example'
  return [`notice: ${packageNotice({repository: {host, path: repository}, server, source}, given)}`]
}

describe('the first publication to ghcr.io', () => {
  test('says that the package is new, private and linked, and where that is changed', async () => {
    const {run, packages, registry} = scene()
    const done = await run()
    expect(done.failure).toBeUndefined()
    expect(Object.keys(registry.tagsOf(path))).toContain('1.2.3')
    expect(packageNotices(done)).toEqual(noticed(facts))
    expect(packages.requests).toEqual([
      'GET /orgs/codertocat/packages/container/hello-world',
      'GET /users/codertocat/packages/container/hello-world',
    ])
    expect(done.io.workflow.log.join('\n')).not.toContain(token)
  })

  test('asks once for a package of an organization, whose name has several levels', async () => {
    const {run, packages} = scene({owners: 'orgs', visibility: 'internal', linked: null})
    const done = await run({images: 'ghcr.io/acme/team/app'})
    expect(packages.requests).toEqual(['GET /orgs/acme/packages/container/team%2Fapp'])
    const expected: PackageFacts = {...facts, owners: 'orgs', visibility: 'internal', linked: undefined}
    expect(packageNotices(done)).toEqual(noticed(expected, 'acme/team/app'))
  })

  test('names another repository that the package is linked to', async () => {
    const {run} = scene({visibility: 'public', linked: 'Codertocat/other'})
    const expected: PackageFacts = {...facts, visibility: 'public', linked: 'Codertocat/other'}
    expect(packageNotices(await run())).toEqual(noticed(expected))
  })

  test.each([
    {name: 'a package that exists without a tag', created: '2026-01-02T03:00:00Z', isNew: false},
    {name: 'a clock that differs by seconds', created: '2026-01-02T03:03:50Z', isNew: true},
  ])('distinguishes a new package: $name', async ({created, isNew}) => {
    const {run, registry} = scene({created: () => new Date(created)})
    registry.putImage(path)
    expect(packageNotices(await run())).toEqual(noticed({...facts, isNew}))
  })

  test.each([
    {name: 'of a branch, without a list before', inputs: {}, scenario: {event: 'push-default-branch'}},
    {name: 'of a commit', inputs: {tags: 'type=sha'}, scenario: {}},
    {name: 'pushed by BuildKit', inputs: {platforms: ''}, scenario: {builder: 'inspect-docker-driver'} as const},
  ])('is noticed once: $name', async ({inputs, scenario}) => {
    const {run} = scene()
    const done = await run({driver: 'docker', ...inputs}, scenario)
    expect(done.failure).toBeUndefined()
    expect(packageNotices(done)).toHaveLength(1)
  })

  test('is noticed for a mirror that is not required, and for a promote', async () => {
    const one = scene()
    const images = 'm.example/o/app\nname=ghcr.io/o/app,required=false'
    const first = await one.run({images, registry: 'm.example', username: 'mona', password: 'canary-1'})
    expect(packageNotices(first)).toEqual(noticed(facts, 'o/app'))
    const other = await one.run({images: 'ghcr.io/o/other', from: 'ghcr.io/o/app:1.2.3'}, {builds: false}, promote)
    expect(other.failure).toBeUndefined()
    expect(packageNotices(other)).toEqual(noticed(facts, 'o/other'))
  })

  test('is noticed on a GitHub Enterprise Server, with its API', async () => {
    const registry = memoryRegistry({host: 'containers.git.example'})
    const {run, packages} = scene({registry, api: 'https://git.example/api/v3'})
    const environment = {GITHUB_SERVER_URL: 'https://git.example', GITHUB_API_URL: 'https://git.example/api/v3'}
    const login = {registry: registry.host, username: 'mona', password: 'canary-1'}
    const done = await run({images: `${registry.host}/o/app`, ...login}, {environment})
    expect(done.failure).toBeUndefined()
    expect(packages.requests.at(-1)).toBe('GET /users/o/packages/container/app')
    expect(packageNotices(done)).toEqual(noticed(facts, 'o/app', registry.host))
  })
})

describe('facts that GitHub does not report', () => {
  const hostile = {visibility: 'private\n::warning::x', repository: {full_name: 'a/b\n::warning::x'}}

  test.each([
    {
      name: 'a refusal',
      fault: () => json(403, {}),
      evidence: 'GET /orgs/codertocat/packages/container/hello-world: 403',
    },
    {name: 'another token', fault: () => json(401, {}), evidence: 'hello-world: 401'},
    {
      name: 'no such package',
      fault: () => json(404, {}),
      evidence: 'GET /users/codertocat/packages/container/hello-world:',
    },
    {name: 'an answer without sense', fault: () => json(200, hostile), evidence: 'hello-world: 200'},
    {
      name: 'a redirect',
      fault: () => ({...json(301, {}), headers: {location: 'https://x.example'}}),
      evidence: ': 301',
    },
    {
      name: 'no answer',
      fault: async () => Promise.reject(new Error(`connect ECONNREFUSED ${token}`)),
      evidence: 'connect ECONNREFUSED ***',
    },
  ])('do not fail the run: $name', async ({fault, evidence}) => {
    const {run, hosts} = scene({fault})
    const done = await run()
    expect(done.failure).toBeUndefined()
    const [notice = '', ...others] = packageNotices(done)
    expect(others).toEqual([])
    expect(notice).toContain(evidence)
    expect(notice).toContain('https://github.com/codertocat?tab=packages')
    expect(done.io.workflow.log.join('\n')).not.toMatch(/^::warning/m)
    expect([...hosts].sort()).toEqual(['api.github.com', 'ghcr.io'])
  })

  test('include a repository with an impossible name', async () => {
    const fault = (): ReturnType<typeof json> => json(200, {...hostile, visibility: 'public'})
    const [notice = ''] = packageNotices(await scene({fault}).run())
    expect(notice).toMatch(/ public, and not linked /)
    expect(notice).not.toContain('a/b')
  })

  test('are not waited for without end', async () => {
    const {plan: _, ...planned} = await planOf('push-tag', {images: `ghcr.io/${path}`, 'github-token': token})
    const limit = new AbortController()
    const http = scriptedHttp(async () => {
      limit.abort()
      return new Promise<never>(() => undefined)
    })
    const io = fakeIo({http: () => http})
    const publication = {prepared: {...planned, plan: _}, io} as unknown as Parameters<
      typeof noticeFirstPublications
    >[1]
    const repository = {host: 'ghcr.io', path}
    const row = {reference: {repository, tag: '1'}, before: undefined, after: undefined, outcome: 'new'} as const
    const rows = [{...row, level: 'info', code: 'not-reached', reason: ''} as const]
    const states = [{repository, tags: [], unlistedReason: undefined, tagStates: new Map<string, never>()}]
    await noticeFirstPublications({rows, states}, publication, limit.signal)
    expect(io.workflow.log).toEqual([expect.stringMatching(/: no answer /)])
  })
})

describe('no request to the API, and no notice', () => {
  const quiet = async ({run, packages, hosts}: Scene, ...given: Parameters<Scene['run']>): Promise<CommandRun> => {
    const done = await run(...given)
    expect(done.failure).toBeUndefined()
    expect(packageNotices(done)).toEqual([])
    expect(packages.requests).toEqual([])
    expect(hosts).not.toContain('api.github.com')
    return done
  }

  test('in a later release, whose list of tags is read as often as in another registry', async () => {
    const [own, other] = [scene(), scene({registry: memoryRegistry({host: 'r.example'})})]
    for (const {registry} of [own, other]) registry.putImage(path, {tags: ['1.2.2', '1.2', 'latest']})
    await quiet(own)
    await quiet(other, {images: `r.example/${path}`, registry: 'r.example', username: 'mona', password: 'canary-1'})
    const [count, expected] = [own, other].map(
      ({registry}) => registry.requests.filter(({path: at}) => at.includes('/tags/list')).length,
    )
    expect(count).toBe(expected)
  })

  test('for the first tags of a branch in a package with others', async () => {
    const one = scene()
    one.registry.putImage(path, {tags: ['other']})
    await quiet(one, {}, {event: 'push-default-branch'})
  })

  test('for a commit tag in a package with many tags, of which one page is read', async () => {
    const one = scene()
    one.registry.putImage(path, {tags: Array.from({length: 150}, (_, index) => `sha-${1_000_000 + index}`)})
    await quiet(one, {tags: 'type=sha'})
    expect(one.registry.requests.filter(({path: at}) => at.includes('/tags/list'))).toHaveLength(1)
  })

  test('if the tags are not listed', async () => {
    await quiet(scene({registry: memoryRegistry({host: 'ghcr.io', listsTags: false})}), {tags: 'type=sha'})
  })

  test.each(['true', 'registry'])('with dry-run: %s', async (value) => {
    await quiet(scene(), {'dry-run': value})
  })

  test('in a stage, which tags nothing', async () => {
    await quiet(scene(), {}, {}, stage)
  })

  test.each([
    {name: 'another registry', images: 'm.example/o/app', environment: {}},
    {
      name: 'ghcr.io, from a GitHub Enterprise Server',
      images: 'ghcr.io/o/app',
      environment: {GITHUB_SERVER_URL: 'https://git.example', GITHUB_API_URL: 'https://git.example/api/v3'},
    },
  ])('for $name', async ({images, environment}) => {
    const login = {registry: images.split('/', 1)[0] ?? '', username: 'mona', password: 'canary-1'}
    await quiet(scene(), {images, ...login}, {environment})
  })
})

import {describe, expect, test} from '@jest/globals'
import {prepare, type Prepared} from '../../../src/prepare/prepare.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {loadEvent} from '../../../testing/events.ts'
import {fakeIo, scriptedGitHub, scriptedProcesses, type FakeIo} from '../../../testing/fake-io.ts'

const tags = "type=raw,value=built-{{commit_date 'YYYYMMDD'}}\nx"
const given = {images: 'user/app', push: 'false', 'github-token': 'job-token', tags}

interface Sources {
  readonly event: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly variables?: Readonly<Record<string, string>>
  /** Answer of the API. An error is thrown. */
  readonly api?: string | undefined | Error
  /** Commit date in Git. Default: Git lacks the commit. */
  readonly clone?: string
}

interface Run {
  readonly prepared: Prepared
  readonly io: FakeIo
  /** `owner/name@sha` of every question to the API. */
  readonly questions: readonly string[]
}

async function run({event, inputs = {}, variables = {}, api, clone}: Sources): Promise<Run> {
  const {environment, payloadPath} = loadEvent(event)
  const questions: string[] = []
  const io = fakeIo({
    environment: {...environment, GITHUB_EVENT_PATH: payloadPath, GITHUB_WORKSPACE: '/checkout', ...variables},
    inputs: new Map(Object.entries({...given, ...inputs})),
    processes: scriptedProcesses(({args}) => {
      const sha = args.at(-2) ?? ''
      return args.includes('show') && clone !== undefined ? {stdout: `${sha}\n${clone}\n`} : {exitCode: 128}
    }),
    gitHub: () =>
      scriptedGitHub({
        repository: async () => Promise.resolve({default_branch: 'main'}),
        commitDate: async (owner, name, sha) => {
          questions.push(`${owner}/${name}@${sha}`)
          return api instanceof Error ? Promise.reject(api) : Promise.resolve(api)
        },
      }),
  })
  return {prepared: await prepare(io), io, questions}
}

function warnings({io}: Run): readonly string[] {
  return io.workflow.log.filter((line) => line.startsWith('warning: '))
}

const head = '3484a3fb816e0859fd6e1cea078d76385ff50625'

describe('{{commit_date}}', () => {
  test('is that of the payload, without a request', async () => {
    const done = await run({event: 'push-default-branch', api: '2001-01-01T00:00:00Z', clone: '2002-01-01T00:00:00Z'})
    expect(done.prepared.plan.tagNames[0]).toMatch(/^built-2019/)
    expect(done.questions).toEqual([])
    expect(done.io.processes.commands).toEqual([])
  })

  test.each(['schedule', 'workflow-dispatch-branch'])("is the API's for %s", async (event) => {
    const done = await run({event, api: '2020-02-03T04:05:06Z', clone: '2002-01-01T00:00:00Z'})
    expect(done.prepared.plan.tagNames).toEqual(['built-20200203', 'x'])
    expect(done.questions).toEqual([`octo-org/octo-repo@${head}`])
    expect(done.io.processes.commands).toEqual([])
    expect(warnings(done)).toEqual([])
  })

  test.each<{name: string; inputs?: Readonly<Record<string, string>>; api?: string | Error}>([
    {name: 'the API is away', api: new Error('connect ECONNREFUSED')},
    {name: 'the API does not say', inputs: {}},
    {name: 'the API says no date', api: 'yesterday'},
    {name: 'the token is absent', inputs: {'github-token': ''}, api: '2020-02-03T04:05:06Z'},
  ])("is the clone's where $name", async ({inputs = {}, api}) => {
    const done = await run({event: 'schedule', inputs, api, clone: '2021-03-04T23:30:00-05:00'})
    expect(done.prepared.plan.tagNames).toEqual(['built-20210305', 'x'])
    expect(done.io.processes.commands.map(({args}) => args)).toEqual([
      ['-C', '/checkout', 'show', '-s', '--no-show-signature', '--no-decorate', '--format=%H%n%cI', head, '--'],
    ])
    expect(warnings(done)).toEqual([])
  })

  test('is empty if it is unknown, with a warning', async () => {
    const done = await run({event: 'workflow-dispatch-branch', api: new Error('Not Found')})
    expect(done.prepared.plan.tagNames).toEqual(['x'])
    expect(done.prepared.plan.skippedRules.map(({reason}) => reason)).toEqual([
      {code: 'empty-expression', names: ['commit_date'], text: 'built-'},
    ])
    expect(warnings(done)).toEqual([expect.stringMatching(new RegExp(`commit_date.*\\(Not Found\\).*${head}`))])
  })

  test('of a dry run is the same: reading changes nothing', async () => {
    const inputs = {'dry-run': 'true', 'github-token': ''}
    const done = await run({event: 'schedule', inputs, clone: '2021-03-04T23:30:00Z'})
    expect(done.prepared.plan.tagNames).toEqual(['built-20210304', 'x'])
    expect(warnings(done)).toEqual([])
  })

  test.each<Readonly<Record<string, string>>>([
    {tags: 'x', labels: "org.opencontainers.image.created={{commit_date 'YYYY'}}"},
    {tags: 'x', annotations: "a={{commit_date 'YYYY'}}"},
    {tags: 'x', flavor: "suffix=-{{commit_date 'YYYY'}}"},
    {tags: 'x', images: "name=user/app,enable={{#if (commit_date 'YYYY')}}true{{/if}}"},
  ])('is read for an expression in any input: %j', async (inputs) => {
    expect((await run({event: 'schedule', inputs, api: '2020-02-03T04:05:06Z'})).questions).toHaveLength(1)
  })

  test('is not asked for where no expression names it', async () => {
    const done = await run({event: 'schedule', inputs: {tags: "{{date 'YYYY'}}", labels: 'commit_date=x'}})
    expect(done.questions).toEqual([])
    expect(done.io.processes.commands).toEqual([])
  })
})

describe('before the first request', () => {
  test('problems with expressions are reported with those of other inputs', async () => {
    const inputs = {
      'metadata-context': 'git',
      tags: 'type=semver,pattern={{majr}},value={{commit_date}}\ntype=sha,prefix=a,prefix=b',
      labels: 'a={{commit_date "YYYY" tz="Mars/Base"}}',
      platforms: 'amd64',
    }
    const {environment, payloadPath} = loadEvent('schedule-without-repository')
    const io = fakeIo({
      environment: {...environment, GITHUB_EVENT_PATH: payloadPath, DOCKER_METADATA_SHORT_SHA_LENGTH: '0'},
      inputs: new Map(Object.entries({...given, ...inputs})),
    })
    const failure = await prepare(io).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(TagboatError)
    const {evidence} = failure as TagboatError
    expect(evidence.map((line) => line.slice(0, line.indexOf(': ')))).toEqual([
      'tags, line 1, column 21',
      'tags, line 1, column 36',
      'tags, line 2, column 19',
      'labels, line 1, column 3',
      'platforms, line 1, column 1',
      'DOCKER_METADATA_SHORT_SHA_LENGTH',
    ])
    expect(io.processes.commands).toEqual([])
  })
})

describe('reproducible: true', () => {
  const reproducible = {reproducible: 'true', tags: 'x'}

  test('uses the commit date of the event as image time', async () => {
    const {prepared, questions} = await run({event: 'push-default-branch', inputs: reproducible})
    const {commitDate = ''} = prepared.context
    expect(prepared.sourceDateEpoch).toBe(Date.parse(commitDate) / 1000)
    const created = prepared.plan.labels.find(({key}) => key === 'org.opencontainers.image.created')
    expect(created?.value).toBe(new Date(commitDate).toISOString())
    expect(questions).toEqual([])
  })

  test.each([
    {name: 'the API', api: '2001-09-09T01:46:40Z'},
    {name: 'the clone', clone: '2001-09-09T03:46:40+02:00'},
  ])('reads $name if the event lacks it', async (sources) => {
    const labels = "on={{date 'YYYY-MM-DD'}}"
    const {prepared} = await run({event: 'workflow-dispatch-branch', inputs: {...reproducible, labels}, ...sources})
    expect(prepared.sourceDateEpoch).toBe(1_000_000_000)
    expect(prepared.plan.labels.find(({key}) => key === 'on')?.value).toBe('2001-09-09')
  })

  test('leaves the dates of tags to the run', async () => {
    const tags = "type=raw,value={{date 'YYYYMMDD'}}"
    const {prepared} = await run({event: 'push-default-branch', inputs: {...reproducible, tags}})
    expect(prepared.plan.tagNames).toEqual(['20260102'])
  })

  test('is refused if the date is unknown, with the sources', async () => {
    await expect(run({event: 'workflow-dispatch-branch', inputs: reproducible})).rejects.toMatchObject({
      code: 'commit-date-unknown',
      evidence: [expect.stringContaining('API'), expect.stringContaining('checkout')],
    })
  })

  test('needs no commit where the user names the time', async () => {
    const own = {...reproducible, 'build-args': 'SOURCE_DATE_EPOCH=7'}
    const done = await run({event: 'workflow-dispatch-branch', inputs: own})
    expect(done.prepared.sourceDateEpoch).toBe(7)
    expect(warnings(done)).toEqual([])
  })

  test.each([
    {given: {provenance: 'mode=max'}, names: '`provenance`'},
    {given: {sbom: 'true', attests: 'type=custom'}, names: '`attests`, `sbom`'},
  ])('warns that $names differs between runs', async ({given: attested, names}) => {
    const {prepared} = await run({event: 'push-default-branch', inputs: {...reproducible, ...attested}})
    expect(prepared.notices).toEqual([expect.stringContaining(names)])
  })

  test('does not warn of disabled attestations', async () => {
    const inputs = {...reproducible, provenance: 'false', sbom: 'false'}
    expect((await run({event: 'push-default-branch', inputs})).prepared.notices).toEqual([])
  })
})

describe('SOURCE_DATE_EPOCH without reproducible: true', () => {
  const event = 'workflow-dispatch-branch'
  const created = ({prepared}: Run): string | undefined =>
    prepared.plan.labels.find(({key}) => key === 'org.opencontainers.image.created')?.value

  test.each([
    {name: 'the variable', variables: {SOURCE_DATE_EPOCH: '0'}, expected: '1970-01-01T00:00:00.000Z'},
    {name: 'the build argument', inputs: {'build-args': 'SOURCE_DATE_EPOCH=7'}, expected: '1970-01-01T00:00:07.000Z'},
    {
      name: 'the build argument with the value of the variable',
      inputs: {'build-args': 'SOURCE_DATE_EPOCH'},
      variables: {SOURCE_DATE_EPOCH: '7'},
      expected: '1970-01-01T00:00:07.000Z',
    },
  ])('is the creation time of labels and annotations, without a commit date: $name', async (sources) => {
    const done = await run({event, ...sources, inputs: {tags: 'x', ...sources.inputs}})
    expect(created(done)).toBe(sources.expected)
    expect(done.prepared.sourceDateEpoch).toBe(Date.parse(sources.expected) / 1000)
    expect({warnings: warnings(done), questions: done.questions}).toEqual({warnings: [], questions: []})
  })

  test('with another text is an error before the build', async () => {
    await expect(run({event, inputs: {tags: 'x'}, variables: {SOURCE_DATE_EPOCH: 'yesterday'}})).rejects.toMatchObject({
      code: 'input-invalid',
      evidence: [expect.stringContaining('"yesterday"')],
    })
  })

  test('does not matter for a promote, which builds nothing', async () => {
    const {environment, payloadPath} = loadEvent(event)
    const io = fakeIo({
      environment: {...environment, GITHUB_EVENT_PATH: payloadPath, SOURCE_DATE_EPOCH: 'yesterday'},
      inputs: new Map(Object.entries({images: 'user/app', tags: 'x', push: 'false'})),
    })
    expect((await prepare(io, 'promote')).sourceDateEpoch).toBeUndefined()
  })

  test('is not set without a variable and an argument', async () => {
    const done = await run({event, inputs: {tags: 'x'}})
    expect(done.prepared.sourceDateEpoch).toBeUndefined()
    expect(created(done)).toBe('2026-01-02T03:04:05.000Z')
  })
})

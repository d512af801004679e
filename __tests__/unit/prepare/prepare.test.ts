import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {childEnvironment} from '../../../src/io/io.ts'
import {prepare, type Prepared} from '../../../src/prepare/prepare.ts'
import {withReport} from '../../../src/commands/reporting.ts'
import {formatReason} from '../../../src/reasons/reason.ts'
import {loadEvent} from '../../../testing/events.ts'
import {fakeIo, scriptedGitHub, temporaryDirectory, type FakeIo} from '../../../testing/fake-io.ts'

/** Reports the plan and throws the refusal, as a run does. */
async function refusalOf(io: FakeIo): Promise<unknown> {
  return prepare(io)
    .then(async (prepared) => withReport('publish', prepared, io, async () => Promise.resolve({})))
    .catch((error: unknown) => error)
}

interface Asked {
  readonly prepared: Prepared
  readonly io: FakeIo
  /** `token url owner/name` of every question to the API. */
  readonly questions: readonly string[]
}

async function ask(event: string, inputs: Readonly<Record<string, string>>, answer: () => unknown): Promise<Asked> {
  const {environment, payloadPath} = loadEvent(event)
  const questions: string[] = []
  const io = fakeIo({
    environment: {...environment, GITHUB_EVENT_PATH: payloadPath},
    inputs: new Map(Object.entries(inputs)),
    gitHub: (token, url) =>
      scriptedGitHub({
        repository: async (owner, name) => {
          questions.push(`${token.reveal()} ${url} ${owner}/${name}`)
          return Promise.resolve(answer())
        },
      }),
  })
  return {prepared: await prepare(io), io, questions}
}

describe('what the event lacks', () => {
  const given = {'github-token': 'job-token', 'dry-run': 'true'}

  test('is read from the API', async () => {
    const answer = {default_branch: 'main', description: 'From the API', license: {spdx_id: 'MIT'}}
    const {prepared, questions} = await ask('schedule-without-repository', given, () => answer)
    expect(questions).toHaveLength(1)
    expect(questions[0]).toMatch(/^job-token https:\/\/api\.github\.com \S+\/\S+$/)
    expect(prepared.context.repository).toMatchObject({
      defaultBranch: 'main',
      description: 'From the API',
      license: 'MIT',
    })
  })

  test('is not asked where the event says all', async () => {
    const {questions} = await ask('push-default-branch', given, () => ({}))
    expect(questions).toEqual([])
  })

  test('is not asked without a token', async () => {
    const {questions} = await ask('schedule-without-repository', {'dry-run': 'true'}, () => ({}))
    expect(questions).toEqual([])
  })

  test('stays unknown when the API refuses, with a warning', async () => {
    const {prepared, io} = await ask('schedule-without-repository', given, () => {
      throw new Error('Bad credentials')
    })
    expect(prepared.context.repository.defaultBranch).toBeUndefined()
    expect(io.workflow.log).toEqual([expect.stringMatching(/^warning: .*\(Bad credentials\).*default branch/)])
  })
})

describe('the event file', () => {
  const given = {'github-token': 'job-token', 'dry-run': 'true'}

  async function withEventFile(write: (file: string) => Promise<void>): Promise<FakeIo> {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'event.json')
    await write(file)
    const io = fakeIo({
      environment: {...loadEvent('push-tag').environment, GITHUB_EVENT_PATH: file},
      inputs: new Map(Object.entries(given)),
      gitHub: () => scriptedGitHub({repository: async () => Promise.resolve({default_branch: 'main'})}),
    })
    await prepare(io)
    return io
  }

  test('a missing one is named in a warning, and the run goes on with what the API says', async () => {
    const {workflow} = await withEventFile(async () => Promise.resolve())
    expect(workflow.log).toEqual([expect.stringMatching(/^warning: .*event\.json of GITHUB_EVENT_PATH/)])
  })

  test('an invalid one ends the run before a request to the API', async () => {
    const failure = withEventFile(async (file) => writeFile(file, '{"ref":'))
    await expect(failure).rejects.toMatchObject({code: 'event-unreadable'})
  })

  test('a directory in its place ends the run with the reason', async () => {
    const failure = withEventFile(async (file) => mkdir(file))
    await expect(failure).rejects.toMatchObject({
      code: 'event-unreadable',
      evidence: [expect.stringContaining('EISDIR')],
    })
  })
})

describe('before anything else', () => {
  test('a variable that secret-envs names has to be set', async () => {
    const failure = ask('push-tag', {'secret-envs': 'a=GITHUB_REF\nb=TAGBOAT_NOT_SET', platforms: 'amd64'}, () => ({}))
    await expect(failure).rejects.toMatchObject({
      code: 'input-invalid',
      evidence: [expect.stringContaining('platforms'), expect.stringContaining('secret-envs, line 2: ')],
    })
  })

  test('the right to request ID tokens is a build secret by value, since children do not inherit it', async () => {
    const {environment, payloadPath} = loadEvent('push-tag')
    const io = fakeIo({
      environment: {
        ...environment,
        GITHUB_EVENT_PATH: payloadPath,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'canary',
        NPM_TOKEN: 'other',
      },
      inputs: new Map([
        ['images', 'user/app'],
        ['secret-envs', 'id=ACTIONS_ID_TOKEN_REQUEST_TOKEN\nnpm=NPM_TOKEN'],
      ]),
    })
    const {build} = (await prepare(io)).inputs
    expect(build.secrets.map(({id, value}) => ({id, value: value.reveal()}))).toEqual([{id: 'id', value: 'canary'}])
    expect(build.secretEnvs.map(({key}) => key)).toEqual(['npm'])
  })

  test('an empty password is listed too', async () => {
    const inputs = {registry: 'r.example', username: 'me', platforms: 'amd64'}
    await expect(ask('push-tag', inputs, () => ({}))).rejects.toMatchObject({
      code: 'input-invalid',
      evidence: [expect.stringContaining('platforms'), expect.stringMatching(/^password: /)],
    })
  })

  test('files and agents that the inputs name have to exist', async () => {
    const inputs = {'secret-files': 'a=gone', ssh: 'default', 'buildkitd-config': 'gone.toml'}
    await expect(ask('push-tag', inputs, () => ({}))).rejects.toMatchObject({
      code: 'input-invalid',
      evidence: [
        expect.stringContaining('secret-files, line 1: '),
        expect.stringContaining('ssh, line 1: '),
        expect.stringContaining('buildkitd-config: '),
      ],
    })
  })

  test('every secret is masked, empty ones and short build secrets are not', async () => {
    const inputs = {
      images: 'user/app',
      username: 'mona',
      password: 'p4ss',
      secrets: 'a=first\nb=\nc=1\nd=one',
      'github-token': 'job-token',
    }
    const {io} = await ask('push-tag', inputs, () => ({}))
    expect(io.workflow.masks.slice().sort()).toEqual(['first', 'job-token', 'p4ss'])
  })

  test.each([
    {name: 'another registry, without `images`', inputs: {registry: 'r.example'}, notices: 1},
    {name: 'Docker Hub, without `images`', inputs: {}, notices: 1},
    {name: 'the default image has a registry', inputs: {registry: 'ghcr.io'}, notices: 0},
    {name: 'another registry, with `images`', inputs: {registry: 'r.example', images: 'r.example/app'}, notices: 0},
    {
      name: 'another registry, with whole references',
      inputs: {registry: 'r.example', tags: 'r.example/app:x'},
      notices: 0,
    },
    {name: 'a run that pushes nothing', inputs: {registry: 'r.example', push: 'false'}, notices: 0},
  ])('a notice mentions a login for another registry than that of the image: $name', async ({inputs, notices}) => {
    const {prepared} = await ask('push-tag', {username: 'mona', password: 'p4ss-word', ...inputs}, () => ({}))
    expect(prepared.notices.filter((line) => line.startsWith('images: ')).length).toBe(notices)
  })

  test('invalid rules are reported with other inputs', async () => {
    const failure = ask('push-tag', {tags: 'type=semvre', platforms: 'amd64'}, () => ({}))
    await expect(failure).rejects.toMatchObject({code: 'input-invalid'})
    const error = await failure.catch((thrown: unknown) => thrown)
    expect((error as {evidence: readonly string[]}).evidence.map((line) => line.split(',')[0])).toEqual([
      'tags',
      'platforms',
    ])
  })
})

describe('a login without a password', () => {
  const hub = {
    'registry-auth': '- username: mona\n  password: null\n- registry: ghcr.io',
    tags: 'x',
    'github-token': 'job-token',
  }

  test.each<{name: string; given: Readonly<Record<string, string>>}>([
    {name: 'the registry of an image that is switched off', given: {images: 'ghcr.io/a/b\nname=a/b,enable=false'}},
    {name: 'the registry of no image', given: {images: 'ghcr.io/a/b'}},
    {name: 'the registry of an image that is not pushed', given: {images: 'a/b', push: 'false'}},
    {name: 'the registry of a base image', given: {images: 'ghcr.io/a/b', 'build-args': 'BASE=docker.io/a/base'}},
  ])('does not stop a run that does not write there: $name', async ({given}) => {
    const {prepared} = await ask('push-tag', {...hub, ...given}, () => ({}))
    expect(prepared.refusal).toBeUndefined()
  })

  test.each<{name: string; given: Readonly<Record<string, string>>}>([
    {name: 'an image', given: {images: 'ghcr.io/a/b\na/b'}},
    {name: 'a whole reference', given: {images: 'ghcr.io/a/b', tags: 'a/b:1.0'}},
    {name: 'a cache', given: {images: 'ghcr.io/a/b', 'cache-to': 'type=registry,ref=a/b:cache'}},
    {name: 'a cache, without a push', given: {push: 'false', 'cache-to': 'type=registry,ref=a/b:cache'}},
  ])('stops a run that writes there: $name', async ({given}) => {
    await expect(ask('push-tag', {...hub, ...given}, () => ({}))).rejects.toMatchObject({
      code: 'credentials-missing',
      evidence: ['registry-auth, line 1: password is empty (registry docker.io)'],
    })
  })
})

describe('a dry run', () => {
  const login = {images: 'user/app', username: 'mona', password: '', tags: 'x'}
  test('warns of an invalid login', async () => {
    const {io} = await ask('push-tag', {...login, 'dry-run': 'true'}, () => ({}))
    expect(io.workflow.log).toEqual([expect.stringMatching(/^warning: .*\[credentials-missing\]\n.*docker\.io/)])
    await expect(ask('push-tag', login, () => ({}))).rejects.toMatchObject({code: 'credentials-missing'})
  })

  test.each([
    {name: 'it would not publish', given: {push: 'false'}},
    {name: 'the login is whole', given: {password: 'p4ss'}},
  ])('is silent if $name', async ({given}) => {
    const {io} = await ask('push-tag', {...login, 'dry-run': 'true', ...given}, () => ({}))
    expect(io.workflow.log).toEqual([])
  })
})

describe('a push without a tag', () => {
  const given = {images: 'user/app', tags: 'type=semver,pattern={{version}}\ntype=raw,value='}

  async function failing(inputs: Readonly<Record<string, string>>): Promise<readonly [FakeIo, unknown]> {
    const {environment, payloadPath} = loadEvent('push-default-branch')
    const io = fakeIo({
      environment: {...environment, GITHUB_EVENT_PATH: payloadPath},
      inputs: new Map(Object.entries({...given, ...inputs})),
    })
    return [io, await refusalOf(io)]
  }

  test('prints the plan, with every rule and its reason, before the error', async () => {
    const [io, failure] = await failing({push: 'true'})
    expect(failure).toMatchObject({
      code: 'nothing-to-tag',
      message: expect.stringMatching(/^A push was requested, but/),
    })
    expect(io.workflow.log.join('\n')).toContain(
      [
        `printed:     type=semver,pattern={{version}} (tags, line 1): ${formatReason({code: 'other-event', wanted: 'tag'})}`,
        `printed:     type=raw,value= (tags, line 2): ${formatReason({code: 'empty-attribute', attribute: 'value'})}`,
      ].join('\n'),
    )
  })

  test('is a notice in a dry run, which has the other outputs and ends without an error', async () => {
    const [io, failure] = await failing({'dry-run': 'true', push: 'true'})
    expect(failure).toBeUndefined()
    expect(io.workflow.log).toContainEqual(
      expect.stringMatching(/^notice: A push was requested, but no rule gave a tag.*\[nothing-to-tag\]/),
    )
    expect(io.workflow.outputs.get('version')).toBe('')
    expect(io.workflow.outputs.get('tags')).toBe('')
    expect(JSON.parse(io.workflow.outputs.get('json') ?? '')).toMatchObject({
      tags: [],
      labels: {'org.opencontainers.image.title': 'Hello-World'},
    })
  })

  test('mentions push: auto', async () => {
    const [, failure] = await failing({})
    expect(failure).toMatchObject({
      message: expect.stringMatching(/^push: auto would publish, but no rule gave a tag for push of refs\/heads\//),
    })
  })
})

describe('childEnvironment', () => {
  test('the step variables, except inputs, state and logins', () => {
    const environment = {
      PATH: '/bin',
      INPUT_PASSWORD: 'canary',
      'INPUT_GITHUB-TOKEN': 'canary',
      STATE_home: '/x',
      DOCKER_AUTH_CONFIG: '{}',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.example/?a=b',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'canary',
      MY_INPUT_: 'kept',
      GONE: undefined,
      TAGBOAT_RUN: 'of another run',
    }
    expect(childEnvironment(fakeIo({environment, marker: 'this'}))).toEqual({
      PATH: '/bin',
      MY_INPUT_: 'kept',
      TAGBOAT_RUN: 'this',
    })
  })
})

test.each([
  {value: undefined, expected: false},
  {value: 'false', expected: false},
  {value: 'true', expected: true},
])('DOCKER_GIT_CONTEXT_PR_HEAD_REF: $value', async ({value, expected}) => {
  const {environment, payloadPath} = loadEvent('pull-request')
  const variables = {...environment, GITHUB_EVENT_PATH: payloadPath}
  const io = fakeIo({
    environment: {...variables, ...(value !== undefined && {DOCKER_GIT_CONTEXT_PR_HEAD_REF: value})},
    inputs: new Map([['images', 'user/app']]),
  })
  expect((await prepare(io)).prefersPullHead).toBe(expected)
})

describe('without `platforms`', () => {
  test.each([
    {name: 'the variable counts', variable: 'linux/arm64', inputs: {}, expected: ['arm64']},
    {name: 'a bare architecture is one of Linux', variable: 'arm64', inputs: {}, expected: ['arm64']},
    {name: 'the input comes first', variable: 'linux/arm64', inputs: {platforms: 'linux/amd64'}, expected: ['amd64']},
    {name: 'an empty variable has no notice', variable: '', inputs: {}, expected: []},
    {name: 'a keyword of Docker has no notice', variable: 'local', inputs: {}, expected: []},
  ])('$name', async ({variable, inputs, expected}) => {
    const {environment, payloadPath} = loadEvent('push-tag')
    const io = fakeIo({
      environment: {...environment, GITHUB_EVENT_PATH: payloadPath, DOCKER_DEFAULT_PLATFORM: variable},
      inputs: new Map(Object.entries({images: 'user/app', push: 'false', ...inputs})),
    })
    const {platforms} = (await prepare(io)).inputs.build
    expect(platforms.map(({architecture}) => architecture)).toEqual(expected)
    expect((await prepare(io, 'promote')).inputs.build.platforms.length).toBeLessThanOrEqual(expected.length)
  })
})

import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {publish} from '../../../src/commands/publish.ts'
import type {Command, CommandResult} from '../../../src/edge/process.ts'
import type {HttpRequest, HttpResponse} from '../../../src/edge/http.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {digestOf} from '../../../src/oci/digest.ts'
import {loadEvent} from '../../support/events.ts'
import {
  fakeEdges,
  scriptedHttp,
  scriptedProcesses,
  temporaryDirectory,
  type FakeEdges,
} from '../../support/fake-edges.ts'

const manifest = Buffer.from(
  JSON.stringify({config: {mediaType: 'c', digest: `sha256:${'a'.repeat(64)}`, size: 7}, layers: []}),
)
const digest = digestOf(manifest)

type Play = (command: Command) => Partial<CommandResult> | undefined

interface Run {
  readonly edges: FakeEdges
  readonly error: unknown
  readonly requests: readonly HttpRequest[]
  /** What is left in RUNNER_TEMP, but for the Bake files, which are outputs until the post step. */
  readonly left: readonly string[]
  readonly userConfig: string
}

function word({args}: Command): string {
  return args.slice(0, args[0] === 'buildx' ? 2 : 1).join(' ')
}

/** The path behind a flag. */
function after({args}: Command, name: string): string {
  return args[args.indexOf(name) + 1] ?? ''
}

async function run(
  event: string,
  inputs: Readonly<Record<string, string>>,
  play: Play = () => undefined,
  answer: (request: HttpRequest) => HttpResponse = () => ({status: 200, headers: {}, body: manifest}),
): Promise<Run> {
  await using directory = await temporaryDirectory()
  const [temp, user, context] = ['temp', 'user', 'context'].map((name) => path.join(directory.path, name))
  if (temp === undefined || user === undefined || context === undefined) throw new Error('no directories')
  for (const one of [temp, user, context]) await mkdir(one)
  await writeFile(path.join(context, 'Dockerfile'), 'FROM scratch')
  const userText = '{"auths":{"quay.io":{"auth":"dGhlaXJzOng="}}}'
  await writeFile(path.join(user, 'config.json'), userText)
  const {environment, payloadPath} = loadEvent(event)
  const processes = scriptedProcesses(async (command, onOutput) => {
    const played = play(command)
    if (played !== undefined) return played
    if (word(command) === 'buildx build') {
      onOutput('#0 building with "default" instance using docker driver\n')
      await writeFile(after(command, '--metadata-file'), JSON.stringify({'containerimage.digest': digest}))
      await writeFile(after(command, '--iidfile'), digest)
    }
    return {}
  })
  const http = scriptedHttp(answer)
  const edges = fakeEdges({
    environment: {...environment, GITHUB_EVENT_PATH: payloadPath, RUNNER_TEMP: temp, DOCKER_CONFIG: user, PATH: '/bin'},
    inputs: new Map(Object.entries({context, ...inputs})),
    processes,
    http: () => http,
  })
  const error = await publish(edges).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return {
    edges,
    error,
    requests: http.requests,
    left: (await readdir(temp)).filter((name) => !name.startsWith('tagboat-bake-')),
    userConfig: (await readFile(path.join(user, 'config.json'), 'utf8')) === userText ? 'unchanged' : 'changed',
  }
}

function commands({edges}: Run): readonly string[] {
  return edges.processes.commands.map(word).sort()
}

const login = {images: 'r.example/o/app', registry: 'r.example', username: 'mona', password: 'canary-1'}

describe('publish', () => {
  test('logs in, builds, reads back and reports', async () => {
    const done = await run('push-tag', {...login, tags: 'type=semver,pattern={{version}}', 'build-args': 'A=1'})
    expect(done.error).toBeUndefined()
    expect(commands(done)).toEqual(['buildx build', 'login'])
    expect(done.edges.workflow.masks).toEqual(['canary-1'])
    expect(done.requests.map(({url}) => url.href)).toEqual([
      'https://r.example/v2/o/app/manifests/1.2.3',
      'https://r.example/v2/o/app/manifests/latest',
      `https://r.example/v2/o/app/manifests/${digest}`,
    ])
    expect(Object.fromEntries(done.edges.workflow.outputs)).toMatchObject({
      digest,
      imageid: digest,
      pushed: 'true',
      tags: 'r.example/o/app:1.2.3\nr.example/o/app:latest',
      size: '{"unknown":7}',
    })
    expect(done.edges.workflow.summaries.join()).toContain('### Published `1.2.3`')
    expect({left: done.left, userConfig: done.userConfig}).toEqual({left: [], userConfig: 'unchanged'})
  })

  test('no secret is in anything that is shown or kept', async () => {
    const done = await run('push-tag', {...login, secrets: 'npm=canary-2', 'github-token': 'canary-3'})
    expect(done.error).toBeUndefined()
    const {log, outputs, state, summaries} = done.edges.workflow
    const shown = JSON.stringify([log, [...outputs], [...state], summaries])
    const argv = JSON.stringify(done.edges.processes.commands.map(({file, args}) => [file, ...args]))
    for (const text of [shown, argv]) expect(text).not.toContain('canary')
    expect(done.edges.workflow.masks.slice().sort()).toEqual(['canary-1', 'canary-2', 'canary-3'])
  })

  test('children see no input of the step, and only the login its password', async () => {
    const done = await run('push-tag', {...login})
    for (const command of done.edges.processes.commands) {
      expect(Object.keys(command.env).filter((name) => /^(?:INPUT|STATE)_/.test(name))).toEqual([])
      expect(command.input).toBe(word(command) === 'login' ? 'canary-1' : undefined)
    }
  })

  test('a dry run starts no process, asks nobody, and sets the outputs', async () => {
    const done = await run('push-tag', {...login, tags: 'x', 'dry-run': 'true', context: '/nowhere'})
    expect(done.error).toBeUndefined()
    expect([commands(done), done.requests, [...done.edges.workflow.state.keys()]]).toEqual([[], [], ['bake']])
    expect(Object.fromEntries(done.edges.workflow.outputs)).toMatchObject({tags: 'r.example/o/app:x', pushed: 'false'})
    expect(done.edges.workflow.summaries.join()).toContain('### Dry run `x`')
  })

  test('nothing to publish starts no process either', async () => {
    const done = await run('push-branch-deleted', login)
    expect(done.error).toBeUndefined()
    expect(commands(done)).toEqual([])
    expect(done.edges.workflow.outputs.get('skipped')).toBe('true')
    expect(done.edges.workflow.log.join('\n')).toContain('was deleted: there is nothing to publish')
  })

  test('a pull request is built, and nothing is pushed or read back', async () => {
    const done = await run('pull-request', login)
    expect(done.error).toBeUndefined()
    const build = done.edges.processes.commands.find((command) => word(command) === 'buildx build')
    expect(build?.args).not.toContain('--push')
    expect(done.requests).toEqual([])
    expect(done.edges.workflow.outputs.get('pushed')).toBe('false')
  })

  test('summary: false writes none', async () => {
    const done = await run('push-tag', {...login, summary: 'false'})
    expect(done.edges.workflow.summaries).toEqual([])
  })

  test('the Git context of a pull request is its ref, of anything else the commit', async () => {
    const contexts = await Promise.all(
      ['pull-request', 'pull-request-target', 'push-tag'].map(async (event) => {
        const done = await run(event, {context: 'git', push: 'false', 'github-token': 't'})
        return done.edges.processes.commands.find((command) => word(command) === 'buildx build')?.args.at(-1)
      }),
    )
    expect(contexts).toEqual([
      'https://github.com/Codertocat/Hello-World.git#refs/pull/2/merge',
      'https://github.com/Codertocat/Hello-World.git#f95f852bd8fca8fcc58a9a2d6c842781e32a215e',
      'https://github.com/Codertocat/Hello-World.git#6113728f27ae82c7b1a177c8d03f9e96e0adf246',
    ])
  })
})

describe('a run that fails', () => {
  interface Row {
    readonly name: string
    readonly inputs?: Readonly<Record<string, string>>
    readonly play?: Play
    readonly answer?: (request: HttpRequest) => HttpResponse
    readonly expected: {
      readonly code: string
      readonly commands: readonly string[]
      readonly heading: string
      /** Without it: false. */
      readonly pushed?: 'true'
    }
  }
  const rows: readonly Row[] = [
    {
      name: 'a login that is refused',
      play: (command) => (word(command) === 'login' ? {exitCode: 1, stderr: 'unauthorized'} : undefined),
      expected: {code: 'login-refused', commands: ['login'], heading: '### Not published `1.2.3`'},
    },
    {
      name: 'no Dockerfile',
      inputs: {file: 'no/such/file'},
      expected: {code: 'dockerfile-missing', commands: [], heading: '### Not published `1.2.3`'},
    },
    {
      name: 'a build that fails',
      play: (command) => (word(command) === 'buildx build' ? {exitCode: 1, stderr: 'ERROR: no'} : undefined),
      expected: {code: 'build-failed', commands: ['buildx build', 'login'], heading: '### Not published `1.2.3`'},
    },
    {
      name: 'a platform that is missing',
      inputs: {platforms: 'linux/s390x'},
      play: (command) =>
        word(command) === 'buildx inspect'
          ? {stdout: 'Name: d\nDriver: docker\n\nNodes:\nName: d\nStatus: running\nPlatforms: linux/amd64\n'}
          : undefined,
      expected: {code: 'platform-missing', commands: ['buildx inspect', 'login'], heading: '### Not published `1.2.3`'},
    },
    {
      name: 'a registry that holds something else',
      answer: () => ({status: 200, headers: {}, body: Buffer.from('{}')}),
      expected: {
        code: 'publish-unverified',
        commands: ['buildx build', 'login'],
        heading: '### Pushed `1.2.3`, but not verified',
        pushed: 'true',
      },
    },
  ]

  test.each(rows)('$name', async ({inputs = {}, play, answer, expected}) => {
    const done = await run('push-tag', {...login, ...inputs}, play, answer)
    expect(done.error).toBeInstanceOf(TagboatError)
    expect({code: (done.error as TagboatError).code, commands: commands(done)}).toEqual({
      code: expected.code,
      commands: expected.commands,
    })
    expect(done.edges.workflow.summaries.join().split('\n')[0]).toBe(expected.heading)
    expect(done.edges.workflow.outputs.get('pushed')).toBe(expected.pushed ?? 'false')
    expect({left: done.left, userConfig: done.userConfig}).toEqual({left: [], userConfig: 'unchanged'})
  })

  test('a registry that cannot be read is a warning', async () => {
    const done = await run('push-tag', {...login, tags: 'x'}, undefined, () => {
      throw new Error('no such host')
    })
    expect(done.error).toBeUndefined()
    expect(done.edges.workflow.log).toContain(
      'warning: r.example/o/app:x was pushed, but could not be read back: no such host',
    )
    expect(done.edges.workflow.outputs.get('pushed')).toBe('true')
  })

  test('inputs that cannot be used end the run before anything else', async () => {
    const done = await run('push-tag', {...login, platfroms: 'x', tags: 'type=semvre'})
    expect(done.error).toMatchObject({code: 'input-invalid', evidence: expect.arrayContaining([])})
    expect((done.error as TagboatError).evidence).toHaveLength(2)
    expect(commands(done)).toEqual([])
    expect(done.edges.workflow.masks).toEqual(['canary-1'])
  })
})

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {createHash, randomBytes} from 'node:crypto'
import {chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {programPath} from '../../testing/docker.ts'
import {readEverything, readFiles, readIndex} from '../../testing/image.ts'
import {ProcessWatch} from '../../testing/process-watch.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {registryError, startRelay, type Relay} from '../../testing/relay.ts'
import {maskedText, executedCommands, visibleLog} from '../../testing/runner-log.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {publishTo} from '../../testing/sample.ts'
import {loginMarks, marksIn, modesBelow, tracesIn, type Marks} from '../../testing/traces.ts'
import {plainDockerfile, shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: canary('password')}
const buildSecret = canary('build')
const secretLines = [canary('first'), canary('second')]
const token = canary('token')
const marks: Marks = {
  ...loginMarks(login),
  'build secret': buildSecret,
  'first line of a build secret': secretLines[0] ?? '',
  'second line of a build secret': secretLines[1] ?? '',
  token,
}

let registry: Registry
let relay: Relay
let workspace: Workspace
let scratch: string
let step: Step
let result: StepResult
let commandLines: readonly string[]
let samples: number
/** Files during the login, the build, the push and the read-back. */
const meanwhile = new Map<Moment, {traces: readonly string[]; modes: readonly FileMode[]}>()
let afterMain: readonly string[]
let afterPost: readonly string[]

type Moment = 'login' | 'build' | 'push' | 'read-back'

interface FileMode {
  readonly name: string
  readonly mode: string
}

beforeAll(async () => {
  ;[registry, workspace, scratch] = await Promise.all([
    startRegistry({login}),
    workspaceOf({
      'plain.Dockerfile': plainDockerfile,
      Dockerfile: [
        ...shellDockerfile,
        'ARG NONCE',
        'RUN --mount=type=secret,id=one --mount=type=secret,id=two cat /run/secrets/one /run/secrets/two | sha256sum >/proof; sleep 1',
      ],
    }),
    mkdtemp(path.join(tmpdir(), 'tagboat-secrets-')),
  ])
  relay = await startRelay(registry.host, async ({method, path: address, headers}) => {
    if (headers['user-agent'] === 'tagboat') await look(method === 'POST' ? 'push' : 'read-back')
    else if (address === '/v2/' && headers.authorization !== undefined) await look('login')
    return undefined
  })
  step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    token,
    inputs: {
      ...publishTo(relay.host, login),
      'build-contexts': shellContext(),
      'build-args': `NONCE=${randomBytes(8).toString('hex')}`,
      secrets: `one=${buildSecret}\n"two=${secretLines.join('\n')}"`,
    },
    env: await recordingEnvironment(),
  })
  await run()
})

afterAll(async () => {
  await step.remove()
  await Promise.all([
    relay[Symbol.asyncDispose](),
    workspace[Symbol.asyncDispose](),
    rm(scratch, {recursive: true, force: true}),
  ])
  await registry.stop()
})

async function run(): Promise<void> {
  using watch = new ProcessWatch()
  const main = step.main()
  await step.printed(/RUN --mount/)
  await look('build')
  result = await main
  afterMain = await tracesIn(marks, step.directory, scratch)
  const post = await step.post()
  expect(post.log).toBe('')
  afterPost = await tracesIn(marks, step.directory, scratch)
  ;({commandLines, samples} = watch)
}

async function look(when: Moment): Promise<void> {
  meanwhile.set(when, {traces: await tracesIn(marks, step.directory), modes: await modesBelow(step.temp)})
}

function canary(name: string): string {
  return `canary-${name}-${randomBytes(12).toString('hex')}`
}

/** Variables with a `docker` that records its arguments, because sampling may miss short processes, and with a temporary folder. */
async function recordingEnvironment(): Promise<Readonly<Record<string, string>>> {
  const bin = path.join(scratch, 'bin')
  await Promise.all([mkdir(bin), mkdir(path.join(scratch, 'tmp'))])
  const script = ['#!/bin/sh', `echo "$@" >>"${scratch}/arguments"`, `exec "${await programPath('docker')}" "$@"`]
  await writeFile(path.join(bin, 'docker'), `${script.join('\n')}\n`)
  await chmod(path.join(bin, 'docker'), 0o755)
  return {PATH: `${bin}:${process.env['PATH'] ?? ''}`, TMPDIR: path.join(scratch, 'tmp')}
}

describe('the run', () => {
  test('used the login and the build secrets', async () => {
    expect(result.exitCode).toBe(0)
    expect(await registry.tags('team/app')).toContain('1.2.3')
    const location = {registry, repository: 'team/app', reference: '1.2.3'}
    const {manifests} = await readIndex(location)
    const files = await readFiles({...location, reference: manifests[0]?.digest ?? ''})
    const hash = createHash('sha256')
      .update(`${buildSecret}${secretLines.join('\n')}`)
      .digest('hex')
    expect(files.get('proof')).toBe(`${hash}  -\n`)
  })

  test('used the login', () => {
    const requests = relay.requests.filter(({headers}) => headers['user-agent'] === 'tagboat')
    const known = requests.filter(({headers}) => headers.authorization === `Basic ${marks['login in base64'] ?? ''}`)
    expect(known.some(({method, path: address}) => method === 'PUT' && address.endsWith('/manifests/latest'))).toBe(
      true,
    )
  })

  test('was sampled often enough', () => {
    expect(samples).toBeGreaterThan(100)
    expect(commandLines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/login --username robot --password-stdin/),
        expect.stringMatching(/buildx build .*--secret id=one,env=/),
        expect.stringContaining('dist/post.js'),
      ]),
    )
  })
})

describe('no secret is found', () => {
  test('in the arguments of any process', async () => {
    const written = await readFile(path.join(scratch, 'arguments'), 'utf8')
    expect(written).toContain('--password-stdin')
    expect(marksIn(marks, written)).toEqual([])
    expect(marksIn(marks, commandLines.join('\n'))).toEqual([])
  })

  test('in the log, except in the commands that mask them', () => {
    expect(marksIn(marks, visibleLog(result.log))).toEqual([])
    const masked = executedCommands(result.log).flatMap(({name, message}) => (name === 'add-mask' ? [message] : []))
    expect(masked).toEqual(expect.arrayContaining([login.password, buildSecret, ...secretLines, token]))
  })

  test('in outputs, exported variables and summary', () => {
    const texts = [...result.outputs.values(), ...result.exported.values(), result.summary]
    expect(marksIn(marks, texts.join('\n'))).toEqual([])
  })

  test('in the state for the post step', async () => {
    expect(marksIn(marks, [...(await step.state()).values()].join('\n'))).toEqual([])
  })

  test('on disk after main and after post', () => {
    expect(afterMain).toEqual([])
    expect(afterPost).toEqual([])
  })

  test('on disk during the read-back', () => {
    expect(meanwhile.get('read-back')?.traces).toEqual([])
  })

  // Content that the engine no longer has is exported instead of read.
  test('in an exported layout, which is private like the logins and removed with them', () => {
    const {traces, modes} = meanwhile.get('push') ?? {traces: [], modes: []}
    expect(modes.filter(({name}) => !name.includes('/')).map(({mode}) => mode)).toEqual(['700'])
    expect(traces.filter((trace) => trace.includes('layout'))).toEqual([])
    expect(meanwhile.get('read-back')?.modes).toEqual([])
  })

  test('in the published image', async () => {
    const published = await readEverything({registry, repository: 'team/app', reference: '1.2.3'})
    expect(published).toContain('sleep 1')
    expect(marksIn(marks, published)).toEqual([])
  })
})

describe('while the logins exist', () => {
  test('only one is on disk, in one file', () => {
    const {traces} = meanwhile.get('build') ?? {traces: []}
    const files = new Set(traces.map((trace) => trace.replace(/^.* in /, '')))
    expect(traces).toContainEqual(expect.stringMatching(/^login in base64 in /))
    expect([...files]).toEqual([expect.stringMatching(/\/temp\/tagboat-[^/]*\/config\.json$/)])
  })

  test.each(['login', 'build'] as const)('other users cannot read them (during the %s)', (when) => {
    const modes = meanwhile.get(when)?.modes ?? []
    const homes = modes.filter(({name}) => !name.includes('/'))
    expect(homes).toEqual([{name: expect.stringMatching(/^tagboat-/), mode: '700'}])
    const files = modes.filter(({name}) => name.endsWith('config.json'))
    expect(files.length).toBeGreaterThan(0)
    expect(new Set(files.map(({mode}) => mode))).toEqual(new Set(['600']))
  })

  test('each login has a separate private folder', () => {
    const modes = meanwhile.get('login')?.modes ?? []
    const folders = modes.filter(({name}) => modes.some((file) => file.name === `${name}/config.json`))
    // The configuration directory and the folder of the login.
    expect(folders.map(({mode}) => mode)).toEqual(['700', '700'])
  })
})

describe('after post', () => {
  test('nothing of the run is left', async () => {
    expect(await modesBelow(step.temp)).toEqual([])
    expect(await modesBelow(step.home)).toEqual([])
    expect((await stat(step.temp)).isDirectory()).toBe(true)
  })
})

describe('a registry that repeats the credentials', () => {
  test('adds only masked values to log, summary and outputs', async () => {
    await using echo = await startRelay(registry.host, ({method, headers}) =>
      method === 'POST' && headers['user-agent'] === 'tagboat'
        ? registryError(403, 'DENIED', `you may not: ${headers.authorization ?? ''} ${login.password}`)
        : undefined,
    )
    await using refused = await Step.prepare({
      event: 'push-tag',
      workspace: workspace.directory,
      inputs: {
        ...publishTo(echo.host, login),
        images: `${echo.host}/team/echo`,
        file: 'plain.Dockerfile',
      },
    })
    const {exitCode, log, summary, outputs} = await refused.run()
    expect(exitCode).toBe(1)
    expect(log).toContain('you may not')
    expect(marksIn(marks, maskedText([visibleLog(log), summary, ...outputs.values()].join('\n'), log))).toEqual([])
  })
})

import {randomUUID} from 'node:crypto'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {recordBuilds} from '../../src/stage/record-builds.ts'
import {processes} from '../../src/io/process.ts'
import {TagboatError} from '../../src/errors/error.ts'
import {Problems} from '../../src/inputs/problem.ts'
import {readInputs} from '../../src/inputs/read.ts'
import {timeline} from '../../src/report/summary/timeline.ts'
import {build, type BuildResult} from '../../src/stage/build.ts'
import {fakeIo, temporaryDirectory} from '../../testing/fake-io.ts'
import {shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

/** Builds by the engine, and the records of BuildKit about them. */
let workspace: Workspace
const nonce = randomUUID()

beforeAll(async () => {
  workspace = await workspaceOf({
    'app/Dockerfile': [...shellDockerfile, 'ARG NONCE', 'RUN echo hello $NONCE; sleep 0.3', 'MAINTAINER mona'],
    'app/failing.Dockerfile': [
      ...shellDockerfile,
      'ARG NONCE',
      'RUN --mount=type=secret,id=key echo the key is $(cat /run/secrets/key) && \\',
      '  echo the reason is here >&2 && exit 42',
    ],
    'app/clean.Dockerfile': ['FROM scratch', 'COPY Dockerfile /'],
  })
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
})

interface CommandRun {
  readonly result: BuildResult | undefined
  readonly failure: TagboatError | undefined
  readonly shown: string
  readonly log: readonly string[]
}

async function run(inputs: Readonly<Record<string, string>>): Promise<CommandRun> {
  await using home = await temporaryDirectory()
  const problems = new Problems()
  const context = path.join(workspace.directory, 'app')
  const read = await readInputs(
    new Map(Object.entries({context, 'build-contexts': shellContext(), network: 'none', ...inputs})),
    problems,
  )
  problems.throwIfAny()
  const io = fakeIo({processes: {...processes(new AbortController().signal), commands: [], maxConcurrent: () => 0}})
  const request = {
    inputs: read.build,
    builder: undefined,
    tags: [],
    labels: [],
    annotations: [],
    destination: {kind: 'none' as const},
    sourceDateEpoch: undefined,
    gitContext: 'https://github.com/octocat/Hello-World.git#main',
    gitToken: undefined,
    builderId: 'https://github.com/octocat/Hello-World/actions/runs/1',
    metadataFile: path.join(home.path, 'metadata.json'),
    imageIdFile: path.join(home.path, 'image-id'),
  }
  const inherited = Object.entries(process.env).map(([name, value]): [string, string] => [name, value ?? ''])
  const env: Readonly<Record<string, string>> = {
    ...Object.fromEntries(inherited),
    GITHUB_WORKSPACE: workspace.directory,
  }
  let shown = ''
  const write = (text: string): void => {
    shown += text
  }
  try {
    const {result} = await recordBuilds(io, async (buildIo) => build(request, env, write, buildIo))
    return {result, failure: undefined, shown, log: io.workflow.log}
  } catch (error) {
    if (!(error instanceof TagboatError)) throw error
    return {result: undefined, failure: error, shown, log: io.workflow.log}
  }
}

const warning =
  'warning: app/Dockerfile:8: Maintainer instruction is deprecated in favor of using label (https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/)'

describe('a build for two platforms', () => {
  const inputs = {platforms: 'linux/amd64,linux/arm64', 'build-args': `NONCE=${nonce}`}
  let first: CommandRun
  let second: CommandRun

  beforeAll(async () => {
    first = await run(inputs)
    second = await run(inputs)
  })

  test.each(['linux/amd64', 'linux/arm64'])('logs and records the steps of %s', (platform) => {
    expect(first.shown).toMatch(
      new RegExp(
        String.raw`^#(\d+) \[${platform}(?: shell)? 3/3\] RUN echo hello ${nonce}; sleep 0\.3$[\s\S]*^#\1 [\d.]+ hello ${nonce}$[\s\S]*^#\1 DONE [\d.]+s$`,
        'm',
      ),
    )
    const ran = first.result?.record.steps.find((step) => step.platform === platform && step.name.includes('hello'))
    expect(ran).toMatchObject({isInstruction: true, cached: false, error: undefined})
    expect(ran?.durationMs).toBeGreaterThanOrEqual(300)
  })

  test('logs no raw record', () => {
    expect(first.shown).not.toMatch(/"vertex|^\{/m)
    const [command = ''] = /^docker buildx build \\\n(?: .*\\\n)+ {2}-- \S+\n/.exec(first.shown) ?? []
    expect(command).toMatch(/^ {2}--platform linux\/amd64,linux\/arm64 \\$/m)
    expect(first.shown).toBe(`${command}${first.result?.text ?? ''}`)
  })

  test('has a timeline', () => {
    const {steps = []} = first.result?.record ?? {}
    const slower = steps.map((one) => ({...one, startedMs: one.startedMs * 100, durationMs: one.durationMs * 100}))
    expect(timeline({steps: slower})).toMatch(/^linux\/arm64\n(?: {2}.*\n)* {2}.*RUN echo hello .* s +█+$/m)
  })

  test('annotates the Dockerfile with a warning of its checks', () => {
    expect(first.log).toEqual([warning])
  })

  test('uses the cache for every instruction the second time', () => {
    const instructions = second.result?.record.steps.filter(({isInstruction}) => isInstruction) ?? []
    expect(instructions.length).toBeGreaterThanOrEqual(6)
    expect(instructions.filter(({cached}) => !cached)).toEqual([])
    expect(second.shown).toMatch(/^#\d+ CACHED$/m)
  })
})

describe('a step that fails', () => {
  test('is in the error with its last lines and its place in the Dockerfile, and without the secret', async () => {
    const secret = `canary-${nonce}`
    const {failure, shown} = await run({
      file: path.join(workspace.directory, 'app', 'failing.Dockerfile'),
      secrets: `key=${secret}`,
      'no-cache': 'true',
    })
    expect(failure).toMatchObject({code: 'build-failed', place: {file: 'app/failing.Dockerfile', line: 7, endLine: 8}})
    const evidence = failure?.evidence.join('\n')
    expect(evidence).toMatch(/^> \[[^\]]*3\/3\] RUN --mount=type=secret,id=key/)
    expect(evidence).toMatch(/^\d+\.\d{3} the key is \*\*\*$/m)
    expect(evidence).toMatch(/^\d+\.\d{3} the reason is here$/m)
    expect(evidence).toMatch(/^ +7 \| >>> RUN --mount/m)
    expect(evidence).toContain('exit code: 42')
    expect(evidence).toContain('ended with code 1')
    expect(evidence).not.toContain(secret)
    // The log contains the output of the build, in which the runner masks secrets.
    expect(shown).toContain(`the key is ${secret}`)
  })
})

describe('call', () => {
  test('check logs and annotates its findings, and fails', async () => {
    const {failure, log, shown} = await run({call: 'check'})
    expect(failure?.code).toBe('checks-failed')
    expect(failure?.message).toBe('Check complete, 1 warning has been found!')
    expect(failure?.evidence).toEqual([expect.stringContaining('ended with code 1')])
    expect(log.join('\n')).toContain('   8 | >>> MAINTAINER mona')
    expect(log).toEqual(expect.arrayContaining(['printed: Check complete, 1 warning has been found!', warning]))
    expect(shown).not.toContain('Check complete')
  })

  test('check as JSON has the same findings', async () => {
    const {failure, log} = await run({call: 'check,format=json'})
    expect(failure?.code).toBe('checks-failed')
    expect(log.at(-1)).toBe(warning)
  })

  test('check has no findings for a correct Dockerfile', async () => {
    const {result, log} = await run({call: 'check', file: path.join(workspace.directory, 'app', 'clean.Dockerfile')})
    expect(result?.record.warnings).toEqual([])
    expect(log).toEqual(['printed: Check complete, no warnings found.'])
  })

  test.each([
    {call: 'outline', expected: /^printed: NONCE/},
    {call: 'targets', expected: /^printed: shell \(default\)/},
  ])('$call prints its result', async ({call, expected}) => {
    const {result, log} = await run({call})
    expect(result?.callResult).toBeDefined()
    expect(log).toEqual(expect.arrayContaining([expect.stringMatching(expected)]))
  })

  test('findings that are configured as errors fail the build', async () => {
    const {failure, log} = await run({'build-args': 'BUILDKIT_DOCKERFILE_CHECK=error=true'})
    expect(failure?.code).toBe('checks-failed')
    expect(log).toEqual([warning])
  })
})

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {unchangedTags} from '../../src/report/unchanged-tags.ts'
import {docker} from '../../testing/docker.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'
import {errorsIn, executedCommands} from '../../testing/runner-log.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'
import {formatUntested} from '../../src/reasons/untested-reasons.ts'

type Inputs = Readonly<Record<string, string>>

const both = 'linux/amd64,linux/arm64'
const container = 'docker run --rm --pull never --network none'
let registry: Registry
let workspace: Workspace
let remote: RemoteBuilder

beforeAll(async () => {
  ;[registry, workspace, remote] = await Promise.all([
    startRegistry(),
    workspaceOf({
      Dockerfile: [...shellDockerfile, 'ARG TARGETPLATFORM', 'RUN echo $TARGETPLATFORM $(uname -m) > /platform'],
      'copied.Dockerfile': ['FROM scratch', 'COPY Dockerfile /Dockerfile'],
    }),
    startRemoteBuilder('untouched'),
  ])
})

afterAll(async () => {
  await Promise.all([remote[Symbol.asyncDispose](), workspace[Symbol.asyncDispose](), registry.stop()])
})

async function prepare(repository: string, inputs: Inputs, builder?: RemoteBuilder): Promise<Step> {
  return Step.prepare({
    event: 'pull-request',
    workspace: workspace.directory,
    inputs: {
      images: `${registry.host}/${repository}`,
      'build-contexts': shellContext(),
      ...(builder && {builder: builder.name}),
      ...inputs,
    },
    env: builder === undefined ? {} : {DOCKER_CONFIG: builder.config},
  })
}

async function run(repository: string, inputs: Inputs, builder?: RemoteBuilder): Promise<StepResult> {
  await using step = await prepare(repository, inputs, builder)
  return await step.run()
}

/** Names in the engine of images of a repository. */
async function namesOf(repository: string): Promise<readonly string[]> {
  const args = ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', `${registry.host}/${repository}`]
  return (await docker(args)).split('\n').filter((line) => line !== '')
}

function noticesOf({log}: StepResult): readonly string[] {
  return executedCommands(log).flatMap(({name, message}) => (name === 'notice' ? [message] : []))
}

/** Lines of the log that the commands of `test` printed. */
function saidIn({log}: StepResult): readonly string[] {
  return log.split('\n').flatMap((line) => /^said: (.*)$/.exec(line)?.[1] ?? [])
}

const says = [
  `say() { echo "said: $*"; }`,
  `read_platform() { ${container} "$@" cat /platform; }`,
  'say "$PLATFORM $(read_platform --platform "$PLATFORM" "$IMAGE")"',
].join('\n')

const sayEach = [
  says,
  'say "amd64 $(read_platform "$IMAGE_LINUX_AMD64")"',
  'say "arm64 $(read_platform "$IMAGE_LINUX_ARM64" 2>/dev/null)"',
].join('\n')

const builders = [
  {name: 'the engine', isRemote: false},
  {name: 'a remote BuildKit', isRemote: true},
] as const

describe.each(builders)('the test of a pull request, built by $name', ({isRemote}) => {
  const builder = (): RemoteBuilder | undefined => (isRemote ? remote : undefined)
  const named = (name: string): string => `untested/${isRemote ? 'remote' : 'engine'}-${name}`

  test('runs a single-platform image', async () => {
    const result = await run(named('one'), {platforms: 'linux/amd64', test: says}, builder())
    expect(errorsIn(result.log)).toEqual([])
    expect(saidIn(result)).toEqual(['linux/amd64 linux/amd64 x86_64'])
    expect(result.outputs.get('pushed')).toBe('false')
    expect(result.outputs.get('digest')).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(await namesOf(named('one'))).toEqual([])
  })

  test('runs each platform, by $IMAGE_… too', async () => {
    const result = await run(named('two'), {platforms: both, test: sayEach}, builder())
    expect(errorsIn(result.log)).toEqual([])
    expect(saidIn(result)).toEqual([
      'linux/amd64 linux/amd64 x86_64',
      'amd64 linux/amd64 x86_64',
      'arm64 linux/arm64 aarch64',
    ])
    expect(noticesOf(result)).toEqual([])
    expect(await namesOf(named('two'))).toEqual([])
  })

  test('fails the run, and leaves nothing', async () => {
    const result = await run(named('failed'), {platforms: both, test: `${says}\nfalse`}, builder())
    expect(result.exitCode).toBe(1)
    const [error, ...others] = errorsIn(result.log)
    const image = `\\$IMAGE is ${registry.host}/${named('failed')}:tagboat-test-\\S+ \\(linux/amd64\\)`
    expect(error).toMatch(
      new RegExp(`\\[test-failed\\]\n.*\n  line 4 of \`test\` ended with code 1: false\n  ${image}\n`),
    )
    expect(others).toEqual([])
    expect(result.summary).toContain(', test failed\n')
    expect(result.log).not.toContain(unchangedTags)
    expect(saidIn(result)).toHaveLength(1)
    expect(await namesOf(named('failed'))).toEqual([])
  })

  test('keeps the names of `load: true`, and no other', async () => {
    const result = await run(named('kept'), {platforms: both, load: 'true', test: sayEach}, builder())
    expect(errorsIn(result.log)).toEqual([])
    expect(saidIn(result)).toHaveLength(3)
    const names = await namesOf(named('kept'))
    await docker(['image', 'rm', '--force', ...names])
    expect(names).toEqual([`${registry.host}/${named('kept')}:pr-2`])
  })
})

test('nothing was pushed or read, and there was no login', async () => {
  const result = await run('untested/silent', {platforms: both, test: sayEach}, remote)
  expect(saidIn(result)).toHaveLength(3)
  expect(result.log).not.toMatch(/^Logged in/m)
  expect((await registry.requests()).filter(({path}) => path.includes('/untested/'))).toEqual([])
})

test('a container of the test that still runs does not keep the name', async () => {
  const command = `${container} --detach --name "tagboat-$$-left" "$IMAGE" sleep 300; echo "said: tagboat-$$-left"`
  const result = await run('untested/running', {platforms: 'linux/amd64', test: command})
  const [name = 'none'] = saidIn(result)
  await docker(['rm', '--force', name])
  expect(errorsIn(result.log)).toEqual([])
  expect(await namesOf('untested/running')).toEqual([])
})

test.each([
  {name: 'without an emulator is named, and the others are tested', platforms: 'linux/amd64,linux/mips64le', said: 1},
  {name: 'that is the only one is named, and nothing runs', platforms: 'linux/mips64le', said: 0},
])('a platform $name', async ({platforms, said}) => {
  const inputs = {platforms, qemu: 'never', file: 'copied.Dockerfile', test: 'echo "said: $PLATFORM"'}
  const result = await run('untested/foreign', inputs)
  expect(errorsIn(result.log)).toEqual([])
  expect(saidIn(result)).toEqual(said === 0 ? [] : ['linux/amd64'])
  expect(noticesOf(result)).toEqual([formatUntested({code: 'engine-cannot-run', platforms: ['linux/mips64le']})])
  expect(await namesOf('untested/foreign')).toEqual([])
})

test('the parts that several nodes build are not tested, which a notice states', async () => {
  await using pair = await startRemoteBuilder('pair', [{platforms: 'linux/amd64'}, {platforms: 'linux/arm64'}])
  const result = await run('untested/nodes', {platforms: both, test: sayEach}, pair)
  expect(errorsIn(result.log)).toEqual([])
  expect(saidIn(result)).toEqual([])
  expect(noticesOf(result)).toEqual([formatUntested({code: 'several-nodes'})])
  expect(await namesOf('untested/nodes')).toEqual([])
})

describe.each([
  {signal: 'SIGKILL', step: 'the post step'},
  {signal: 'SIGINT', step: 'the cancelled step'},
] as const)('after $signal', ({signal, step: when}) => {
  test(`${when} removes the image`, async () => {
    const repository = `untested/${signal.toLowerCase()}`
    await using step = await prepare(repository, {platforms: both, test: 'echo testing; sleep 60'})
    const main = step.main()
    await step.printed(/^testing$/m)
    expect(await namesOf(repository)).toHaveLength(3)
    step.kill(signal)
    await main
    const left = (await namesOf(repository)).length
    expect((await step.post()).exitCode).toBe(0)
    expect({left, afterPost: await namesOf(repository)}).toEqual({left: signal === 'SIGKILL' ? 3 : 0, afterPost: []})
  })
})

import {randomUUID} from 'node:crypto'
import {readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {docker} from '../../testing/docker.ts'
import {expectFailure} from '../../testing/failure.ts'
import {stepOn} from '../../testing/pushes.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'
import {riscv64Program} from '../../testing/riscv64-program.ts'
import {errorsIn, executedCommands} from '../../testing/runner-log.ts'
import type {StepOptions, StepResult} from '../../testing/runner.ts'
import {shellContext, workspaceOf, type Workspace} from '../../testing/workspace.ts'

/** Address without a server. */
const unreachable = '127.0.0.1:1/tonistiigi/binfmt:qemu'
let registry: Registry
let workspace: Workspace
let remote: RemoteBuilder

beforeAll(async () => {
  ;[registry, workspace, remote] = await Promise.all([
    startRegistry(),
    workspaceOf({
      // Compiles on the platform of the builder, as Docker recommends.
      Dockerfile: [
        'FROM --platform=$BUILDPLATFORM scratch AS build',
        'ARG BUILDARCH TARGETOS TARGETARCH',
        'COPY --from=busybox --chmod=755 /${BUILDARCH}/busybox /bin/busybox',
        'RUN ["/bin/busybox", "sh", "-c", "echo for $TARGETOS/$TARGETARCH > /app"]',
        'FROM scratch',
        'COPY --from=build /app /app',
      ],
      'foreign.Dockerfile': ['FROM scratch', 'COPY --chmod=755 machine /', 'RUN ["/machine"]'],
      'base.Dockerfile': ['ARG BASE', 'FROM ${BASE}', 'COPY base.Dockerfile /'],
    }),
    startRemoteBuilder('cross'),
  ])
  await writeFile(path.join(workspace.directory, 'machine'), riscv64Program())
  await docker(['buildx', 'build', '--builder', 'default', ...baseImage(), workspace.directory])
})

afterAll(async () => {
  await remote[Symbol.asyncDispose]()
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

function baseImage(): readonly string[] {
  const flags = ['--build-context', shellContext(), '--platform', 'linux/amd64,linux/arm64', '--push', '--quiet']
  return [...flags, '--tag', `${registry.host}/lib/base:1`]
}

async function run(
  inputs: Readonly<Record<string, string>>,
  env: NonNullable<StepOptions['env']> = {},
): Promise<StepResult> {
  await using step = await stepOn(
    {ref: 'refs/tags/v1.2.3', sha: 'a'.repeat(40), runId: '100'},
    {
      workspace: workspace.directory,
      inputs: {
        images: `${registry.host}/platforms/app-${randomUUID()}`,
        'build-contexts': shellContext(),
        'qemu-image': unreachable,
        retries: '0',
        ...inputs,
      },
      env,
    },
  )
  return await step.run()
}

function warningsOf({log}: StepResult): readonly string[] {
  return executedCommands(log).flatMap(({name, message}) => (name === 'warning' ? [message] : []))
}

describe('platforms that are cross-compiled', () => {
  test('are exported, without an emulator', async () => {
    await using out = await workspaceOf({})
    const result = await run({
      platforms: 'linux/amd64,darwin/arm64,windows/amd64',
      push: 'false',
      outputs: `type=local,dest=${out.directory}`,
    })
    expect(errorsIn(result.log)).toEqual([])
    expect(result.exitCode).toBe(0)
    expect(warningsOf(result)).toEqual([])
    for (const platform of ['linux/amd64', 'darwin/arm64', 'windows/amd64']) {
      const text = await readFile(path.join(out.directory, platform.replace('/', '_'), 'app'), 'utf8')
      expect(text).toBe(`for ${platform}\n`)
    }
  })

  test.each([
    {name: 'with `qemu: never`', inputs: {qemu: 'never'}, warnings: 0},
    {name: 'without an image of emulators', inputs: {}, warnings: 1},
    {name: 'with a remote BuildKit', inputs: {builder: 'cross'}, warnings: 1},
  ])('are published $name', async ({inputs, warnings}) => {
    const env = 'builder' in inputs ? {DOCKER_CONFIG: remote.config} : {}
    const platforms = ['linux/amd64', 'linux/riscv64', 'wasi/wasm', 'windows/amd64']
    const result = await run({...inputs, platforms: platforms.join(',')}, env)
    expect(errorsIn(result.log)).toEqual([])
    expect(result.exitCode).toBe(0)
    expect(warningsOf(result).filter((text) => text.includes('cannot run'))).toHaveLength(warnings)
    const digests = JSON.parse(result.outputs.get('digests') ?? '') as Readonly<Record<string, string>>
    expect(Object.keys(digests).sort()).toEqual(platforms)
  })
})

describe('a step on a missing platform', () => {
  test('fails with the cause', async () => {
    const result = await run({file: 'foreign.Dockerfile', platforms: 'linux/riscv64'})
    expectFailure(result, {
      code: 'emulation-failed',
      values: ['cannot run linux/riscv64', 'exec format error', unreachable],
    })
  })

  test('fails with the input to set, with `qemu: never`', async () => {
    const result = await run({file: 'foreign.Dockerfile', platforms: 'linux/riscv64', qemu: 'never'})
    expectFailure(result, {code: 'platform-missing', values: ['cannot run linux/riscv64', 'exec format error']})
  })

  test('fails for DOCKER_DEFAULT_PLATFORM, too', async () => {
    const env = {DOCKER_DEFAULT_PLATFORM: 'linux/riscv64'}
    const result = await run({file: 'foreign.Dockerfile', qemu: 'never'}, env)
    expectFailure(result, {code: 'platform-missing', values: ['cannot run linux/riscv64']})
  })
})

test('DOCKER_DEFAULT_PLATFORM is the published platform', async () => {
  const result = await run({}, {DOCKER_DEFAULT_PLATFORM: 'linux/arm64'})
  expect(errorsIn(result.log)).toEqual([])
  expect(Object.keys(JSON.parse(result.outputs.get('digests') ?? '') as object)).toEqual(['linux/arm64'])
})

test.each([
  {name: 'one platform', platforms: 'linux/s390x'},
  {name: 'several platforms', platforms: 'linux/amd64,linux/s390x'},
])('names a base image without the platform: $name', async ({platforms}) => {
  const inputs = {file: 'base.Dockerfile', platforms, qemu: 'never', 'build-args': `BASE=${registry.host}/lib/base:1`}
  expectFailure(await run(inputs), {
    code: 'base-image-without-platform',
    values: [`${registry.host}/lib/base:1`, 'linux/s390x'],
  })
})

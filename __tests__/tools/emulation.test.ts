import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {makeBuildKitImage} from '../../testing/buildkit-image.ts'
import {docker} from '../../testing/docker.ts'
import {makeEmulatorImage, type EmulatorImage} from '../../testing/emulator-image.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {riscv64Program} from '../../testing/riscv64-program.ts'
import {runSource, type SourceResult} from '../../testing/source-run.ts'
import {shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

let registry: Registry
let workspace: Workspace
let emulators: EmulatorImage

/**
 * Once an engine has seen a platform, it lists it until it ends. A BuildKit of this test's own has seen none, and can be
 * created anew for each run.
 */
const buildKit = 'buildkit.invalid/emulation:1'
const ownBuildKit = {driver: 'docker-container', 'driver-opts': `image=${buildKit}\nnetwork=host`}

/** Nothing answers there. */
const unreachable = '127.0.0.1:1/tonistiigi/binfmt:qemu'

beforeAll(async () => {
  ;[registry, workspace, emulators] = await Promise.all([
    startRegistry(),
    workspaceOf({
      Dockerfile: ['FROM scratch', 'COPY --chmod=755 machine /', 'RUN ["/machine"]'],
      'shell.Dockerfile': [...shellDockerfile, 'RUN echo this is $(uname -m)'],
      'crash.Dockerfile': [...shellDockerfile, "RUN sh -c 'kill -SEGV $$'; exit $?"],
      'own-crash.Dockerfile': [...shellDockerfile, 'RUN exit 139'],
    }),
    makeEmulatorImage(),
    makeBuildKitImage(buildKit, '--load'),
  ])
  await writeFile(path.join(workspace.directory, 'machine'), riscv64Program())
})

afterAll(async () => {
  await emulators[Symbol.asyncDispose]()
  await docker(['image', 'rm', '--force', buildKit])
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

async function publish(name: string, inputs: Readonly<Record<string, string>>): Promise<SourceResult> {
  return runSource({
    push: {ref: 'refs/tags/v1.2.3', sha: 'a'.repeat(40), runId: '100'},
    inputs: {context: workspace.directory, images: `${registry.host}/emulated/${name}`, ...inputs},
  })
}

describe('a platform that the builder lacks', () => {
  const inputs = {platforms: 'linux/riscv64', ...ownBuildKit}

  test('fails at the step that has to run there with `qemu: never`, with what to set', async () => {
    const {failure, log} = await publish('never', {...inputs, qemu: 'never'})
    expect(failure).toMatchObject({
      code: 'platform-missing',
      message: expect.stringMatching(/^The builder "tagboat-100-\S+" cannot run linux\/riscv64\.$/),
      remedy: expect.stringContaining('`qemu: auto`'),
    })
    expect(log).toContain('group: docker buildx build')
  })

  test('and emulators that cannot be pulled: mirrors and origin were tried, and the remedy is told', async () => {
    const {failure, log} = await publish('unreachable', {
      ...inputs,
      'qemu-image': unreachable,
      mirrors: '127.0.0.1:1=127.0.0.1:2',
      retries: '1',
    })
    expect(failure).toMatchObject({
      code: 'emulation-failed',
      evidence: expect.arrayContaining([
        expect.stringMatching(/^127\.0\.0\.1:2\/tonistiigi\/binfmt:qemu: .*connection refused/),
        expect.stringMatching(/^127\.0\.0\.1:1\/tonistiigi\/binfmt:qemu: .*connection refused/),
      ]),
    })
    expect(log.join('\n')).toMatch(/could not be pulled; try 2 of 2 in \d s/)
  })

  test('is built and published after its emulator was installed', async () => {
    const {failure, log, outputs} = await publish('installed', {...inputs, 'qemu-image': emulators.reference})
    expect(failure).toBeUndefined()
    const text = log.join('\n')
    expect(text).toContain(`Emulators installed: riscv64 (from ${emulators.reference})`)
    expect(text).toMatch(/\briscv64\s*$/m)
    expect(await registry.tags('emulated/installed')).toContain('1.2.3')
    expect(Object.keys(JSON.parse(outputs.get('digests') ?? '{}') as object)).toEqual(['linux/riscv64'])
  })

  test('lacks nothing any more: the next run starts and pulls nothing', async () => {
    const {failure, log} = await publish('again', {...inputs, 'qemu-image': unreachable})
    expect(failure).toBeUndefined()
    expect(log.join('\n')).not.toContain('Emulators installed')
  })
})

describe('a platform that is emulated already', () => {
  const inputs = {
    platforms: 'linux/amd64,linux/arm64',
    'build-contexts': shellContext(),
    'qemu-image': unreachable,
    'no-cache': 'true',
    network: 'none',
  }

  test('needs no emulator to be pulled', async () => {
    const {failure, log} = await publish('there', {...inputs, file: path.join(workspace.directory, 'shell.Dockerfile')})
    expect(failure).toBeUndefined()
    const text = log.join('\n')
    for (const machine of ['aarch64', 'x86_64']) expect(text).toContain(`this is ${machine}`)
    expect(text).not.toContain('Emulators installed')
  })

  test('and a program that crashes under it: the run says so, and names native runners', async () => {
    const file = path.join(workspace.directory, 'crash.Dockerfile')
    const {failure} = await publish('crash', {...inputs, platforms: 'linux/arm64', file})
    expect(failure).toMatchObject({
      code: 'emulation-crashed',
      remedy: expect.stringContaining('.github/workflows/publish.yml'),
    })
    expect(failure?.evidence.join('\n')).toContain('qemu: uncaught target signal 11')
  })

  test('is not blamed for a native step that ends with the same code', async () => {
    const file = path.join(workspace.directory, 'own-crash.Dockerfile')
    const {failure} = await publish('own-crash', {...inputs, platforms: 'linux/amd64', file})
    expect(failure?.code).toBe('build-failed')
  })
})

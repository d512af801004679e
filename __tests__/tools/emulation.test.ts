import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {renderError} from '../../src/errors/render-error.ts'
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
 * Separate BuildKit, which is created for each run. An engine lists an emulated platform until it is stopped, but a new
 * BuildKit lists none.
 */
const buildKit = 'buildkit.invalid/emulation:1'
const ownBuildKit = {driver: 'docker-container', 'driver-opts': `image=${buildKit}\nnetwork=host`}

/** Address without a server. */
const unreachable = '127.0.0.1:1/tonistiigi/binfmt:qemu'

beforeAll(async () => {
  ;[registry, workspace, emulators] = await Promise.all([
    startRegistry(),
    workspaceOf({
      Dockerfile: ['FROM scratch', 'COPY --chmod=755 machine /', 'RUN ["/machine"]'],
      'shell.Dockerfile': [...shellDockerfile, 'RUN echo this is $(uname -m)'],
      'crash.Dockerfile': [...shellDockerfile, "RUN sh -c 'kill -SEGV $$'; exit $?"],
      'native-crash.Dockerfile': [...shellDockerfile, 'RUN exit 139'],
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

/** Text of the error in the log. */
function shown(failure: SourceResult['failure']): string {
  return failure === undefined ? '' : renderError(failure)
}

describe('a missing platform', () => {
  const inputs = {platforms: 'linux/riscv64', ...ownBuildKit}

  test('fails with the input to set with `qemu: never`', async () => {
    const {failure, log} = await publish('never', {...inputs, qemu: 'never'})
    expect(failure).toMatchObject({
      code: 'platform-missing',
      message: expect.stringMatching(/^The builder "tagboat-100-\S+" cannot run linux\/riscv64\.$/),
    })
    expect(shown(failure)).toContain('`qemu: auto`')
    expect(log).toContain('group: docker buildx build')
  })

  test('fails with the remedy without an image of emulators', async () => {
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

  test('is built and published with an installed emulator', async () => {
    const {failure, log, outputs} = await publish('installed', {...inputs, 'qemu-image': emulators.reference})
    expect(failure).toBeUndefined()
    const text = log.join('\n')
    expect(text).toContain(`Emulators installed: riscv64 (from ${emulators.reference})`)
    expect(text).toMatch(/\briscv64\s*$/m)
    expect(await registry.tags('emulated/installed')).toContain('1.2.3')
    expect(Object.keys(JSON.parse(outputs.get('digests') ?? '{}') as object)).toEqual(['linux/riscv64'])
  })

  test('is available in the next run, without a pull', async () => {
    const {failure, log} = await publish('again', {...inputs, 'qemu-image': unreachable})
    expect(failure).toBeUndefined()
    expect(log.join('\n')).not.toContain('Emulators installed')
  })
})

describe('an emulated platform', () => {
  const inputs = {
    platforms: 'linux/amd64,linux/arm64',
    'build-contexts': shellContext(),
    'qemu-image': unreachable,
    'no-cache': 'true',
    network: 'none',
  }

  test('needs no pull of emulators', async () => {
    const {failure, log} = await publish('there', {...inputs, file: path.join(workspace.directory, 'shell.Dockerfile')})
    expect(failure).toBeUndefined()
    const text = log.join('\n')
    for (const machine of ['aarch64', 'x86_64']) expect(text).toContain(`this is ${machine}`)
    expect(text).not.toContain('Emulators installed')
  })

  test('with a crashing program: the error mentions emulation and native runners', async () => {
    const file = path.join(workspace.directory, 'crash.Dockerfile')
    const {failure} = await publish('crash', {...inputs, platforms: 'linux/arm64', file})
    expect(failure).toMatchObject({code: 'emulation-crashed'})
    expect(shown(failure)).toContain('.github/workflows/publish.yml')
    expect(failure?.evidence.join('\n')).toContain('qemu: uncaught target signal 11')
  })

  test('with a crashing native step: the error does not mention emulation', async () => {
    const file = path.join(workspace.directory, 'native-crash.Dockerfile')
    const {failure} = await publish('native-crash', {...inputs, platforms: 'linux/amd64', file})
    expect(failure?.code).toBe('build-failed')
  })
})

import {readFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {publish} from '../../../src/commands/publish.ts'
import {factKeys} from '../../../src/oci/image-facts.ts'
import {programOf, runCommand, type CommandRun} from '../../../testing/command-run.ts'
import {
  makeImage,
  memoryNetwork,
  memoryRegistry,
  type TestImage,
  type MemoryRegistry,
} from '../../../testing/memory-registry.ts'

const inputs = {
  images: 'r.example/o/app',
  registry: 'r.example',
  username: 'mona',
  password: 'canary-1',
  tags: 'type=semver,pattern={{version}}\nlatest',
  platforms: 'linux/amd64,linux/arm64',
}

/** Image that an earlier run published. */
function earlier(): TestImage {
  const labels = {[factKeys.revision]: 'f'.repeat(40), [factKeys.commitDate]: '2019-01-01T00:00:00Z'}
  return makeImage({platforms: ['linux/amd64', 'linux/arm64'], labels, text: 'before'})
}

async function run(registry: MemoryRegistry): Promise<CommandRun> {
  return runCommand(publish, {registries: [registry], inputs})
}

describe('the sizes of a publication', () => {
  test('are compared with those of the previous image of the tag', async () => {
    const registry = memoryRegistry({host: 'r.example'})
    registry.store('o/app', earlier(), ['latest'])
    const done = await run(registry)
    expect(done.failure).toBeUndefined()
    expect(done.summary).toContain('| Platform | Compressed size | Change from `latest` | Changed layers | Digest |')
    expect(done.summary).toMatch(/\| `linux\/arm64` \| [\d.]+ k?B \| (?:same|[+−][\d.]+ k?B, [+−][\d.]+%) \|/)
  })

  test('have no comparison without a previous image', async () => {
    const done = await run(memoryRegistry({host: 'r.example'}))
    expect(done.failure).toBeUndefined()
    expect(done.summary).toContain('| Platform | Compressed size | Digest |')
  })

  test('have no comparison if the previous image cannot be read', async () => {
    const registry = memoryRegistry({host: 'r.example'})
    const former = earlier()
    registry.store('o/app', former, ['latest'])
    let isBuilt = false
    const done = await runCommand(publish, {
      registries: [registry],
      inputs,
      program: (command) => {
        if (programOf(command) === 'buildx build') isBuilt = true
        return undefined
      },
      http: (signal) => {
        const network = memoryNetwork([registry], {signal})
        return {
          ...network,
          send: async (request) => {
            return isBuilt && former.manifests.some(({digest}) => request.url.pathname.endsWith(digest))
              ? {status: 403, headers: {}, body: Buffer.from('')}
              : network.send(request)
          },
        }
      },
    })
    expect(done.failure).toBeUndefined()
    expect(done.summary).toContain('| Platform | Compressed size | Digest |')
  })
})

describe('a build that fails', () => {
  test('reports the failed line, which the summary quotes', async () => {
    const file = path.join(import.meta.dirname, '..', '..', 'fixtures', 'buildx', 'records-failing-step.txt')
    const stderr = readFileSync(file, 'utf8').replaceAll('fail.Dockerfile', 'Dockerfile')
    const done = await runCommand(publish, {
      registries: [memoryRegistry({host: 'r.example'})],
      inputs,
      environment: {GITHUB_WORKSPACE: tmpdir()},
      program: (command) => (programOf(command) === 'buildx build' ? {exitCode: 1, stderr} : undefined),
    })
    expect(done.failure).toMatchObject({
      code: 'build-failed',
      place: {file: expect.stringMatching(/\/context\/Dockerfile$/), line: 9, endLine: 9},
    })
    expect(done.summary).toMatch(/the reason \w+ here/)
    expect(done.summary).toContain('   9 | >>> RUN --mount=type=secret')
  })
})

describe('call: check', () => {
  const printed = readFileSync(
    path.join(import.meta.dirname, '..', '..', 'fixtures', 'buildx', 'check-text.txt'),
    'utf8',
  )

  test('fails with findings, which are in the summary without tags', async () => {
    const done = await runCommand(publish, {
      registries: [memoryRegistry({host: 'r.example'})],
      inputs: {...inputs, call: 'check'},
      program: (command) => (programOf(command) === 'buildx build' ? {exitCode: 1, stdout: printed} : undefined),
    })
    expect(done.failure).toMatchObject({
      code: 'checks-failed',
      message: 'Check complete, 2 warnings have been found!',
      evidence: ['docker buildx build ended with code 1'],
    })
    expect(done.summary).toMatch(/^### Checked: 2 warnings\n/)
    expect(done.summary).toContain('   9 | >>> from shell as tool')
    expect(done.summary).not.toContain('r.example/o/app')
  })

  test('requests no annotations and no attestations', async () => {
    const done = await runCommand(publish, {
      inputs: {
        ...inputs,
        call: 'check',
        platforms: 'linux/amd64,linux/arm64',
        'annotation-levels': 'index,manifest',
        sbom: 'true',
      },
      program: (command) => (programOf(command) === 'buildx build' ? {stdout: 'No warnings.\n'} : undefined),
    })
    expect(done.failure).toBeUndefined()
    const builds = done.io.processes.commands.filter((command) => programOf(command) === 'buildx build')
    expect(builds.map(({args}) => args.filter((arg) => /^--(?:annotation|attest|call)$/.test(arg)))).toEqual([
      ['--call'],
    ])
  })

  test('reports that there are no findings', async () => {
    const done = await runCommand(publish, {
      registries: [memoryRegistry({host: 'r.example'})],
      inputs: {...inputs, call: 'check'},
      program: (command) =>
        programOf(command) === 'buildx build' ? {stdout: 'Check complete, no warnings found.\n'} : undefined,
    })
    expect(done.failure).toBeUndefined()
    expect(done.summary).toBe('### Checked: no warnings\n\n```\nCheck complete, no warnings found.\n```')
  })
})

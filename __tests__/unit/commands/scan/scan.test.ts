import {spawnSync} from 'node:child_process'
import {mkdir, readdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {promote} from '../../../../src/commands/promote.ts'
import {digestOf} from '../../../../src/oci/digest.ts'
import {parseJson} from '../../../../src/oci/manifest.ts'
import {runCommand, type CommandRun, type ProgramScript} from '../../../../testing/command-run.ts'
import {temporaryDirectory} from '../../../../testing/fake-io.ts'
import {makeImage, memoryRegistry, type MemoryRegistry, type TestImage} from '../../../../testing/memory-registry.ts'

/** Bash runs for real, and reads the image from the view. */
const realBash: ProgramScript = ({file, args, env}) => {
  if (file !== 'bash') return undefined
  const {status, stdout, stderr} = spawnSync('bash', args, {env: {...env, PATH: process.env['PATH']}, encoding: 'utf8'})
  return {exitCode: status ?? 137, stdout, stderr}
}

/** Command that writes a report in SARIF. */
function reporting(results: readonly object[], change: object = {}): string {
  const runs = [{tool: {driver: {name: 'x'}}, results, ...change}]
  return `echo '${JSON.stringify({version: '2.1.0', runs})}' >"$SCAN_OUTPUT"`
}

const note = {ruleId: 'CVE-2026-1', level: 'note', message: {text: 'openssl'}}
const image = makeImage({platforms: ['linux/amd64', 'linux/arm64'], attestations: true})

/** The image with further entries in its index. */
function imageWith(more: readonly object[], parts: readonly TestImage[] = []): TestImage {
  const index = JSON.parse(image.bytes.toString()) as {readonly manifests: readonly object[]}
  const bytes = Buffer.from(JSON.stringify({...index, manifests: [...index.manifests, ...more]}))
  const top = {digest: digestOf(bytes), mediaType: image.mediaType, bytes}
  const manifests = [...image.manifests.slice(0, -1), ...parts.flatMap((part) => part.manifests), top]
  return {...image, ...top, manifests, blobs: new Map([image, ...parts].flatMap(({blobs}) => [...blobs]))}
}

interface Scanned extends CommandRun {
  readonly registry: MemoryRegistry
  readonly gate: unknown
}

async function scan(
  inputs: Readonly<Record<string, string>>,
  {
    promoted = image,
    ...more
  }: {promoted?: TestImage; program?: ProgramScript; environment?: Record<string, string>} = {},
): Promise<Scanned> {
  const registry = memoryRegistry({host: 'r.example'})
  registry.store('o/app', promoted)
  const done = await runCommand(promote, {
    builds: false,
    registries: [registry],
    inputs: {images: 'r.example/o/app', tags: '1.2.3', digests: promoted.digest, ...inputs},
    program: realBash,
    ...more,
  })
  return {...done, registry, gate: parseJson(Buffer.from(done.outputs['gates'] ?? ''))}
}

describe('a command that scans', () => {
  test.each([
    {name: 'finds nothing', command: reporting([])},
    {name: 'finds what does not fail', command: reporting([note])},
    {name: 'ends with 1 and a finding', command: `${reporting([note])}; exit 1`},
  ])('passes if it $name', async ({command}) => {
    const {failure, registry} = await scan({scan: `run=${command}`})
    expect(failure).toBeUndefined()
    expect(registry.tagsOf('o/app')).toEqual({'1.2.3': image.digest})
  })

  test.each([
    {name: 'ends with 1 without a finding', command: `${reporting([])}; exit 1`, says: 'code 1'},
    {
      name: 'ends with 1 and a finding that is suppressed',
      command: `${reporting([{...note, suppressions: [{}]}])}; exit 1`,
      says: 'code 1',
    },
    {name: 'is killed', command: `${reporting([note])}; kill -9 $$`, says: 'code 137'},
    {
      name: 'states that it failed',
      command: reporting([], {invocations: [{executionSuccessful: false}]}),
      says: 'executionSuccessful',
    },
    {name: 'writes nothing', command: 'true', says: 'no report'},
  ])('fails the run if it $name', async ({command, says}) => {
    const {failure, registry} = await scan({scan: `run=${command}`})
    expect(failure).toMatchObject({code: 'scan-failed'})
    expect(failure?.evidence.join('\n')).toContain(says)
    expect(registry.tagsOf('o/app')).toEqual({})
  })

  test('cannot print control characters or long lines into the outputs', async () => {
    const print = `printf '\\033[31m\\u202e%s\\n' "$(head -c 100000 /dev/zero | tr '\\0' x)"; exit 3`
    const {failure, outputs} = await scan({scan: `run=${print}`})
    expect(failure).toMatchObject({code: 'scan-failed'})
    expect(Math.max(...(failure?.evidence ?? []).map((line) => line.length))).toBeLessThan(600)
    expect(`${outputs['gates']}${failure?.evidence.join('')}`).not.toMatch(/\u001b|\\u001b|\u202e/)
  })

  test('has a number in names if there are several', async () => {
    await using directory = await temporaryDirectory()
    const report = path.join(directory.path, 'reports')
    const commands = `run=${reporting([note])}\nrun=${reporting([])}`
    const {failure, gate} = await scan({scan: commands, 'scan-report': report})
    expect(failure).toBeUndefined()
    expect(gate).toMatchObject([{tool: {name: 'run-1'}, findingCount: 1}, {tool: {name: 'run-2'}}])
    expect((await readdir(report)).sort()).toEqual([
      'run-1-linux-amd64.json',
      'run-1-linux-arm64.json',
      'run-2-linux-amd64.json',
      'run-2-linux-arm64.json',
      'scan.sarif',
    ])
  })
})

describe('an index', () => {
  const other = makeImage({text: 'other'})
  const entry = {mediaType: other.mediaType, digest: other.digest, size: other.bytes.length}
  const nested = makeImage({platforms: ['linux/s390x'], index: true})
  const platform = {os: 'linux', architecture: 's390x'}

  test.each([
    {name: 'without a platform', more: [entry], part: other, says: other.digest},
    {name: 'with an unreadable platform', more: [{...entry, platform: 'linux'}], part: other, says: other.digest},
    {
      name: 'that is an index',
      more: [{mediaType: nested.mediaType, digest: nested.digest, size: nested.bytes.length, platform}],
      part: nested,
      says: nested.digest,
    },
    {
      name: 'that is an index under the type of a manifest',
      more: [{mediaType: other.mediaType, digest: nested.digest, size: nested.bytes.length, platform}],
      part: nested,
      says: nested.digest,
    },
  ])('with an entry $name is not scanned in part', async ({more, part, says}) => {
    const {failure, registry, programs} = await scan(
      {scan: `run=${reporting([])}`},
      {promoted: imageWith(more, [part])},
    )
    expect(failure).toMatchObject({
      code: 'scan-failed',
      evidence: expect.arrayContaining([expect.stringContaining(says)]),
    })
    expect(programs).toEqual([])
    expect(registry.tagsOf('o/app')).toEqual({})
  })

  test('with two images for one platform has a report of each', async () => {
    await using directory = await temporaryDirectory()
    const promoted = imageWith([{...entry, platform: {os: 'linux', architecture: 'amd64'}}], [other])
    const {failure} = await scan({scan: `run=${reporting([])}`, 'scan-report': directory.path}, {promoted})
    expect(failure).toBeUndefined()
    expect((await readdir(directory.path)).sort()).toEqual([
      'run-linux-amd64-1.json',
      'run-linux-amd64-2.json',
      'run-linux-arm64.json',
      'scan.sarif',
    ])
  })
})

test('secrets of a service and those that it prints are hidden in the verdict', async () => {
  await using directory = await temporaryDirectory()
  await mkdir(path.join(directory.path, 'bin'))
  await writeFile(path.join(directory.path, 'bin', 'snyk'), 'a program')
  const {outputs, io, failure} = await scan(
    {scan: 'snyk'},
    {
      environment: {PATH: path.join(directory.path, 'bin'), SNYK_TOKEN: 'canary-of-snyk'},
      program: ({file}) => (file.endsWith('snyk') ? {exitCode: 2, stderr: 'login canary-of-snyk refused'} : undefined),
    },
  )
  expect(failure?.code).toBe('scan-failed')
  expect(io.workflow.masks).toContain('canary-of-snyk')
  expect(outputs['gates']).toContain('login *** refused')
  expect(JSON.stringify([outputs, io.workflow.log, io.workflow.summaries])).not.toContain('canary-of-snyk')
})

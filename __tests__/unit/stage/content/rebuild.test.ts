import {writeFile} from 'node:fs/promises'
import {describe, expect, test} from '@jest/globals'
import type {BuildRecord, StepRecord} from '../../../../src/buildx/progress/build-record.ts'
import {publish} from '../../../../src/commands/publish.ts'
import type {Command} from '../../../../src/io/command.ts'
import {digestOf} from '../../../../src/oci/digest.ts'
import {reportOfBoth} from '../../../../src/stage/content/rebuild.ts'
import {programOf, runCommand, valuesOf, type CommandRun} from '../../../../testing/command-run.ts'
import {memoryRegistry} from '../../../../testing/memory-registry.ts'

/** Publishes an image that is missing in the content store after the first build. */
async function publishMissing(inputs: Readonly<Record<string, string>>): Promise<CommandRun> {
  let builds = 0
  return runCommand(publish, {
    event: 'push-default-branch',
    registries: [memoryRegistry({host: 'r.example'})],
    inputs: {images: 'r.example/o/app', registry: 'r.example', username: 'mona', password: 'canary', ...inputs},
    program: async (command) => {
      if (programOf(command) !== 'buildx build') return undefined
      builds += 1
      if (builds > 1) return undefined
      const [metadata = ''] = valuesOf(command, '--metadata-file')
      await writeFile(metadata, JSON.stringify({'containerimage.digest': digestOf(Buffer.from('missing'))}))
      return {}
    },
  })
}

function buildsOf({io}: CommandRun): readonly Command[] {
  return io.processes.commands.filter((command) => programOf(command) === 'buildx build')
}

describe('a second build', () => {
  test('writes the cache in the image again, and no other cache', async () => {
    const user = 'type=local,dest=cache\ntype=inline'
    const done = await publishMissing({cache: 'registry', 'cache-to': user, platforms: 'linux/amd64'})
    expect(done.failure).toBeUndefined()
    const [first, second] = buildsOf(done).map((command) => valuesOf(command, '--cache-to'))
    expect(first).toEqual(['type=local,dest=cache', 'type=inline', expect.stringContaining('type=registry')])
    expect(second).toEqual(['type=inline'])
  })

  test('reads the same caches', async () => {
    const done = await publishMissing({cache: 'registry', 'cache-from': 'a/b:user', platforms: 'linux/amd64'})
    const [first, second] = buildsOf(done).map((command) => valuesOf(command, '--cache-from'))
    expect(first).toHaveLength(2)
    expect(second).toEqual(first)
  })
})

function step(name: string, startedMs: number, cached: boolean): StepRecord {
  return {name, startedMs, cached, durationMs: 10, platform: undefined, isInstruction: true, error: undefined}
}

function reportWith(record: BuildRecord | undefined): Parameters<typeof reportOfBoth>[0] {
  return {metadata: undefined, imageId: '', builder: undefined, durationMs: 100, ...(record && {record})}
}

describe('reportOfBoth', () => {
  const warning = {rule: 'A', message: 'a', detail: '', url: '', filename: 'Dockerfile', line: 1, endLine: 1}
  const first = {startedMs: 1000, steps: [step('compile', 0, false)], warnings: [warning]}

  test('has the steps that ran in each build, and each warning once', () => {
    const steps = [step('compile', 0, true), step('export', 5, false)]
    const {record, durationMs} = reportOfBoth(
      reportWith(first),
      reportWith({startedMs: 2000, steps, warnings: [warning]}),
    )
    expect(record?.steps.map(({name, startedMs}) => [name, startedMs])).toEqual([
      ['compile', 0],
      ['export', 1005],
    ])
    expect(record?.warnings).toEqual([warning])
    expect(durationMs).toBe(200)
  })

  test('has the steps of the first build, if the second one has no record', () => {
    expect(reportOfBoth(reportWith(first), reportWith(undefined)).record).toEqual(first)
  })
})

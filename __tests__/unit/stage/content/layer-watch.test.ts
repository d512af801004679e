import {expect, test} from '@jest/globals'
import {setImmediate as turn} from 'node:timers/promises'
import {TagboatError} from '../../../../src/errors/error.ts'
import {digestOf} from '../../../../src/oci/digest.ts'
import type {Descriptor} from '../../../../src/oci/manifest.ts'
import {storedLine} from '../../../../src/run/transfer-lines.ts'
import {watchLayers} from '../../../../src/stage/content/layer-watch.ts'
import {recordedWorkflow} from '../../../../testing/fake-io.ts'
import {repositoryDoubles, type BeforeCall, type RepositoryDouble} from '../../../../testing/repository-doubles.ts'

const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip'
const [small, large] = [layerOf('small', 100e6), layerOf('large', 300e6)]

function layerOf(text: string, sizeBytes: number): Descriptor {
  return {mediaType, digest: digestOf(Buffer.from(text)), sizeBytes, platform: undefined}
}

interface Watch {
  readonly clients: readonly RepositoryDouble[]
  readonly calls: readonly string[]
  readonly lines: () => readonly string[]
  readonly passTenSeconds: () => Promise<void>
  readonly end: () => void
}

/** Watch of a push of both layers to these registries. */
function watch(hosts: readonly string[], beforeCall: BeforeCall = () => undefined): Watch {
  const workflow = recordedWorkflow()
  const doubles = repositoryDoubles({beforeCall})
  const clients = hosts.map((host) => doubles.repository(`${host}/o/app`))
  let nowMs = 0
  let work: (() => void) | undefined
  const end = watchLayers(
    clients.map((client) => ({client, layers: [small, large], bytes: 400e6})),
    {
      workflow,
      now: () => new Date(nowMs),
      every: (_, tick) => {
        work = tick
        return () => {
          work = undefined
        }
      },
    },
  )
  const passTenSeconds = async (): Promise<void> => {
    nowMs += 10_000
    work?.()
    for (let turns = 0; turns < 20; turns += 1) await turn()
  }
  return {clients, calls: doubles.calls, lines: () => workflow.log, passTenSeconds, end}
}

function store({blobs}: RepositoryDouble, {digest}: Descriptor): void {
  blobs.set(digest, Buffer.from('stored'))
}

test('a push by the builder has a line for each registry, with the layers that it has', async () => {
  const {clients, lines, passTenSeconds} = watch(['one.example', 'two.example'])
  const [one, two] = clients
  if (one === undefined || two === undefined) throw new Error('unreachable')
  await passTenSeconds()
  store(one, small)
  await passTenSeconds()
  store(one, large)
  store(two, large)
  await passTenSeconds()
  expect(lines()).toEqual([
    'info: one.example: 0 B of 400.0 MB stored, 0 of 2 layers (10 s)',
    'info: two.example: 0 B of 400.0 MB stored, 0 of 2 layers (10 s)',
    'info: one.example: 100.0 MB of 400.0 MB stored, 5.00 MB/s, 1 of 2 layers (20 s)',
    'info: two.example: 0 B of 400.0 MB stored, 0 of 2 layers (20 s)',
    'info: one.example: 400.0 MB of 400.0 MB stored, 13.3 MB/s, 2 of 2 layers (30 s)',
    'info: two.example: 300.0 MB of 400.0 MB stored, 10.0 MB/s, 1 of 2 layers (30 s)',
  ])
})

test('a layer that is stored is not asked for again', async () => {
  const {clients, calls, passTenSeconds} = watch(['r.example'])
  for (const client of clients) store(client, small)
  await passTenSeconds()
  await passTenSeconds()
  expect(calls.filter((call) => call.includes(small.digest))).toHaveLength(1)
  expect(calls.filter((call) => call.includes(large.digest))).toHaveLength(2)
})

test.each([
  {name: 'refuses the question', answer: async () => Promise.reject(new TagboatError('pull-denied', {evidence: []}))},
  {name: 'does not answer', answer: async () => new Promise<void>(() => undefined)},
])('a registry that $name has no line, and does not delay that of another one', async ({answer}) => {
  const {calls, lines, passTenSeconds} = watch(['bad.example', 'good.example'], async (call) =>
    call.startsWith('bad.example') ? answer() : undefined,
  )
  await passTenSeconds()
  expect(calls.some((call) => call.startsWith('bad.example'))).toBe(true)
  expect(lines().map((line) => line.split(': ')[1])).toEqual(['good.example'])
})

test('nothing is written after the push', async () => {
  let answer: (() => void) | undefined
  const held = watch(['r.example'], async () => {
    await new Promise<void>((resolve) => {
      answer = resolve
    })
  })
  await held.passTenSeconds()
  held.end()
  answer?.()
  await held.passTenSeconds()
  expect(held.lines()).toEqual([])
})

test('the rate is that of the stored layers, until the last of them was stored', () => {
  const layers = [
    {sizeBytes: 50e6, storedAfterMs: 10_000},
    {sizeBytes: 30e6, storedAfterMs: 20_000},
    {sizeBytes: 900e6, storedAfterMs: undefined},
  ]
  expect(storedLine('r.example', layers, 60_000)).toBe(
    'r.example: 80.0 MB of 980.0 MB stored, 4.00 MB/s, 2 of 3 layers (60 s)',
  )
})

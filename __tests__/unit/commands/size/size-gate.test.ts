import {expect, test} from '@jest/globals'
import {judgeSizeGate} from '../../../../src/commands/size/size-gate.ts'
import {TagboatError} from '../../../../src/errors/error.ts'
import type {SizeLimit} from '../../../../src/inputs/size-limits.ts'
import type {PublishingAction} from '../../../../src/inputs/spec/action-names.ts'
import type {ManifestContent} from '../../../../src/oci/manifest.ts'
import type {PreviousImage} from '../../../../src/oci/published-image.ts'
import type {Judgement} from '../../../../src/stage/gate.ts'
import {fakeIo} from '../../../../testing/fake-io.ts'
import {makeImage} from '../../../../testing/memory-registry/images.ts'

const image = makeImage({platforms: ['linux/amd64', 'linux/arm64']})
const repository = {host: 'ghcr.io', path: 'o/app'}

interface Given {
  readonly maxSize?: Readonly<Record<string, number>>
  readonly maxGrowth?: Readonly<Record<string, number>>
  readonly previous?: () => Promise<PreviousImage | undefined>
  readonly action?: PublishingAction
  /** Whether the repository has no manifest of a platform. */
  readonly isIncomplete?: boolean
}

async function judge(given: Given): Promise<Judgement & {readonly log: readonly string[]}> {
  const io = fakeIo({})
  const limits = (of: Readonly<Record<string, number>> = {}): ReadonlyMap<string, SizeLimit> =>
    new Map(Object.entries(of).map(([platform, bytes]) => [platform, {kind: 'bytes', bytes}]))
  const manifests: readonly ManifestContent[] = given.isIncomplete === true ? [image] : image.manifests
  const judgement = await judgeSizeGate(
    {
      content: image,
      platform: undefined,
      repository,
      reader: {manifest: async (digest) => Promise.resolve(manifests.find((one) => one.digest === digest))},
      previous: given.previous ?? (async () => Promise.resolve(undefined)),
    },
    {maxSize: limits(given.maxSize), maxGrowth: limits(given.maxGrowth)},
    {action: given.action ?? 'publish', io},
  )
  return {...judgement, log: io.workflow.log}
}

test('an image within its limits passes, with its sizes in the log', async () => {
  const {verdict, failure, log} = await judge({maxSize: {'': 1_000_000}})
  expect(failure).toBeUndefined()
  expect(verdict).toMatchObject({
    gate: 'size',
    outcome: 'passed',
    subject: {digest: image.digest},
    limits: {'max-size': ['1.00 MB']},
  })
  expect(log).toHaveLength(2)
})

test('an image above a limit fails', async () => {
  const {verdict, failure} = await judge({maxSize: {'': 1_000_000, 'linux/arm64': 1}})
  expect(failure?.error).toMatchObject({code: 'image-too-large'})
  expect(verdict).toMatchObject({
    outcome: 'failed',
    evidence: [expect.stringContaining('linux/arm64'), expect.any(String)],
  })
})

test('the growth since an image that cannot be read fails', async () => {
  const unread = new TagboatError('publish-unverified')
  const previous = async (): Promise<never> => Promise.reject(unread)
  expect((await judge({maxGrowth: {'': 1}, previous})).failure?.error).toBe(unread)
  expect((await judge({maxSize: {'': 1_000_000}, previous})).verdict.outcome).toBe('passed')
})

test('an image without its manifests fails', async () => {
  const {failure} = await judge({maxSize: {'': 1_000_000}, isIncomplete: true})
  expect(failure?.error).toMatchObject({code: 'publish-unverified'})
})

test.each([
  {action: 'publish', expected: 1},
  {action: 'promote', expected: 1},
  {action: 'stage', expected: 0},
] as const)('a limit for another platform warns in $action: $expected', async ({action, expected}) => {
  const {log} = await judge({action, maxSize: {'linux/s390x': 1}})
  expect(log.filter((line) => line.startsWith('warning:') && line.includes('linux/s390x'))).toHaveLength(expected)
})

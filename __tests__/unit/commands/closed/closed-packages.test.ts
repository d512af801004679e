import {expect, test} from '@jest/globals'
import {closedToken, imageOfRef, runClosed} from '../../../../testing/closed-run.ts'
import {scriptedHttp} from '../../../../testing/fake-io.ts'
import {makeImage, memoryRegistry, type TestImage} from '../../../../testing/memory-registry.ts'
import {pushImage, testClients} from '../../../../testing/registry-client.ts'
import {gitHubVersions, type GitHubVersions} from '../../../../testing/registries/github-versions.ts'

const app = 'codertocat/app'
const inputs = {images: `ghcr.io/${app}`, registry: '', username: '', password: ''}
const released = imageOfRef('refs/tags/v1.2.3')
const ofPull = imageOfRef('refs/pull/2/merge')
const ofOther = imageOfRef('refs/pull/267/merge')

/** Package with these images besides a release and two pull requests. */
async function packageWith(more: readonly TestImage[] = []): Promise<GitHubVersions> {
  const registry = memoryRegistry({host: 'ghcr.io', referrers: false})
  const github = gitHubVersions({
    owners: {codertocat: 'User'},
    token: closedToken,
    behind: registry.http(),
    limits: {perHour: 'unlimited'},
  })
  const client = testClients(scriptedHttp(github.answer)).of('ghcr.io', app)
  const publish = async (image: TestImage, ...tags: readonly string[]): Promise<void> => {
    await pushImage(client, image)
    for (const tag of tags) await client.putManifest(tag, image)
  }
  await publish(released, '1.2.3', '1.2', 'latest')
  await publish(ofPull, 'pr-2')
  await publish(ofOther, 'pr-267')
  for (const [index, image] of more.entries()) await publish(image, `sha-${String(index).padStart(7, '0')}`)
  return github
}

function digestsOf({manifests}: TestImage): readonly string[] {
  return manifests.map(({digest}) => digest)
}

/** Versions of the package, and the reads of each image. */
function stateOf(packages: GitHubVersions): {
  readonly digests: readonly string[]
  readonly downloads: (of: TestImage) => number
} {
  const active = packages.package(app).active()
  return {
    digests: active.map(({digest}) => digest),
    downloads: ({digest}) => active.find((one) => one.digest === digest)?.downloads ?? 0,
  }
}

test('a version goes with its platforms, and all others stay', async () => {
  const packages = await packageWith()
  const run = await runClosed([], {inputs, packages})
  expect(run.failure).toBeUndefined()
  expect(stateOf(packages).digests.toSorted()).toEqual([...digestsOf(released), ...digestsOf(ofOther)].sort())
  expect(JSON.parse(run.outputs['deleted'] ?? '')).toMatchObject([{reference: `ghcr.io/${app}:pr-2`}])
  expect(run.io.workflow.log.some((line) => /^printed: {3}.*:pr-2 \(sha256:.*, version \d+\): /.test(line))).toBe(true)
})

test('a shared image loses the tag alone', async () => {
  const packages = await packageWith()
  const client = testClients(scriptedHttp(packages.answer)).of('ghcr.io', app)
  await client.putManifest('staging', ofPull)
  const run = await runClosed([], {inputs, packages})
  expect(run.failure).toBeUndefined()
  const tags = packages
    .package(app)
    .active()
    .flatMap((version) => [...version.tags])
  expect(tags.toSorted()).toEqual(['1.2', '1.2.3', 'latest', 'pr-267', 'staging'])
})

test('of a large package, only the image itself is read and deleted', async () => {
  const more = Array.from({length: 170}, (_, index) =>
    makeImage({platforms: ['linux/amd64', 'linux/arm64'], text: `${index}`}),
  )
  const packages = await packageWith(more)
  const before = stateOf(packages).downloads(released)
  const run = await runClosed([], {inputs, packages})
  expect(run.failure).toBeUndefined()
  const {digests, downloads} = stateOf(packages)
  expect(digests).not.toContain(ofPull.digest)
  expect(digests).toEqual(expect.arrayContaining(digestsOf(ofPull).filter((digest) => digest !== ofPull.digest)))
  expect(downloads(released)).toBe(before)
})

test('a missing package has no tags', async () => {
  const registry = memoryRegistry({host: 'ghcr.io'})
  const packages = gitHubVersions({owners: {codertocat: 'User'}, token: closedToken, behind: registry.http()})
  const run = await runClosed([], {inputs, packages})
  expect(run.failure).toBeUndefined()
  expect(run.outputs['deleted']).toBe('[]')
})

test('the last version stays, without an error', async () => {
  const registry = memoryRegistry({host: 'ghcr.io', referrers: false})
  const packages = gitHubVersions({owners: {codertocat: 'User'}, token: closedToken, behind: registry.http()})
  const client = testClients(scriptedHttp(packages.answer)).of('ghcr.io', app)
  await pushImage(client, ofPull)
  await client.putManifest('pr-2', ofPull)
  const run = await runClosed([], {inputs, packages})
  expect(run.failure).toBeUndefined()
  expect(run.outputs['deleted']).toBe('[]')
  expect(stateOf(packages).digests).toContain(ofPull.digest)
  expect(run.summary).toContain('not deleted: ')
})

test('a token without the right fails with its remedy', async () => {
  const packages = await packageWith()
  Object.assign(packages.options, {access: 'write'})
  const run = await runClosed([], {inputs, packages})
  expect(run.failure?.code).toBe('prune-denied-ghcr')
  expect(stateOf(packages).digests).toContain(ofPull.digest)
})

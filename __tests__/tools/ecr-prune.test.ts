import {expect, test} from '@jest/globals'
import {readEcrLifecycle} from '../../src/prune/ecr/ecr-lifecycle.ts'
import {ecrStore} from '../../src/prune/ecr/ecr-store.ts'
import type {DoomedImage, ImageStore} from '../../src/prune/image-store.ts'
import {lifecyclePolicy} from '../../src/retention/lifecycle/lifecycle-policy.ts'
import type {ListedImage} from '../../src/retention/repository-content.ts'
import {startEcr, type EcrServer} from '../../testing/clouds/ecr-server.ts'
import {lifecycleStep} from '../../testing/clouds/lifecycle-scenes.ts'
import {makeImage, makeReferrer, type TestImage} from '../../testing/memory-registry.ts'
import {repositoryDoubles} from '../../testing/repository-doubles.ts'
import {pruneInputs} from '../../testing/retention-policy.ts'

/** moto stores the images; rules that it lacks are in front of it. */
const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const path = 'team/app'
/** moto has no registry. */
const registry = repositoryDoubles().repository(`${host}/${path}`)

async function opened(server: EcrServer): Promise<ImageStore> {
  await server.ask('CreateRepository', {repositoryName: path})
  return ecrStore({host, path}, server.api, registry)
}

async function listed(store: ImageStore): Promise<readonly ListedImage[]> {
  const listing = await store.list()
  if (listing.kind !== 'images') throw new Error('Amazon ECR lists images')
  return [...listing.images].sort((a, b) => a.digest.localeCompare(b.digest))
}

function doomed({digest}: TestImage, ...tags: readonly string[]): DoomedImage {
  return {digest, tags}
}

test('images are listed with tags and times of all pages, those of the archive left out', async () => {
  await using server = await startEcr(host, 2)
  const store = await opened(server)
  const many = Array.from({length: 3}, (_, index) => makeImage({text: `image ${index}`}))
  for (const [index, image] of many.entries()) await server.put(path, image, [`sha-${index}`])
  const [cold, warm] = [makeImage({text: 'cold'}), makeImage({text: 'warm'})]
  await server.put(path, cold, ['1.0.0'])
  await server.put(path, makeReferrer(cold, 'application/signature'))
  await server.put(path, warm, ['1.1.0', 'latest'])
  server.archived.add(cold.digest)
  const images = await listed(store)
  expect(images).toHaveLength(4)
  const found = images.find(({digest}) => digest === warm.digest)
  expect(found?.tags).toEqual(['1.1.0', 'latest'])
  expect(Math.abs(Date.now() - (found?.pushedAt?.getTime() ?? 0))).toBeLessThan(600_000)
  expect(server.operations).toEqual(['DescribeImages', 'DescribeImages', 'DescribeImages'])
})

test('a repository that does not exist has no images', async () => {
  await using server = await startEcr(host)
  expect(await listed(ecrStore({host, path: 'team/none'}, server.api, registry))).toEqual([])
})

test('a child stays while its index does, and goes after it', async () => {
  await using server = await startEcr(host)
  const store = await opened(server)
  const image = makeImage({platforms: ['linux/amd64', 'linux/arm64']})
  await server.put(path, image, ['pr-1'])
  const children = [...image.platforms.values()].map((digest) => ({digest, tags: []}))
  expect(await store.deleteImages(children)).toMatchObject(children.map(() => ({kind: 'kept', reason: 'needed'})))
  expect(await store.deleteImages([doomed(image, 'pr-1')])).toEqual([{kind: 'deleted'}])
  expect(await store.deleteImages(children)).toEqual(children.map(() => ({kind: 'deleted'})))
  expect(await listed(store)).toEqual([])
})

test('what changed or is gone is distinguished in one batch of a hundred', async () => {
  await using server = await startEcr(host)
  const store = await opened(server)
  const images = Array.from({length: store.batchSize}, (_, index) => makeImage({text: `image ${index}`}))
  for (const [index, image] of images.entries()) if (index !== 37) await server.put(path, image, [`pr-${index}`])
  const [first] = images
  if (first === undefined) throw new Error('no image')
  await server.put(path, first, ['latest'])
  const results = await store.deleteImages(images.map((image, index) => doomed(image, `pr-${index}`)))
  const kinds = results.map(({kind}) => kind)
  expect([kinds[0], kinds[37]]).toEqual(['changed', 'gone'])
  expect(kinds.filter((kind) => kind === 'deleted')).toHaveLength(98)
  expect((await listed(store)).map(({digest, tags}) => ({digest, tags}))).toEqual([
    {digest: first.digest, tags: ['pr-0', 'latest']},
  ])
  expect(server.operations).toContain('BatchDeleteImage 98')
})

test('one of two tags goes, the last one stays', async () => {
  await using server = await startEcr(host)
  const store = await opened(server)
  const [image, other] = [makeImage({text: 'one'}), makeImage({text: 'other'})]
  await server.put(path, image, ['1.2.3', 'pr-1'])
  await server.put(path, other, ['pr-2'])
  expect(await store.removeTag('pr-1', other.digest)).toEqual({kind: 'changed'})
  expect(await store.removeTag('pr-1', image.digest)).toEqual({kind: 'deleted'})
  expect(await store.removeTag('pr-1', image.digest)).toEqual({kind: 'gone'})
  expect(await store.removeTag('1.2.3', image.digest)).toMatchObject({kind: 'unsupported'})
  const pair = {repositoryName: path, imageIds: [{imageTag: 'pr-2', imageDigest: other.digest}]}
  expect(await server.api.call('BatchDeleteImage', pair)).toMatchObject({exception: 'InvalidParameterException'})
  const tags = (await listed(store)).flatMap(({tags: names}) => names)
  expect([...tags].sort()).toEqual(['1.2.3', 'pr-2'])
})

test('a written lifecycle policy is valid, and is read', async () => {
  await using server = await startEcr(host)
  const repository = (await opened(server)).repository
  expect(await readEcrLifecycle(repository, server.api)).toBeUndefined()
  const inputs = pruneInputs({
    policy: 'type=match,pattern=pr-*,older-than=3d\ntype=untagged\ntype=orphan',
    'keep-deployed': 'false',
  })
  const refs = {defaultBranch: 'main', branches: new Set(['main']), openPulls: undefined}
  const {text} = lifecyclePolicy('ecr', {...(await lifecycleStep({})), inputs, repository, refs})
  await server.ask('PutLifecyclePolicy', {repositoryName: path, lifecyclePolicyText: text})
  expect(await readEcrLifecycle(repository, server.api)).toEqual({text})
})

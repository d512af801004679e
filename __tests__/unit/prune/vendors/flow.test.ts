import {describe, expect, test} from '@jest/globals'
import {makeReferrer, type MemoryRegistry} from '../../../../testing/memory-registry.ts'
import {dockerHub, hubPasswords} from '../../../../testing/vendors/docker-hub.ts'
import {gitLab, gitLabUsers} from '../../../../testing/vendors/gitlab.ts'
import {harbor, harborPath, harborUsers} from '../../../../testing/vendors/harbor.ts'
import {runPruneFlow} from '../../../../testing/vendors/prune-flow.ts'
import {quay, quayUsers} from '../../../../testing/vendors/quay.ts'
import {testResources, type TestResources} from '../../../../testing/vendors/store-resources.ts'
import type {Repository} from '../../../../src/oci/reference.ts'

interface Vendor {
  readonly registry: MemoryRegistry
  readonly repository: Repository
  readonly resources: TestResources
  /** Tags that the vendor does not delete. */
  readonly immutable: Set<string>
}

const vendors: Readonly<Record<string, () => Vendor>> = {
  'Docker Hub': () => {
    const {registry, http, immutable} = dockerHub()
    const resources = testResources(http, {username: 'acme', password: hubPasswords.all})
    return {registry, repository: {host: 'docker.io', path: 'acme/app'}, resources, immutable}
  },
  GitLab: () => {
    const {registry, http, immutable} = gitLab()
    const resources = testResources(http, {username: 'ci', password: gitLabUsers.ci})
    return {registry, repository: {host: registry.host, path: 'group/app'}, resources, immutable}
  },
  Quay: () => {
    const {registry, http, immutable} = quay()
    const resources = testResources(http, {username: 'acme+ci', password: quayUsers['acme+ci']})
    return {registry, repository: {host: registry.host, path: 'acme/app'}, resources, immutable}
  },
  Harbor: () => {
    const {registry, http, immutable} = harbor()
    const resources = testResources(http, {username: 'robot$ci', password: harborUsers.robot$ci})
    return {registry, repository: {host: registry.host, path: harborPath}, resources, immutable}
  },
}

const platforms = ['linux/amd64', 'linux/arm64']

describe.each(Object.keys(vendors))('pruning %s', (name) => {
  const start = (): Vendor => {
    const vendor = vendors[name]?.()
    if (vendor === undefined) throw new Error(name)
    return vendor
  }
  const manifestsIn = ({registry, repository}: Vendor): ReadonlySet<string> =>
    new Set(registry.snapshot()[repository.path]?.manifests)

  test('leaves each tag whole, and a second run has nothing to do', async () => {
    const vendor = start()
    const {registry, repository, resources} = vendor
    const {path} = repository
    registry.putImage(path, {platforms, attestations: true, text: 'old', tags: ['pr-1', 'pr-1-b']})
    const release = registry.putImage(path, {platforms, attestations: true, text: 'new', tags: ['1.0', 'pr-2']})
    const signature = makeReferrer(release, 'application/vnd.example.signature')
    registry.store(path, signature)
    const flow = {repository, resources, deletes: ['pr-1', 'pr-1-b', 'pr-2']}
    const {outcomes, execution} = await runPruneFlow(flow)
    expect(outcomes).toMatchObject({'pr-1': 'deleted', 'pr-1-b': 'deleted', 'pr-2': 'deleted'})
    expect(execution.failure).toBeUndefined()
    expect(registry.tagsOf(path)).toEqual({'1.0': release.digest})
    const left = manifestsIn(vendor)
    expect([...release.manifests, signature].filter(({digest}) => !left.has(digest))).toEqual([])
    const again = await runPruneFlow(flow)
    expect(again.execution.steps).toEqual([])
  })

  test('keeps an image whose tag is immutable, with its platforms', async () => {
    const vendor = start()
    const {registry, repository, resources, immutable} = vendor
    const {path} = repository
    const locked = registry.putImage(path, {platforms, text: 'locked', tags: ['1.0']})
    registry.putImage(path, {platforms, text: 'free', tags: ['pr-3']})
    immutable.add('1.0')
    const {execution} = await runPruneFlow({repository, resources, deletes: ['1.0', 'pr-3']})
    expect(execution.failure).toBeUndefined()
    expect(registry.tagsOf(path)).toEqual({'1.0': locked.digest})
    const left = manifestsIn(vendor)
    expect(locked.manifests.filter(({digest}) => !left.has(digest))).toEqual([])
  })

  test('never deletes a platform that a protected digest needs', async () => {
    const vendor = start()
    const {registry, repository, resources} = vendor
    const {path} = repository
    const image = registry.putImage(path, {platforms, text: 'pinned', tags: ['pr-4']})
    const [pinned = ''] = image.manifests.map(({digest}) => digest)
    await runPruneFlow({repository, resources, deletes: ['pr-4'], protects: [pinned]})
    expect(manifestsIn(vendor).has(pinned)).toBe(true)
  })
})

test('Harbor deletes untagged images, and the report has what went with their index', async () => {
  const {registry, repository, resources} = vendors['Harbor']?.() ?? {registry: undefined}
  if (registry === undefined) throw new Error('no Harbor')
  const image = registry.putImage(repository.path, {platforms, text: 'untagged'})
  registry.putImage(repository.path, {tag: '1.0', text: 'kept'})
  const {outcomes} = await runPruneFlow({repository, resources, deletes: [image.digest]})
  const [amd = '', arm = ''] = image.manifests.map(({digest}) => digest)
  expect(outcomes).toEqual({[image.digest]: 'deleted', [amd]: 'gone', [arm]: 'gone'})
})

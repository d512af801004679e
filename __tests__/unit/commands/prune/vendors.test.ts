import {expect, test} from '@jest/globals'
import type {Http} from '../../../../src/io/http.ts'
import {makeImage, type MemoryRegistry} from '../../../../testing/memory-registry.ts'
import {imageOfAge, runPrune, type PruneRun} from '../../../../testing/prune-run.ts'
import {dockerHub, hubPasswords} from '../../../../testing/vendors/docker-hub.ts'
import {gitLab, gitLabUsers} from '../../../../testing/vendors/gitlab.ts'
import {harbor, harborPath, harborUsers, type Harbor} from '../../../../testing/vendors/harbor.ts'
import {quay, quayUsers} from '../../../../testing/vendors/quay.ts'

interface Vendor {
  readonly kind: string
  readonly registry: MemoryRegistry
  readonly http: Http
  readonly image: string
  readonly path: string
  readonly registryInput: string
  readonly username: string
  readonly password: string
}

const [hub, lab, museum, port] = [dockerHub(), gitLab(), quay(), harbor()]
const vendors: readonly Vendor[] = [
  {
    kind: 'Docker Hub',
    ...hub,
    image: 'acme/app',
    path: 'acme/app',
    registryInput: '',
    username: 'acme',
    password: hubPasswords.all,
  },
  {
    kind: 'GitLab',
    ...lab,
    image: 'registry.gitlab.com/group/app',
    path: 'group/app',
    registryInput: 'registry.gitlab.com',
    username: 'ci',
    password: gitLabUsers.ci,
  },
  {
    kind: 'Quay',
    ...museum,
    image: 'quay.example.org/acme/app',
    path: 'acme/app',
    registryInput: 'quay.example.org',
    username: 'acme+ci',
    password: quayUsers['acme+ci'],
  },
  ofHarbor(port),
]

function ofHarbor(server: Harbor): Vendor {
  return {
    kind: 'Harbor',
    ...server,
    image: `harbor.example.org/${harborPath}`,
    path: harborPath,
    registryInput: 'harbor.example.org',
    username: 'robot$ci',
    password: harborUsers.robot$ci,
  }
}

/** Prunes a repository for real, with a pull request that is closed. */
async function run(vendor: Vendor, inputs: Readonly<Record<string, string>> = {}): Promise<PruneRun> {
  return runPrune([], {
    network: () => vendor.http,
    gitHubState: {openPulls: [2], branches: ['feature']},
    inputs: {
      images: vendor.image,
      'dry-run': 'false',
      registry: vendor.registryInput,
      username: vendor.username,
      password: vendor.password,
      ...inputs,
    },
  })
}

test.each(vendors)('$kind: closed pull requests go, and the rest stays', async (vendor) => {
  const {registry, path, password} = vendor
  for (const [name, tags] of Object.entries({release: ['1.2.3', 'latest'], open: ['pr-2'], closed: ['pr-1']})) {
    registry.store(path, imageOfAge(90, name), tags)
  }
  for (const pushed of [hub.pushed, lab.published, port.pushed]) {
    for (const tag of ['1.2.3', 'latest', 'pr-1', 'pr-2']) pushed.set(tag, '2025-10-01T00:00:00.000Z')
    for (const digest of Object.values(registry.tagsOf(path))) pushed.set(digest, '2025-10-01T00:00:00.000Z')
  }
  const {failure, outputs, io} = await run(vendor)
  expect(failure).toBeUndefined()
  expect(Object.keys(registry.tagsOf(path))).toEqual(['1.2.3', 'latest', 'pr-2'])
  expect(outputs['deleted-count']).toBe('1')
  const second = await run(vendor)
  expect([second.failure, second.outputs['deleted-count']]).toEqual([undefined, '0'])
  expect(io.workflow.log.join('\n')).not.toContain(password)
})

test('Harbor: a protected platform keeps its index', async () => {
  const server = harbor()
  const vendor = ofHarbor(server)
  const index = makeImage({platforms: ['linux/amd64', 'linux/arm64']})
  server.registry.store(harborPath, index, ['pr-1'])
  server.registry.store(harborPath, imageOfAge(90, 'release'), ['1.2.3'])
  server.pushed.set(index.digest, '2025-10-01T00:00:00.000Z').set('pr-1', '2025-10-01T00:00:00.000Z')
  const [platform] = index.manifests
  const {failure} = await run(vendor, {protect: `${vendor.image}@${platform?.digest ?? ''}`})
  expect(failure).toBeUndefined()
  expect(server.registry.tagsOf(harborPath)).toHaveProperty('pr-1')
  expect((await run(vendor)).failure).toBeUndefined()
  expect(Object.keys(server.registry.tagsOf(harborPath))).toEqual(['1.2.3'])
})

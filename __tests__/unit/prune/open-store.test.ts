import {describe, expect, test} from '@jest/globals'
import {openStore} from '../../../src/prune/open-store.ts'
import {azurePassword, azureRegistry} from '../../../testing/clouds/azure-registry.ts'
import {googleRegistry} from '../../../testing/clouds/google-registry.ts'
import {memoryRegistry} from '../../../testing/memory-registry.ts'
import {dockerHub, hubPasswords} from '../../../testing/vendors/docker-hub.ts'
import {gitLab, gitLabUsers} from '../../../testing/vendors/gitlab.ts'
import {harbor, harborPath, harborUsers} from '../../../testing/vendors/harbor.ts'
import {quay, quayUsers} from '../../../testing/vendors/quay.ts'
import {testResources} from '../../../testing/vendors/store-resources.ts'

const [hub, lab, port, museum] = [dockerHub(), gitLab({host: 'git.example.org:5050'}), harbor(), quay()]
const [plain, artifacts, azure] = [
  memoryRegistry(),
  memoryRegistry({host: 'europe-docker.pkg.dev'}),
  memoryRegistry({host: 'acmeimages.azurecr.io'}),
]
const anonymous = {username: '', password: ''}

describe.each([
  {
    kind: 'docker-hub',
    registry: hub.registry,
    http: hub.http,
    repository: {host: 'docker.io', path: 'acme/app'},
    login: {username: 'acme', password: hubPasswords.all},
    requests: /^https:\/\/hub\.docker\.com\/v2\/repositories\/acme\/app\/tags\/old\/$/,
  },
  {
    kind: 'gitlab',
    registry: lab.registry,
    http: lab.http,
    repository: {host: 'git.example.org:5050', path: 'group/app'},
    login: {username: 'ci', password: gitLabUsers.ci},
    requests: /\/v2\/group\/app\/manifests\/old$/,
  },
  {
    kind: 'harbor',
    registry: port.registry,
    http: port.http,
    repository: {host: 'harbor.example.org', path: harborPath},
    login: {username: 'robot$ci', password: harborUsers.robot$ci},
    requests: /\/api\/v2\.0\/projects\/acme\/repositories\/services%252Fapp\/artifacts\/sha256:[0-9a-f]{64}$/,
  },
  {
    kind: 'quay',
    registry: museum.registry,
    http: museum.http,
    repository: {host: 'quay.example.org', path: 'acme/app'},
    login: {username: 'acme+ci', password: quayUsers['acme+ci']},
    requests: /\/v2\/acme\/app\/manifests\/old$/,
  },
  {
    kind: 'google',
    registry: artifacts,
    http: googleRegistry({registry: artifacts}),
    repository: {host: artifacts.host, path: 'project/images/app'},
    login: anonymous,
    requests: /\/v2\/project\/images\/app\/manifests\/(?:old|sha256:[0-9a-f]{64})$/,
  },
  {
    kind: 'azure',
    registry: azure,
    http: azureRegistry({registry: azure, path: 'team/app'}),
    repository: {host: azure.host, path: 'team/app'},
    login: {username: 'ci', password: azurePassword},
    requests: /\/v2\/team\/app\/manifests\/sha256:[0-9a-f]{64}$/,
  },
  {
    kind: 'oci',
    registry: plain,
    http: plain.http(),
    repository: {host: plain.host, path: 'acme/app'},
    login: anonymous,
    requests: /\/v2\/acme\/app\/manifests\/sha256:[0-9a-f]{64}$/,
  },
])('a registry of kind $kind', ({registry, http, repository, login, requests}) => {
  test('is pruned by its own API', async () => {
    const {digest} = registry.putImage(repository.path, {tag: 'old', text: 'old'})
    const kept = registry.putImage(repository.path, {tag: 'new', text: 'new'})
    const sent: string[] = []
    const recording: typeof http = {
      ...http,
      async send(request) {
        if (request.method === 'DELETE') sent.push(request.url.href)
        return http.send(request)
      },
    }
    const store = await openStore(repository, testResources(recording, login === anonymous ? undefined : login))
    expect(store.repository).toEqual(repository)
    await store.list()
    expect(await store.deleteImages([{digest, tags: ['old']}])).toEqual([{kind: 'deleted'}])
    expect(registry.tagsOf(repository.path)).toEqual({new: kept.digest})
    expect(sent.filter((url) => !requests.test(url))).toEqual([])
    expect(sent).not.toEqual([])
  })
})

test('a package of GitHub needs its token', async () => {
  const opened = openStore({host: 'ghcr.io', path: 'acme/app'}, testResources(memoryRegistry({host: 'ghcr.io'}).http()))
  await expect(opened).rejects.toMatchObject({code: 'credentials-missing'})
})

test('an API of ECR decides', async () => {
  const calls: string[] = []
  const ecr = {
    call: async (operation: string) => {
      calls.push(operation)
      return Promise.resolve({ok: true, value: {imageDetails: []}} as const)
    },
  }
  const resources = {...testResources(plain.http()), ecr: () => ecr}
  const store = await openStore({host: 'images.example.org', path: 'app'}, resources)
  expect(await store.list()).toEqual({kind: 'images', images: []})
  expect(calls).toEqual(['DescribeImages'])
})

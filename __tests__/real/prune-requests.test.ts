import {expect, test} from '@jest/globals'
import {httpClient} from '../../src/io/http.ts'
import {readContent} from '../../src/prune/content/read-content.ts'
import {openOci} from '../../src/prune/oci/oci-store.ts'
import {startDistance} from '../../testing/distance.ts'
import {manifestsPerImage, pushMany} from '../../testing/many-images.ts'
import {testClients} from '../../testing/registry-client.ts'
import {startRegistry} from '../../testing/registry.ts'

const path = 'team/app'
const count = 60

test('readContent sends one request for each manifest, 16 at a time', async () => {
  await using registry = await startRegistry()
  using clients = testClients(httpClient(new AbortController().signal, {}))
  await pushMany(clients.of(registry.host, path), {count, tagOf: (index) => `v${index}`})
  const before = await registry.requests()
  const connections = new Set<number>()
  await using near = await startDistance(registry.host, 5, {watch: ({connection}) => connections.add(connection)})
  using readers = testClients(httpClient(new AbortController().signal, {}))
  const repository = {host: near.host, path}

  const content = await readContent({
    repository,
    listing: await openOci(repository, {clients: readers}).list(),
    client: readers.host(near.host),
    needsConfiguration: () => false,
  })

  const requests = (await registry.requests()).slice(before.length)
  expect(content.tags.size).toBe(count)
  expect([...content.manifests.values()].filter(({kind}) => kind === 'read')).toHaveLength(count * manifestsPerImage)
  // The ping, the list of tags, and each manifest once.
  expect(requests).toHaveLength(2 + count * manifestsPerImage)
  expect(connections.size).toBeLessThanOrEqual(16)
  expect(connections.size).toBeGreaterThan(8)
})

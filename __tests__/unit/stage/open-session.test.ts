import {expect, test} from '@jest/globals'
import {publish} from '../../../src/commands/publish.ts'
import type {Io} from '../../../src/io/io.ts'
import {runCommand} from '../../../testing/command-run.ts'
import {memoryNetwork, memoryRegistry, type MemoryRegistry} from '../../../testing/memory-registry.ts'

/** Network that records the connections that a request opens at most, by host. */
function counted(registries: readonly MemoryRegistry[], opened: Map<string, number>): Io['http'] {
  return (signal) => {
    const network = memoryNetwork(registries, {signal})
    return {
      ...network,
      send: async (request) => {
        const {host} = request.url
        opened.set(host, Math.max(opened.get(host) ?? 0, 1 + (request.spareConnections ?? 0)))
        return network.send(request)
      },
    }
  }
}

test.each([
  {name: 'one tag', tags: 'type=semver,pattern={{version}}', flavor: 'latest=false'},
  {name: 'three tags', tags: 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}', flavor: 'latest=true'},
])('a run with $name opens as many connections together as it needs', async ({tags, flavor}) => {
  const registry = memoryRegistry({host: 'registry.example'})
  const opened = new Map<string, number>()
  const {failure} = await runCommand(publish, {
    inputs: {images: 'registry.example/team/app', tags, flavor},
    http: counted([registry], opened),
  })
  expect(failure).toBeUndefined()
  expect(Object.keys(registry.tagsOf('team/app'))).toContain('1.2.3')
  expect(registry.maxConcurrent()).toBeGreaterThan(5)
  expect(registry.maxConcurrent()).toBeLessThanOrEqual(opened.get('registry.example') ?? 0)
})

test('a run opens one connection at a time to a registry that it only reads', async () => {
  const [own, cache] = [memoryRegistry({host: 'registry.example'}), memoryRegistry({host: 'localhost:5001'})]
  const opened = new Map<string, number>()
  const tags = {images: 'registry.example/team/app', tags: 'type=semver,pattern={{version}}', flavor: 'latest=false'}
  const {failure} = await runCommand(publish, {
    inputs: {...tags, driver: 'docker-container', 'cache-from': 'localhost:5001/team/cache'},
    registries: [own],
    http: counted([own, cache], opened),
  })
  expect(failure).toBeUndefined()
  expect(Object.keys(own.tagsOf('team/app'))).toEqual(['1.2.3'])
  expect(Object.fromEntries(opened)).toEqual({'registry.example': 8, 'localhost:5001': 1})
})

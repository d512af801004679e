import {expect, test} from '@jest/globals'
import {publish} from '../../../src/commands/publish.ts'
import {runCommand} from '../../../testing/command-run.ts'
import {memoryNetwork, memoryRegistry} from '../../../testing/memory-registry.ts'

test.each([
  {name: 'one tag', tags: 'type=semver,pattern={{version}}', flavor: 'latest=false'},
  {name: 'three tags', tags: 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}', flavor: 'latest=true'},
])('a run with $name opens as many connections together as it needs', async ({tags, flavor}) => {
  const registry = memoryRegistry({host: 'registry.example'})
  let opened = 1
  const {failure} = await runCommand(publish, {
    inputs: {images: 'registry.example/team/app', tags, flavor},
    http: (signal) => {
      const network = memoryNetwork([registry], {signal})
      return {
        ...network,
        send: async (request) => {
          opened = Math.max(opened, 1 + (request.spareConnections ?? 0))
          return network.send(request)
        },
      }
    },
  })
  expect(failure).toBeUndefined()
  expect(Object.keys(registry.tagsOf('team/app'))).toContain('1.2.3')
  expect(registry.maxConcurrent()).toBeGreaterThan(5)
  expect(registry.maxConcurrent()).toBeLessThanOrEqual(opened)
})

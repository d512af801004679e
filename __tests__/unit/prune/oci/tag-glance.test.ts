import {expect, test} from '@jest/globals'
import {TagGlance} from '../../../../src/prune/oci/tag-glance.ts'
import {ociScene, storePath} from '../../../../testing/oci-store.ts'

/** Reader of two tags, on a clock that a reading moves by 100 ms for each tag. */
function glanceOf(): {
  readonly glance: TagGlance
  readonly requests: () => number
  readonly wait: (ms: number) => void
} {
  let now = 0
  const scene = ociScene()
  scene.put('one', 'one')
  scene.put('two', 'two')
  const client = scene.clients.of(scene.registry.host, storePath)
  const counted = {...client, count: 0}
  const head: typeof client.head = async (reference) => {
    now += 100
    counted.count += 1
    return client.head(reference)
  }
  return {
    glance: new TagGlance({...client, head}, () => new Date(now)),
    requests: () => counted.count,
    wait: (ms) => (now += ms),
  }
}

test.each([
  {ms: 200, requests: 2},
  {ms: 201, requests: 4},
])('a reading counts for the time that it took: after $ms ms', async ({ms, requests: expected}) => {
  const {glance, requests, wait} = glanceOf()
  const ahead = await glance.readAhead()
  wait(ms)
  const taken = await glance.take()
  expect([taken === ahead, requests()]).toEqual([expected === 2, expected])
})

test('a reading serves one deletion', async () => {
  const {glance, requests} = glanceOf()
  await glance.readAhead()
  await glance.take()
  await glance.take()
  expect(requests()).toBe(4)
})

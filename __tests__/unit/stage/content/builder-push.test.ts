import {expect, test} from '@jest/globals'
import path from 'node:path'
import {files} from '../../../../src/io/files.ts'
import {pushLayers, type BuilderPush} from '../../../../src/stage/content/builder-push.ts'
import {fakeIo, recordedWorkflow, temporaryDirectory} from '../../../../testing/fake-io.ts'

test('a relay to the engine does not outlive a failed preparation', async () => {
  await using directory = await temporaryDirectory()
  const buildx = path.join(directory.path, 'buildx')
  await files.makePrivateDirectory(buildx)
  await files.writePrivate(path.join(buildx, '.buildNodeID'), 'an identity')
  const workflow = recordedWorkflow()
  let open = 0
  const io = fakeIo({
    workflow,
    files: {
      ...files,
      writePrivate: async (file, text) =>
        file.endsWith('.buildNodeID') ? Promise.reject(new Error('ENOSPC')) : files.writePrivate(file, text),
    },
    relay: async () => {
      open += 1
      return Promise.resolve({
        [Symbol.asyncDispose]: async () => {
          open -= 1
          return Promise.resolve()
        },
      })
    },
  })
  const push = {
    session: {io, dockerConfig: {directory: directory.path, env: {BUILDX_CONFIG: buildx}}},
    builder: {driver: 'docker'},
    socket: {at: {path: '/nowhere'}, upgrade: '/grpc'},
    tags: [],
    lacks: [],
    until: new AbortController().signal,
  } as unknown as BuilderPush
  await pushLayers(push)
  expect(workflow.log.at(-1)).toMatch(/ENOSPC$/)
  expect(open).toBe(0)
})

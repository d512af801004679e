import {expect, test} from '@jest/globals'
import {listWorkers, readVersion} from '../../../src/buildkit/control.ts'
import {GrpcError} from '../../../src/buildkit/grpc.ts'
import {controlAnswer, startGrpcServer} from '../../../testing/content-server.ts'

const worker = {
  labels: ['org.example.one', 'org.example.two'],
  platforms: [
    ['amd64', 'linux'],
    ['arm', 'linux', 'v7'],
  ],
}

test('lists workers with their labels and platforms', async () => {
  await using server = await startGrpcServer(controlAnswer([worker, {}], 'v0.25.0'))
  using connection = await server.connect()
  expect(await listWorkers(connection)).toEqual([
    {
      labels: new Map([
        ['org.example.one', 'value'],
        ['org.example.two', 'value'],
      ]),
      platforms: ['linux/amd64', 'linux/arm/v7'],
    },
    {labels: new Map(), platforms: []},
  ])
  expect(await readVersion(connection)).toBe('v0.25.0')
  expect(server.calls.map(({path}) => path)).toEqual([
    '/moby.buildkit.v1.Control/ListWorkers',
    '/moby.buildkit.v1.Control/Info',
  ])
})

test('a BuildKit that does not report its version refuses the call', async () => {
  await using server = await startGrpcServer(controlAnswer([worker], undefined))
  using connection = await server.connect()
  await expect(readVersion(connection)).rejects.toThrow(GrpcError)
})

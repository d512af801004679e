import {describe, expect, test} from '@jest/globals'
import {isNear, socketOf} from '../../../../src/stage/content/builder-address.ts'
import type {BuilderNode} from '../../../../src/buildx/inspect.ts'

function builderAt(driver: string, endpoint: string, driverOptions?: string): Parameters<typeof isNear>[0] {
  const node: BuilderNode = {
    name: 'one',
    endpoint,
    status: 'running',
    platforms: [],
    fixed: [],
    buildkit: 'v0.25.0',
    driverOptions,
  }
  return {driver, nodes: [node]}
}

const hostOf = (host: string) => async (): Promise<string> => Promise.resolve(host)

describe('socketOf', () => {
  test('is the socket of the engine of the context', async () => {
    const asked: string[] = []
    const socket = await socketOf(builderAt('docker', 'desktop-linux'), async (context) => {
      asked.push(context)
      return Promise.resolve('unix:///run/user/1000/docker.sock')
    })
    expect(asked).toEqual(['desktop-linux'])
    expect(socket).toEqual({at: {path: '/run/user/1000/docker.sock'}, upgrade: '/grpc'})
  })

  test.each(['tcp://127.0.0.1:2375', 'ssh://build.example', 'npipe:////./pipe/docker_engine', ''])(
    'is undefined for an engine at "%s"',
    async (host) => {
      expect(await socketOf(builderAt('docker', 'default'), hostOf(host))).toBeUndefined()
    },
  )

  test.each([
    {endpoint: 'unix:///run/buildkit/buildkitd.sock', at: {path: '/run/buildkit/buildkitd.sock'}},
    {endpoint: 'tcp://127.0.0.1:1234', at: {host: '127.0.0.1', port: 1234}},
    {endpoint: 'tcp://[::1]:1234', at: {host: '::1', port: 1234}},
  ])('is that of the remote builder at $endpoint', async ({endpoint, at}) => {
    expect(await socketOf(builderAt('remote', endpoint), hostOf(''))).toEqual({at, upgrade: undefined})
  })

  test.each([
    {driver: 'docker-container', endpoint: 'unix:///var/run/docker.sock'},
    {driver: 'remote', endpoint: 'tcp://build.example:1234'},
    {driver: 'remote', endpoint: 'tcp://127.0.0.1:1234', options: 'cacert="/certs/ca.pem"'},
    {driver: 'remote', endpoint: 'docker-container://buildkitd'},
  ])('is left to Buildx for $driver at $endpoint', async ({driver, endpoint, options}) => {
    expect(await socketOf(builderAt(driver, endpoint, options), hostOf(''))).toBeUndefined()
  })
})

describe('isNear', () => {
  test.each([
    {driver: 'docker', endpoint: 'default', near: true},
    {driver: 'docker-container', endpoint: 'unix:///var/run/docker.sock', near: true},
    {driver: 'docker-container', endpoint: 'tcp://10.0.0.5:2376', near: false},
    {driver: 'docker-container', endpoint: 'ssh://mona@build.example', near: false},
    {driver: 'docker-container', endpoint: 'default', near: true},
    {driver: 'docker-container', endpoint: 'distant', near: false},
    {driver: 'remote', endpoint: 'unix:///run/buildkit/buildkitd.sock', near: true},
    {driver: 'remote', endpoint: 'tcp://127.0.0.1:1234', near: true},
    {driver: 'remote', endpoint: 'tcp://10.0.0.5:1234', near: false},
    {driver: 'remote', endpoint: 'kube-pod://buildkitd', near: false},
  ])('$driver at $endpoint: $near', async ({driver, endpoint, near}) => {
    const hosts = new Map([['default', 'unix:///run/docker.sock']])
    const found = await isNear(builderAt(driver, endpoint), async (context) =>
      Promise.resolve(hosts.get(context) ?? `ssh://${context}.example`),
    )
    expect(found).toBe(near)
  })
})

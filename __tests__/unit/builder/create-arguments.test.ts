import {expect, test} from '@jest/globals'
import {bootArguments, createArguments, type CreateRequest} from '../../../src/builder/create-arguments.ts'
import type {NodeInput} from '../../../src/inputs/inputs.ts'

const plain: CreateRequest = {
  name: 'tagboat-7-1-abc',
  driver: 'docker-container',
  driverOpts: [],
  buildkitdFlags: undefined,
  buildkitdConfig: undefined,
  endpoint: undefined,
  nodes: [],
}
const node: NodeInput = {
  name: undefined,
  endpoint: undefined,
  driverOpts: [],
  buildkitdFlags: undefined,
  platforms: [],
}
const entitlements = '--allow-insecure-entitlement security.insecure --allow-insecure-entitlement network.host'
const create = ['buildx', 'create', '--name', 'tagboat-7-1-abc', '--driver']

interface Row {
  readonly name: string
  readonly request: Partial<CreateRequest>
  readonly expected: readonly (readonly string[])[]
}

/** Only the arguments are tested for kubernetes, because no cluster is available. */
const rows: readonly Row[] = [
  {
    name: 'docker-container as it is',
    request: {},
    expected: [[...create, 'docker-container', '--buildkitd-flags', entitlements]],
  },
  {
    name: 'docker-container with everything',
    request: {
      driverOpts: ['network=host', '"env.no_proxy=localhost,127.0.0.1"'],
      buildkitdFlags: '--debug',
      buildkitdConfig: '/home/tagboat-buildkitd.toml',
      endpoint: 'tcp://engine:2376',
      nodes: [
        {...node, name: 'arm', endpoint: 'ssh://arm', platforms: [{os: 'linux', architecture: 'arm64'}]},
        {...node, driverOpts: ['memory=2g'], buildkitdFlags: '--oci-worker-gc=false'},
      ],
    },
    expected: [
      [
        ...[...create, 'docker-container', '--driver-opt', 'network=host'],
        ...['--driver-opt', '"env.no_proxy=localhost,127.0.0.1"', '--buildkitd-flags', '--debug'],
        ...['--buildkitd-config', '/home/tagboat-buildkitd.toml', 'tcp://engine:2376'],
      ],
      [
        ...[...create, 'docker-container', '--append', '--node', 'tagboat-7-1-abc-arm'],
        ...['--buildkitd-flags', entitlements, '--buildkitd-config', '/home/tagboat-buildkitd.toml'],
        ...['--platform', 'linux/arm64', 'ssh://arm'],
      ],
      [
        ...[...create, 'docker-container', '--append', '--driver-opt', 'memory=2g'],
        ...['--buildkitd-flags', '--oci-worker-gc=false', '--buildkitd-config', '/home/tagboat-buildkitd.toml'],
      ],
    ],
  },
  {
    name: 'remote, which has what it was started with',
    request: {
      driver: 'remote',
      driverOpts: ['cacert=/certs/ca.pem'],
      endpoint: 'tcp://one:1234',
      nodes: [
        {
          ...node,
          name: 'two',
          endpoint: 'tcp://two:1234',
          platforms: [
            {os: 'linux', architecture: 'arm64'},
            {os: 'linux', architecture: 'arm', variant: 'v7'},
          ],
        },
      ],
    },
    expected: [
      [...create, 'remote', '--driver-opt', 'cacert=/certs/ca.pem', 'tcp://one:1234'],
      [...create, 'remote', '--append', '--node', 'two', '--platform', 'linux/arm64,linux/arm/v7', 'tcp://two:1234'],
    ],
  },
  {
    name: 'kubernetes',
    request: {
      driver: 'kubernetes',
      driverOpts: ['namespace=build', 'replicas=2', '"nodeselector=kubernetes.io/arch=amd64"'],
      nodes: [
        {
          ...node,
          name: 'arm64',
          driverOpts: ['namespace=build', '"nodeselector=kubernetes.io/arch=arm64"'],
          platforms: [{os: 'linux', architecture: 'arm64'}],
        },
      ],
    },
    expected: [
      [
        ...[...create, 'kubernetes', '--driver-opt', 'namespace=build', '--driver-opt', 'replicas=2'],
        ...['--driver-opt', '"nodeselector=kubernetes.io/arch=amd64"', '--buildkitd-flags', entitlements],
      ],
      [
        ...[...create, 'kubernetes', '--append', '--node', 'tagboat-7-1-abc-arm64', '--driver-opt', 'namespace=build'],
        ...['--driver-opt', '"nodeselector=kubernetes.io/arch=arm64"', '--buildkitd-flags', entitlements],
        ...['--platform', 'linux/arm64'],
      ],
    ],
  },
]

test.each(rows)('$name', ({request, expected}) => {
  expect(createArguments({...plain, ...request})).toEqual(expected)
})

test('all nodes boot at once', () => {
  expect(bootArguments('one')).toEqual(['buildx', 'inspect', '--bootstrap', 'one'])
})

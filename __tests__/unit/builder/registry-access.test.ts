import {describe, expect, test} from '@jest/globals'
import {registryAccess, registryHosts, type RegistryAccess} from '../../../src/builder/registry-access.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {engineRegistries} from '../../../src/registry/insecure.ts'

/** Output of `docker info` of an engine with these settings. */
function engineInfo(insecure: readonly string[], mirrors: readonly string[] = []): string {
  const hosts = insecure.filter((entry) => !entry.includes('/'))
  const indexes = Object.fromEntries(hosts.map((host) => [host, {Name: host, Mirrors: [], Secure: false}]))
  return JSON.stringify({
    InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8', ...insecure.filter((entry) => entry.includes('/'))],
    IndexConfigs: {'docker.io': {Name: 'docker.io', Mirrors: mirrors, Secure: true, Official: true}, ...indexes},
    Mirrors: mirrors.length === 0 ? null : mirrors,
  })
}

interface Given {
  readonly hosts: readonly string[]
  readonly insecure?: readonly string[]
  readonly mirrors?: readonly string[]
  /** Hosts that speak TLS; the others answer plain HTTP. */
  readonly secure?: readonly string[]
  /** Hosts with a certificate directory. */
  readonly certified?: readonly string[]
  readonly hostsFile?: string
}

async function access({
  hosts,
  insecure = [],
  mirrors,
  secure = [],
  certified = [],
  hostsFile = '',
}: Given): Promise<RegistryAccess> {
  return registryAccess(hosts, {
    engine: engineRegistries(engineInfo(insecure, mirrors)),
    certificates: async (host) =>
      Promise.resolve(
        certified.includes(host)
          ? {ca: [`/c/${host}/ca.crt`], pair: {cert: `/c/${host}/a.cert`, key: `/c/${host}/a.key`}}
          : {ca: [], pair: undefined},
      ),
    scheme: async (host) => Promise.resolve(secure.includes(host) ? 'https' : 'http'),
    hostsFile,
  })
}

describe('settings for a builder to create', () => {
  const rows: readonly (Given & {readonly name: string; readonly expected: Partial<RegistryAccess>})[] = [
    {name: 'none for public registries', hosts: ['docker.io', 'ghcr.io'], expected: {}},
    {
      name: 'plain HTTP for an insecure registry',
      hosts: ['172.17.0.1:5000'],
      insecure: ['172.17.0.1:5000'],
      expected: {registries: [{host: '172.17.0.1:5000', http: true}]},
    },
    {
      name: 'plain HTTP for an address in an insecure network',
      hosts: ['172.17.0.1:5000'],
      insecure: ['172.16.0.0/12'],
      expected: {registries: [{host: '172.17.0.1:5000', http: true}]},
    },
    {
      name: 'any certificate for an insecure registry with TLS',
      hosts: ['reg.example:5000'],
      insecure: ['reg.example:5000'],
      secure: ['reg.example:5000'],
      expected: {registries: [{host: 'reg.example:5000', insecure: true}]},
    },
    {
      name: 'the certificates of the engine',
      hosts: ['reg.example'],
      secure: ['reg.example'],
      certified: ['reg.example'],
      expected: {
        registries: [
          {
            host: 'reg.example',
            ca: ['/c/reg.example/ca.crt'],
            keypair: [{cert: '/c/reg.example/a.cert', key: '/c/reg.example/a.key'}],
          },
        ],
      },
    },
    {
      name: 'host network for loopback',
      hosts: ['localhost:5000', '127.0.0.1:5001', '[::1]:5002'],
      expected: {localHosts: ['localhost:5000', '127.0.0.1:5001', '[::1]:5002']},
    },
    {
      name: 'TLS on loopback, which BuildKit does not attempt by itself',
      hosts: ['localhost:5000'],
      secure: ['localhost:5000'],
      expected: {
        registries: [{host: 'localhost:5000', http: false, insecure: true}],
        localHosts: ['localhost:5000'],
      },
    },
    {
      name: 'host network for a name in its hosts file',
      hosts: ['registry.local:5000', 'ghcr.io'],
      hostsFile: '127.0.0.1 localhost\n10.0.0.7\tother Registry.local # ghcr.io\n',
      expected: {localHosts: ['registry.local:5000']},
    },
    {
      name: 'the mirrors of the engine for Docker Hub',
      hosts: ['docker.io'],
      mirrors: ['https://mirror.example/', 'http://10.0.0.9:5000', 'http://localhost:5001'],
      expected: {
        registries: [
          {host: 'docker.io', mirrors: ['mirror.example', '10.0.0.9:5000', 'localhost:5001']},
          {host: '10.0.0.9:5000', http: true},
        ],
        localHosts: ['localhost:5001'],
      },
    },
    {name: 'no mirrors without Docker Hub', hosts: ['ghcr.io'], mirrors: ['https://mirror.example'], expected: {}},
  ]

  test.each(rows)('$name', async ({expected, ...given}) => {
    expect(await access(given)).toEqual({registries: [], localHosts: [], ...expected})
  })
})

test('the registries of a build are those of images, caches, contexts, base images and mirrors', async () => {
  const problems = new Problems()
  const inputs = await readInputs(
    new Map(
      Object.entries({
        'cache-from': 'type=registry,ref=cache.example/app:c\nbare.example/app:c\ntype=gha',
        'cache-to': 'type=registry,"ref=to.example:5000/app",mode=max',
        'build-contexts': 'base=docker-image://context.example/base',
        mirrors: 'docker.io=mirror.example:5000/hub',
      }),
    ),
    problems,
  )
  problems.throwIfAny()
  const pushedTo = [{host: 'push.example', path: 'app'}]
  expect(registryHosts({inputs, pushedTo, baseImages: ['alpine', 'base.example/x:1', 'push.example/y']})).toEqual([
    'push.example',
    'docker.io',
    'base.example',
    'context.example',
    'cache.example',
    'bare.example',
    'to.example:5000',
    'mirror.example:5000',
  ])
})

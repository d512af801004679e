import {describe, expect, test} from '@jest/globals'
import type {Inputs} from '../../../src/inputs/inputs.ts'
import {warnOfNodeVariables, warnOfUncheckedCertificates} from '../../../src/prepare/node-variables.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {brief} from '../../../testing/problems.ts'

type Given = Readonly<Record<string, string>>

async function read(given: Given): Promise<{readonly inputs: Inputs; readonly problems: readonly string[]}> {
  const problems = new Problems()
  const inputs = await readInputs(new Map(Object.entries(given)), problems)
  return {inputs, problems: problems.all.map(brief)}
}

describe('append', () => {
  test('lists nodes like docker/setup-buildx-action', async () => {
    const append = [
      '- endpoint: ssh://me@graviton2',
      '  platforms: linux/arm64, linux/arm/v7',
      '  driver-opts:',
      '    - network=host',
      '    - "env.key=value"',
      '- name: s390x',
      '  endpoint: tcp://10.0.0.1:1234',
      '  buildkitd-flags: --debug',
      '  platforms:',
      '    - linux/s390x',
      '  driver-opts: |',
      '    cacert=/ca.pem',
      '    servername=one',
    ].join('\n')
    const {inputs, problems} = await read({append})
    expect(problems).toEqual([])
    expect(inputs.builder.nodes).toEqual([
      {
        name: undefined,
        endpoint: 'ssh://me@graviton2',
        driverOpts: ['network=host', 'env.key=value'],
        buildkitdFlags: undefined,
        platforms: [
          {os: 'linux', architecture: 'arm64'},
          {os: 'linux', architecture: 'arm', variant: 'v7'},
        ],
      },
      {
        name: 's390x',
        endpoint: 'tcp://10.0.0.1:1234',
        driverOpts: ['cacert=/ca.pem', 'servername=one'],
        buildkitdFlags: '--debug',
        platforms: [{os: 'linux', architecture: 's390x'}],
      },
    ])
  })

  test.each([
    {append: 'endpoint: one', expected: ['append "- endpoint:" "- name:"']},
    {append: '- one', expected: ['append 1:3 "- endpoint:" "- name:"']},
    {append: '- endpont: one', expected: ['append 1:3 "endpont" "endpoint"']},
    {append: '- nmae: one', expected: ['append 1:3 "nmae" "name"']},
    {append: '- name: a\n  platforms: arm64', expected: ['append 2:14']},
    {append: '- name: a\n  driver-opts: [x]', expected: ['append 2:17']},
    {append: '- name: 1a', expected: ['append 1:3 "." "-" "_"']},
    {append: '- name: a\n- name: a', expected: ['append 2:3']},
    {append: '- name: "', expected: ['append 1:10']},
  ])('$append', async ({append, expected}) => {
    const {problems} = await read({append})
    expect(problems).toEqual(expected)
  })

  test('an option with a comma is quoted for Buildx', async () => {
    const append = '- driver-opts:\n    - env.no_proxy=a,b\n    - "env.no_proxy=c,d"\n- driver-opts: env.no_proxy=e,f'
    const {inputs, problems} = await read({append, 'driver-opts': 'env.no_proxy=g,h'})
    expect(problems).toEqual([])
    expect(inputs.builder.driverOpts).toEqual(['"env.no_proxy=g,h"'])
    expect(inputs.builder.nodes.map(({driverOpts}) => driverOpts)).toEqual([
      ['"env.no_proxy=a,b"', '"env.no_proxy=c,d"'],
      ['"env.no_proxy=e,f"'],
    ])
  })

  test('a remote node requires an endpoint, and is already running', async () => {
    const append = '- name: a\n  buildkitd-flags: --debug'
    const {problems} = await read({driver: 'remote', endpoint: 'tcp://a:1', append})
    expect(problems).toEqual(['append 1:3 "endpoint: tcp://host:port"', 'append 2:3'])
  })
})

test('driver: kubernetes does not allow endpoints', async () => {
  const {problems} = await read({driver: 'kubernetes', endpoint: 'tcp://a:1', append: '- endpoint: tcp://b:1'})
  expect(problems).toEqual(expect.arrayContaining(['endpoint', 'append 1:3']))
})

test('warns of the certificate variables of docker/setup-buildx-action, which are not read', () => {
  const problems = new Problems()
  const environment = {
    BUILDER_NODE_0_AUTH_TLS_CACERT: '-----BEGIN CERTIFICATE-----canary',
    BUILDER_NODE_2_AUTH_TLS_KEY: 'canary',
    BUILDER_NODE_1_AUTH_TLS_CERT: ' ',
    BUILDER_NODE_1_AUTH_TLS_OTHER: 'x',
  }
  warnOfNodeVariables(environment, problems)
  expect(problems.warnings.map(brief)).toEqual(['BUILDER_NODE_0_AUTH_TLS_CACERT', 'BUILDER_NODE_2_AUTH_TLS_KEY'])
  expect(problems.all).toEqual([])
})

test.each([
  {
    value: '0',
    expected: ['NODE_TLS_REJECT_UNAUTHORIZED'],
  },
  {value: '1', expected: []},
  {value: undefined, expected: []},
])('NODE_TLS_REJECT_UNAUTHORIZED=$value', ({value, expected}) => {
  const problems = new Problems()
  warnOfUncheckedCertificates({NODE_TLS_REJECT_UNAUTHORIZED: value}, problems)
  expect(problems.warnings.map(brief)).toEqual(expected)
})

describe('inputs that contradict each other', () => {
  const created = {
    'driver-opts': 'a=b',
    'buildkitd-flags': '--debug',
    'buildkitd-config': 'file',
    endpoint: 'one',
    append: '- name: a',
    'keep-state': 'true',
  }
  const inputsOf = (problems: readonly string[]): readonly string[] =>
    problems.map((problem) => problem.split(' ', 1).join())

  test('a named builder, and each input for a new builder', async () => {
    const {problems} = await read({builder: 'mine', driver: 'kubernetes', ...created})
    expect(inputsOf(problems).toSorted()).toEqual(['driver', ...Object.keys(created)].toSorted())
  })

  test('driver: docker does not allow them', async () => {
    const {problems} = await read({driver: 'docker', ...created})
    expect(inputsOf(problems).toSorted()).toEqual(Object.keys(created).toSorted())
  })

  test.each([
    {
      given: {driver: 'remote'},
      expected: ['endpoint'],
    },
    {
      given: {driver: 'remote', endpoint: 'tcp://a:1', 'buildkitd-flags': '--debug'},
      expected: ['buildkitd-flags'],
    },
    {
      given: {driver: 'remote', endpoint: 'tcp://a:1', 'keep-state': 'true'},
      expected: ['keep-state'],
    },
    {
      given: {'buildkitd-config': 'file', 'buildkitd-config-inline': 'debug = true'},
      expected: ['buildkitd-config-inline'],
    },
    {
      given: {'driver-opts': 'network=host\n  oops'},
      expected: ['driver-opts 2:3'],
    },
    {given: {driver: 'docker-container', ...created}, expected: []},
    {given: {driver: 'kubernetes', 'driver-opts': 'namespace=a', append: '- name: a'}, expected: []},
  ])('$given', async ({given, expected}) => {
    expect((await read(given)).problems).toEqual(expected)
  })
})

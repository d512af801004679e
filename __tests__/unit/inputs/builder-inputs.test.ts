import {describe, expect, test} from '@jest/globals'
import type {Inputs} from '../../../src/inputs/inputs.ts'
import {warnOfNodeVariables, warnOfUncheckedCertificates} from '../../../src/prepare/node-variables.ts'
import {formatNotice, formatProblem, Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'

type Given = Readonly<Record<string, string>>

async function read(given: Given): Promise<{readonly inputs: Inputs; readonly problems: readonly string[]}> {
  const problems = new Problems()
  const inputs = await readInputs(new Map(Object.entries(given)), problems)
  return {inputs, problems: problems.all.map(formatProblem)}
}

describe('append', () => {
  test('is a list of nodes, as docker/setup-buildx-action documents it', async () => {
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
    {append: 'endpoint: one', expected: ['append: this is no YAML list.']},
    {append: '- one', expected: ['append, line 1, column 3: this item is no node.']},
    {append: '- endpont: one', expected: ['append, line 1, column 3: unknown key "endpont". Did you mean "endpoint"?']},
    {append: '- nmae: one', expected: ['append, line 1, column 3: unknown key "nmae". Did you mean "name"?']},
    {append: '- name: a\n  platforms: arm64', expected: ['append, line 2, column 14: this is no platform.']},
    {append: '- name: a\n  driver-opts: [x]', expected: ['append, line 2, column 17: this is no option of the form']},
    {append: '- name: 1a', expected: ['append, line 1, column 3: the name of a node has letters']},
    {append: '- name: a\n- name: a', expected: ['append, line 2, column 3: a node before it has the same name.']},
    {append: '- name: "', expected: ['append, line 1, column 10: the YAML cannot be read here']},
  ])('$append', async ({append, expected}) => {
    const {problems} = await read({append})
    expect(problems).toEqual(expected.map((text) => expect.stringContaining(text)))
  })

  test('a remote node needs its endpoint, and was started by somebody else', async () => {
    const append = '- name: a\n  buildkitd-flags: --debug'
    const {problems} = await read({driver: 'remote', endpoint: 'tcp://a:1', append})
    expect(problems).toEqual([
      'append, line 1, column 3: a node of the driver remote needs an endpoint. Write "endpoint: tcp://host:port".',
      'append, line 1, column 3: a node of the driver remote is started by somebody else. Remove buildkitd-flags, or start that BuildKit with them.',
    ])
  })
})

test('a cluster has no address', async () => {
  const {problems} = await read({driver: 'kubernetes', endpoint: 'tcp://a:1', append: '- endpoint: tcp://b:1'})
  expect(problems).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^endpoint: `driver: kubernetes` has no address of its own.*KUBECONFIG/),
      expect.stringMatching(/^append, line 1, column 3: a node of the driver kubernetes has no endpoint/),
    ]),
  )
})

test('the certificates of docker/setup-buildx-action are told to be unread', () => {
  const problems = new Problems()
  const environment = {
    BUILDER_NODE_0_AUTH_TLS_CACERT: '-----BEGIN CERTIFICATE-----canary',
    BUILDER_NODE_2_AUTH_TLS_KEY: 'canary',
    BUILDER_NODE_1_AUTH_TLS_CERT: ' ',
    BUILDER_NODE_1_AUTH_TLS_OTHER: 'x',
  }
  warnOfNodeVariables(environment, problems)
  expect(problems.warnings.map(formatNotice)).toEqual([
    'BUILDER_NODE_0_AUTH_TLS_CACERT: it is not read: write it to a file, and name that file in `driver-opts` as cacert=PATH.',
    'BUILDER_NODE_2_AUTH_TLS_KEY: it is not read: write it to a file, and name that file in `driver-opts` of node 2 in `append` as key=PATH.',
  ])
  expect(problems.all).toEqual([])
})

test.each([
  {
    value: '0',
    expected: [expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED: it is 0, so that no certificate is checked')],
  },
  {value: '1', expected: []},
  {value: undefined, expected: []},
])('NODE_TLS_REJECT_UNAUTHORIZED=$value', ({value, expected}) => {
  const problems = new Problems()
  warnOfUncheckedCertificates({NODE_TLS_REJECT_UNAUTHORIZED: value}, problems)
  expect(problems.warnings.map(formatNotice)).toEqual(expected)
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
    problems.map((problem) => problem.slice(0, problem.indexOf(':')))

  test('a builder by name, and what is for a new one: each is told', async () => {
    const {problems} = await read({builder: 'mine', driver: 'kubernetes', ...created})
    expect(inputsOf(problems).toSorted()).toEqual(['driver', ...Object.keys(created)].toSorted())
    expect(problems[0]).toMatch(/it is for a new builder, and `builder` names one that exists\. Remove it, or leave/)
  })

  test('driver: docker takes nothing', async () => {
    const {problems} = await read({driver: 'docker', ...created})
    expect(inputsOf(problems).toSorted()).toEqual(Object.keys(created).toSorted())
  })

  test.each([
    {
      given: {driver: 'remote'},
      expected: [
        'endpoint: `driver: remote` needs the address of a BuildKit. Set `endpoint` to its address, such as tcp://host:1234.',
      ],
    },
    {
      given: {driver: 'remote', endpoint: 'tcp://a:1', 'buildkitd-flags': '--debug'},
      expected: [
        'buildkitd-flags: `driver: remote` uses a BuildKit that somebody else has started. Remove it, or start that BuildKit with it.',
      ],
    },
    {
      given: {driver: 'remote', endpoint: 'tcp://a:1', 'keep-state': 'true'},
      expected: [
        'keep-state: `driver: remote` uses a BuildKit that somebody else has started. Remove it: that BuildKit keeps its state by itself.',
      ],
    },
    {
      given: {'buildkitd-config': 'file', 'buildkitd-config-inline': 'debug = true'},
      expected: ['buildkitd-config-inline: it cannot be used together with buildkitd-config. Write one of the two.'],
    },
    {
      given: {'driver-opts': 'network=host\n  oops'},
      expected: [
        'driver-opts, line 2, column 3: this is no option of the form key=value. Write key=value, such as network=host.',
      ],
    },
    {given: {driver: 'docker-container', ...created}, expected: []},
    {given: {driver: 'kubernetes', 'driver-opts': 'namespace=a', append: '- name: a'}, expected: []},
  ])('$given', async ({given, expected}) => {
    expect((await read(given)).problems).toEqual(expected)
  })
})

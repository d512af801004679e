import {describe, expect, test} from '@jest/globals'
import type {BuildInputs} from '../../../src/inputs/inputs.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {brief} from '../../../testing/problems.ts'

type Given = Readonly<Record<string, string>>

async function read(given: Given): Promise<{build: BuildInputs; problems: string[]; notices: string[]}> {
  const problems = new Problems()
  const {build} = await readInputs(new Map(Object.entries(given)), problems)
  return {build, problems: problems.all.map(brief), notices: problems.notices.map(brief)}
}

test.each<{name: string; given: Given; expected: Partial<BuildInputs>}>([
  {
    name: 'texts',
    given: {
      context: '{{defaultContext}}:sub',
      file: './a/Dockerfile',
      target: 'final',
      builder: 'mine',
      network: 'host',
      'shm-size': '128m',
      'cgroup-parent': '/x',
      call: 'check',
    },
    expected: {
      context: '{{defaultContext}}:sub',
      file: './a/Dockerfile',
      target: 'final',
      builder: 'mine',
      network: 'host',
      shmSize: '128m',
      cgroupParent: '/x',
      call: 'check',
    },
  },
  {
    name: 'lists with commas',
    given: {
      'add-hosts': 'a:1.2.3.4,b:::1',
      allow: 'network.host',
      'no-cache-filters': 'a,b\nc',
      ssh: 'default,"x=a,b"',
    },
    expected: {
      addHosts: ['a:1.2.3.4', 'b:::1'],
      allow: ['network.host'],
      noCacheFilters: ['a', 'b', 'c'],
      ssh: ['default', 'x=a,b'],
    },
  },
  {
    name: 'quotes around a build argument, and around its value',
    given: {'build-args': '"VERSION=1.2"\nB="x"'},
    expected: {
      buildArgs: [
        {key: 'VERSION', value: '1.2'},
        {key: 'B', value: '"x"'},
      ],
    },
  },
  {
    name: 'lists of whole lines',
    given: {
      attests: 'type=sbom,generator=image',
      'cache-from': 'type=gha\nuser/app:cache',
      'cache-to': 'type=gha,mode=max',
      ulimit: 'nofile=1:2',
      outputs: 'type=image,"name=a,b"\n"type=local",dest=x',
    },
    expected: {
      attests: ['type=sbom,generator=image'],
      cacheFrom: ['type=gha', 'user/app:cache'],
      cacheTo: ['type=gha,mode=max'],
      ulimit: ['nofile=1:2'],
      outputs: ['type=image,"name=a,b"', '"type=local",dest=x'],
    },
  },
  {
    name: 'pairs',
    given: {
      'build-args': 'A=1,2\nB={"x": "y"}\nC=',
      'build-contexts': 'base=docker-image://alpine:3',
      'secret-envs': 'a=A,b=B',
      'secret-files': 'c=./x,y',
    },
    expected: {
      buildArgs: [
        {key: 'A', value: '1,2'},
        {key: 'B', value: '{"x": "y"}'},
        {key: 'C', value: ''},
      ],
      buildContexts: [{key: 'base', value: 'docker-image://alpine:3', line: 1}],
      secretEnvs: [
        {key: 'a', value: 'A', line: 1},
        {key: 'b', value: 'B', line: 1},
      ],
      secretFiles: [{key: 'c', value: './x,y', line: 1}],
    },
  },
  {
    name: 'a bare build argument',
    given: {'build-args': 'HTTP_PROXY\nA=1'},
    expected: {
      buildArgs: [
        {key: 'HTTP_PROXY', value: undefined},
        {key: 'A', value: '1'},
      ],
    },
  },
  {
    name: 'booleans',
    given: {'no-cache': 'true', pull: 'true', load: 'true'},
    expected: {noCache: true, pull: true, load: true},
  },
  {
    name: 'attestations',
    given: {provenance: 'mode=max', sbom: 'true'},
    expected: {provenance: 'mode=max', sbom: 'true'},
  },
  {
    name: 'attestations that are off',
    given: {attestations: 'off', sbom: 'False', attests: 'type=provenance,disabled=true'},
    expected: {attestations: 'off', provenance: 'false'},
  },
])('$name', async ({given, expected}) => {
  const {build, problems} = await read(given)
  expect(problems).toEqual([])
  expect(build).toMatchObject(expected)
})

describe('platforms', () => {
  test('commas and lines', async () => {
    const {build, problems} = await read({platforms: 'linux/amd64, linux/aarch64\n# no\nlinux/arm/v7'})
    expect(problems).toEqual([])
    expect(build.platforms).toEqual([
      {os: 'linux', architecture: 'amd64'},
      {os: 'linux', architecture: 'arm64'},
      {os: 'linux', architecture: 'arm', variant: 'v7'},
    ])
  })

  test('a duplicate is removed', async () => {
    const {build, notices} = await read({platforms: 'linux/arm64,linux/arm64/v8'})
    expect(build.platforms).toEqual([{os: 'linux', architecture: 'arm64'}])
    expect(notices).toEqual(['platforms 1:13'])
  })

  test.each([
    {
      name: 'an architecture alone',
      given: 'linux/amd64,arm64',
      expected: 'platforms 1:13 "arm64" "linux/arm64"',
    },
    {
      name: 'something else',
      given: '\n  local',
      expected: 'platforms 2:3 "local"',
    },
    {
      name: 'a misspelled architecture',
      given: 'linux/amd64\nlinux/rsicv64',
      expected: 'platforms 2:1 "linux/rsicv64" "linux/riscv64"',
    },
    {
      name: 'a misspelled architecture with a variant',
      given: 'linux/amr/v6',
      expected: 'platforms 1:1 "linux/amr/v6" "linux/arm/v6"',
    },
  ])('rejects $name', async ({given, expected}) => {
    expect((await read({platforms: given})).problems).toEqual([expected])
  })

  test.each([
    'linux/novel',
    'wasi/wasm32',
    'freebsd/amd65',
    'linux/x86_64',
    'linux/amd64/v9',
    'windows/arm64',
    'linux/sparc64',
  ])('accepts an unknown platform: %s', async (given) => {
    const {problems, build} = await read({platforms: given})
    expect(problems).toEqual([])
    expect(build.platforms).toHaveLength(1)
  })
})

describe('attestations', () => {
  test.each<{name: string; given: Given; expected: string}>([
    {
      name: 'a word for provenance',
      given: {provenance: 'max'},
      expected: 'provenance 1 "max"',
    },
    {
      name: 'an unknown mode',
      given: {provenance: 'mode=maxx'},
      expected: 'provenance 6 "maxx" "max"',
    },
    {
      name: 'an SBOM beside `off`',
      given: {attestations: 'off', sbom: 'generator=image:1'},
      expected: 'attestations',
    },
    {
      name: 'any other attestation beside `off`',
      given: {attestations: 'off', attests: 'type=sbom,disabled=true\ntype=vex,generator=x'},
      expected: 'attests 2:1',
    },
    {
      name: 'a word for sbom',
      given: {sbom: 'yes'},
      expected: 'sbom 1 "yes"',
    },
    {
      name: 'the same attestation twice',
      given: {provenance: 'true', attests: 'type=sbom\ntype=provenance,mode=max'},
      expected: 'attests 2:1',
    },
  ])('rejects $name', async ({given, expected}) => {
    expect((await read(given)).problems).toEqual([expected])
  })
})

describe('contradictions', () => {
  test('no-cache and no-cache-filters', async () => {
    expect((await read({'no-cache': 'true', 'no-cache-filters': 'a'})).problems).toEqual(['no-cache'])
  })

  test('push and a call that does not build', async () => {
    expect((await read({push: 'true', call: 'outline,format=json'})).problems).toEqual(['push'])
  })

  test('load and outputs are ignored, with a notice, for a call that does not build', async () => {
    const {build, problems, notices} = await read({
      load: 'true',
      outputs: 'type=local,dest=x',
      call: 'Check,format=json',
    })
    expect({load: build.load, outputs: build.outputs, problems}).toEqual({load: false, outputs: [], problems: []})
    expect(notices).toEqual(['load', 'outputs'])
  })

  test.each(['build', 'BUILD', 'build,format=json', ' ,format=json'])('push and call: %s', async (call) => {
    expect((await read({push: 'true', call})).problems).toEqual([])
  })
})

describe('build secrets', () => {
  test('trailing line breaks in quotes, as in an SSH key', async () => {
    const {build, problems} = await read({secrets: '"key=A\nB\n\n"\nother=x'})
    expect(problems).toEqual([])
    expect(build.secrets.map(({id, value}) => ({id, value: value.reveal()}))).toEqual([
      {id: 'key', value: 'A\nB\n\n'},
      {id: 'other', value: 'x'},
    ])
  })

  test('values of one line, of several, and with equals signs', async () => {
    const {build, problems} = await read({secrets: 'one=a=b\n"two=line 1\nline ""2"""\nthree={"x":1}'})
    expect(problems).toEqual([])
    expect(build.secrets.map(({id, value}) => ({id, value: value.reveal()}))).toEqual([
      {id: 'one', value: 'a=b'},
      {id: 'two', value: 'line 1\nline "2"'},
      {id: 'three', value: '{"x":1}'},
    ])
  })

  test('an empty value gives a notice, and no secret', async () => {
    const {build, problems, notices} = await read({secrets: 'a='})
    expect(problems).toEqual([])
    expect(build.secrets).toEqual([])
    expect(notices).toEqual(['secrets 1'])
  })

  test('a short value is kept, with a notice that does not quote it', async () => {
    const {build, problems, notices} = await read({secrets: 'a=long\nb=xyz'})
    expect(problems).toEqual([])
    expect(build.secrets.map(({value}) => value.reveal())).toEqual(['long', 'xyz'])
    expect(notices).toEqual(['secrets 2'])
  })

  test.each<{name: string; given: Given; expected: string}>([
    {
      name: 'a missing =, without quoting the line',
      given: {secrets: 'a=1\nhunter2'},
      expected: 'secrets 2:1 "id=value"',
    },
    {
      name: 'an id with a space, without quoting it',
      given: {secrets: 'hunter 2=x'},
      expected: 'secrets 1 "id=value"',
    },
    {
      name: 'an id in two inputs',
      given: {secrets: 'a=1', 'secret-envs': 'b=B\na=A'},
      expected: 'secret-envs 2',
    },
    {
      name: 'a value over 100 KiB',
      given: {secrets: `a=${'ä'.repeat(51_201)}`},
      expected: 'secrets 1',
    },
    {
      name: 'a missing variable name',
      given: {'secret-envs': 'a='},
      expected: 'secret-envs 1',
    },
    {
      name: 'a missing path',
      given: {'secret-files': 'a='},
      expected: 'secret-files 1',
    },
  ])('rejects $name', async ({given, expected}) => {
    expect((await read(given)).problems).toEqual([expected])
  })

  test('a value of 100 KiB is valid', async () => {
    expect((await read({secrets: `a=${'x'.repeat(102_400)}`})).problems).toEqual([])
  })
})

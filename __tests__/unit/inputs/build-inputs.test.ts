import {describe, expect, test} from '@jest/globals'
import type {BuildInputs} from '../../../src/inputs/inputs.ts'
import {formatNotice, formatProblem, Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'

type Given = Readonly<Record<string, string>>

async function read(given: Given): Promise<{build: BuildInputs; problems: string[]; notices: string[]}> {
  const problems = new Problems()
  const {build} = await readInputs(new Map(Object.entries(given)), problems)
  return {build, problems: problems.all.map(formatProblem), notices: problems.notices.map(formatNotice)}
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
    name: 'lists that take commas',
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
    name: 'a bare build argument takes the value of the variable',
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

  test('one given twice is built once', async () => {
    const {build, notices} = await read({platforms: 'linux/arm64,linux/arm64/v8'})
    expect(build.platforms).toEqual([{os: 'linux', architecture: 'arm64'}])
    expect(notices).toEqual(['platforms, line 1, column 13: linux/arm64 is given twice and built once.'])
  })

  test.each([
    {
      name: 'an architecture alone',
      given: 'linux/amd64,arm64',
      expected: 'platforms, line 1, column 13: "arm64" is no platform. Did you mean "linux/arm64"?',
    },
    {
      name: 'something else',
      given: '\n  local',
      expected:
        'platforms, line 2, column 3: "local" is no platform. Write os/architecture or os/architecture/variant, such as linux/amd64 or linux/arm/v7.',
    },
    {
      name: 'a slip in an architecture',
      given: 'linux/amd64\nlinux/rsicv64',
      expected:
        'platforms, line 2, column 1: "linux/rsicv64" is no platform that is known. Did you mean "linux/riscv64"?',
    },
    {
      name: 'a slip before a variant',
      given: 'linux/amr/v6',
      expected:
        'platforms, line 1, column 1: "linux/amr/v6" is no platform that is known. Did you mean "linux/arm/v6"?',
    },
  ])('refuses $name', async ({given, expected}) => {
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
  ])('leaves to the builder what is like no other: %s', async (given) => {
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
      expected: 'provenance, column 1: "max" has no =. Write true, false, or attributes such as mode=max.',
    },
    {
      name: 'an unknown mode',
      given: {provenance: 'mode=maxx'},
      expected: 'provenance, column 6: unknown mode "maxx". Did you mean "max"?',
    },
    {
      name: 'a word for sbom',
      given: {sbom: 'yes'},
      expected: 'sbom, column 1: "yes" has no =. Write true, false, or attributes such as generator=image.',
    },
    {
      name: 'the same attestation twice',
      given: {provenance: 'true', attests: 'type=sbom\ntype=provenance,mode=max'},
      expected:
        'attests, line 2, column 1: the input provenance asks for this attestation already. Remove this line, or the input provenance.',
    },
  ])('refuses $name', async ({given, expected}) => {
    expect((await read(given)).problems).toEqual([expected])
  })
})

describe('contradictions', () => {
  test('no-cache and no-cache-filters', async () => {
    expect((await read({'no-cache': 'true', 'no-cache-filters': 'a'})).problems).toEqual([
      'no-cache: it cannot be true together with no-cache-filters. Remove one of them: no-cache is for all stages, no-cache-filters for those that it names.',
    ])
  })

  test('push and a call that builds nothing', async () => {
    expect((await read({push: 'true', call: 'outline,format=json'})).problems).toEqual([
      'push: there is nothing to push, for call is "outline", which builds nothing. Remove `call` to build and push, or set `push: auto` or `push: false`.',
    ])
  })

  test('what a call that makes no image would make of it is left out, with a word', async () => {
    const {build, problems, notices} = await read({
      load: 'true',
      outputs: 'type=local,dest=x',
      call: 'Check,format=json',
    })
    expect({load: build.load, outputs: build.outputs, problems}).toEqual({load: false, outputs: [], problems: []})
    expect(notices).toEqual([
      'load: it is left out: `call: check` makes no image.',
      'outputs: it is left out: `call: check` makes no image.',
    ])
  })

  test.each(['build', 'BUILD', 'build,format=json', ' ,format=json'])('push and call: %s', async (call) => {
    expect((await read({push: 'true', call})).problems).toEqual([])
  })
})

describe('build secrets', () => {
  test('values of one line, of several, and with equals signs', async () => {
    const {build, problems} = await read({secrets: 'one=a=b\n"two=line 1\nline ""2"""\nthree={"x":1}'})
    expect(problems).toEqual([])
    expect(build.secrets.map(({id, value}) => [id, value.reveal()])).toEqual([
      ['one', 'a=b'],
      ['two', 'line 1\nline "2"'],
      ['three', '{"x":1}'],
    ])
  })

  test('an empty one is left out and told', async () => {
    const {build, problems, notices} = await read({secrets: 'a='})
    expect(problems).toEqual([])
    expect(build.secrets).toEqual([])
    expect(notices).toEqual(['secrets, line 1: this build secret is empty, and left out.'])
  })

  test('one that is too short to be masked is kept and told, without quoting it', async () => {
    const {build, problems, notices} = await read({secrets: 'a=long\nb=xyz'})
    expect(problems).toEqual([])
    expect(build.secrets.map(({value}) => value.reveal())).toEqual(['long', 'xyz'])
    expect(notices).toEqual(['secrets, line 2: this build secret is too short to be masked in the log.'])
  })

  test.each<{name: string; given: Given; expected: string}>([
    {
      name: 'no =, without quoting the line',
      given: {secrets: 'a=1\nhunter2'},
      expected: 'secrets, line 2, column 1: there is no = in it. Write key=value, one a line.',
    },
    {
      name: 'an id with a blank, without quoting it',
      given: {secrets: 'hunter 2=x'},
      expected:
        'secrets, line 1: the id of a secret cannot hold blanks, commas or quotes. Write id=value with an id such as npm_token; quote a value of several lines: "id=value".',
    },
    {
      name: 'an id in two inputs',
      given: {secrets: 'a=1', 'secret-envs': 'b=B\na=A'},
      expected: 'secret-envs, line 2: the same id stands in secrets, line 1. Give each build secret once.',
    },
    {
      name: 'a value over 100 KiB',
      given: {secrets: `a=${'ä'.repeat(51_201)}`},
      expected:
        'secrets, line 1: this build secret is larger than 100 KiB. Write it to a file in a step before this one, and name the file in `secret-files`.',
    },
    {
      name: 'no variable',
      given: {'secret-envs': 'a='},
      expected:
        'secret-envs, line 1: the name of a variable is missing behind the =. Write id=…, with the name of a variable behind it.',
    },
    {
      name: 'no path',
      given: {'secret-files': 'a='},
      expected: 'secret-files, line 1: a path is missing behind the =. Write id=…, with a path behind it.',
    },
  ])('refuses $name', async ({given, expected}) => {
    expect((await read(given)).problems).toEqual([expected])
  })

  test('a value of 100 KiB is taken', async () => {
    expect((await read({secrets: `a=${'x'.repeat(102_400)}`})).problems).toEqual([])
  })
})

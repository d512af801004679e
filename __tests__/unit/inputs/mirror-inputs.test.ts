import {describe, expect, test} from '@jest/globals'
import type {Mirror} from '../../../src/inputs/inputs.ts'
import {formatNotice, formatProblem, Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'

type Given = Readonly<Record<string, string>>

async function read(
  given: Given,
): Promise<{readonly mirrors: readonly Mirror[]; readonly problems: string[]; readonly warnings: string[]}> {
  const problems = new Problems()
  const {builder} = await readInputs(new Map(Object.entries(given)), problems)
  return {
    mirrors: builder.mirrors,
    problems: problems.all.map(formatProblem),
    warnings: problems.warnings.map(formatNotice),
  }
}

const [plain, tls] = [true, false].map((http) => ({registry: 'docker.io', http}))

describe('mirrors', () => {
  test.each([
    {name: 'none', text: '', expected: []},
    {name: 'a host', text: 'docker.io=mirror.gcr.io', expected: [{...tls, location: 'mirror.gcr.io', line: 1}]},
    {
      name: 'several, and several of one registry in their order',
      text: '# near first\ndocker.io=near.example:5000\nghcr.io=near.example:5001\n\ndocker.io=far.example',
      expected: [
        {...tls, location: 'near.example:5000', line: 2},
        {...tls, registry: 'ghcr.io', location: 'near.example:5001', line: 3},
        {...tls, location: 'far.example', line: 5},
      ],
    },
    {
      name: 'another name of Docker Hub',
      text: 'registry-1.docker.io=m.example',
      expected: [{...tls, location: 'm.example', line: 1}],
    },
    {
      name: 'a path',
      text: 'docker.io=harbor.example/hub-proxy/',
      expected: [{...tls, location: 'harbor.example/hub-proxy', line: 1}],
    },
    {name: 'https', text: 'docker.io=https://M.example', expected: [{...tls, location: 'm.example', line: 1}]},
    {name: 'http', text: 'docker.io=http://m.example:80', expected: [{...plain, location: 'm.example:80', line: 1}]},
    {name: 'loopback', text: 'docker.io=127.0.0.1:5000', expected: [{...plain, location: '127.0.0.1:5000', line: 1}]},
    {name: 'localhost', text: 'docker.io=localhost', expected: [{...plain, location: 'localhost', line: 1}]},
    {name: 'IPv6', text: 'docker.io=[::1]:5000', expected: [{...plain, location: '[::1]:5000', line: 1}]},
    {
      name: 'loopback with TLS, because it is written',
      text: 'docker.io=https://localhost:5000',
      expected: [{...tls, location: 'localhost:5000', line: 1}],
    },
    {
      name: 'a host that only begins like loopback',
      text: 'docker.io=localhost.example',
      expected: [{...tls, location: 'localhost.example', line: 1}],
    },
  ])('$name', async ({text, expected}) => {
    expect(await read({mirrors: text})).toEqual({mirrors: expected, problems: [], warnings: []})
  })

  test.each([
    {name: 'no =', text: 'a.example=b.example\n  mirror.example', problem: 'line 2, column 3: there is no = in it.'},
    {name: 'no mirror', text: 'docker.io=', problem: 'line 1, column 11: there is no mirror behind the =.'},
    {name: 'no registry', text: 'not a host=m.example', problem: 'line 1, column 1: this is not a registry host.'},
    {name: 'no host', text: 'docker.io=m_m', problem: 'line 1, column 11: this is not the host of a mirror.'},
    {
      name: 'a login',
      text: 'docker.io=me:hunter2@m.example',
      problem: 'line 1, column 11: the address of a mirror holds no login; use `registry-auth` for that.',
    },
    {
      name: 'another protocol',
      text: 'docker.io=oci://m.example',
      problem: 'line 1, column 11: a mirror is asked by http:// or https://.',
    },
    {
      name: 'a path that is none',
      text: 'docker.io=m.example/Up',
      problem: 'line 1, column 11: the path of this mirror cannot begin the name of an image.',
    },
    {
      name: 'itself',
      text: 'docker.io=registry-1.docker.io',
      problem: 'line 1, column 11: the registry is named as a mirror of itself.',
    },
  ])('refuses $name, without quoting it', async ({text, problem}) => {
    const {problems} = await read({mirrors: text})
    expect(problems).toEqual([expect.stringContaining(`mirrors, ${problem}`)])
    expect(problems.join()).not.toContain('hunter2')
  })

  test('reports both sides of one line', async () => {
    const {problems} = await read({mirrors: 'no host=no host'})
    expect(problems.map((problem) => problem.split(': ')[0])).toEqual([
      'mirrors, line 1, column 1',
      'mirrors, line 1, column 9',
    ])
  })

  test.each([
    {name: 'an existing builder', given: {builder: 'mine'}, says: 'the builder that `builder` names'},
    {name: "the engine's own builder", given: {driver: 'docker'}, says: '`registry-mirrors` in its daemon.json'},
    {name: 'a remote BuildKit', given: {driver: 'remote', endpoint: 'tcp://b.example:1'}, says: 'its buildkitd.toml'},
  ])('warns that they do not reach the base images of $name', async ({given, says}) => {
    const {warnings, problems} = await read({...given, mirrors: '\ndocker.io=m.example'})
    expect(problems).toEqual([])
    expect(warnings).toEqual([expect.stringMatching(/^mirrors, line 2: base images are not pulled through mirrors/)])
    expect(warnings[0]).toContain(says)
  })

  test.each(['auto', 'docker-container', 'kubernetes'])('has nothing to warn of with driver %s', async (driver) => {
    expect((await read({driver, mirrors: 'docker.io=m.example'})).warnings).toEqual([])
  })
})

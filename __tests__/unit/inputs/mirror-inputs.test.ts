import {describe, expect, test} from '@jest/globals'
import type {Mirror} from '../../../src/inputs/inputs.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {brief} from '../../../testing/problems.ts'

type Given = Readonly<Record<string, string>>

async function read(
  given: Given,
): Promise<{readonly mirrors: readonly Mirror[]; readonly problems: string[]; readonly warnings: string[]}> {
  const problems = new Problems()
  const {builder} = await readInputs(new Map(Object.entries(given)), problems)
  return {
    mirrors: builder.mirrors,
    problems: problems.all.map(brief),
    warnings: problems.warnings.map(brief),
  }
}

const [plain, tls] = [true, false].map((http) => ({registry: 'docker.io', http}))

describe('mirrors', () => {
  test.each([
    {name: 'none', text: '', expected: []},
    {name: 'a host', text: 'docker.io=mirror.gcr.io', expected: [{...tls, location: 'mirror.gcr.io', line: 1}]},
    {
      name: 'several registries, and several mirrors of one in order',
      text: '# near first\ndocker.io=near.example:5000\nghcr.io=near.example:5001\n\ndocker.io=far.example',
      expected: [
        {...tls, location: 'near.example:5000', line: 2},
        {...tls, registry: 'ghcr.io', location: 'near.example:5001', line: 3},
        {...tls, location: 'far.example', line: 5},
      ],
    },
    {
      name: 'an alias of Docker Hub',
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
      name: 'loopback with explicit TLS',
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
    {name: 'a missing =', text: 'a.example=b.example\n  mirror.example', problem: 'mirrors 2:3'},
    {name: 'a missing mirror', text: 'docker.io=', problem: 'mirrors 1:11'},
    {name: 'an invalid registry', text: 'not a host=m.example', problem: 'mirrors 1:1'},
    {name: 'an invalid host', text: 'docker.io=m_m', problem: 'mirrors 1:11'},
    {
      name: 'a login',
      text: 'docker.io=me:hunter2@m.example',
      problem: 'mirrors 1:11',
    },
    {
      name: 'another protocol',
      text: 'docker.io=oci://m.example',
      problem: 'mirrors 1:11',
    },
    {
      name: 'an invalid path',
      text: 'docker.io=m.example/Up',
      problem: 'mirrors 1:11',
    },
    {
      name: 'the registry itself',
      text: 'docker.io=registry-1.docker.io',
      problem: 'mirrors 1:11',
    },
  ])('rejects $name without quoting it', async ({text, problem}) => {
    const {problems} = await read({mirrors: text})
    expect(problems).toEqual([problem])
    expect(problems.join()).not.toContain('hunter2')
  })

  test('reports both sides of a line', async () => {
    const {problems} = await read({mirrors: 'no host=no host'})
    expect(problems).toEqual(['mirrors 1:1', 'mirrors 1:9'])
  })

  test.each([
    {name: 'an existing builder', given: {builder: 'mine'}},
    {name: 'driver: docker', given: {driver: 'docker'}},
    {name: 'driver: remote', given: {driver: 'remote', endpoint: 'tcp://b.example:1'}},
  ])('gives a warning for $name', async ({given}) => {
    const {warnings, problems} = await read({...given, mirrors: '\ndocker.io=m.example'})
    expect(problems).toEqual([])
    expect(warnings).toEqual(['mirrors 2'])
  })

  test.each(['auto', 'docker-container', 'kubernetes'])('gives no warning for driver %s', async (driver) => {
    expect((await read({driver, mirrors: 'docker.io=m.example'})).warnings).toEqual([])
  })
})

import {describe, expect, test} from '@jest/globals'
import {formatProblem, Problems} from '../../../../src/inputs/problem.ts'
import {readInputs} from '../../../../src/inputs/read.ts'
import {checkSsh} from '../../../../src/inputs/secrets/ssh.ts'

const kinds = new Map<string, 'file' | 'directory' | 'other'>([
  ['/agent.sock', 'other'],
  ['/id_rsa', 'file'],
  ['/id_ed25519', 'file'],
  ['/keys', 'directory'],
])

async function problemsOf(
  text: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const problems = new Problems()
  const lookAt = async (file: string): Promise<'file' | 'directory' | 'other' | undefined> =>
    Promise.resolve(kinds.get(file))
  await checkSsh({text, environment, lookAt}, problems)
  return problems.all.map(formatProblem)
}

const agent = {SSH_AUTH_SOCK: '/agent.sock'}
const start = 'Start an agent in an earlier step of this job, or write id=path with the file of a key.'
const correct = 'Correct the path, or write the key to a file in an earlier step.'

describe('the agents and keys of ssh', () => {
  test.each<{name: string; text: string; environment?: Readonly<Record<string, string>>; expected: readonly string[]}>([
    {name: 'nothing', text: '', expected: []},
    {name: 'an agent', text: 'default', environment: agent, expected: []},
    {
      name: 'no agent',
      text: 'default',
      expected: [`ssh, line 1: there is no SSH agent: the environment variable SSH_AUTH_SOCK is not set. ${start}`],
    },
    {
      name: 'an agent that has ended',
      text: 'default',
      environment: {SSH_AUTH_SOCK: '/gone.sock'},
      expected: [`ssh, line 1: there is no SSH agent: the socket that SSH_AUTH_SOCK names does not exist. ${start}`],
    },
    {name: 'an empty path, which means the agent', text: 'default=', environment: agent, expected: []},
    {name: 'an agent of Windows', text: 'default', environment: {RUNNER_OS: 'Windows'}, expected: []},
    {name: 'keys', text: 'default=/id_rsa\nother=/agent.sock', expected: []},
    {name: 'two keys of an agent', text: 'default=/id_rsa,/id_ed25519', expected: []},
    {
      name: 'a key that does not exist',
      text: 'default=/id_rsa\nother=/gone',
      expected: [`ssh, line 2: the key or socket does not exist. ${correct}`],
    },
    {
      name: 'a second key that does not exist',
      text: 'default=/id_rsa,/gone',
      expected: [`ssh, line 1: the key or socket does not exist. ${correct}`],
    },
    {name: 'a directory', text: 'default=/keys', expected: [`ssh, line 1: the path is a directory. ${correct}`]},
  ])('$name', async ({text, environment, expected}) => {
    expect(await problemsOf(text, environment)).toEqual(expected)
  })

  test('a pasted key is never quoted', async () => {
    const problems = await problemsOf('default=-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2')
    expect(problems).toHaveLength(2)
    expect(problems.join()).not.toContain('hunter2')
  })

  test.each([
    {text: 'default=/a,/b\nx', expected: ['default=/a,/b', 'x']},
    {text: 'default=/a,git=/b', expected: ['default=/a', 'git=/b']},
    {text: 'default=/a\n/b', expected: ['default=/a', '/b']},
    {text: 'default,git', expected: ['default', 'git']},
  ])('$text', async ({text, expected}) => {
    const {build} = await readInputs(new Map([['ssh', text]]), new Problems())
    expect(build.ssh).toEqual(expected)
  })
})

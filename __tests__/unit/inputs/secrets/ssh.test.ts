import {describe, expect, test} from '@jest/globals'
import {Problems, type Problem} from '../../../../src/inputs/problem.ts'
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
): Promise<readonly Problem[]> {
  const problems = new Problems()
  const lookAt = async (file: string): Promise<'file' | 'directory' | 'other' | undefined> =>
    Promise.resolve(kinds.get(file))
  await checkSsh({text, environment, lookAt}, problems)
  return problems.all
}

const agent = {SSH_AUTH_SOCK: '/agent.sock'}

describe('the agents and keys of ssh', () => {
  interface Row {
    readonly name: string
    readonly text: string
    readonly environment?: Readonly<Record<string, string>>
    readonly expected: readonly object[]
  }

  const remedy = {agent: expect.stringContaining('agent'), path: expect.stringContaining('path')}
  test.each<Row>([
    {name: 'nothing', text: '', expected: []},
    {name: 'an agent', text: 'default', environment: agent, expected: []},
    {
      name: 'no agent',
      text: 'default',
      expected: [{line: 1, message: expect.stringContaining('SSH_AUTH_SOCK is not set'), remedy: remedy.agent}],
    },
    {
      name: 'an agent that has ended',
      text: 'default',
      environment: {SSH_AUTH_SOCK: '/gone.sock'},
      expected: [{line: 1, message: expect.stringContaining('SSH_AUTH_SOCK names'), remedy: remedy.agent}],
    },
    {name: 'an empty path, which means the agent', text: 'default=', environment: agent, expected: []},
    {name: 'an agent of Windows', text: 'default', environment: {RUNNER_OS: 'Windows'}, expected: []},
    {name: 'keys', text: 'default=/id_rsa\nother=/agent.sock', expected: []},
    {name: 'two keys of an agent', text: 'default=/id_rsa,/id_ed25519', expected: []},
    {
      name: 'a key that does not exist',
      text: 'default=/id_rsa\nother=/gone',
      expected: [{line: 2, message: expect.stringContaining('does not exist'), remedy: remedy.path}],
    },
    {
      name: 'a second key that does not exist',
      text: 'default=/id_rsa,/gone',
      expected: [{line: 1, message: expect.stringContaining('does not exist'), remedy: remedy.path}],
    },
    {
      name: 'a directory',
      text: 'default=/keys',
      expected: [{line: 1, message: expect.stringContaining('a directory'), remedy: remedy.path}],
    },
  ])('$name', async ({text, environment, expected}) => {
    const problems = await problemsOf(text, environment)
    expect(problems).toMatchObject(expected.map((problem) => ({input: 'ssh', ...problem})))
  })

  test('a pasted key is never quoted', async () => {
    const problems = await problemsOf('default=-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2')
    expect(problems).toHaveLength(2)
    expect(JSON.stringify(problems)).not.toContain('hunter2')
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

import {describe, expect, test} from '@jest/globals'
import {reportEmptyPasswords} from '../../../../src/inputs/credentials/empty-passwords.ts'
import {Problems} from '../../../../src/inputs/problem.ts'
import {readInputs} from '../../../../src/inputs/read.ts'
import {briefProblems} from '../../../../testing/problems.ts'

type Given = Readonly<Record<string, string>>

async function problemsOf(given: Given, event = 'push'): Promise<readonly string[]> {
  const problems = new Problems()
  const inputs = await readInputs(new Map(Object.entries(given)), problems)
  reportEmptyPasswords(inputs, event, problems)
  return briefProblems(problems)
}

describe('reportEmptyPasswords', () => {
  const list =
    '- registry: a.example\n  usrname: me\n- registry: b.example\n  username: me\n- registry: c.example\n  username: me\n  password: p'

  test.each<{name: string; given: Given; event?: string; expected: readonly string[]}>([
    {
      name: 'an item after one with another problem',
      given: {'registry-auth': list},
      expected: ['registry-auth 2:3 "usrname" "username"', 'registry-auth 3'],
    },
    {
      name: 'an item with a problem of its own, once',
      given: {'registry-auth': '- registry: a.example\n  username: me\n  pasword: p'},
      expected: ['registry-auth 3:3 "pasword" "password"'],
    },
    {name: 'the single inputs', given: {registry: 'a.example', username: 'me'}, expected: ['password']},
    {name: 'a registry alone', given: {registry: 'a.example'}, expected: []},
    {name: 'ghcr.io with the token', given: {registry: 'ghcr.io', username: 'me', 'github-token': 't'}, expected: []},
    {
      name: 'a connection of Docker Hub',
      given: {username: 'me', 'dockerhub-connection-id': '123e4567-e89b-42d3-a456-426614174000'},
      expected: [],
    },
    {name: 'push: false', given: {registry: 'a.example', username: 'me', push: 'false'}, expected: []},
    {name: 'a pull request', given: {registry: 'a.example', username: 'me'}, event: 'pull_request', expected: []},
    {
      name: 'a pull request that pushes',
      given: {registry: 'a.example', username: 'me', push: 'true'},
      event: 'pull_request',
      expected: ['password'],
    },
  ])('$name', async ({given, event, expected}) => {
    expect(await problemsOf(given, event)).toEqual(expected)
  })
})

import {describe, expect, test} from '@jest/globals'
import {checkSecretVariables} from '../../../src/inputs/build-secrets.ts'
import {formatNotice, formatProblem, Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'

interface Found {
  readonly problems: readonly string[]
  readonly notices: readonly string[]
}

async function check(secretEnvs: string, variables: Readonly<Record<string, string>>): Promise<Found> {
  const problems = new Problems()
  const {build} = await readInputs(new Map([['secret-envs', secretEnvs]]), problems)
  checkSecretVariables(build.secretEnvs, variables, problems)
  return {problems: problems.all.map(formatProblem), notices: problems.notices.map(formatNotice)}
}

const notSet =
  'the variable that this names is not set. Correct the name, or set it in `env` of this step, if only to the empty text; a value belongs in `secrets`.'

describe('the variables of secret-envs', () => {
  test.each([
    {name: 'one that is set', given: 'a=TOKEN', problems: [], notices: []},
    {
      name: 'an empty one, as on a pull request from a fork',
      given: 'a=EMPTY',
      problems: [],
      notices: ['secret-envs, line 1: the variable that this names is empty.'],
    },
    {
      name: 'one that is not set',
      given: 'a=TOKEN\nb=GONE',
      problems: [`secret-envs, line 2: ${notSet}`],
      notices: [],
    },
    {name: 'one in other letters', given: 'a=token', problems: [`secret-envs, line 1: ${notSet}`], notices: []},
    {
      name: 'two on a line',
      given: 'a=GONE,b=LOST',
      problems: [`secret-envs, line 1: ${notSet}`, `secret-envs, line 1: ${notSet}`],
      notices: [],
    },
    {
      name: 'no name: the one problem that it has is told once',
      given: 'a=',
      problems: [expect.stringContaining('the name of a variable is missing')],
      notices: [],
    },
    {
      name: 'what can be no name: the one problem that it has is told once',
      given: 'a=TO KEN',
      problems: [expect.stringContaining('this cannot be the name of a variable')],
      notices: [],
    },
  ])('$name', async ({given, problems, notices}) => {
    expect(await check(given, {TOKEN: 'x', EMPTY: ''})).toEqual({problems, notices})
  })

  test('a secret in place of a name is quoted nowhere', async () => {
    const found = await check('a=ghp_hunter2', {})
    expect(found.problems).toHaveLength(1)
    expect(JSON.stringify(found)).not.toContain('hunter2')
  })
})

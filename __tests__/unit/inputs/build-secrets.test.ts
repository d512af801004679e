import {describe, expect, test} from '@jest/globals'
import {checkSecretFiles, checkSecretVariables} from '../../../src/inputs/build-secrets.ts'
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
      notices: ['secret-envs, line 1: the variable that this names is empty, and the secret is left out.'],
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

describe('an empty build secret', () => {
  test.each([
    {name: 'nothing behind the =', given: 'a=', ids: []},
    {name: 'blanks', given: 'a=  ', ids: []},
    {name: 'in quotes', given: '"a="', ids: []},
    {name: 'beside another', given: 'a=\nb=value', ids: ['b']},
  ])('is left out, with a notice: $name', async ({given, ids}) => {
    const problems = new Problems()
    const {build} = await readInputs(new Map([['secrets', given]]), problems)
    expect(build.secrets.map(({id}) => id)).toEqual(ids)
    expect(problems.all).toEqual([])
    expect(problems.notices.map(formatNotice)).toEqual(['secrets, line 1: this build secret is empty, and left out.'])
  })

  test('an empty variable is left out too', async () => {
    const problems = new Problems()
    const {build} = await readInputs(new Map([['secret-envs', 'a=EMPTY\nb=FULL']]), problems)
    const kept = checkSecretVariables(build.secretEnvs, {EMPTY: '', FULL: 'x'}, problems)
    expect(kept.map(({key}) => key)).toEqual(['b'])
  })
})

describe('the files of secret-files', () => {
  const missing = 'the file that this names does not exist'
  const remedy = 'Correct the path, or write the file in a step before this one; a value belongs in `secrets`.'
  const kinds = new Map<string, 'file' | 'directory' | 'other'>([
    ['token.txt', 'file'],
    ['pipe', 'other'],
    ['folder', 'directory'],
  ])

  test.each([
    {name: 'one that exists', given: 'a=token.txt', problems: []},
    {name: 'a pipe', given: 'a=pipe', problems: []},
    {
      name: 'one that does not exist',
      given: 'a=token.txt\nb=gone',
      problems: [`secret-files, line 2: ${missing}. ${remedy}`],
    },
    {name: 'a directory', given: 'a=folder', problems: [`secret-files, line 1: this names a directory. ${remedy}`]},
    {
      name: 'no path: the one problem that it has is told once',
      given: 'a=',
      problems: ['secret-files, line 1: a path is missing behind the =. Write id=…, with a path behind it.'],
    },
  ])('$name', async ({given, problems}) => {
    const found = new Problems()
    const {build} = await readInputs(new Map([['secret-files', given]]), found)
    await checkSecretFiles(build.secretFiles, async (file) => Promise.resolve(kinds.get(file)), found)
    expect(found.all.map(formatProblem)).toEqual(problems)
  })
})

describe('a text that stands alone in a command line', () => {
  test.each([
    {name: 'builder', inputs: {builder: '--help'}, where: 'builder'},
    {name: 'a short option', inputs: {builder: '-h'}, where: 'builder'},
    {name: 'endpoint', inputs: {driver: 'remote', endpoint: '--bootstrap'}, where: 'endpoint'},
    {name: 'qemu-image', inputs: {'qemu-image': '--volume=/:/host'}, where: 'qemu-image'},
    {name: 'a node', inputs: {driver: 'remote', endpoint: 'tcp://a:1', append: '- endpoint: --help'}, where: 'append'},
  ])('is no option: $name', async ({inputs, where}) => {
    const problems = new Problems()
    await readInputs(new Map(Object.entries<string>(inputs)), problems)
    expect(problems.all.map(({input}) => input)).toEqual([where])
    expect(problems.all.map(formatProblem).join()).toContain('it begins with "-", as an option of Docker does')
  })
})

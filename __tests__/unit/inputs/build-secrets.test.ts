import {describe, expect, test} from '@jest/globals'
import {checkSecretFiles, checkSecretVariables} from '../../../src/inputs/build-secrets.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {brief} from '../../../testing/problems.ts'

interface Found {
  readonly problems: readonly string[]
  readonly notices: readonly string[]
}

async function check(secretEnvs: string, variables: Readonly<Record<string, string>>): Promise<Found> {
  const problems = new Problems()
  const {build} = await readInputs(new Map([['secret-envs', secretEnvs]]), problems)
  checkSecretVariables(build.secretEnvs, variables, problems)
  return {problems: problems.all.map(brief), notices: problems.notices.map(brief)}
}

describe('the variables of secret-envs', () => {
  test.each([
    {name: 'one that is set', given: 'a=TOKEN', problems: [], notices: []},
    {
      name: 'an empty variable, as on a fork',
      given: 'a=EMPTY',
      problems: [],
      notices: ['secret-envs 1'],
    },
    {
      name: 'an unset variable',
      given: 'a=TOKEN\nb=GONE',
      problems: ['secret-envs 2'],
      notices: [],
    },
    {name: 'one in another case', given: 'a=token', problems: ['secret-envs 1'], notices: []},
    {
      name: 'two on a line',
      given: 'a=GONE,b=LOST',
      problems: ['secret-envs 1', 'secret-envs 1'],
      notices: [],
    },
    {
      name: 'a missing name, reported once',
      given: 'a=',
      problems: ['secret-envs 1'],
      notices: [],
    },
    {
      name: 'an invalid name, reported once',
      given: 'a=TO KEN',
      problems: ['secret-envs 1'],
      notices: [],
    },
  ])('$name', async ({given, problems, notices}) => {
    expect(await check(given, {TOKEN: 'x', EMPTY: ''})).toEqual({problems, notices})
  })

  test('a secret in place of a name is never quoted', async () => {
    const found = await check('a=ghp_hunter2', {})
    expect(found.problems).toHaveLength(1)
    expect(JSON.stringify(found)).not.toContain('hunter2')
  })
})

describe('an empty build secret', () => {
  test.each([
    {name: 'nothing after the =', given: 'a=', ids: []},
    {name: 'whitespace', given: 'a=  ', ids: []},
    {name: 'in quotes', given: '"a="', ids: []},
    {name: 'beside another', given: 'a=\nb=value', ids: ['b']},
  ])('gives a notice: $name', async ({given, ids}) => {
    const problems = new Problems()
    const {build} = await readInputs(new Map([['secrets', given]]), problems)
    expect(build.secrets.map(({id}) => id)).toEqual(ids)
    expect(problems.all).toEqual([])
    expect(problems.notices.map(brief)).toEqual(['secrets 1'])
  })

  test('an empty variable is left out too', async () => {
    const problems = new Problems()
    const {build} = await readInputs(new Map([['secret-envs', 'a=EMPTY\nb=FULL']]), problems)
    const kept = checkSecretVariables(build.secretEnvs, {EMPTY: '', FULL: 'x'}, problems)
    expect(kept.map(({key}) => key)).toEqual(['b'])
  })
})

describe('the files of secret-files', () => {
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
      problems: ['secret-files 2'],
    },
    {name: 'a directory', given: 'a=folder', problems: ['secret-files 1']},
    {
      name: 'a missing path, reported once',
      given: 'a=',
      problems: ['secret-files 1'],
    },
  ])('$name', async ({given, problems}) => {
    const found = new Problems()
    const {build} = await readInputs(new Map([['secret-files', given]]), found)
    await checkSecretFiles(build.secretFiles, async (file) => Promise.resolve(kinds.get(file)), found)
    expect(found.all.map(brief)).toEqual(problems)
  })
})

describe('a positional argument', () => {
  test.each([
    {name: 'builder', inputs: {builder: '--help'}, where: 'builder "-"'},
    {name: 'a short option', inputs: {builder: '-h'}, where: 'builder "-"'},
    {name: 'endpoint', inputs: {driver: 'remote', endpoint: '--bootstrap'}, where: 'endpoint "-"'},
    {name: 'qemu-image', inputs: {'qemu-image': '--volume=/:/host'}, where: 'qemu-image "-"'},
    {
      name: 'a node',
      inputs: {driver: 'remote', endpoint: 'tcp://a:1', append: '- endpoint: --help'},
      where: 'append 1:3 "-"',
    },
  ])('must not be an option: $name', async ({inputs, where}) => {
    const problems = new Problems()
    await readInputs(new Map(Object.entries<string>(inputs)), problems)
    expect(problems.all.map(brief)).toEqual([where])
  })
})

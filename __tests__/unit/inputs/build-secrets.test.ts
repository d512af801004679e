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

describe('an unquoted value with several lines', () => {
  test.each([
    {
      name: 'an .npmrc with a line for a registry',
      given: 'npmrc=registry=https://npm.example\n//npm.example/:_authToken=hunter2',
      line: 2,
    },
    {name: 'a Base64 text that ends in ==', given: 'key=hunter2hunter2\nhunter2A==', line: 2},
    {name: 'a Base64 text that ends in =', given: 'key=hunter2hunter2\nMIIEhunter2Aabc=', line: 2},
    {name: 'a Base64 text with a slash', given: 'key=hunter2\nhunter/2=', line: 2},
    {name: 'a PEM text of one more line', given: 'key=-----BEGIN EC PRIVATE KEY-----', line: 1},
    {name: 'a pip.conf', given: 'pip=[global]\nindex-url = https://me:hunter2@pypi.example/simple', line: 2},
    {name: 'a file of credentials for AWS', given: 'aws=[default]\naws_secret_access_key=hunter2', line: 1},
    {name: 'JSON', given: 'gcp={\n  "private_key": "hunter2=="\n}', line: 1},
    {name: 'a URL', given: 'git=hunter2\nhttps://me:hunter2@git.example/?a=b', line: 2},
  ])('is refused: $name', async ({given, line}) => {
    const problems = new Problems()
    await readInputs(new Map([['secrets', given]]), problems)
    const remedy: unknown = expect.stringContaining('`secret-envs`')
    expect(problems.all).toContainEqual(expect.objectContaining({input: 'secrets', line, remedy}))
    expect(JSON.stringify([problems.all, problems.warnings, problems.notices])).not.toContain('hunter2')
  })

  test.each([
    {name: 'an .env file', given: 'env=A=one\nB=two', lines: [1]},
    {name: 'an .npmrc of settings', given: 'npmrc=registry=https://npm.example\nalways-auth=true', lines: [1]},
    {name: 'an .npmrc with a token first', given: 'npmrc=//npm.example/:_authToken=one\nalways-auth=true', lines: [1]},
    {name: 'an .npmrc with a scope first', given: 'npmrc=@acme:registry=https://npm.example\nemail=me', lines: [1]},
    {name: 'an .env file with a comment first', given: 'env=# of the app\nA=one', lines: [1]},
    {name: 'an .env file for a shell', given: 'env=export A=one\nB=two', lines: [1]},
    {name: 'the same in quotes', given: '"env=A=one\nB=two"\nother=secret', lines: []},
    {name: 'one line in quotes', given: '"env=A=one"\nother=secret', lines: []},
    {name: 'the last secret', given: 'other=secret\nenv=A=one', lines: []},
    {name: 'a connection string', given: 'db=Server=one;Password=two\nother=secret', lines: []},
    {name: 'a Base64 value', given: 'key=c2VjcmV0==\nother=secret', lines: []},
  ])('gives a warning if it may be several secrets: $name', async ({given, lines}) => {
    const problems = new Problems()
    await readInputs(new Map([['secrets', given]]), problems)
    expect(problems.all).toEqual([])
    expect(problems.warnings.map(({line}) => line)).toEqual(lines)
  })

  test.each(['npm_token', 'npm.token-2', 'GIT_AUTH_TOKEN.git.example:8443', 'GIT_AUTH_HEADER.github.com', '0'])(
    'is not found in the id %s',
    async (id) => {
      const problems = new Problems()
      const {build} = await readInputs(new Map([['secrets', `first=secret\n${id}=secret`]]), problems)
      expect(problems.all).toEqual([])
      expect(build.secrets.map((secret) => secret.id)).toEqual(['first', id])
    },
  )
})

describe('a secret that is listed twice', () => {
  test.each([
    {
      name: 'counts once if it is equal',
      given: {secrets: 'a=secret\nb=other\na=secret'},
      ids: ['a', 'b'],
      problems: [],
    },
    {
      name: 'is an error with another value',
      given: {secrets: 'a=secret\na=other'},
      ids: ['a', 'a'],
      problems: ['secrets 2'],
    },
    {
      name: 'counts once in secret-envs',
      given: {'secret-envs': 'a=A,a=A'},
      ids: ['a'],
      problems: [],
    },
    {
      name: 'counts once in secret-files',
      given: {'secret-files': 'a=x\na=x'},
      ids: ['a'],
      problems: [],
    },
  ])('$name', async ({given, ids, problems}) => {
    const found = new Problems()
    const {build} = await readInputs(new Map(Object.entries<string>(given)), found)
    const named = [...build.secretEnvs, ...build.secretFiles].map(({key}) => key)
    expect([...build.secrets.map(({id}) => id), ...named]).toEqual(ids)
    expect(found.all.map(brief)).toEqual(problems)
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

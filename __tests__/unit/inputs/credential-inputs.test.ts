import {describe, expect, test} from '@jest/globals'
import type {CredentialInputs} from '../../../src/inputs/inputs.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {brief} from '../../../testing/problems.ts'

type Given = Readonly<Record<string, string>>

async function read(given: Given): Promise<{credentials: CredentialInputs; problems: string[]}> {
  const problems = new Problems()
  const {credentials} = await readInputs(new Map(Object.entries(given)), problems)
  return {credentials, problems: problems.all.map(brief)}
}

type Row = readonly [host: string, username: string, password: string, line?: number]

function rows({logins}: CredentialInputs): readonly Row[] {
  return logins.map(({host, username, password, line}) =>
    line === undefined ? [host, username, password.reveal()] : [host, username, password.reveal(), line],
  )
}

describe('hostile YAML', () => {
  const login = '- registry: a.example\n  username: me\n  password: &p secret\n'

  test('may have thousands of aliases', async () => {
    const aliases = Array.from(
      {length: 20_000},
      (_, number) => `- registry: h${number}.example\n  username: me\n  password: *p\n`,
    )
    const before = process.cpuUsage().user
    const {credentials} = await read({'registry-auth': login + aliases.join('')})
    expect(credentials.logins).toHaveLength(20_001)
    expect(credentials.logins.at(-1)?.password.reveal()).toBe('secret')
    expect(process.cpuUsage().user - before).toBeLessThan(10_000_000)
  })

  test('may define an anchor twice: the last one before an alias applies', async () => {
    const other =
      '- registry: b.example\n  username: me\n  password: *p\n- registry: c.example\n  username: me\n  password: &p other\n- registry: d.example\n  username: me\n  password: *p\n'
    const {credentials} = await read({'registry-auth': login + other})
    expect(credentials.logins.map(({password}) => password.reveal())).toEqual(['secret', 'secret', 'other', 'other'])
  })

  test('may be nested too deep for the parser', async () => {
    const {problems} = await read({'registry-auth': '['.repeat(60_000)})
    expect(problems).toEqual([expect.stringContaining('registry-auth')])
  })
})

describe('one login', () => {
  test.each<{name: string; given: Given; expected: readonly Row[]}>([
    {name: 'nothing', given: {registry: '', username: '', password: ''}, expected: []},
    {name: 'Docker Hub', given: {username: 'me', password: 'p'}, expected: [['docker.io', 'me', 'p']]},
    {
      name: 'an alias of Docker Hub',
      given: {registry: 'https://index.docker.io/v1/', username: 'me', password: 'p'},
      expected: [['docker.io', 'me', 'p']],
    },
    {
      name: 'whitespace around a password',
      given: {registry: 'GHCR.io', username: 'me', password: ' p \n'},
      expected: [['ghcr.io', 'me', 'p']],
    },
    {name: 'a registry alone', given: {registry: 'ghcr.io'}, expected: [['ghcr.io', '', '']]},
    {
      name: 'an empty password, as on a fork',
      given: {username: 'me', password: ''},
      expected: [['docker.io', 'me', '']],
    },
    {
      name: 'a port',
      given: {registry: 'localhost:5000', username: 'a', password: 'b'},
      expected: [['localhost:5000', 'a', 'b']],
    },
  ])('$name', async ({given, expected}) => {
    const {credentials, problems} = await read(given)
    expect(problems).toEqual([])
    expect(rows(credentials)).toEqual(expected)
  })

  test.each(['not a host', 'user:hunter2@ghcr.io', '/'])('rejects %j without quoting it', async (registry) => {
    const {credentials, problems} = await read({registry, username: 'a', password: 'b'})
    expect(credentials.logins).toEqual([])
    expect(problems).toEqual(['registry'])
  })
})

describe('registry-auth', () => {
  test('several logins, with the line of each', async () => {
    const {credentials, problems} = await read({
      'registry-auth': `# all of them
- registry: ghcr.io
  username: me
  password: 'a: b # c'

- username: hub
  password: 0123456789012345678
- registry: quay.io
  username: ~
  password:
`,
    })
    expect(problems).toEqual([])
    expect(rows(credentials)).toEqual([
      ['ghcr.io', 'me', 'a: b # c', 2],
      ['docker.io', 'hub', '0123456789012345678', 6],
      ['quay.io', '~', '', 8],
    ])
    expect(credentials.logins.map(({source}) => source)).toEqual(['registry-auth', 'registry-auth', 'registry-auth'])
  })

  test('an anchor', async () => {
    const {credentials, problems} = await read({
      'registry-auth':
        '- {registry: a.example, username: &u me, password: &p x}\n- {registry: b.example, username: *u, password: *p}',
    })
    expect(problems).toEqual([])
    expect(rows(credentials)).toEqual([
      ['a.example', 'me', 'x', 1],
      ['b.example', 'me', 'x', 2],
    ])
  })

  const good = '- registry: ghcr.io\n  username: a\n  password: hunter2\n'

  test.each<{name: string; given: Given; expected: readonly string[]}>([
    {
      name: 'the single inputs in addition',
      given: {'registry-auth': good, username: 'a', password: 'b'},
      expected: ['registry-auth'],
    },
    {
      name: 'an unknown key',
      given: {'registry-auth': '- registry: ghcr.io\n  usrname: hunter2'},
      expected: ['registry-auth 2:3 "username"'],
    },
    {
      name: 'an unknown key without a similar one',
      given: {'registry-auth': '- hunter2: ghcr.io'},
      expected: ['registry-auth 1:3'],
    },
    {
      name: 'a key of a later release',
      given: {'registry-auth': `${good}  ecr: auto`},
      expected: ['registry-auth 4:3'],
    },
    {
      name: 'the same registry twice',
      given: {'registry-auth': `- username: a\n- registry: index.docker.io`},
      expected: ['registry-auth 2'],
    },
    {
      name: 'a bad host',
      given: {'registry-auth': '- registry: not a host'},
      expected: ['registry-auth 1'],
    },
    {
      name: 'text',
      given: {'registry-auth': 'hunter2'},
      expected: ['registry-auth "- registry:"'],
    },
    {
      name: 'an empty list',
      given: {'registry-auth': '[]'},
      expected: ['registry-auth "- registry:"'],
    },
    {
      name: 'a list of texts',
      given: {'registry-auth': '- hunter2'},
      expected: ['registry-auth 1:3 "- registry:"'],
    },
    {
      name: 'a value that is not text',
      given: {'registry-auth': '- password: [hunter2]'},
      expected: ['registry-auth 1:13'],
    },
    {
      name: 'a password that is not valid YAML',
      given: {'registry-auth': '- registry: ghcr.io\n  password: @hunter2'},
      expected: ['registry-auth 2:13'],
    },
    {
      name: 'a password that looks like an alias',
      given: {'registry-auth': '- password: *hunter2'},
      expected: ['registry-auth 1:13'],
    },
  ])('rejects $name', async ({given, expected}) => {
    const {problems} = await read(given)
    expect(problems).toEqual(expected)
    expect(problems.join('\n')).not.toContain('hunter2')
  })
})

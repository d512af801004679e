import {describe, expect, test} from '@jest/globals'
import type {CredentialInputs} from '../../../../src/inputs/credentials/credentials.ts'
import {Problems} from '../../../../src/inputs/problem.ts'
import {readInputs} from '../../../../src/inputs/read.ts'
import {brief} from '../../../../testing/problems.ts'

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

  test.each<{name: string; given: string; expected: readonly Row[]}>([
    {
      name: 'equal logins count once',
      given: '- {username: a, password: b}\n- {registry: docker.io, username: a, password: b}',
      expected: [['docker.io', 'a', 'b', 1]],
    },
    {
      name: 'a complete login replaces an incomplete one for the same registry',
      given: '- {username: a, password: ""}\n- {username: b, password: c}\n- {username: d}',
      expected: [['docker.io', 'b', 'c', 2]],
    },
    {
      name: 'the first of several incomplete logins for a registry counts',
      given: '- {username: a}\n- {username: b}',
      expected: [['docker.io', 'a', '', 1]],
    },
    {
      name: 'a login that is switched off does not count',
      given:
        '- {username: a, password: b, enable: false}\n- {username: c, password: d, enable: True}\n- {registry: quay.io, enable: FALSE}',
      expected: [['docker.io', 'c', 'd', 2]],
    },
    {
      name: 'a registry that is switched off may be empty or invalid',
      given: '- {registry: "https:// ", username: a, enable: "false"}',
      expected: [],
    },
    {
      name: 'Amazon ECR takes a token',
      given: '- {registry: 123456789012.dkr.ecr.eu-west-1.amazonaws.com, username: AWS, password: token}',
      expected: [['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'AWS', 'token', 1]],
    },
  ])('$name', async ({given, expected}) => {
    const {credentials, problems} = await read({'registry-auth': given})
    expect(problems).toEqual([])
    expect(rows(credentials)).toEqual(expected)
  })

  test.each([
    'p #x',
    '#x',
    '&x',
    '!x',
    '*x',
    '|',
    '>-',
    '@x',
    '`x',
    '%x',
    '"x',
    "'x",
    'p: x',
    'x:',
    '{"private_key": "p", "b": 1}',
    '[x',
    'first\nsecond',
    '-----BEGIN KEY-----\nabc==\n-----END KEY-----\n',
    'back\\slash and "quotes"',
    'null',
    'true',
    '0123',
    '~',
    '- x',
    '? x',
  ])('the JSON of the secret %j is the secret', async (secret) => {
    const {credentials, problems} = await read({
      'registry-auth': `- username: me\n  password: ${JSON.stringify(secret)}\n- registry: ghcr.io\n`,
    })
    expect(problems).toEqual([])
    expect(credentials.logins[0]?.password.reveal()).toBe(secret.trim())
  })

  test('the JSON of a secret that is not set is empty', async () => {
    const {credentials, problems} = await read({'registry-auth': '- username: me\n  password: null # secret'})
    expect(problems).toEqual(['registry-auth 2:13'])
    expect(credentials.logins[0]?.password.isEmpty).toBe(true)
    const {credentials: bare} = await read({'registry-auth': '- username: me\n  password: null'})
    expect(rows(bare)).toEqual([['docker.io', 'me', '', 1]])
  })

  test.each([
    {
      name: 'a comment behind JSON',
      given: '- {username: me}\n- username: me\n  password: "hunter2" # secret',
      last: 'hunter2',
    },
    {name: 'a comment behind another key', given: '- registry: quay.io # Quay\n  password: hunter2', last: 'hunter2'},
    {name: 'a comment below', given: '- password: hunter2\n# comment', last: 'hunter2'},
    {name: 'a tag for text', given: '- password: !!str 0123', last: '0123'},
    {name: 'a block', given: '- password: |\n    one\n    #two\n', last: 'one\n#two'},
    {name: 'a block with an empty secret', given: '- password: |\n    \n  username: me', last: ''},
    {name: 'a text on the next line', given: '- password:\n    hunter2\n  username: me', last: 'hunter2'},
    {name: 'nothing, with a comment below', given: '- password:\n  # comment\n  username: me', last: ''},
    {name: 'a secret that ends with a line break', given: '- username: me\n  password: hunter2\n\n', last: 'hunter2'},
  ])('keeps $name', async ({given, last}) => {
    const {credentials, problems} = await read({'registry-auth': given})
    expect(problems).toEqual([])
    expect(credentials.logins.at(-1)?.password.reveal()).toBe(last)
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
      expected: ['registry-auth 2:3 "usrname" "username"'],
    },
    {
      name: 'a word for another key',
      given: {'registry-auth': '- user: hunter2'},
      expected: ['registry-auth 1:3 "user" "username"'],
    },
    {
      name: 'an unknown key without a similar one',
      given: {'registry-auth': '- hunter2: ghcr.io'},
      expected: ['registry-auth 1:3'],
    },
    {
      name: 'the same registry twice',
      given: {
        'registry-auth':
          '- username: a\n  password: b\n- registry: index.docker.io\n  username: a\n  password: hunter2',
      },
      expected: ['registry-auth 3'],
    },
    {
      name: 'a bad host',
      given: {'registry-auth': '- registry: not a host'},
      expected: ['registry-auth 1:3'],
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
      name: 'a password with a comment',
      given: {'registry-auth': '- password: p #hunter2'},
      expected: ['registry-auth 1:13'],
    },
    {
      name: 'a password that is a comment',
      given: {'registry-auth': '- password: #hunter2'},
      expected: ['registry-auth 1:13'],
    },
    {
      name: 'a password behind a tab',
      given: {'registry-auth': '- password: p\t#hunter2'},
      expected: ['registry-auth 1:13'],
    },
    {name: 'an anchor', given: {'registry-auth': '- password: &hunter2'}, expected: ['registry-auth 1:21']},
    {
      name: 'an anchor with a rest',
      given: {'registry-auth': '- password: &x hunter2'},
      expected: ['registry-auth 1:16'],
    },
    {name: 'a tag', given: {'registry-auth': '- password: !hunter2'}, expected: ['registry-auth 1:21']},
    {name: 'a tag with a rest', given: {'registry-auth': '- password: ! hunter2'}, expected: ['registry-auth 1:15']},
    {
      name: 'a user name that is a tag',
      given: {'registry-auth': '- username: !hunter2'},
      expected: ['registry-auth 1:21'],
    },
    {
      name: 'a block without a text',
      given: {'registry-auth': '- password: |\n  username: a'},
      expected: ['registry-auth 1:13'],
    },
    {
      name: 'a block before a blank line',
      given: {'registry-auth': '- password: |+\n\n- registry: hunter2.example'},
      expected: ['registry-auth 1:13'],
    },
    {name: 'a tag for text alone', given: {'registry-auth': '- password: !!str'}, expected: ['registry-auth 1:18']},
    {
      name: 'a block at the end',
      given: {'registry-auth': '- username: a\n  password: >-'},
      expected: ['registry-auth 2:13'],
    },
    {
      name: 'a block header with a comment',
      given: {'registry-auth': '- password: | #hunter2'},
      expected: ['registry-auth 1:13'],
    },
    {
      name: 'several lines',
      given: {'registry-auth': '- password: hunter2\n    hunter2'},
      expected: ['registry-auth 1:13'],
    },
    {
      name: 'several lines in quotes',
      given: {'registry-auth': '- password: "hunter2\n    hunter2"'},
      expected: ['registry-auth 1:13'],
    },
    {
      name: 'an enable that is not a Boolean',
      given: {'registry-auth': '- {username: a, enable: hunter2}'},
      expected: ['registry-auth 1:17'],
    },
    {
      name: 'an empty enable',
      given: {'registry-auth': '- username: a\n  enable:'},
      expected: ['registry-auth 2:3'],
    },
    {
      name: 'AWS keys for Amazon ECR',
      given: {
        'registry-auth': '- registry: 123456789012.dkr.ecr.eu-west-1.amazonaws.com\n  username: hunter2\n  password: b',
      },
      expected: ['registry-auth 2:3'],
    },
    {
      name: 'AWS keys for a host that is not known',
      given: {'registry-auth': '- registry: registry.example\n  username: ASIAIOSFODNN7EXAMPLE\n  password: hunter2'},
      expected: ['registry-auth 2:3'],
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

test.each<{name: string; given: Given; expected: readonly string[]}>([
  {name: 'JSON in the single input', given: {username: 'me', password: '"hunter2"'}, expected: ['password']},
  {name: 'the JSON of a secret that is not set', given: {username: 'me', password: 'null'}, expected: ['password']},
  {
    name: 'JSON in quotes in the list',
    given: {'registry-auth': `- username: me\n  password: '"hunter2"'`},
    expected: ['registry-auth 2:3'],
  },
  {name: 'JSON in the list', given: {'registry-auth': '- username: me\n  password: "hunter2"'}, expected: []},
  {name: 'one quote', given: {username: 'me', password: '"hunter2'}, expected: []},
  {name: 'quotes that are not JSON', given: {username: 'me', password: '"hun"ter2"'}, expected: []},
])('a password with its JSON quotes gives a warning: $name', async ({given, expected}) => {
  const problems = new Problems()
  await readInputs(new Map(Object.entries(given)), problems)
  expect(problems.all).toEqual([])
  expect(problems.warnings.map(brief)).toEqual(expected)
})

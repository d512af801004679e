import {describe, expect, test} from '@jest/globals'
import {addressSecrets, withoutAddressSecrets} from '../../../src/errors/addresses.ts'
import {exceedsCpuTime} from '../../../testing/cpu-time.ts'

interface Row {
  readonly name: string
  readonly given: string
  readonly shown: string
  readonly secrets: readonly string[]
}

const rows: readonly Row[] = [
  {
    name: 'a password',
    given: 'https://mona:hunter22@host/app.git#main:docker',
    shown: 'https://***@host/app.git#main:docker',
    secrets: ['hunter22'],
  },
  {name: 'a token as user', given: 'https://ghp_token@host/a', shown: 'https://***@host/a', secrets: ['ghp_token']},
  {
    name: 'a token as user, with a fixed password',
    given: 'https://ghp_token:x-oauth-basic@host/a',
    shown: 'https://***@host/a',
    secrets: ['ghp_token'],
  },
  {
    name: 'a token as user, with an empty password',
    given: 'http://ghp_token:@host',
    shown: 'http://***@host',
    secrets: ['ghp_token'],
  },
  {
    name: 'a password with escapes',
    given: 'tcp://u:p%40ss%3Aword@host:1234',
    shown: 'tcp://***@host:1234',
    secrets: ['p%40ss%3Aword', 'p@ss:word'],
  },
  {name: 'a password with an @', given: 'tcp://u:p@ss@host', shown: 'tcp://***@host', secrets: ['p@ss']},
  {name: 'a broken escape', given: 'tcp://u:100%@host', shown: 'tcp://***@host', secrets: ['100%']},
  {
    name: 'an address in a list',
    given: 'base=https://u:first@host/a\nnext=docker-image://x,https://v:second@host',
    shown: 'base=https://***@host/a\nnext=docker-image://x,https://***@host',
    secrets: ['first', 'second'],
  },
  {
    name: 'a signature',
    given: 'https://host/a.tgz?X-Amz-Signature=abc123&ref=main&sig=def456#d',
    shown: 'https://host/a.tgz?X-Amz-Signature=***&ref=main&sig=***#d',
    secrets: ['abc123', 'def456'],
  },
  ...[
    'ssh://git@host/app.git',
    'git@github.com:o/app.git',
    'https://host/a@b',
    'https://host/?mail=a@b',
    'docker-image://ghcr.io/o/app@sha256:0123',
    'https://host/a?monkey=1&design=2',
    'user@host',
    'a: //b@c',
    '',
  ].map((given) => ({name: `nothing in ${given}`, given, shown: given, secrets: []})),
]

describe('addresses', () => {
  test.each(rows)('$name', ({given, shown, secrets}) => {
    expect({shown: withoutAddressSecrets(given), secrets: addressSecrets(given)}).toEqual({shown, secrets})
  })

  test.each(rows)('what is shown is shown again as it is: $name', ({shown}) => {
    expect(withoutAddressSecrets(shown)).toBe(shown)
  })

  test.each(['://'.repeat(200_000), `https://${'a'.repeat(500_000)}`, '?sig'.repeat(200_000), 'a:'.repeat(300_000)])(
    'a long text costs no time',
    (text) => {
      const read = (): readonly unknown[] => [withoutAddressSecrets(text), addressSecrets(text)]
      expect(exceedsCpuTime(500, read)).toBe(false)
    },
  )
})

import {describe, expect, test} from '@jest/globals'
import {maskedTexts, secretKeeper, type Hide} from '../../../src/errors/known-secrets.ts'

function hiding(...secrets: readonly string[]): Hide {
  const {keep, hide} = secretKeeper()
  for (const secret of secrets) keep(secret)
  return hide
}

const long = Array.from(
  {length: 19},
  (_, index) => `canary-${String(index).padStart(2, '0')}-0123456789abcdef01234567`,
).join('')
const key = JSON.stringify(
  {type: 'service_account', private_key: '-----BEGIN-----\nMIIcanary<&>\n-----END-----\n'},
  null,
  2,
)

interface Row {
  readonly name: string
  readonly secret: string
  /** Encodes the secret. */
  readonly written: (secret: string) => string
}

const rows: readonly Row[] = [
  {name: 'as it is', secret: 'p4ss: "word"', written: (secret) => secret},
  {name: '608 characters', secret: long, written: (secret) => secret},
  {name: 'two spaces in a row', secret: 'canary  pass', written: (secret) => secret},
  {name: 'two spaces that became one', secret: 'canary  pass', written: () => 'canary pass'},
  {name: 'a part that looks like an address', secret: 'can://x@ary', written: (secret) => secret},
  {name: 'a part that looks like a query', secret: 'CANq?user=me&pass=x', written: (secret) => secret},
  {name: 'as a value in a URL', secret: 'a/b c+d=é', written: encodeURIComponent},
  {name: 'as a value in a URL, in lower case', secret: 'a/b+d', written: () => 'a%2fb%2bd'},
  {name: 'as the path of a URL', secret: 'a b"c', written: encodeURI},
  {name: 'in a form', secret: 'a b+c', written: (secret) => new URLSearchParams({x: secret}).toString()},
  {name: 'in JSON', secret: 'a"b\\c', written: JSON.stringify},
  {name: 'in JSON of Go', secret: 'a<b>&c"', written: () => String.raw`a\u003cb\u003e\u0026c\"`},
  {name: 'in JSON in JSON', secret: 'a"b\\c', written: (secret) => JSON.stringify(JSON.stringify(secret))},
  {name: 'a key of several lines', secret: key, written: (secret) => secret},
  {name: 'a key in JSON', secret: key, written: JSON.stringify},
  {name: 'a line of a key', secret: key, written: (secret) => secret.split('\n')[2] ?? ''},
  {
    name: 'a line of a key without its indentation',
    secret: key,
    written: (secret) => secret.split('\n')[2]?.trim() ?? '',
  },
  {name: 'Windows line breaks', secret: 'canary-1\r\ncanary-2', written: () => 'canary-2\ncanary-1'},
  {name: 'in HTML', secret: 'a<b>&c"', written: () => 'a&lt;b&gt;&amp;c&#34;'},
  {name: 'in base64', secret: 'canary??>', written: (secret) => Buffer.from(secret).toString('base64')},
  {
    name: 'in base64url',
    secret: 'canary??>',
    written: (secret) => Buffer.from(secret).toString('base64url'),
  },
  {name: 'half a character', secret: 'canary\ud800', written: (secret) => secret},
]

describe('hide', () => {
  test.each(rows)('$name', ({secret, written}) => {
    const shown = hiding(secret)(`before ${written(secret)} after`)
    expect(shown).toMatch(/^before .{0,3}\*\*\*[^]* after$/)
    for (const piece of secret.match(/[a-z]{6,}|[\da-f]{8,}/gi) ?? []) expect(shown).not.toContain(piece)
  })

  test('overlapping secrets are hidden completely', () => {
    expect(hiding('abcdef', 'efghij')('xabcdefghijx')).toBe('x***x')
  })

  test('a secret that is part of another', () => {
    expect(hiding('canary', 'canary-long')('canary-long canary')).toBe('*** ***')
  })

  test.each(['abc', '', '   ', ' \n '])('nothing is hidden for %j: it would blank half of the log', (secret) => {
    expect(hiding(secret)('abc   \n abc')).toBe('abc   \n abc')
  })

  test('braces of a JSON key file are not hidden', () => {
    expect(hiding('{\n  "a": "canary"\n}')('{}')).toBe('{}')
  })

  test('a secret that is added later is hidden from then on', () => {
    const {keep, hide} = secretKeeper()
    expect(hide('canary')).toBe('canary')
    keep('canary')
    expect(hide('canary')).toBe('***')
  })

  test.each([
    {given: 'said: Bearer abcdefghijklmnop.q', expected: 'said: Bearer ***'},
    {given: 'authorization: bearer  abcdefghijklmnopq==', expected: 'authorization: bearer  ***'},
    {given: 'Bearer token is missing', expected: 'Bearer token is missing'},
    {given: `x=eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.c2ln!`, expected: 'x=***!'},
  ])('a token of a program is known by its form: $given', ({given, expected}) => {
    expect(hiding()(given)).toBe(expected)
  })
})

describe('maskedTexts', () => {
  test.each([
    {name: 'one line', given: 's3cret', expected: ['s3cret']},
    {
      name: 'each line, with and without whitespace',
      given: 'first\n  second\n',
      expected: ['first\n  second\n', 'first', '  second', 'second'],
    },
    {
      name: 'lines of less than four characters are left out',
      given: '{\n  "a"\n  "key"\n}',
      expected: ['{\n  "a"\n  "key"\n}', '  "key"', '"key"'],
    },
    {name: 'a short text', given: 'abc', expected: []},
    {name: 'whitespace', given: ' \n ', expected: []},
  ])('$name', ({given, expected}) => {
    expect(maskedTexts(given)).toEqual(expected)
  })
})

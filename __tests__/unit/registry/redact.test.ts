import {describe, expect, test} from '@jest/globals'
import {secretKeeper} from '../../../src/errors/known-secrets.ts'
import {parseErrorBody} from '../../../src/registry/error-body.ts'
import {redactText, redactUrl} from '../../../src/registry/redact.ts'

const shown = (text: string): string => text

describe('redactUrl and redactText', () => {
  test.each([
    {given: 'https://r.example/v2/a?n=1&last=b', expected: 'https://r.example/v2/a?n=1&last=b'},
    {
      given: 'https://user:canary@s3.example/a?X-Amz-Signature=canary&digest=d#canary',
      expected: 'https://s3.example/a?X-Amz-Signature=***&digest=d',
    },
  ])('$given', ({given, expected}) => {
    expect(redactUrl(new URL(given), shown)).toBe(expected)
  })

  test.each([
    {name: 'lines and control characters', given: 'a\r\n::error::b\u001b[31m', expected: 'a ::error::b [31m'},
    {name: 'a long text', given: 'x'.repeat(400), expected: `${'x'.repeat(300)}…`},
    {
      name: 'an address',
      given: 'see "https://mona:canary@s3.example/a\'?X-Amz-Signature=canary&digest=d" there',
      expected: 'see "https://s3.example/a\'?X-Amz-Signature=***&digest=d" there',
    },
    {name: 'a path', given: 'at /v2/a?_state=canary', expected: 'at /v2/a?_state=***'},
    {name: 'a query that follows another', given: 'a?b?c=canary', expected: 'a?b?c=***'},
    {name: 'a user name that is cut', given: `at ://${'canary'.repeat(1000)}@`, expected: 'at ://'},
  ])('$name', ({given, expected}) => {
    expect(redactText(given, shown)).toBe(expected)
  })
})

describe('a secret that a server repeats', () => {
  const secrets = [
    'canary'.repeat(101),
    '{\n  "type": "service_account",\n  "private_key": "-----BEGIN-----\\nMIIcanary\\n-----END-----\\n"\n}',
    'canary?user=me&pass=canary',
    'canary  canary',
    'ca://nary@canary',
  ]
  const {keep, hide} = secretKeeper()
  secrets.forEach(keep)

  test.each(secrets)('is hidden before the text is changed or cut: %j', (secret) => {
    expect(redactText(`for mona:${secret}, no`, hide)).toBe('for mona:***, no')
    const body = Buffer.from(JSON.stringify({errors: [{code: secret, message: `no ${secret}`}]}))
    expect(parseErrorBody(body, hide)).toEqual([{code: '***', written: '***', message: 'no ***'}])
    const url = new URL(`https://r.example/v2/${encodeURIComponent(secret)}?last=${encodeURIComponent(secret)}`)
    expect(redactUrl(url, hide)).toBe('https://r.example/v2/***?last=***')
    const bare = new URL(`https://r.example/v2/?${secret}`)
    expect(redactUrl(bare, hide)).not.toMatch(/canary|MII/)
  })
})

import {describe, expect, test} from '@jest/globals'
import {secretKeeper} from '../../../src/errors/known-secrets.ts'
import type {Digest} from '../../../src/oci/digest.ts'
import {parseErrorBody} from '../../../src/registry/error-body.ts'
import {apiHost, isEcr, isLoopbackHost} from '../../../src/registry/hosts.ts'
import {uploadedBytes, uploadLocation, withDigest} from '../../../src/registry/upload/location.ts'
import {nextPage} from '../../../src/registry/pages.ts'
import {headersFor, redirectTarget} from '../../../src/registry/redirect.ts'
import {redactText, redactUrl} from '../../../src/registry/redact.ts'
import {
  covers,
  deleting,
  formatScope,
  namedScopes,
  reading,
  scopeTexts,
  writing,
} from '../../../src/registry/auth/scope.ts'
import {issuedSecrets, parseToken, renewalMarginMs} from '../../../src/registry/auth/token.ts'

const page = new URL('https://r.example/v2/o/app/tags/list?n=2')

describe('nextPage', () => {
  test.each([
    {name: 'no header', given: undefined, expected: undefined},
    {name: 'a path', given: '</v2/o/app/tags/list?last=b&n=2>; rel="next"', expected: '/v2/o/app/tags/list?last=b&n=2'},
    {name: 'a whole address', given: '<https://r.example/v2/x?last=b>; rel="next"', expected: '/v2/x?last=b'},
    {name: 'a relation without quotes', given: '</v2/x?last=b>; rel=next', expected: '/v2/x?last=b'},
    {name: 'no space', given: '</v2/x?last=b>;rel="next"', expected: '/v2/x?last=b'},
    {name: 'several relations', given: '</v2/x>; rel="last NEXT"', expected: '/v2/x'},
    {name: 'several links', given: '</a>; rel="prev", </b>; title="a, b"; rel="next"', expected: '/b'},
    {name: 'a comma in the address', given: '</v2/x?last=a,b>; rel="next"', expected: '/v2/x?last=a,b'},
    {name: 'only another relation', given: '</v2/x>; rel="prev"', expected: undefined},
    {
      name: 'the name that a proxy has for it',
      given: '<http://harbor-core/v2/x?n=2>; rel="next"',
      expected: '/v2/x?n=2',
    },
    {name: 'the scheme that a proxy speaks to it', given: '<http://r.example/v2/x>; rel="next"', expected: '/v2/x'},
    {name: 'two slashes', given: '<https://r.example//evil.example/x>; rel="next"', expected: '//evil.example/x'},
    {name: 'no link', given: 'next', expected: undefined},
  ])('$name', ({given, expected}) => {
    const url = nextPage(given, page)
    expect(url).toEqual(expected === undefined ? undefined : new URL(`https://r.example${expected}`))
  })

  test.each([
    {name: 'another scheme', given: '<data:x>; rel="next"'},
    {name: 'the same page again', given: '</v2/o/app/tags/list?n=2>; rel="next"'},
    {name: 'an invalid URL', given: '<http://[>; rel="next"'},
  ])('is invalid: $name', ({given}) => {
    expect(nextPage(given, page)).toBe('invalid')
  })
})

const upload = new URL('https://r.example/v2/o/app/blobs/uploads/')
const digest: Digest = `sha256:${'a'.repeat(64)}`

describe('uploadLocation and withDigest', () => {
  test.each([
    {name: 'a path', given: '/v2/o/app/blobs/uploads/1', expected: 'https://r.example/v2/o/app/blobs/uploads/1?'},
    {name: 'a relative one', given: '1?a=b', expected: 'https://r.example/v2/o/app/blobs/uploads/1?a=b&'},
    {
      name: 'a query to the letter',
      given: 'https://r.example/u?_state=a%2Fb+c==&x',
      expected: 'https://r.example/u?_state=a%2Fb+c==&x&',
    },
    {name: 'another server', given: 'https://up.example/u', expected: 'https://up.example/u?'},
    {
      name: 'the wrong scheme, from behind a proxy',
      given: 'http://r.example/u?a=b',
      expected: 'https://r.example/u?a=b&',
    },
    {name: 'plain HTTP elsewhere', given: 'http://up.example/u', expected: undefined},
    {name: 'this machine', given: 'http://127.0.0.1/u', expected: undefined},
    {name: 'nothing', given: '', expected: undefined},
    {name: 'no header', given: undefined, expected: undefined},
  ])('$name', ({given, expected}) => {
    const location = uploadLocation(given, upload)
    expect(location && withDigest(location, digest).href).toBe(
      expected && `${expected}digest=sha256%3A${'a'.repeat(64)}`,
    )
  })
})

describe('uploadedBytes', () => {
  test.each([
    {given: '0-1023', expected: 1024},
    {given: 'bytes=0-9', expected: 10},
    {given: '0-0', expected: 0},
    {given: '5-9', expected: 0},
    {given: '', expected: 0},
    {given: undefined, expected: 0},
  ])('$given', ({given, expected}) => {
    expect(uploadedBytes(given)).toBe(expected)
  })
})

describe('redirectTarget', () => {
  const remote = 'https://r.example/v2/a'
  test.each([
    {from: remote, to: 'https://cdn.example/x?sig=1', expected: 'https://cdn.example/x?sig=1'},
    {from: remote, to: '/other', expected: 'https://r.example/other'},
    {from: remote, to: 'http://cdn.example/x', expected: undefined},
    {from: remote, to: 'http://r.example/x', expected: undefined},
    {from: remote, to: 'https://127.0.0.1/x', expected: undefined},
    {from: remote, to: 'http://localhost:1/x', expected: undefined},
    {from: remote, to: 'https://foo.localhost/x', expected: undefined},
    {from: remote, to: 'https://[::ffff:127.0.0.1]/x', expected: undefined},
    {from: 'https://foo.localhost/a', to: 'http://foo.localhost/x', expected: undefined},
    {from: remote, to: 'file:///etc/passwd', expected: undefined},
    {from: remote, to: undefined, expected: undefined},
    {from: 'http://insecure.example/a', to: 'http://cdn.example/x', expected: 'http://cdn.example/x'},
    {from: 'http://insecure.example/a', to: 'http://[::1]/x', expected: undefined},
    {from: 'https://127.0.0.1:1/a', to: 'http://127.0.0.1:2/x', expected: 'http://127.0.0.1:2/x'},
    {from: 'http://127.0.0.1:1/a', to: 'https://cdn.example/x', expected: 'https://cdn.example/x'},
  ])('$from to $to', ({from, to, expected}) => {
    expect(redirectTarget(to, new URL(from))?.href).toBe(expected)
  })
})

describe('headersFor', () => {
  const headers = {authorization: 'Bearer canary', cookie: 'canary', accept: 'a', range: 'bytes=5-'}
  const from = new URL('https://r.example/a')
  test.each([
    {to: 'https://r.example/b', expected: headers},
    {to: 'https://cdn.r.example/b', expected: {accept: 'a', range: 'bytes=5-'}},
    {to: 'https://r.example:8443/b', expected: {accept: 'a', range: 'bytes=5-'}},
  ])('$to', ({to, expected}) => {
    expect(headersFor(new URL(to), {from, headers})).toEqual(expected)
  })
})

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
    expect(parseErrorBody(body, hide)).toEqual([{code: '***', message: 'no ***'}])
    const url = new URL(`https://r.example/v2/${encodeURIComponent(secret)}?last=${encodeURIComponent(secret)}`)
    expect(redactUrl(url, hide)).toBe('https://r.example/v2/***?last=***')
    const bare = new URL(`https://r.example/v2/?${secret}`)
    expect(redactUrl(bare, hide)).not.toMatch(/canary|MII/)
  })
})

describe('parseErrorBody', () => {
  test.each([
    {
      name: 'the specification’s form',
      given: '{"errors":[{"code":"denied","message":"no","detail":{"a":1}},{"code":"NAME_UNKNOWN"}]}',
      expected: [
        {code: 'DENIED', message: 'no'},
        {code: 'NAME_UNKNOWN', message: ''},
      ],
    },
    {
      name: 'Docker Hub’s token server',
      given: '{"details":"incorrect username"}',
      expected: [{code: '', message: 'incorrect username'}],
    },
    {
      name: 'OAuth 2',
      given: '{"error":"invalid_grant","error_description":"expired"}',
      expected: [{code: 'INVALID_GRANT', message: 'expired'}],
    },
    {name: 'a page', given: '<html>no</html>', expected: []},
    {name: 'nothing', given: '', expected: []},
    {name: 'other JSON', given: '{"errors":[1,null,{"code":7}]}', expected: []},
  ])('$name', ({given, expected}) => {
    expect(parseErrorBody(Buffer.from(given), shown)).toEqual(expected)
  })
})

const received = new Date('2026-01-02T03:04:05Z')

describe('issuedSecrets', () => {
  test('are all tokens of the response', () => {
    const answer = {token: 'a', access_token: 'b', refresh_token: 'c', id_token: 7, expires_in: 300}
    expect(issuedSecrets(Buffer.from(JSON.stringify(answer)))).toEqual(['a', 'b', 'c'])
  })
})

describe('parseToken', () => {
  test.each([
    {name: 'a token', given: {token: 't'}, expected: {token: 't', lifetimeMs: 60_000}},
    {name: 'of OAuth 2', given: {access_token: 't', expires_in: 300}, expected: {token: 't', lifetimeMs: 300_000}},
    {name: 'both', given: {token: 'a', access_token: 'b'}, expected: {token: 'a', lifetimeMs: 60_000}},
    {
      name: 'one that was kept for a while',
      given: {token: 't', expires_in: 300, issued_at: '2026-01-02T03:03:05Z'},
      expected: {token: 't', lifetimeMs: 240_000},
    },
    {
      name: 'a clock that is behind',
      given: {token: 't', expires_in: 60, issued_at: '2026-01-02T02:00:00Z'},
      expected: {token: 't', lifetimeMs: 60_000},
    },
    {
      name: 'a clock that is ahead',
      given: {token: 't', expires_in: 60, issued_at: '2026-01-02T04:00:00Z'},
      expected: {token: 't', lifetimeMs: 60_000},
    },
    {name: 'no lifetime that can be', given: {token: 't', expires_in: -1}, expected: {token: 't', lifetimeMs: 60_000}},
    {name: 'none', given: {}, expected: undefined},
    {name: 'an empty one', given: {token: ''}, expected: undefined},
    {name: 'one of another type', given: {token: 7}, expected: undefined},
    {name: 'one that no header holds', given: {token: 't'.repeat(65_537)}, expected: undefined},
  ])('$name', ({given, expected}) => {
    expect(parseToken(Buffer.from(JSON.stringify(given)), received)).toEqual(expected)
  })

  test('no JSON', () => {
    expect(parseToken(Buffer.from('<html>'), received)).toBeUndefined()
  })

  test.each([
    {given: 300_000, expected: 10_000},
    {given: 20_000, expected: 5000},
  ])('a lifetime of $given ms is renewed $expected ms before its end', ({given, expected}) => {
    expect(renewalMarginMs(given)).toBe(expected)
  })
})

describe('scopes', () => {
  test.each([
    {have: ['repository:a:pull'], want: ['repository:a:pull'], expected: true},
    {have: ['repository:a:pull,push'], want: ['repository:a:pull'], expected: true},
    {have: ['repository:a:pull'], want: ['repository:a:pull,push'], expected: false},
    {have: ['repository:a:pull'], want: ['repository:b:pull'], expected: false},
    {have: ['repository:a:pull,push', 'repository:b:pull'], want: ['repository:b:pull'], expected: true},
    {have: ['repository:h:5000/a:pull,push'], want: ['repository:h:5000/a:push'], expected: true},
    {have: [], want: ['repository:a:pull'], expected: false},
    {have: [], want: [], expected: true},
  ])('$have cover $want: $expected', ({have, want, expected}) => {
    expect(covers(have, want)).toBe(expected)
  })

  test('as texts', () => {
    expect(formatScope(writing('o/app'))).toBe('repository:o/app:pull,push')
    expect(scopeTexts('repository:a:pull  repository:b:pull')).toEqual(['repository:a:pull', 'repository:b:pull'])
    expect(scopeTexts(undefined)).toEqual([])
  })
})

describe('the scopes that a challenge names', () => {
  const mount = [writing('o/app'), reading('o/base')]

  test.each([
    {
      name: 'what the call asks for',
      given: 'repository:o/app:pull,push',
      own: mount,
      expected: ['repository:o/app:pull,push'],
    },
    {name: 'less of it', given: 'repository:o/app:push', own: mount, expected: ['repository:o/app:push']},
    {
      name: 'both repositories of a mount',
      given: 'repository:o/app:push repository:o/base:pull',
      own: mount,
      expected: ['repository:o/app:push', 'repository:o/base:pull'],
    },
    {
      name: 'another repository',
      given: 'repository:victim/secret:pull,push,delete registry:catalog:*',
      own: mount,
      expected: [],
    },
    {
      name: 'one with a name that begins alike',
      given: 'repository:o/app2:pull repository:o/ap:pull',
      own: mount,
      expected: [],
    },
    {name: 'one of another kind', given: 'repository(plugin):o/app:pull plugin:o/app:pull', own: mount, expected: []},
    {
      name: 'more rights',
      given: 'repository:o/base:pull,push,delete,*',
      own: mount,
      expected: ['repository:o/base:pull'],
    },
    {
      name: 'everything, where something is removed',
      given: 'repository:o/app:*',
      own: [deleting('o/app')],
      expected: ['repository:o/app:*'],
    },
    {
      name: 'a group of GitLab',
      given: 'repository:g/p/app:pull',
      own: [reading('g/p/app')],
      expected: ['repository:g/p/app:pull'],
    },
    {name: 'nothing', given: undefined, own: mount, expected: []},
    {name: 'words', given: 'aws a:b', own: mount, expected: []},
  ])('$name', ({given, own, expected}) => {
    expect(namedScopes(given, own)).toEqual(expected)
  })
})

describe('hosts', () => {
  test.each([
    {given: 'docker.io', expected: 'registry-1.docker.io'},
    {given: 'ghcr.io', expected: 'ghcr.io'},
  ])('$given answers at $expected', ({given, expected}) => {
    expect(apiHost(given)).toBe(expected)
  })

  test.each([
    {given: 'localhost:5000', expected: true},
    {given: '[::1]:5000', expected: true},
    {given: '127.0.0.1', expected: true},
    {given: 'localhost.example', expected: false},
    {given: '[::', expected: false},
  ])('$given is this machine: $expected', ({given, expected}) => {
    expect(isLoopbackHost(given)).toBe(expected)
  })

  test.each([
    {given: '123456789012.dkr.ecr.eu-west-1.amazonaws.com', expected: true},
    {given: '123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', expected: true},
    {given: '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', expected: true},
    {given: '123456789012.dkr-ecr.eu-west-1.on.aws', expected: true},
    {given: 'public.ecr.aws', expected: true},
    {given: '123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example', expected: false},
    {given: 'ghcr.io', expected: false},
  ])('$given is ECR: $expected', ({given, expected}) => {
    expect(isEcr(given)).toBe(expected)
  })
})

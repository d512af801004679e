import {describe, expect, test} from '@jest/globals'
import type {ErrorCode} from '../../../src/errors/causes.ts'
import {failure, unreachable, type RequestInfo} from '../../../src/registry/failure.ts'
import {acr} from '../../../testing/registry-refusals.ts'

const asked: RequestInfo = {
  host: 'r.example',
  method: 'PUT',
  url: new URL('https://r.example/v2/o/app/manifests/1.2.3'),
  access: 'push',
  repository: 'r.example/o/app',
  authenticated: true,
  hide: (text) => text.replaceAll('canary', '***'),
}
const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'

function body(code: string, message = ''): string {
  return JSON.stringify({errors: [{code, message}]})
}

interface Row {
  readonly name: string
  readonly given: Partial<RequestInfo>
  readonly status: number
  readonly body: string
  readonly expected: ErrorCode
}

describe('failure', () => {
  test.each([
    {name: 'a denied push', given: {}, status: 403, body: body('DENIED'), expected: 'push-denied'},
    {name: 'a push without a login', given: {authenticated: false}, status: 401, body: '', expected: 'push-denied'},
    {name: 'ghcr.io', given: {host: 'ghcr.io'}, status: 403, body: body('DENIED'), expected: 'push-denied-ghcr'},
    {name: 'a denial that says 400', given: {}, status: 400, body: body('DENIED'), expected: 'push-denied'},
    {name: 'a denied read', given: {access: 'pull', method: 'GET'}, status: 403, body: '', expected: 'pull-denied'},
    {name: 'ghcr.io’s reads', given: {access: 'pull', host: 'ghcr.io'}, status: 401, body: '', expected: 'pull-denied'},
    {
      name: 'a repository that is unknown',
      given: {},
      status: 404,
      body: body('NAME_UNKNOWN'),
      expected: 'repository-missing',
    },
    {name: 'the same without words', given: {}, status: 404, body: '', expected: 'repository-missing'},
    {name: 'ECR', given: {host: ecr}, status: 404, body: body('NAME_UNKNOWN'), expected: 'ecr-repository-missing'},
    {name: 'too many requests', given: {}, status: 429, body: '', expected: 'rate-limited'},
    {
      name: 'Docker Hub’s words for it',
      given: {},
      status: 403,
      body: body('TOOMANYREQUESTS'),
      expected: 'rate-limited',
    },
    ...[
      [
        'Harbor',
        403,
        'DENIED',
        'adding 151.7 MiB of storage resource, which when updated to current usage of 429.0 MiB will exceed the configured upper limit of 500.0 MiB.',
      ],
      ['Quay', 403, 'DENIED', 'Quota has been exceeded on namespace'],
      ['Artifactory', 413, 'UNKNOWN', 'Datastore disk usage is too high. Contact your Artifactory administrator.'],
      ['DigitalOcean', 403, 'DENIED', 'registry contains 1 repositories, limit is 1'],
      ['ECR', 400, 'LimitExceededException', 'The repository contains the maximum number of images'],
      ['a storage below', 500, 'UNKNOWN', 'ErrorCode=AccountSizeOverQuota'],
      ['a code of its own', 403, 'QUOTA_EXCEEDED', ''],
      ['a status of its own', 507, '', ''],
    ].map(([who, status, code, message]) => ({
      name: `a quota that is used up, as ${who} says it`,
      given: {},
      status: Number(status),
      body: body(String(code), String(message)),
      expected: 'quota-exceeded' as const,
    })),
    ...[
      [
        'a repository named quota',
        403,
        'DENIED',
        'unauthorized to access repository: team/quota, action: push',
        'push-denied',
      ],
      [
        'a quota of requests',
        403,
        'DENIED',
        "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute'",
        'push-denied',
      ],
      [
        'a manifest that is too large',
        400,
        'MANIFEST_INVALID',
        'manifest exceeds the size limit of 4 MiB',
        'registry-failed',
      ],
    ].map(([name, status, code, message, expected]) => ({
      name: `not a quota: ${String(name)}`,
      given: {},
      status: Number(status),
      body: body(String(code), String(message)),
      expected: expected as ErrorCode,
    })),
    {
      name: 'a quota, to a reader',
      given: {access: 'pull', method: 'GET'},
      status: 403,
      body: body('DENIED', 'quota exceeded'),
      expected: 'pull-denied',
    },
    {name: 'a broken registry', given: {}, status: 503, body: '<html>', expected: 'registry-failed'},
    {name: 'a broken registry with words', given: {}, status: 500, body: body('UNKNOWN'), expected: 'registry-failed'},
    {
      name: 'a manifest that is refused',
      given: {},
      status: 400,
      body: body('MANIFEST_INVALID'),
      expected: 'registry-failed',
    },
    {
      name: 'an immutable tag of ECR',
      given: {host: ecr},
      status: 400,
      body: body(
        'TAG_INVALID',
        "The image tag '1' already exists and cannot be overwritten because the tag is immutable.",
      ),
      expected: 'tag-immutable',
    },
    {
      name: 'an immutable tag of Harbor',
      given: {},
      status: 412,
      body: body('PRECONDITION', 'Failed to process request due to 1.2.3 configured as immutable.'),
      expected: 'tag-immutable',
    },
    {name: 'a conflict over a tag', given: {}, status: 409, body: '', expected: 'tag-immutable'},
    {
      name: 'a locked tag of Azure',
      given: {},
      status: 403,
      body: body('DENIED', 'The tag is locked.'),
      expected: 'tag-immutable',
    },
    {
      name: 'a conflict over a digest',
      given: {url: new URL(`https://r.example/v2/o/app/manifests/sha256:${'a'.repeat(64)}`)},
      status: 409,
      body: '',
      expected: 'registry-failed',
    },
    {
      name: 'a conflict over the tag of a list of referrers',
      given: {url: new URL(`https://r.example/v2/o/app/manifests/sha256-${'a'.repeat(64)}`)},
      status: 409,
      body: '',
      expected: 'tag-immutable',
    },
    {
      name: 'a conflict over an upload',
      given: {method: 'PATCH', url: new URL('https://r.example/v2/o/app/blobs/uploads/1')},
      status: 409,
      body: '',
      expected: 'registry-failed',
    },
  ] satisfies Row[])('$name: $expected', ({given, status, body: text, expected}) => {
    expect(failure({...asked, ...given}, {status, body: Buffer.from(text)}).code).toBe(expected)
  })

  test.each([
    {name: 'the refused login', status: 401, text: '', expected: 'login-refused'},
    {name: 'the refused login, with a code', status: 401, text: body('UNAUTHORIZED'), expected: 'login-refused'},
    {name: 'a denial', status: 401, text: body('DENIED'), expected: 'push-denied'},
    {name: 'a denial by its status', status: 403, text: '', expected: 'push-denied'},
    {name: 'no role, since Azure has not accepted the login', status: 401, host: acr, text: body('UNAUTHORIZED')},
  ])(
    'to a password that was not accepted before: $name',
    ({status, text, host = 'r.example', expected = 'login-refused'}) => {
      const response = {status, body: Buffer.from(text), isLoginRefused: true}
      expect(failure({...asked, host}, response).code).toBe(expected)
    },
  )

  test('has the request, the status and the text of the registry, without secrets', () => {
    const url = new URL('https://r.example/v2/o/app/blobs/uploads/1?_state=canary&digest=d')
    const error = failure({...asked, url}, {status: 403, body: Buffer.from(body('DENIED', 'no\nwrite access'))})
    expect(error.evidence).toEqual([
      'PUT https://r.example/v2/o/app/blobs/uploads/1?_state=***&digest=d: 403',
      'DENIED: no write access',
    ])
  })

  test.each([
    {name: 'a denied push', given: {authenticated: false}, status: 401, isLogin: true},
    {
      name: 'a denied read',
      given: {authenticated: false, access: 'pull', method: 'GET'} as const,
      status: 403,
      isLogin: true,
    },
    {name: 'a denial with a login', given: {}, status: 403, isLogin: false},
    {name: 'a rate limit', given: {authenticated: false}, status: 429, isLogin: false},
  ])('names the missing login as the remedy of a denial without one: $name', ({given, status, isLogin}) => {
    const {remedy} = failure({...asked, ...given}, {status, body: Buffer.alloc(0)})
    expect(remedy?.includes('no login for r.example') ?? false).toBe(isLogin)
  })

  test('a denied package names its owner, with the ways out', () => {
    const text = 'installation not allowed to Write organization package'
    const {code, remedy} = failure(
      {...asked, host: 'ghcr.io', repository: 'ghcr.io/acme/team/app'},
      {status: 403, body: Buffer.from(body('DENIED', text))},
    )
    expect(code).toBe('ghcr-permission-missing')
    for (const part of ['If acme owns', '`permissions: packages: write`', 'a repository of acme', '`write:packages`'])
      expect(remedy).toContain(part)
  })

  test('reports an anonymous request', () => {
    const error = failure({...asked, authenticated: false}, {status: 401, body: Buffer.alloc(0)})
    expect(error.evidence).toEqual(['PUT https://r.example/v2/o/app/manifests/1.2.3: 401, without credentials'])
  })
})

describe('unreachable', () => {
  test.each([
    {
      name: 'a code',
      given: Object.assign(new Error('socket hang up'), {code: 'ECONNRESET'}),
      expected: '(ECONNRESET)',
    },
    {
      name: 'a code in the message',
      given: Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {code: 'ECONNREFUSED'}),
      expected: '127.0.0.1:1 was refused (ECONNREFUSED)',
    },
    {name: 'something else', given: 'gone', expected: 'gone'},
  ])('$name', ({given, expected}) => {
    const error = unreachable(asked, given)
    expect(error.code).toBe('registry-unreachable')
    expect(error.evidence).toHaveLength(1)
    expect(error.evidence[0]).toMatch(/^PUT https:\/\/r\.example\/v2\/o\/app\/manifests\/1\.2\.3: /)
    expect(error.evidence[0]).toContain(expected)
  })
})

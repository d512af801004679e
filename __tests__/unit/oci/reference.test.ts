import {describe, expect, test} from '@jest/globals'
import {
  formatRepository,
  formatTagRef,
  isHost,
  normaliseHost,
  parseRepository,
  parseTag,
  parseTagRef,
  writtenRepository,
  writtenTagRef,
} from '../../../src/oci/reference.ts'

describe('parseRepository', () => {
  test.each([
    {name: 'an official image', given: 'alpine', host: 'docker.io', path: 'library/alpine', formatted: 'alpine'},
    {name: 'a user', given: 'user/app', host: 'docker.io', path: 'user/app', formatted: 'user/app'},
    {name: 'a host', given: 'ghcr.io/owner/app', host: 'ghcr.io', path: 'owner/app', formatted: 'ghcr.io/owner/app'},
    {
      name: 'upper case',
      given: 'GHCR.IO/Owner/App',
      host: 'ghcr.io',
      path: 'owner/app',
      formatted: 'ghcr.io/owner/app',
    },
    {name: 'a port', given: 'localhost:5000/app', host: 'localhost:5000', path: 'app', formatted: 'localhost:5000/app'},
    {name: 'the last port', given: 'a.b:65535/app', host: 'a.b:65535', path: 'app', formatted: 'a.b:65535/app'},
    {
      name: 'an official image by its whole path',
      given: 'library/app',
      host: 'docker.io',
      path: 'library/app',
      formatted: 'app',
    },
    {
      name: 'an official image that looks like a host',
      given: 'library/a.b',
      host: 'docker.io',
      path: 'library/a.b',
      formatted: 'library/a.b',
    },
    {name: 'localhost', given: 'localhost/app', host: 'localhost', path: 'app', formatted: 'localhost/app'},
    {name: 'IPv6', given: '[::1]:5000/app', host: '[::1]:5000', path: 'app', formatted: '[::1]:5000/app'},
    {
      name: 'Docker Hub by name',
      given: 'docker.io/alpine',
      host: 'docker.io',
      path: 'library/alpine',
      formatted: 'alpine',
    },
    {name: 'its alias', given: 'index.docker.io/user/app', host: 'docker.io', path: 'user/app', formatted: 'user/app'},
    {
      name: 'a path under library',
      given: 'library/a/b',
      host: 'docker.io',
      path: 'library/a/b',
      formatted: 'library/a/b',
    },
    {
      name: 'a path at Docker Hub that looks like a host',
      given: 'docker.io/localhost/app',
      host: 'docker.io',
      path: 'localhost/app',
      formatted: 'docker.io/localhost/app',
    },
    {
      name: 'separators',
      given: 'x.y/a.b/c__d/e---f',
      host: 'x.y',
      path: 'a.b/c__d/e---f',
      formatted: 'x.y/a.b/c__d/e---f',
    },
  ])('$name', ({given, host, path, formatted}) => {
    const parsed = parseRepository(given)
    expect(parsed).toMatchObject({ok: true, value: {host, path}})
    expect(formatRepository({host, path})).toBe(formatted)
    expect(parsed.ok && formatRepository(parsed.value)).toBe(formatted)
    expect(parsed.ok && writtenRepository(parsed.value)).toBe(given.toLowerCase())
  })

  test.each([
    {given: '', column: 1},
    {given: 'ghcr.io/', column: 9},
    {given: 'https://ghcr.io/a', column: 1},
    {given: 'ghcr.io', column: 1},
    {given: 'GHCR.io:443', column: 1},
    {given: 'localhost:5000', column: 1},
    {given: 'ghcr.io:65536/app', column: 1},
    {given: 'app:1.0', column: 4},
    {given: 'ghcr.io/app:1.0', column: 12},
    {given: 'app@sha256:0', column: 4},
    {given: 'äpp', column: 1},
    {given: 'user/äpp', column: 6},
    {given: '\u212aube', column: 1},
    {given: 'ghcr.io/a/-b', column: 11},
    {given: 'a//b', column: 3},
    {given: 'gh_cr.io/a', column: 1},
    {given: `x.y/${'a'.repeat(252)}`, column: 1},
  ])('refuses $given', ({given, column}) => {
    expect(parseRepository(given)).toMatchObject({ok: false, column})
  })
})

describe('parseTagRef', () => {
  test.each([
    {given: 'user/app:1.0', formatted: 'user/app:1.0'},
    {given: 'localhost:5000/App:Latest', formatted: 'localhost:5000/app:Latest'},
    {given: 'docker.io/library/alpine:3', formatted: 'alpine:3'},
  ])('$given', ({given, formatted}) => {
    const parsed = parseTagRef(given)
    expect(parsed.ok ? formatTagRef(parsed.value) : parsed).toBe(formatted)
    expect(parsed.ok ? writtenTagRef(parsed.value) : parsed).toBe(given.replace('App', 'app'))
  })

  test.each([
    {given: 'user/app', column: 9},
    {given: 'localhost:5000/app', column: 19},
    {given: 'user/app:', column: 10},
    {given: 'user/app:a b', column: 11},
    {given: 'user/app@sha256:abc', column: 9},
    {given: 'user/-app:1', column: 6},
  ])('refuses $given', ({given, column}) => {
    expect(parseTagRef(given)).toMatchObject({ok: false, column})
  })
})

describe('parseTag', () => {
  test.each(['1.2.3', '_x', 'A-b.C', 'a'.repeat(128)])('%s', (tag) => {
    expect(parseTag(tag)).toEqual({ok: true, value: tag})
  })

  test.each([
    {given: '', column: 1},
    {given: '-a', column: 1},
    {given: 'a+b', column: 2},
    {given: 'a😀', column: 2},
    {given: 'a\n', column: 2},
    {given: 'a'.repeat(130), column: 129},
  ])('refuses $given', ({given, column}) => {
    expect(parseTag(given)).toMatchObject({ok: false, column})
  })
})

describe('normaliseHost', () => {
  test.each([
    {given: '', expected: 'docker.io'},
    {given: ' GHCR.io ', expected: 'ghcr.io'},
    {given: 'https://index.docker.io/v1/', expected: 'docker.io'},
    {given: 'registry-1.docker.io', expected: 'docker.io'},
    {given: 'HTTP://localhost:5000/v2/', expected: 'localhost:5000'},
  ])('$given is $expected', ({given, expected}) => {
    expect(normaliseHost(given)).toBe(expected)
  })

  test.each(['/', 'https://', 'a b', 'user:password@ghcr.io', '\u212a.io', 'a.b:65536'])('invalid host %j', (text) => {
    expect(isHost(normaliseHost(text))).toBe(false)
  })
})

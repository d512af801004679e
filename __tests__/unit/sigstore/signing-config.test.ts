import {expect, test} from '@jest/globals'
import {parseSigningConfig} from '../../../src/sigstore/signing-config.ts'

const now = new Date('2026-06-01T00:00:00Z')
const mediaType = 'application/vnd.dev.sigstore.signingconfig.v0.2+json'

function service(url: string, start = '2026-01-01T00:00:00Z', more: object = {}): object {
  return {url, majorApiVersion: 1, validFor: {start}, operator: 'acme', ...more}
}

const complete = {
  mediaType,
  caUrls: [service('https://fulcio.example')],
  rekorTlogUrls: [service('https://rekor.example')],
  tsaUrls: [service('https://tsa.example/timestamp')],
}

test('names the services', () => {
  expect(parseSigningConfig(complete, now)).toEqual({
    authority: new URL('https://fulcio.example'),
    log: new URL('https://rekor.example'),
    timestamps: new URL('https://tsa.example/timestamp'),
  })
})

test('prefers the newest service that is valid, and whose API is known', () => {
  const rekorTlogUrls = [
    service('https://old.example', '2025-01-01T00:00:00Z'),
    service('https://current.example', '2026-02-01T00:00:00Z'),
    service('https://ended.example', '2026-03-01T00:00:00Z', {
      validFor: {start: '2026-03-01T00:00:00Z', end: '2026-05-01T00:00:00Z'},
    }),
    service('https://v2.example', '2026-04-01T00:00:00Z', {majorApiVersion: 2}),
    service('https://future.example', '2026-07-01T00:00:00Z'),
  ]
  expect(parseSigningConfig({...complete, rekorTlogUrls}, now)).toMatchObject({log: new URL('https://current.example')})
})

test('may lack a log, or a timestamp authority', () => {
  expect(parseSigningConfig({...complete, rekorTlogUrls: []}, now)).toMatchObject({log: undefined})
  expect(parseSigningConfig({...complete, tsaUrls: undefined}, now)).toMatchObject({timestamps: undefined})
})

test.each([
  {name: 'no document', document: undefined},
  {
    name: 'another document',
    document: {...complete, mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1'},
  },
  {name: 'no authority', document: {...complete, caUrls: []}},
  {name: 'an authority without TLS', document: {...complete, caUrls: [service('http://fulcio.example')]}},
  {name: 'a log without TLS', document: {...complete, rekorTlogUrls: [service('http://localhost.example')]}},
  {name: 'a file', document: {...complete, tsaUrls: [service('file:///etc/passwd')]}},
  {name: 'neither log nor timestamps', document: {...complete, rekorTlogUrls: [], tsaUrls: []}},
  {name: 'services that are not a list', document: {...complete, caUrls: 'https://fulcio.example'}},
])('is not $name', ({document}) => {
  expect(typeof parseSigningConfig(document, now)).toBe('string')
})

test.each(['http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080'])('may be %s', (url) => {
  expect(parseSigningConfig({...complete, caUrls: [service(url)]}, now)).toMatchObject({authority: new URL(url)})
})

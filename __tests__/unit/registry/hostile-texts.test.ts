import {describe, expect, test} from '@jest/globals'
import {parseBuilder} from '../../../src/buildx/inspect.ts'
import {buildFailure} from '../../../src/buildx/failure.ts'
import {BuildOutput} from '../../../src/buildx/progress/progress.ts'
import {secretKeeper} from '../../../src/errors/known-secrets.ts'
import {annotatedFacts, labelledFacts} from '../../../src/oci/image-facts.ts'
import {parseManifest} from '../../../src/oci/manifest.ts'
import {parseRepository, parseTagRef} from '../../../src/oci/reference.ts'
import {parseChallenge} from '../../../src/registry/auth/challenge.ts'
import {realmUrl, tokenUrl} from '../../../src/registry/auth/realm.ts'
import {parseErrorBody} from '../../../src/registry/error-body.ts'
import {failure, unreachable} from '../../../src/registry/failure.ts'
import {uploadedBytes, uploadLocation} from '../../../src/registry/upload/location.ts'
import {nextPage} from '../../../src/registry/pages.ts'
import {redirectTarget} from '../../../src/registry/redirect.ts'
import {redactText, redactUrl} from '../../../src/registry/redact.ts'
import {parseRetryAfter} from '../../../src/registry/retry.ts'
import {namedScopes} from '../../../src/registry/auth/named-scopes.ts'
import {covers, reading} from '../../../src/registry/auth/scope.ts'
import {issuedSecrets, parseToken} from '../../../src/registry/auth/token.ts'
import {exceedsCpuTime} from '../../../testing/cpu-time.ts'

const now = new Date('2026-01-02T03:04:05Z')
const here = new URL('https://r.example/v2/o/app/manifests/1')
const {keep, hide} = secretKeeper()
keep('aaaaaaaab')
keep(`${'?'.repeat(600)}x`)
keep(`x${'a'.repeat(16_000)}`)
const asked = {
  host: 'r.example',
  method: 'PUT',
  url: here,
  access: 'push',
  repository: 'r.example/o/app',
  authenticated: true,
  hide,
} as const

/** Functions that read texts of servers and programs. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  redactText: (text) => redactText(text, hide),
  redactUrl: (text) => redactUrl(new URL(`https://r.example/${text}?${text}=${text}`), hide),
  parseErrorBody: (text) => parseErrorBody(json({errors: [{code: text, message: text}]}), hide),
  failure: (text) => failure(asked, {status: 400, body: json({message: text, error: text})}),
  unreachable: (text) => unreachable(asked, new Error(text)),
  parseChallenge: (text) => parseChallenge(`Bearer realm="${text}",scope=${text}`),
  realmUrl: (text) => {
    const challenge = {scheme: 'bearer', parameters: new Map([['realm', `https://a/${text}`]])} as const
    const realm = realmUrl(challenge, {isLocal: false, isInsecure: () => false})
    return realm && tokenUrl(realm, challenge, [text])
  },
  namedScopes: (text) => covers(namedScopes(text, [reading('o/app')]), ['repository:o/app:pull']),
  nextPage: (text) => nextPage(`<${text}>; rel="${text}", </v2/x>; rel=${text}`, here),
  parseRetryAfter: (text) => parseRetryAfter(text, now),
  uploadLocation: (text) => uploadLocation(text, here),
  uploadedBytes,
  redirectTarget: (text) => redirectTarget(text, here),
  token: (text) => [parseToken(json({token: text}), now), issuedSecrets(json({token: text}))],
  'facts of an image': (text) => {
    const values = Object.fromEntries(
      ['revision', 'created', 'version'].map((name) => [`org.opencontainers.image.${name}`, text]),
    )
    const own = Object.fromEntries(['version', 'run', 'date'].map((name) => [`io.github.tagboat.${name}`, text]))
    const all = {...values, ...own}
    return [annotatedFacts(json({annotations: all})), labelledFacts(json({created: text, config: {Labels: all}}))]
  },
  parseManifest: (text) => parseManifest(json({mediaType: text, config: {digest: text}, layers: [{digest: text}]})),
  references: (text) => [parseRepository(text), parseTagRef(text)],
  parseBuilder,
  buildFailure: (text) =>
    buildFailure({exitCode: 1, stdout: '', stderr: `ERROR: failed to push ${text.slice(-65_536)}`}),
  'progress of a build': (text) => {
    const output = new BuildOutput(() => undefined, true)
    output.take(text, 'stderr')
    output.end()
  },
  hide,
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}

const pumps = [
  ...Array.from('?&=:/@.-,; \n\ta0"\\<>{}[]#%'),
  '?a',
  '://',
  '://a',
  'a=',
  '. ',
  ' \n',
  '"\\',
  'a,',
  '<>;',
  '; a',
  '=a ',
  '1.',
  'Bearer ',
  'eyJ',
  'failed to push ',
  'a'.repeat(15_999),
]
const length = 128 * 1024
/** A text of this length takes milliseconds where it is read once, and minutes where the time grows with its square. */
const mostCpuMs = 1500

describe('reading texts of servers is fast', () => {
  test.each(Object.entries(readers))('%s', (_, read) => {
    const slow = pumps.filter((pump) => exceedsCpuTime(mostCpuMs, () => read(pump.repeat(length / pump.length))))
    expect(slow).toEqual([])
  })

  test('an error of four million characters, the maximum of a body', () => {
    const body = json({errors: [{code: 'DENIED', message: '?'.repeat(4_000_000)}]})
    expect(exceedsCpuTime(mostCpuMs, () => failure(asked, {status: 403, body}))).toBe(false)
  })

  test('errors without number', () => {
    const errors = Array.from({length: 200_000}, () => ({code: 'A', message: '?'}))
    const body = json({errors})
    expect(exceedsCpuTime(mostCpuMs, () => failure(asked, {status: 403, body}))).toBe(false)
    expect(parseErrorBody(body, hide)).toHaveLength(5)
  })
})

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'
import type {TagboatError} from '../../../src/errors/error.ts'
import {secretKeeper} from '../../../src/errors/known-secrets.ts'
import {httpClient} from '../../../src/io/http.ts'
import {digestOf} from '../../../src/oci/digest.ts'
import {defaultPolicy} from '../../../src/registry/retry.ts'
import {formatBundle} from '../../../src/signing/bundle.ts'
import type {FoundSignature} from '../../../src/signing/found-signature.ts'
import type {Signer} from '../../../src/signing/signer.ts'
import {formatPayload, signatureAnnotations} from '../../../src/signing/simple-signing.ts'
import {signaturePredicate, signatureStatement} from '../../../src/signing/statement.ts'
import type {SigstoreIo} from '../../../src/sigstore/ask.ts'
import {keylessSigner} from '../../../src/sigstore/keyless-signer.ts'
import {publicServices, type SigstoreServices} from '../../../src/sigstore/services.ts'
import {certificateVerifier} from '../../../src/verifying/certificates.ts'
import {activityOf} from '../../../testing/registry-client.ts'
import {
  startSigstore,
  workflowClaims,
  type Fault,
  type ServiceName,
  type Sigstore,
} from '../../../testing/sigstore/sigstore.ts'

const subject = digestOf(Buffer.from('the image'))
const statement = signatureStatement(subject, [])
const payload = formatPayload({host: 'r.example', path: 'acme/app'}, subject)

let sigstore: Sigstore
let run: Run

beforeEach(async () => {
  sigstore = await startSigstore()
  run = startRun()
})

afterEach(async () => {
  run.io.http[Symbol.dispose]()
  await sigstore[Symbol.asyncDispose]()
})

interface Run {
  readonly io: SigstoreIo
  readonly waits: number[]
  readonly lines: string[]
  /** Tokens of the run. */
  readonly secrets: string[]
  /** Moves the clock. */
  advance(ms: number): void
}

/** Environment of a run whose waits take no time. */
function startRun(environment = sigstore.environment): Run {
  const waits: number[] = []
  const lines: string[] = []
  const secrets: string[] = []
  const {signal} = new AbortController()
  let aheadMs = 0
  const keeper = secretKeeper()
  return {
    waits,
    lines,
    secrets,
    advance(ms) {
      aheadMs += ms
    },
    io: {
      http: httpClient(signal, {}),
      retrier: {
        policy: {...defaultPolicy, retries: 6},
        timer: {
          sleep: async (ms) => {
            waits.push(ms)
            return Promise.resolve()
          },
          random: () => 1,
          now: () => new Date(Date.now() + aheadMs),
        },
        activity: activityOf((line) => lines.push(line)),
        signal,
      },
      secrets: {
        keep(secret) {
          secrets.push(secret)
          keeper.keep(secret)
        },
        hide: keeper.hide,
      },
      environment,
      readFile: async () => Promise.resolve(undefined),
    },
  }
}

/** Services of the stand-in, which is an instance of its owner: it is not public. */
function ownServices({log = true, timestamps = true} = {}): SigstoreServices {
  return {
    authority: new URL(sigstore.url),
    log: log ? new URL(sigstore.url) : undefined,
    timestamps: timestamps ? new URL(`${sigstore.url}/api/v1/timestamp`) : undefined,
  }
}

async function signer(options = {}, serverUrl = 'https://github.com'): Promise<Signer> {
  return signerOf(ownServices(options), {serverUrl})
}

async function signerOf(
  services: SigstoreServices,
  {serverUrl = 'https://github.com', mayPublish = false} = {},
): Promise<Signer> {
  const certificates = certificateVerifier([JSON.parse(sigstore.trustedRoot)])
  return keylessSigner({services, certificates, serverUrl, mayPublish}, run.io)
}

function foundBundle(bytes: Uint8Array): FoundSignature {
  return {stored: {kind: 'bundle', bytes, annotations: {}}, subject, predicateType: signaturePredicate}
}

async function bundleOf(made: Signer): Promise<FoundSignature> {
  const bytes = formatBundle(statement, await made.signStatement(statement))
  return foundBundle(bytes)
}

async function layerOf(made: Signer): Promise<FoundSignature> {
  const annotations = signatureAnnotations(await made.signPayload(payload))
  return {stored: {kind: 'signature-tag', bytes: payload, annotations}, subject, predicateType: signaturePredicate}
}

async function failureOf(running: Promise<unknown>): Promise<TagboatError> {
  return running.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error as TagboatError,
  )
}

describe('a run', () => {
  test.each([
    {name: 'a log and a timestamp', options: {}, log: 2, timestamp: 2},
    {name: 'a log', options: {timestamps: false}, log: 2, timestamp: 0},
    {name: 'a timestamp', options: {log: false}, log: 0, timestamp: 2},
  ])('signs with one certificate and $name', async ({options, log, timestamp}) => {
    const made = await signer(options)
    const [bundle, layer] = await Promise.all([bundleOf(made), layerOf(made)])
    expect(made.name).toBe('https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.2.3')
    expect(await made.rejects(bundle)).toBeUndefined()
    expect(await made.rejects(layer)).toBeUndefined()
    const count = (service: ServiceName): number => sigstore.requests.filter((one) => one === service).length
    expect([count('token'), count('certificate'), count('log'), count('timestamp')]).toEqual([2, 1, log, timestamp])
    expect([...sigstore.entries].sort()).toEqual(log === 0 ? [] : ['dsse', 'hashedrekord'])
  })

  test('recognises the signatures of an earlier run of the same workflow, and of no other', async () => {
    const earlier = await bundleOf(await signer())
    expect(await (await signer()).rejects(earlier)).toBeUndefined()
    const ref = 'acme/app/.github/workflows/release.yml@refs/heads/main'
    sigstore.setClaims({...workflowClaims, job_workflow_ref: ref})
    expect(await (await signer()).rejects(earlier)).toContain('refs/heads/main')
  })

  const reusable = {
    ...workflowClaims,
    job_workflow_ref: 'tagboat/tagboat/.github/workflows/publish.yml@refs/tags/v1',
  }

  test('states its caller, if its workflow is reusable', async () => {
    expect((await signer()).verifiedBy).not.toHaveProperty('repository')
    sigstore.setClaims(reusable)
    expect((await signer()).verifiedBy).toMatchObject({kind: 'identity', repository: 'acme/app'})
  })

  test('does not recognise the signature of another caller of the same reusable workflow', async () => {
    sigstore.setClaims({...reusable, repository: 'evil/other', repository_id: '666'})
    const stranger = await signer()
    const foreign = [await bundleOf(stranger), await layerOf(stranger)]
    sigstore.setClaims(reusable)
    const own = await signer()
    expect(own.name).toBe(stranger.name)
    for (const found of foreign) {
      expect(await stranger.rejects(found)).toBeUndefined()
      expect(await own.rejects(found)).toContain('https://github.com/evil/other')
    }
  })

  test('refuses a certificate for another repository than its own', async () => {
    const made = await signer()
    sigstore.setClaims({...workflowClaims, repository: 'evil/other'})
    expect(await failureOf(made.signStatement(statement))).toMatchObject({
      code: 'sign-unavailable',
      evidence: [expect.stringContaining('evil/other')],
    })
  })

  test.each([
    {name: 'the entry in the log', first: {log: false}, then: {}},
    {name: 'the timestamp', first: {timestamps: false}, then: {log: false}},
  ])('signs again if an earlier signature lacks $name', async ({first, then}) => {
    const earlier = await signer(first)
    const now = await signer(then)
    for (const found of [await bundleOf(earlier), await layerOf(earlier)]) {
      expect(await earlier.rejects(found)).toBeUndefined()
      expect(await now.rejects(found)).toMatch(/entry|timestamp/)
    }
  })

  test('refuses a bundle with two contents', async () => {
    const made = await signer()
    const bundle: unknown = JSON.parse(Buffer.from((await bundleOf(made)).stored.bytes).toString())
    const messageSignature = {messageDigest: {algorithm: 'SHA2_256', digest: 'AAAA'}, signature: 'AAAA'}
    const bytes = Buffer.from(JSON.stringify(Object.assign({}, bundle, {messageSignature})))
    expect(await made.rejects(foundBundle(bytes))).toContain('envelope')
  })

  test('gets a new certificate before the old one ends', async () => {
    const made = await signer()
    await made.signPayload(payload)
    run.advance(9.5 * 60_000)
    await made.signPayload(payload)
    expect(sigstore.requests.filter((one) => one === 'certificate')).toHaveLength(2)
  })

  test('without the right to ID tokens sends no request', async () => {
    run.io.http[Symbol.dispose]()
    run = startRun({})
    expect(await failureOf(signer())).toMatchObject({code: 'sign-identity-missing'})
    expect(sigstore.requests).toEqual([])
  })

  test.each<{claim: string; name: string; host: string; change: () => Partial<SigstoreServices>}>(
    ['private', 'internal', ''].flatMap((claim) => [
      {claim, name: 'authority and log', host: 'fulcio.sigstore.dev', change: () => ({})},
      {claim, name: 'authority', host: 'fulcio.sigstore.dev', change: () => ({log: undefined})},
      {claim, name: 'log', host: 'rekor.sigstore.dev', change: () => ({authority: new URL(sigstore.url)})},
    ]),
  )(
    'of a repository whose visibility is "$claim" asks no public service by default: $name',
    async ({claim, host, change}) => {
      sigstore.setClaims({...workflowClaims, repository_visibility: claim})
      const services = {...publicServices, ...change()}
      const failure = await failureOf(signerOf(services))
      expect(failure.code).toBe('sign-log-public')
      expect(failure.evidence.join()).toContain('acme/app')
      expect(failure.evidence.join()).toContain(host)
      expect(sigstore.requests).toEqual(['token'])
      expect((await signerOf(services, {mayPublish: true})).name).toContain('acme/app')
    },
  )

  test('that is private signs with other services', async () => {
    sigstore.setClaims({...workflowClaims, repository_visibility: 'private'})
    await (await signer()).signStatement(statement)
    expect(sigstore.entries).toEqual(['dsse'])
  })

  test.each(['job_workflow_ref', 'repository', 'iss'])('fails at once: its token lacks %s', async (claim) => {
    sigstore.setClaims({...workflowClaims, [claim]: ''})
    expect(await failureOf(signer())).toMatchObject({
      code: 'sign-identity-missing',
      evidence: [expect.stringContaining(claim)],
    })
    expect(sigstore.requests).toEqual(['token'])
  })

  test('refuses an identity that is not its own', async () => {
    expect(await failureOf((await signer({}, 'https://git.acme.example')).signStatement(statement))).toMatchObject({
      code: 'sign-unavailable',
      evidence: [expect.stringContaining('https://github.com/acme/app')],
    })
  })
})

describe('after a fault', () => {
  const tooMany: Fault = {kind: 'status', status: 429, headers: {'retry-after': '7'}}

  test.each<{name: string; service: ServiceName; fault: Fault; waits: readonly number[]}>([
    {name: '500 of the authority', service: 'certificate', fault: {kind: 'status', status: 500}, waits: [1000]},
    {name: '429 of the authority', service: 'certificate', fault: tooMany, waits: [8000]},
    {name: '502 of the log', service: 'log', fault: {kind: 'status', status: 502}, waits: [1000]},
    {name: '429 of the log', service: 'log', fault: tooMany, waits: [8000]},
    {name: '503 of the timestamp authority', service: 'timestamp', fault: {kind: 'status', status: 503}, waits: [1000]},
    {name: 'a lost certificate', service: 'certificate', fault: {kind: 'lost'}, waits: [1000]},
    {name: 'a lost timestamp', service: 'timestamp', fault: {kind: 'lost'}, waits: [1000]},
    {name: 'a slow log', service: 'log', fault: {kind: 'slow', ms: 300}, waits: []},
  ])('a run signs: $name', async ({service, fault, waits}) => {
    const made = await signer()
    sigstore.fail(service, fault, 1)
    expect(await made.rejects(await bundleOf(made))).toBeUndefined()
    expect(run.waits).toEqual(waits)
  })

  test('each attempt for a certificate has a new token', async () => {
    const made = await signer()
    sigstore.fail('certificate', {kind: 'status', status: 500}, 2)
    await made.signStatement(statement)
    expect(sigstore.requests.slice(0, 7)).toEqual([
      'token',
      'token',
      'certificate',
      'token',
      'certificate',
      'token',
      'certificate',
    ])
  })

  test('an entry whose answer was lost is fetched, and not written twice', async () => {
    const made = await signer()
    sigstore.fail('log', {kind: 'lost'}, 1)
    expect(await made.rejects(await bundleOf(made))).toBeUndefined()
    expect(sigstore.entries).toEqual(['dsse'])
  })

  test.each<{name: string; service: ServiceName; fault: Fault; code: string}>([
    {
      name: 'the authority is away',
      service: 'certificate',
      fault: {kind: 'status', status: 503},
      code: 'sign-unavailable',
    },
    {name: 'the log is away', service: 'log', fault: {kind: 'status', status: 502}, code: 'sign-unavailable'},
    {name: 'the timestamp authority is away', service: 'timestamp', fault: {kind: 'lost'}, code: 'sign-unavailable'},
    {name: 'the authority refuses', service: 'certificate', fault: {kind: 'status', status: 401}, code: 'sign-refused'},
    {name: 'the log refuses', service: 'log', fault: {kind: 'status', status: 400}, code: 'sign-refused'},
    {
      name: 'the log has another entry',
      service: 'log',
      fault: {kind: 'status', status: 409, headers: {location: 'https://evil.example/1'}},
      code: 'sign-unavailable',
    },
    {name: 'an answer does not end', service: 'log', fault: {kind: 'endless'}, code: 'sign-unavailable'},
    {name: 'a certificate does not end', service: 'certificate', fault: {kind: 'endless'}, code: 'sign-unavailable'},
    {
      name: 'the authority certifies a foreign key',
      service: 'certificate',
      fault: {kind: 'other-key'},
      code: 'sign-unavailable',
    },
    {
      name: 'the promise of the log is wrong',
      service: 'log',
      fault: {kind: 'wrong-signature'},
      code: 'sign-unavailable',
    },
  ])('a run fails: $name', async ({service, fault, code}) => {
    const made = await signer()
    sigstore.fail(service, fault)
    const error = await failureOf(made.signStatement(statement))
    expect(error).toMatchObject({code})
    expect(run.secrets.length).toBeGreaterThan(0)
    const shown = JSON.stringify([error.message, error.evidence, run.lines])
    expect(run.secrets.filter((secret) => shown.includes(secret))).toEqual([])
    // The next attempt of the same run succeeds.
    sigstore.recover()
    expect(await made.rejects(await bundleOf(made))).toBeUndefined()
  })

  test('the token that a refusal repeats is not shown', async () => {
    const made = await signer()
    // A token of another audience is refused with its text.
    sigstore.setClaims({...workflowClaims, aud: 'https://acme.example'})
    const error = await failureOf(made.signStatement(statement))
    expect(error).toMatchObject({code: 'sign-refused', evidence: [expect.stringContaining('audience')]})
  })
})

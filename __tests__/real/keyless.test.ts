import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from '@jest/globals'
import {httpClient} from '../../src/io/http.ts'
import type {Digest} from '../../src/oci/digest.ts'
import {parseJson} from '../../src/oci/manifest.ts'
import {temporaryDirectory} from '../../testing/fake-io.ts'
import {expectFailure} from '../../testing/failure.ts'
import {makeImage, type TestImage} from '../../testing/memory-registry.ts'
import {provenanceType} from '../../testing/memory-registry/images.ts'
import {stepOn} from '../../testing/pushes.ts'
import {pushImage, testClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import type {StepResult} from '../../testing/runner.ts'
import {startCosign, type Cosign} from '../../testing/sigstore/cosign.ts'
import {startSigstore, workflowClaims, type ServiceName, type Sigstore} from '../../testing/sigstore/sigstore.ts'

// The promote action signs with the identity of its job; the real cosign verifies. The services are the stand-in.
let registries: readonly [Registry, Registry]
let sigstore: Sigstore
let cosign: Cosign
let workspace: Awaited<ReturnType<typeof temporaryDirectory>>

beforeAll(async () => {
  registries = await Promise.all([startRegistry(), startRegistry()])
  ;[sigstore, workspace] = await Promise.all([startSigstore(), temporaryDirectory()])
  cosign = await startCosign(sigstore)
  await writeFile(path.join(workspace.path, 'trusted_root.json'), sigstore.trustedRoot)
  await writeFile(path.join(workspace.path, 'signing_config.json'), sigstore.signingConfig)
})

afterAll(async () => {
  await cosign[Symbol.asyncDispose]()
  await Promise.all([
    sigstore[Symbol.asyncDispose](),
    ...registries.map(async (one) => one.stop()),
    workspace[Symbol.asyncDispose](),
  ])
})

beforeEach(() => {
  sigstore.recover()
  sigstore.setClaims(workflowClaims)
})

const identity = 'https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.2.3'

interface Pushed extends TestImage {
  readonly repository: string
  /** Names of the repository in both registries. */
  readonly names: readonly string[]
}

/** Pushes an image for two platforms to the first registry. */
async function pushed(name: string, attestations = false): Promise<Pushed> {
  using clients = testClients(httpClient(new AbortController().signal, {}))
  const repository = `acme/${name}`
  const image = makeImage({text: name, platforms: ['linux/amd64', 'linux/arm64'], attestations})
  await pushImage(clients.of(registries[0].host, repository), image)
  return {...image, repository, names: registries.map(({host}) => `${host}/${repository}`)}
}

async function promote(
  {names, digest}: Pushed,
  inputs: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = sigstore.environment,
): Promise<StepResult> {
  await using step = await stepOn(
    {ref: 'refs/tags/v1.2.3', sha: 'a'.repeat(40), runId: '7'},
    {
      action: 'promote',
      workspace: workspace.path,
      env,
      inputs: {
        images: names.join('\n'),
        from: `${names[0] ?? ''}@${digest}`,
        sign: 'keyless',
        'sigstore-config': 'signing_config.json',
        'sigstore-trust': 'trusted_root.json',
        retries: '0',
        ...inputs,
      },
    },
  )
  return await step.run()
}

/** Digests of the index and of its platforms. */
function subjectsOf({digest, platforms}: Pushed): readonly Digest[] {
  return [digest, ...platforms.values()]
}

async function tagged({repository}: Pushed): Promise<readonly string[]> {
  const all = await Promise.all(registries.map(async (one) => one.tags(repository)))
  return all.flat().filter((tag) => !tag.startsWith('sha256-'))
}

describe('a signed promote', () => {
  let image: Pushed
  let result: StepResult
  let requests: readonly ServiceName[]

  beforeAll(async () => {
    const before = sigstore.requests.length
    image = await pushed('signed')
    result = await promote(image)
    requests = sigstore.requests.slice(before)
  })

  test('is verified by cosign in both formats, everywhere, and for each platform', async () => {
    expect(result).toMatchObject({exitCode: 0})
    expect(await cosign.paste(result.log)).toMatchObject({isSuccess: true})
    for (const name of image.names) {
      for (const digest of subjectsOf(image)) {
        for (const format of ['true', 'false']) {
          const reference = `${name}@${digest}`
          expect(await cosign.verify(reference, identity, `--new-bundle-format=${format}`)).toMatchObject({
            isSuccess: true,
          })
          expect(await cosign.verify(reference, `${identity}0`, `--new-bundle-format=${format}`)).toMatchObject({
            isSuccess: false,
          })
        }
      }
    }
  })

  test('has one certificate, and one bundle for all', () => {
    expect(requests.filter((one) => one === 'certificate')).toHaveLength(1)
    // The bundle, and a payload for each platform and the index in each registry.
    expect(requests.filter((one) => one === 'log')).toHaveLength(1 + 2 * 3)
    expect(result.outputs.get('signer')).toBe(identity)
    const signatures = parseJson(Buffer.from(result.outputs.get('signatures') ?? ''))
    expect(signatures).toHaveLength(6)
  })

  test('shows no token', () => {
    const lines = result.log.split('\n').filter((line) => !line.startsWith('::add-mask::'))
    expect(lines.filter((line) => /eyJ[\w-]+\.[\w-]+\./.test(line))).toEqual([])
    expect(result.summary).not.toMatch(/eyJ[\w-]+\.[\w-]+\./)
  })

  test('is not signed again, and fulfils the demands of the next one', async () => {
    const [entries, before] = [sigstore.entries.length, sigstore.requests.length]
    const again = await promote(image, {verify: 'type=signature,repository=acme/app,runner=github-hosted'})
    expect(again).toMatchObject({exitCode: 0})
    expect(sigstore.entries).toHaveLength(entries)
    expect(sigstore.requests.slice(before)).toEqual(['token'])
  })
})

test('cosign verifies the attestations in both formats, which have one entry in the log each', async () => {
  const image = await pushed('attested', true)
  const before = sigstore.entries.length
  const result = await promote(image)
  expect(result).toMatchObject({exitCode: 0})
  expect(result.log).toMatch(/^Signed by .*: 3 manifests and 2 attestations in 2 repositories /m)
  // One for each attestation, and one for the signature of all.
  expect(sigstore.entries.slice(before).filter((kind) => kind === 'dsse')).toHaveLength(3)
  for (const name of image.names) {
    for (const digest of image.platforms.values()) {
      for (const format of ['true', 'false']) {
        const options = [provenanceType, `--new-bundle-format=${format}`] as const
        const reference = `${name}@${digest}`
        expect(await cosign.verifyAttestation(reference, identity, ...options)).toMatchObject({isSuccess: true})
        expect(await cosign.verifyAttestation(reference, `${identity}0`, ...options)).toMatchObject({isSuccess: false})
      }
    }
  }
  const verify = `type=attestation,predicate=${provenanceType},repository=acme/app`
  const requests = sigstore.requests.length
  expect(await promote(image, {verify})).toMatchObject({exitCode: 0})
  expect(sigstore.requests.slice(requests)).toEqual(['token'])
})

test('sign-log: none attaches attestations as bundles alone: timestamps of cosign 2 are of another form', async () => {
  const image = await pushed('attested-without-log', true)
  const result = await promote(image, {'sign-log': 'none'})
  expect(result).toMatchObject({exitCode: 0})
  expect(result.log).not.toContain('are not signed')
  const options = [provenanceType, '--insecure-ignore-tlog', '--use-signed-timestamps'] as const
  for (const digest of image.platforms.values())
    expect(await cosign.verifyAttestation(`${image.names[0] ?? ''}@${digest}`, identity, ...options)).toMatchObject({
      isSuccess: true,
    })
  expect((await registries[0].tags(image.repository)).filter((tag) => tag.endsWith('.att'))).toEqual([])
})

test('sign-log: none with signature-tag leaves attestations unsigned, and names the repositories', async () => {
  const image = await pushed('unattested', true)
  const result = await promote(image, {'sign-log': 'none', 'sign-format': 'signature-tag'})
  expect(result).toMatchObject({exitCode: 0})
  expect(result.log).toMatch(/^Signed by .*: 3 manifests in 2 repositories \(signature tag\)$/m)
  expect(result.log).toContain(`not signed in ${image.names.join(', ')}.`)
})

test('sign-log: none signs with a timestamp alone, also for a private repository with its own instance', async () => {
  sigstore.setClaims({...workflowClaims, repository_visibility: 'private'})
  const image = await pushed('private')
  const entries = sigstore.entries.length
  const result = await promote(image, {'sign-log': 'none'})
  expect(result).toMatchObject({exitCode: 0})
  expect(await cosign.paste(result.log)).toMatchObject({isSuccess: true})
  expect(sigstore.entries).toHaveLength(entries)
  const options = ['--insecure-ignore-tlog', '--use-signed-timestamps']
  for (const format of ['true', 'false']) {
    const reference = `${image.names[0] ?? ''}@${image.digest}`
    expect(await cosign.verify(reference, identity, ...options, `--new-bundle-format=${format}`)).toMatchObject({
      isSuccess: true,
    })
  }
})

test.each([
  {log: 'auto', host: 'rekor.sigstore.dev'},
  {log: 'none', host: 'fulcio.sigstore.dev'},
])('a private repository is not named in public logs: sign-log: $log', async ({log, host}) => {
  sigstore.setClaims({...workflowClaims, repository_visibility: 'private'})
  const image = await pushed(`secret-${log}`)
  const result = await promote(image, {'sigstore-config': '', 'sigstore-trust': '', 'sign-log': log})
  expectFailure(result, {code: 'sign-log-public', values: ['acme/app', host]})
  expect(await tagged(image)).toEqual([])
})

test('a job without id-token: write fails before anything', async () => {
  const image = await pushed('no-identity')
  const before = sigstore.requests.length
  const result = await promote(image, {}, {ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: ''})
  expectFailure(result, {code: 'sign-identity-missing', values: ['ACTIONS_ID_TOKEN_REQUEST_URL']})
  expect(sigstore.requests).toHaveLength(before)
  expect(await tagged(image)).toEqual([])
})

test.each<{service: ServiceName; code: 'sign-unavailable' | 'oidc-failed'}>([
  {service: 'token', code: 'oidc-failed'},
  {service: 'certificate', code: 'sign-unavailable'},
  {service: 'log', code: 'sign-unavailable'},
  {service: 'timestamp', code: 'sign-unavailable'},
])('an outage of the service $service moves no tag, and the next run signs once', async ({service, code}) => {
  const image = await pushed(`outage-${service}`)
  sigstore.fail(service, {kind: 'status', status: 503})
  const failed = await promote(image, {'sign-format': 'bundle'})
  expectFailure(failed, {code, values: ['503']})
  expect(await tagged(image)).toEqual([])
  sigstore.recover()
  expect(await promote(image, {'sign-format': 'bundle'})).toMatchObject({exitCode: 0})
  expect(await promote(image, {'sign-format': 'bundle'})).toMatchObject({exitCode: 0})
  using clients = testClients(httpClient(new AbortController().signal, {}))
  for (const {host} of registries) {
    for (const digest of subjectsOf(image)) {
      expect(await clients.of(host, image.repository).referrers(digest)).toHaveLength(1)
    }
  }
})

test('the signatures of a reusable workflow have its name, and state the caller', async () => {
  const reusable = 'tagboat/tagboat/.github/workflows/publish.yml@refs/tags/v1'
  sigstore.setClaims({...workflowClaims, job_workflow_ref: reusable})
  const image = await pushed('reusable')
  const result = await promote(image)
  expect(result).toMatchObject({exitCode: 0})
  const caller = ['--certificate-github-workflow-repository', 'acme/app']
  const reference = `${image.names[1] ?? ''}@${image.digest}`
  expect(await cosign.verify(reference, `https://github.com/${reusable}`, ...caller)).toMatchObject({isSuccess: true})
  expect(await cosign.paste(result.log)).toMatchObject({isSuccess: true})
})

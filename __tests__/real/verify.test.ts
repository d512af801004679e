import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {httpClient} from '../../src/io/http.ts'
import {digestOf, type Digest} from '../../src/oci/digest.ts'
import {field, parseJson} from '../../src/oci/manifest.ts'
import {readStoredSignatures} from '../../src/registry/signatures/stored-signatures.ts'
import type {StoredSignature} from '../../src/oci/stored-signature.ts'
import {certificateVerifier} from '../../src/verifying/certificates.ts'
import {examine} from '../../src/verifying/examine.ts'
import {parsePublicKey} from '../../src/signing/keys/public-key.ts'
import {temporaryDirectory} from '../../testing/fake-io.ts'
import {expectFailure} from '../../testing/failure.ts'
import {makeImage, type TestImage} from '../../testing/memory-registry.ts'
import {stepOn} from '../../testing/pushes.ts'
import {pushImage, testClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import type {StepResult} from '../../testing/runner.ts'
import {startCosign, type Cosign} from '../../testing/sigstore/cosign.ts'
import {startSigstore, workflowClaims, type Sigstore} from '../../testing/sigstore/sigstore.ts'

// The real cosign signs in both formats, with keys and with certificates of the stand-in; a promote demands signatures.
let registry: Registry
let sigstore: Sigstore
let cosign: Cosign
let workspace: Awaited<ReturnType<typeof temporaryDirectory>>
let publicKey: string

beforeAll(async () => {
  ;[registry, sigstore, workspace] = await Promise.all([startRegistry(), startSigstore(), temporaryDirectory()])
  cosign = await startCosign(sigstore)
  await writeFile(path.join(workspace.path, 'trusted_root.json'), sigstore.trustedRoot)
  publicKey = await cosign.makeKey()
  await writeFile(path.join(workspace.path, 'cosign.pub'), publicKey)
})

afterAll(async () => {
  await cosign[Symbol.asyncDispose]()
  await Promise.all([sigstore[Symbol.asyncDispose](), registry.stop(), workspace[Symbol.asyncDispose]()])
})

interface Pushed extends TestImage {
  readonly repository: string
  /** Reference by digest. */
  readonly reference: string
}

/** Pushes an image for two platforms. */
async function pushed(name: string): Promise<Pushed> {
  using clients = testClients(httpClient(new AbortController().signal, {}))
  const repository = `acme/${name}`
  const image = makeImage({text: name, platforms: ['linux/amd64', 'linux/arm64']})
  await pushImage(clients.of(registry.host, repository), image)
  return {...image, repository, reference: `${registry.host}/${repository}@${image.digest}`}
}

async function promote(
  {repository, reference}: Pushed,
  verify: string,
  inputs: Readonly<Record<string, string>> = {},
): Promise<StepResult> {
  await using step = await stepOn(
    {ref: 'refs/tags/v1.2.3', sha: 'a'.repeat(40), runId: '7'},
    {
      action: 'promote',
      workspace: workspace.path,
      inputs: {
        images: `${registry.host}/${repository}`,
        from: reference,
        verify,
        'sigstore-trust': 'trusted_root.json',
        ...inputs,
      },
    },
  )
  return await step.run()
}

const workflow = '.github/workflows/release.yml'
const whole = `repository=acme/app,repository-id=1296269,workflow=${workflow},ref=refs/tags/v*,runner=github-hosted`

function verdictOf({outputs}: StepResult): unknown {
  const gates: unknown = JSON.parse(outputs.get('gates') ?? '[]')
  return Array.isArray(gates) ? gates.find((gate: unknown) => field(gate, 'gate') === 'verify') : undefined
}

describe.each([
  {name: 'a bundle', format: 'bundle'},
  {name: 'a signature under a tag', format: 'tag'},
] as const)('$name of cosign', ({format}) => {
  test('is accepted for its identity, and no tag moves for another', async () => {
    const image = await pushed(`identity-${format}`)
    await cosign.sign(image.reference, format)
    const evil = await promote(image, 'type=signature,repository=acme/app-evil')
    expectFailure(evil, {code: 'signature-untrusted', values: ['its repository is https://github.com/acme/app,']})
    expect(await registry.tags(image.repository)).not.toContain('1.2.3')
    const result = await promote(image, `type=signature,${whole}`)
    expect(result).toMatchObject({exitCode: 0})
    expect(verdictOf(result)).toMatchObject({outcome: 'passed', subject: {digest: image.digest}})
    expect(await registry.tags(image.repository)).toContain('1.2.3')
  })

  test('is accepted for its key', async () => {
    const image = await pushed(`key-${format}`)
    await cosign.signWithKey(image.reference, format)
    expect(await promote(image, 'type=signature,key', {'verify-key': publicKey})).toMatchObject({exitCode: 0})
    const other = await promote(image, 'type=signature,repository=acme/app')
    expectFailure(other, {code: 'signature-untrusted', values: ['signed by a key']})
  })
})

test.each(['bundle', 'tag'] as const)('attestations count as such, by their predicate: %s', async (format) => {
  const image = await pushed(`attestation-${format}`)
  await cosign.attest(image.reference, format, 'spdxjson', {spdxVersion: 'SPDX-2.3'})
  const signature = await promote(image, 'type=signature,repository=acme/app')
  expectFailure(signature, {code: 'signature-missing', values: ['https://spdx.dev/Document']})
  const other = await promote(image, 'type=attestation,predicate=slsa-provenance,repository=acme/app')
  expectFailure(other, {code: 'signature-missing', values: ['https://spdx.dev/Document']})
  expect(await promote(image, `type=attestation,predicate=spdx,${whole}`)).toMatchObject({exitCode: 0})
})

test('an attestation of each platform counts for the image', async () => {
  const image = await pushed('attested-platforms')
  const [amd64, arm64] = image.manifests.flatMap(({digest}) => (digest === image.digest ? [] : [digest]))
  const attest = async (digest = image.digest): Promise<void> => {
    await cosign.attest(`${registry.host}/${image.repository}@${digest}`, 'bundle', 'spdxjson', {})
  }
  const demand = `type=attestation,predicate=spdx,${whole}`
  await attest(amd64)
  expectFailure(await promote(image, demand), {code: 'signature-missing', values: ['linux/arm64']})
  await attest(arm64)
  expect(await promote(image, demand)).toMatchObject({exitCode: 0})
})

test('unsigned images get no tag', async () => {
  const image = await pushed('unsigned')
  expectFailure(await promote(image, 'type=signature,repository=acme/app'), {
    code: 'signature-missing',
    values: [image.digest, 'type=signature,repository=acme/app'],
  })
  expect(await registry.tags(image.repository)).not.toContain('1.2.3')
})

test('platforms=true demands the signature of each platform', async () => {
  const image = await pushed('platforms')
  await cosign.sign(image.reference, 'bundle')
  const demand = 'type=signature,repository=acme/app,platforms=true'
  expectFailure(await promote(image, demand), {code: 'signature-missing', values: ['linux/arm64']})
  await cosign.sign(image.reference, 'bundle', '--recursive')
  expect(await promote(image, demand)).toMatchObject({exitCode: 0})
})

test('a reusable workflow signs with its own name, and the repository of its caller counts', async () => {
  const image = await pushed('reusable')
  const reusable = 'acme/ci/.github/workflows/build.yml@refs/heads/main'
  sigstore.setClaims({...workflowClaims, job_workflow_ref: reusable})
  await cosign.sign(image.reference, 'bundle')
  sigstore.setClaims(workflowClaims)
  expect(await promote(image, `type=signature,${whole},signer=https://github.com/${reusable}`)).toMatchObject({
    exitCode: 0,
  })
  const own = await promote(image, 'type=signature,repository=acme/ci')
  expectFailure(own, {code: 'signature-untrusted', values: ['https://github.com/acme/app']})
})

test('certificates of a foreign instance are not trusted', async () => {
  const image = await pushed('foreign')
  await cosign.sign(image.reference, 'bundle')
  const result = await promote(image, 'type=signature,repository=acme/app', {'sigstore-trust': ''})
  expectFailure(result, {code: 'signature-untrusted', values: ['not valid']})
})

test('no change of a byte of a signature is accepted', async () => {
  const image = await pushed('changed')
  await cosign.sign(image.reference, 'bundle')
  await cosign.sign(image.reference, 'tag')
  await cosign.signWithKey(image.reference, 'bundle')
  await cosign.signWithKey(image.reference, 'tag')
  using clients = testClients(httpClient(new AbortController().signal, {}))
  const {found} = await readStoredSignatures(clients.of(registry.host, image.repository), image.digest)
  const key = parsePublicKey(publicKey)
  if (typeof key === 'string') throw new Error(key)
  const certificates = certificateVerifier([JSON.parse(sigstore.trustedRoot)])
  const isAccepted = (stored: StoredSignature, digest: Digest = image.digest): boolean =>
    examine(stored, digest, {keys: [{name: 'cosign', key}], certificates}).signer.kind !== 'unverified'
  expect(found.map(({kind}) => kind).sort()).toEqual(['bundle', 'bundle', 'signature-tag', 'signature-tag'])
  expect(found.filter((one) => !isAccepted(one))).toEqual([])
  expect(found.filter((one) => isAccepted(one, digestOf(Buffer.from('another image'))))).toEqual([])
  for (const one of found) {
    for (const place of signedPlaces(one)) {
      expect([one.kind, place.name, isAccepted(place.changed)]).toEqual([one.kind, place.name, false])
    }
  }
})

interface Place {
  readonly name: string
  /** The signature with one changed byte there. */
  readonly changed: StoredSignature
}

/** Copies with a changed byte in the middle of each part that a signature protects. */
function signedPlaces(stored: StoredSignature): readonly Place[] {
  const annotations = Object.entries(stored.annotations).filter(
    ([name]) => name.includes('signature') || name.includes('certificate'),
  )
  const inAnnotations = annotations.map(([name, value]) => {
    const text = changedBase64(value)
    return {name, changed: {...stored, annotations: {...stored.annotations, [name]: text}}}
  })
  if (stored.kind !== 'bundle') {
    const bytes = Buffer.from(stored.bytes)
    const at = bytes.indexOf('sha256:') + 20
    bytes[at] = bytes[at] === 0x30 ? 0x31 : 0x30
    return [...inAnnotations, {name: 'payload', changed: {...stored, bytes}}]
  }
  const bundle = parseJson(stored.bytes)
  const texts = ['payload', 'sig', 'rawBytes', 'signedEntryTimestamp', 'signedTimestamp', 'canonicalizedBody']
  return texts.flatMap((name) => {
    const text = JSON.stringify(bundle)
    const value = new RegExp(`"${name}":"([^"]{40,})"`).exec(text)?.[1]
    if (value === undefined) return []
    return [{name, changed: {...stored, bytes: Buffer.from(text.replace(value, changedBase64(value)))}}]
  })
}

function changedBase64(text: string): string {
  const at = Math.floor(text.length / 2)
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
}

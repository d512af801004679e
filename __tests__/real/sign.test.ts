import {createPublicKey, generateKeyPairSync, type KeyObject} from 'node:crypto'
import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {httpClient} from '../../src/io/http.ts'
import {digestOf} from '../../src/oci/digest.ts'
import {field, parseJson} from '../../src/oci/manifest.ts'
import {expectFailure} from '../../testing/failure.ts'
import type {Loopback} from '../../testing/loopback.ts'
import {makeImage, memoryRegistry, type TestImage} from '../../testing/memory-registry.ts'
import {stepOn} from '../../testing/pushes.ts'
import {pushImage, testClients, type TestClients} from '../../testing/registry-client.ts'
import {changesOf, startRegistry, type Registry} from '../../testing/registry.ts'
import type {StepResult} from '../../testing/runner.ts'
import {publishTo, sampleDirectory, sampleInputs} from '../../testing/sample.ts'
import {pushSbomGenerator} from '../../testing/sbom-generator.ts'
import {startKeyCosign, type KeyCosign} from '../../testing/sigstore/key-cosign.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
const push = {ref: 'refs/tags/v1.2.3', sha: '860c1904a1ce19322e91ac35af1ab07466440c37', runId: '950'}

let registry: Registry
/** Stand-in for a registry with the referrers API, which distribution 2.8 lacks. */
let withApi: Loopback
let clients: TestClients
let cosign: KeyCosign

beforeAll(async () => {
  ;[registry, withApi, cosign] = await Promise.all([startRegistry(), memoryRegistry().serve(), startKeyCosign()])
  clients = testClients(httpClient(new AbortController().signal, {}))
})

afterAll(async () => {
  clients[Symbol.dispose]()
  await Promise.all([registry.stop(), withApi[Symbol.asyncDispose](), cosign[Symbol.asyncDispose]()])
})

type Inputs = Readonly<Record<string, string>>

async function run(inputs: Inputs, action?: 'promote'): Promise<StepResult> {
  await using step = await stepOn(push, {...(action && {action}), workspace: sampleDirectory, inputs})
  return await step.run()
}

function keyInputs(): Inputs {
  return {sign: 'key', 'sign-key': cosign.privateKey, 'sign-key-password': cosign.password}
}

/** Pushes an image, and returns its index and its images. */
async function pushed(
  host: string,
  name: string,
): Promise<{readonly image: TestImage; readonly subjects: readonly string[]}> {
  const image = makeImage({text: `${host}/${name}`, platforms: ['linux/amd64', 'linux/arm64']})
  await pushImage(clients.of(host, name), image)
  const manifests = field(parseJson(image.bytes), 'manifests')
  const children = Array.isArray(manifests) ? manifests.map((entry) => String(field(entry, 'digest'))) : []
  return {image, subjects: [image.digest, ...children]}
}

const hosts: readonly {readonly name: string; readonly host: () => string}[] = [
  {name: 'distribution 2.8', host: () => registry.host},
  {name: 'with referrers API', host: () => withApi.host},
]

const promotion: Inputs = {tags: 'type=semver,pattern={{version}}', floating: 'always'}

describe.each(hosts)('$name', ({host: hostOf}) => {
  test.each(['both', 'bundle', 'signature-tag'])('cosign verifies index and platforms: %s', async (format) => {
    const host = hostOf()
    const name = `team/${format}`
    const {image, subjects} = await pushed(host, name)
    const inputs = {
      ...promotion,
      ...keyInputs(),
      images: `${host}/${name}`,
      digests: image.digest,
      'sign-format': format,
    }
    const result = await run(inputs, 'promote')
    expect(result.exitCode).toBe(0)
    expect(subjects).toHaveLength(3)
    for (const subject of subjects) {
      const reference = `${host}/${name}@${subject}`
      if (format !== 'signature-tag') expect(await cosign.verify(reference)).toMatchObject({isSuccess: true})
      const old = await cosign.verify(reference, '--new-bundle-format=false')
      expect(old.isSuccess).toBe(format !== 'bundle')
    }
    expect(await cosign.verify(`${host}/${name}:1.2.3`)).toMatchObject({isSuccess: true})
  })

  test.each(['bundle', 'tag'] as const)('what cosign signs as %s is not signed again', async (format) => {
    const host = hostOf()
    const name = `team/by-cosign-${format}`
    const {image, subjects} = await pushed(host, name)
    await cosign.sign(`${host}/${name}@${image.digest}`, format, '--recursive')
    const before = await Promise.all(subjects.map(async (subject) => signatures(host, name, subject)))
    const inputs = {...promotion, ...keyInputs(), images: `${host}/${name}`, digests: image.digest}
    const result = await run({...inputs, 'sign-format': format === 'bundle' ? 'bundle' : 'signature-tag'}, 'promote')
    expect(result.exitCode).toBe(0)
    expect(result.log).toContain('Already signed')
    expect(await Promise.all(subjects.map(async (subject) => signatures(host, name, subject)))).toEqual(before)
  })

  test('a signature by another key is preserved, and does not count', async () => {
    const host = hostOf()
    const {image} = await pushed(host, 'team/two')
    const own = generateKeyPairSync('ed25519').privateKey
    await cosign.sign(`${host}/team/two@${image.digest}`, 'tag')
    await cosign.sign(`${host}/team/two@${image.digest}`, 'bundle')
    const inputs = {...promotion, sign: 'key', 'sign-key': pem(own), images: `${host}/team/two`, digests: image.digest}
    expect((await run(inputs, 'promote')).exitCode).toBe(0)
    const reference = `${host}/team/two:1.2.3`
    await writeFile(path.join(cosign.directory, 'own.pub'), publicPem(own))
    for (const flags of [[], ['--new-bundle-format=false']]) {
      expect(await cosign.verify(reference, ...flags)).toMatchObject({isSuccess: true})
      expect(await cosign.verify(reference, '--key', 'own.pub', ...flags)).toMatchObject({isSuccess: true})
    }
  })
})

/** Digests of the signatures of a subject, under both tags. */
async function signatures(host: string, name: string, subject: string): Promise<unknown> {
  const client = clients.of(host, name)
  const tag = subject.replace(':', '-')
  const [list, signature] = await Promise.all([client.manifest(tag), client.manifest(`${tag}.sig`)])
  return [list?.digest, signature?.digest]
}

function pem(key: KeyObject): string {
  return String(key.export({format: 'pem', type: 'pkcs8'}))
}

function publicPem(key: KeyObject): string {
  return String(createPublicKey(key).export({format: 'pem', type: 'spki'}))
}

describe('keys', () => {
  test.each([
    {name: 'p256', key: generateKeyPairSync('ec', {namedCurve: 'prime256v1'}).privateKey},
    {name: 'ed25519', key: generateKeyPairSync('ed25519').privateKey},
    {name: 'rsa-2048', key: generateKeyPairSync('rsa', {modulusLength: 2048}).privateKey},
    {name: 'rsa-3072', key: generateKeyPairSync('rsa', {modulusLength: 3072}).privateKey},
    {name: 'rsa-4096', key: generateKeyPairSync('rsa', {modulusLength: 4096}).privateKey},
  ])('cosign verifies signatures by $name in both formats', async ({name, key}) => {
    const {image} = await pushed(registry.host, `keys/${name}`)
    const images = `${registry.host}/keys/${name}`
    const result = await run(
      {...promotion, sign: 'key', 'sign-key': pem(key), images, digests: image.digest},
      'promote',
    )
    expect(result.exitCode).toBe(0)
    await writeFile(path.join(cosign.directory, `${name}.pub`), publicPem(key))
    for (const flags of [[], ['--new-bundle-format=false']]) {
      const verified = await cosign.verify(`${images}:1.2.3`, '--key', `${name}.pub`, ...flags)
      expect(verified).toMatchObject({isSuccess: true})
    }
    expect(await cosign.verify(`${images}:1.2.3`)).toMatchObject({isSuccess: false})
  })
})

/** Predicate type of the provenance that BuildKit makes by default. */
const provenance = 'https://slsa.dev/provenance/v0.2'

describe('a release', () => {
  test('is built, signed in two registries and verified by the commands in summary and log', async () => {
    const inputs = {
      ...sampleInputs(),
      ...keyInputs(),
      images: `${registry.host}/team/app\n${withApi.host}/team/app`,
    }
    const first = await run(inputs)
    expect(first.exitCode).toBe(0)
    const digest = first.outputs.get('digest') ?? ''
    const all = JSON.parse(first.outputs.get('signatures') ?? '') as readonly {
      readonly repository: string
      readonly subject: string
    }[]
    expect(all).toHaveLength(6)
    for (const {repository, subject} of all) {
      for (const flags of [[], ['--new-bundle-format=false']])
        expect(await cosign.verify(`${repository}@${subject}`, ...flags)).toMatchObject({isSuccess: true})
    }
    for (const {repository, subject} of all.filter((one) => one.subject !== digest)) {
      for (const flags of [[], ['--new-bundle-format=false']])
        expect(await cosign.verifyAttestation(`${repository}@${subject}`, provenance, ...flags)).toMatchObject({
          isSuccess: true,
        })
    }
    const command = /```sh\n([^]*?)\n```/.exec(first.summary)?.[1] ?? ''
    expect(command).toContain(digest)
    expect(await cosign.shell(command)).toMatchObject({isSuccess: true})
    expect(first.log).toContain(command.split('\n').at(-1))
    const shown = first.log.replaceAll(/^::add-mask::.*$/gm, '') + first.summary
    const [, secretLine = ''] = cosign.privateKey.split('\n')
    for (const secret of [cosign.password, secretLine]) expect(shown).not.toContain(secret)

    const before = (await registry.requests()).length
    const again = await run(inputs)
    expect(again.exitCode).toBe(0)
    expect(changesOf((await registry.requests()).slice(before))).toEqual([])
    expect(again.outputs.get('signatures')).toBe(first.outputs.get('signatures'))
  })

  test.each([
    {attestations: 'inline', format: 'both'},
    {attestations: 'referrers', format: 'signature-tag'},
  ])('has a signed SBOM for each platform: $attestations, $format', async ({attestations, format}) => {
    const images = `${registry.host}/team/${attestations}`
    const sbom = `generator=${await pushSbomGenerator(registry.host)}`
    const inputs = {...sampleInputs(), ...keyInputs(), images, sbom, attestations, 'sign-format': format}
    const {outputs, exitCode, log} = await run(inputs)
    expect(exitCode).toBe(0)
    expect(log).toMatch(/^Signed by .*: 3 manifests and 4 attestations in 1 repository /m)
    const platforms = JSON.parse(outputs.get('digests') ?? '') as Readonly<Record<string, string>>
    const digests = Object.values(platforms)
    expect(digests).toHaveLength(2)
    for (const digest of digests) {
      for (const type of [provenance, 'https://spdx.dev/Document'])
        for (const flags of format === 'both' ? [[], ['--new-bundle-format=false']] : [['--new-bundle-format=false']])
          expect(await cosign.verifyAttestation(`${images}@${digest}`, type, ...flags)).toMatchObject({isSuccess: true})
    }
    const other = await cosign.verifyAttestation(
      `${images}@${outputs.get('digest') ?? ''}`,
      'https://spdx.dev/Document',
    )
    expect(other).toMatchObject({isSuccess: false})
  })

  test('is refused with a wrong password, before anything is built', async () => {
    const inputs = {...sampleInputs(), ...keyInputs(), ...publishTo(registry.host, login), 'sign-key-password': 'storm'}
    expectFailure(await run(inputs), {code: 'sign-key-password', values: ['sign-key-password']})
  })
})

test('a bundle with one other byte does not count: cosign refuses it, and the next run signs', async () => {
  const {image} = await pushed(registry.host, 'team/changed')
  const client = clients.of(registry.host, 'team/changed')
  const images = `${registry.host}/team/changed`
  const inputs = {...promotion, ...keyInputs(), images, digests: image.digest, 'sign-platforms': 'false'}
  await run({...inputs, 'sign-format': 'bundle'}, 'promote')
  const tag = image.digest.replace(':', '-')
  const [entry] = field(parseJson((await client.manifest(tag))?.bytes ?? image.bytes), 'manifests') as readonly object[]
  const manifest = (await client.manifest(String(field(entry, 'digest'))))?.bytes ?? image.bytes
  const layer = (field(parseJson(manifest), 'layers') as readonly unknown[])[0]
  const blob = {digest: String(field(layer, 'digest')) as `sha256:${string}`, sizeBytes: Number(field(layer, 'size'))}
  const chunks: Uint8Array[] = []
  for await (const chunk of client.readBlob(blob)) chunks.push(chunk)
  const changed = Buffer.from(
    Buffer.concat(chunks)
      .toString()
      .replace(/"sig":"(.{30})(.)/, (_, head: string, one: string) => `"sig":"${head}${one === 'A' ? 'B' : 'A'}`),
  )
  await client.uploadBlob({digest: digestOf(changed), sizeBytes: changed.length}, async function* () {
    yield await Promise.resolve(changed)
  })
  const bytes = Buffer.from(Buffer.from(manifest).toString().replace(blob.digest, digestOf(changed)))
  await client.putManifest(digestOf(bytes), {
    digest: digestOf(bytes),
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    bytes,
  })
  const list = Buffer.from(
    Buffer.from((await client.manifest(tag))?.bytes ?? '')
      .toString()
      .replace(String(field(entry, 'digest')), digestOf(bytes)),
  )
  await client.putManifest(tag, {
    digest: digestOf(list),
    mediaType: 'application/vnd.oci.image.index.v1+json',
    bytes: list,
  })
  expect(await cosign.verify(`${images}:1.2.3`)).toMatchObject({isSuccess: false})
  const again = await run({...inputs, 'sign-format': 'bundle'}, 'promote')
  expect(again.exitCode).toBe(0)
  expect(again.log).not.toContain('Already signed')
  expect(await cosign.verify(`${images}:1.2.3`)).toMatchObject({isSuccess: true})
})

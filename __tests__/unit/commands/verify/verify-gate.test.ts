import {generateKeyPairSync, type KeyObject} from 'node:crypto'
import {describe, expect, test} from '@jest/globals'
import {promote} from '../../../../src/commands/promote.ts'
import {publish} from '../../../../src/commands/publish.ts'
import {digestOf} from '../../../../src/oci/digest.ts'
import {field, parseJson} from '../../../../src/oci/manifest.ts'
import {runCommand, type CommandRun} from '../../../../testing/command-run.ts'
import {
  makeImage,
  memoryRegistry,
  type MemoryRegistry,
  type MemoryRegistryOptions,
  type TestImage,
} from '../../../../testing/memory-registry.ts'
import {makeBundle} from '../../../../testing/signed-image.ts'
import {fingerprint} from '../../../../src/signing/keys/public-key.ts'

const [mine, other] = [
  generateKeyPairSync('ec', {namedCurve: 'P-256'}),
  generateKeyPairSync('ec', {namedCurve: 'P-256'}),
]

function pemOf({publicKey}: {readonly publicKey: KeyObject}): string {
  return publicKey.export({type: 'spki', format: 'pem'}).toString()
}

const image = makeImage({platforms: ['linux/amd64', 'linux/arm64'], text: 'signed'})
const [amd64, arm64] = ['linux/amd64', 'linux/arm64'].map((platform) =>
  makeImage({platforms: [platform], text: 'part'}),
)
const byKey = {verify: 'type=signature,key', 'verify-key': pemOf(mine)}

function registryWith(images: readonly TestImage[], options: MemoryRegistryOptions = {}): MemoryRegistry {
  const registry = memoryRegistry({host: 'r.example', ...options})
  for (const one of images) registry.store('o/app', one)
  return registry
}

async function promoteImage(
  registries: readonly MemoryRegistry[],
  digests: readonly string[],
  inputs: Readonly<Record<string, string>>,
): Promise<CommandRun> {
  return runCommand(promote, {
    builds: false,
    registries,
    inputs: {
      images: registries.map(({host}) => `${host}/o/app`).join('\n'),
      tags: '1.2.3',
      digests: digests.join('\n'),
      ...inputs,
    },
  })
}

describe('a promote', () => {
  test('passes with a signature by the key, and reports the gate', async () => {
    const registry = registryWith([image, makeBundle(image, mine.privateKey)])
    const {failure, outputs} = await promoteImage([registry], [image.digest], byKey)
    expect(failure).toBeUndefined()
    expect(registry.tagsOf('o/app')).toEqual({'1.2.3': image.digest})
    expect(parseJson(Buffer.from(outputs['gates'] ?? ''))).toMatchObject([
      {gate: 'verify', outcome: 'passed', subject: {digest: image.digest}, limits: {verify: ['type=signature,key']}},
    ])
  })

  test.each([
    {name: 'without a signature', images: [image], code: 'signature-missing'},
    {
      name: 'with a signature by another key',
      images: [image, makeBundle(image, other.privateKey)],
      code: 'signature-untrusted',
    },
    {
      name: 'with the signature of a different image',
      images: [image, makeBundle(image, mine.privateKey, {signed: `sha256:${'0'.repeat(64)}`})],
      code: 'signature-untrusted',
    },
    {
      name: 'with an attestation by the key',
      images: [image, makeBundle(image, mine.privateKey, {predicateType: 'https://spdx.dev/Document'})],
      code: 'signature-missing',
    },
  ])('of an image $name copies nothing and moves no tag', async ({images, code}) => {
    const [source, destination] = [registryWith(images), memoryRegistry({host: 's.example'})]
    const inputs = {...byKey, digests: `r.example/o/app@${image.digest}`}
    const {failure, outputs} = await promoteImage([source, destination], [], inputs)
    expect(failure?.code).toBe(code)
    expect(source.tagsOf('o/app')).toEqual({})
    expect(destination.snapshot()).toEqual({})
    expect(parseJson(Buffer.from(outputs['gates'] ?? ''))).toMatchObject([{gate: 'verify', outcome: 'failed'}])
  })

  test('accepts provenance that a promote signed, without `platforms`', async () => {
    const attested = makeImage({platforms: ['linux/amd64', 'linux/arm64'], attestations: true})
    const registry = registryWith([attested])
    const pem = String(mine.privateKey.export({format: 'pem', type: 'pkcs8'}))
    const signing = {sign: 'key', 'sign-key': pem}
    expect((await promoteImage([registry], [attested.digest], signing)).failure).toBeUndefined()
    const demand = 'type=attestation,predicate=https://slsa.dev/provenance/v*,key'
    const inputs = {...byKey, verify: demand, tags: '1.2.4'}
    expect((await promoteImage([registry], [attested.digest], inputs)).failure).toBeUndefined()
    const refused = await promoteImage([registry], [attested.digest], {...inputs, verify: `${demand},platforms=false`})
    expect(refused.failure?.code).toBe('signature-missing')
  })

  test('that is refused for its key names both keys', async () => {
    const registry = registryWith([image])
    const pem = String(other.privateKey.export({format: 'pem', type: 'pkcs8'}))
    const signed = await promoteImage([registry], [image.digest], {sign: 'key', 'sign-key': pem})
    const {failure, outputs} = await promoteImage([registry], [image.digest], {...byKey, tags: '1.2.4'})
    expect(failure?.code).toBe('signature-untrusted')
    for (const one of [fingerprint(mine.publicKey), signed.outputs['signer']])
      expect(failure?.evidence.join('\n')).toContain(one)
    expect(outputs['gates']).not.toContain('meets no demand')
  })

  test('that is previewed has the error of the real run', async () => {
    const registry = registryWith([image])
    const preview = {...byKey, 'dry-run': 'registry'}
    expect((await promoteImage([registry], [image.digest], preview)).failure?.code).toBe('signature-missing')
    registry.store('o/app', makeBundle(image, mine.privateKey))
    const passed = await promoteImage([registry], [image.digest], preview)
    expect(passed.failure).toBeUndefined()
    expect(parseJson(Buffer.from(passed.outputs['gates'] ?? ''))).toMatchObject([{gate: 'verify', outcome: 'passed'}])
    expect(registry.tagsOf('o/app')).toEqual({})
  })

  test('accepts the signature of any repository with the image', async () => {
    const [plain, signed] = [
      registryWith([image]),
      registryWith([image, makeBundle(image, mine.privateKey)], {host: 's.example'}),
    ]
    expect((await promoteImage([plain, signed], [image.digest], byKey)).failure).toBeUndefined()
  })

  test('of several images demands the signature of each', async () => {
    if (amd64 === undefined || arm64 === undefined) throw new Error('no images')
    const registry = registryWith([amd64, arm64, makeBundle(amd64, mine.privateKey)])
    const digests = [amd64.digest, arm64.digest]
    const {failure} = await promoteImage([registry], digests, byKey)
    expect(failure?.code).toBe('signature-missing')
    expect(failure?.evidence[0]).toContain(arm64.digest)
    registry.store('o/app', makeBundle(arm64, mine.privateKey))
    expect((await promoteImage([registry], digests, byKey)).failure).toBeUndefined()
  })

  test('finds out before it reads the registries that a key or a document is not one', async () => {
    const registry = registryWith([image])
    const p384 = pemOf(generateKeyPairSync('ec', {namedCurve: 'P-384'}))
    for (const inputs of [
      {...byKey, 'verify-key': p384},
      {...byKey, 'verify-key': 'missing.pub'},
      {verify: 'type=signature,repository=acme/app', 'sigstore-trust': 'missing.json'},
    ]) {
      expect((await promoteImage([registry], [image.digest], inputs)).failure?.code).toBe('input-invalid')
    }
    const missing = await promoteImage([registry], [image.digest], {...byKey, 'verify-key': 'keys/missing.pub'})
    expect(missing.failure?.evidence.join()).toMatch(/keys\/missing\.pub.*actions\/checkout/)
    expect(registry.requests).toEqual([])
  })
})

/** Image whose index has other entries. */
function withEntries(one: TestImage, change: (entries: readonly unknown[]) => readonly unknown[]): TestImage {
  const entries = field(parseJson(one.bytes), 'manifests')
  const manifests = change(Array.isArray(entries) ? entries : [])
  const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: one.mediaType, manifests}))
  const top = {mediaType: one.mediaType, bytes, digest: digestOf(bytes)}
  return {...one, ...top, manifests: [...one.manifests.filter(({digest}) => digest !== one.digest), top]}
}

describe('platforms', () => {
  const size = 400
  const digest = `sha256:${'e'.repeat(64)}`
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const platform = {os: 'linux', architecture: 's390x'}

  /** Registry with an index that is signed, as are the images of its platforms. */
  function signedIn(one: TestImage): MemoryRegistry {
    return registryWith([one, ...[one, ...image.manifests].map((part) => makeBundle(part, mine.privateKey))])
  }

  test.each(['true', 'only'])('pass if all are signed: platforms=%s', async (platforms) => {
    const inputs = {...byKey, verify: `type=signature,key,platforms=${platforms}`}
    expect((await promoteImage([signedIn(image)], [image.digest], inputs)).failure).toBeUndefined()
  })

  test.each([
    {name: 'an entry without a platform', entry: {mediaType, digest, size}},
    {name: 'an entry with a broken platform', entry: {mediaType, digest, size, platform: 'linux/amd64'}},
    {
      name: 'a nested index',
      entry: {mediaType: 'application/vnd.oci.image.index.v1+json', digest, size, platform},
    },
  ])('do not pass with $name', async ({entry}) => {
    const odd = withEntries(image, (entries) => [...entries, entry])
    const registry = signedIn(odd)
    for (const platforms of ['true', 'only']) {
      const inputs = {...byKey, verify: `type=signature,key,platforms=${platforms}`}
      const {failure} = await promoteImage([registry], [odd.digest], inputs)
      expect(failure?.code).toBe('signature-missing')
      expect(failure?.evidence.join()).toContain('entry 3')
    }
    expect(registry.tagsOf('o/app')).toEqual({})
  })

  test('do not pass if there are none', async () => {
    const empty = withEntries(image, () => [])
    const inputs = {...byKey, verify: 'type=signature,key,platforms=only'}
    const {failure} = await promoteImage([signedIn(empty)], [empty.digest], inputs)
    expect(failure?.code).toBe('signature-missing')
  })
})

describe('what others attach to an image', () => {
  test('gives a warning if it is damaged', async () => {
    const broken = makeBundle(image, other.privateKey, {predicateType: 'https://spdx.dev/Document'})
    const registry = registryWith([image, {...broken, blobs: new Map()}, makeBundle(image, mine.privateKey)])
    const {failure, io} = await promoteImage([registry], [image.digest], byKey)
    expect(failure).toBeUndefined()
    const [, bundle] = [...broken.blobs.keys()]
    expect(io.workflow.log.filter((line) => line.startsWith('warning'))).toEqual([
      expect.stringContaining(bundle ?? 'none'),
    ])
  })

  test('does not fill the messages, or change the terminal', async () => {
    const predicateType = `\u001b[31m\u202e${'x'.repeat(3_000_000)}\n`
    const registry = registryWith([image, makeBundle(image, other.privateKey, {predicateType})])
    const {failure, outputs, summary} = await promoteImage([registry], [image.digest], byKey)
    expect(failure?.code).toBe('signature-missing')
    const shown = [...(failure?.evidence ?? []), outputs['gates'] ?? '', summary]
    for (const text of shown) {
      expect(text.length).toBeLessThan(20_000)
      expect(text).not.toMatch(/\u001b|\u202e|\\u001b|\\u202e/)
    }
  })
})

test('a published release that is not signed is neither copied nor tagged again', async () => {
  const inputs = {images: 'r.example/o/app\ns.example/o/app', tags: 'type=semver,pattern={{version}}'}
  const registry = registryWith([])
  const first = await runCommand(publish, {registries: [registry], inputs: {...inputs, images: 'r.example/o/app'}})
  expect(first.failure).toBeUndefined()
  const preview = await runCommand(publish, {
    registries: [registry],
    inputs: {...inputs, ...byKey, images: 'r.example/o/app', 'dry-run': 'registry'},
  })
  expect(preview.failure?.code).toBe('signature-missing')
  expect(parseJson(Buffer.from(preview.outputs['gates'] ?? ''))).toMatchObject([{gate: 'verify', outcome: 'failed'}])
  const [digest] = Object.values(registry.tagsOf('o/app'))
  const mirror = memoryRegistry({host: 's.example'})
  const again = {registries: [registry, mirror], inputs: {...inputs, ...byKey}}
  const refused = await runCommand(publish, again)
  expect(refused.failure?.code).toBe('signature-missing')
  expect(mirror.snapshot()).toEqual({})
  const published = registry.manifest('o/app', digest ?? 'sha256:')
  if (digest === undefined || published === undefined) throw new Error('nothing was published')
  registry.store('o/app', makeBundle({...published, digest}, mine.privateKey))
  expect((await runCommand(publish, again)).failure).toBeUndefined()
  expect(mirror.tagsOf('o/app')).toEqual(registry.tagsOf('o/app'))
})

test.each(['registry', 'false'])(
  'a new release that nothing signs gives a warning, with dry-run: %s',
  async (dryRun) => {
    const warned = async (inputs: Readonly<Record<string, string>>): Promise<boolean> => {
      const {failure, io} = await runCommand(publish, {
        registries: [registryWith([])],
        inputs: {images: 'r.example/o/app', 'dry-run': dryRun, ...byKey, ...inputs},
      })
      expect(failure).toBeUndefined()
      return io.workflow.log.some((line) => line.startsWith('warning') && line.includes('signature-missing'))
    }
    expect(await warned({})).toBe(true)
    const key = String(mine.privateKey.export({format: 'pem', type: 'pkcs8'}))
    expect(await warned({sign: 'key', 'sign-key': key})).toBe(false)
  },
)

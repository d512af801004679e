import {createPublicKey, generateKeyPairSync, type KeyObject} from 'node:crypto'
import {describe, expect, test} from '@jest/globals'
import {promote} from '../../../../src/commands/promote.ts'
import {publish} from '../../../../src/commands/publish.ts'
import {stage} from '../../../../src/commands/stage.ts'
import {factKeys} from '../../../../src/oci/image-facts.ts'
import {digestOf, isDigest, type Digest} from '../../../../src/oci/digest.ts'
import {images, parseJson, parseManifest} from '../../../../src/oci/manifest.ts'
import {enlistReferrers} from '../../../../src/registry/signatures/enlist-referrers.ts'
import {readStoredSignatures} from '../../../../src/registry/signatures/stored-signatures.ts'
import {parseBundle} from '../../../../src/signing/bundle.ts'
import {parseClaim} from '../../../../src/signing/claim.ts'
import {rejectsWithKey} from '../../../../src/signing/key-signer.ts'
import {namesRepository, parsePayload} from '../../../../src/signing/simple-signing.ts'
import {signaturePredicate} from '../../../../src/signing/statement.ts'
import {runCommand, type CommandRun, type Scenario} from '../../../../testing/command-run.ts'
import {
  makeImage,
  makeReferrer,
  memoryNetwork,
  memoryRegistry,
  type MemoryRegistry,
  type MemoryRegistryOptions,
  type RecordedRequest,
} from '../../../../testing/memory-registry.ts'
import {provenanceType} from '../../../../testing/memory-registry/images.ts'
import {testClients} from '../../../../testing/registry-client.ts'

const key = generateKeyPairSync('ec', {namedCurve: 'prime256v1'}).privateKey
const stranger = generateKeyPairSync('ed25519').privateKey
const platforms = ['linux/amd64', 'linux/arm64']

function pem(one: KeyObject): string {
  return String(one.export({format: 'pem', type: 'pkcs8'}))
}

function publicPem(one: KeyObject): string {
  return String(createPublicKey(one).export({format: 'pem', type: 'spki'}))
}

const signing = {sign: 'key', 'sign-key': pem(key)}
const withoutSigning = {sign: '', 'sign-key': ''}
const exactTag = 'type=semver,pattern={{version}}'
const login = {registry: 'r.example', username: 'mona', password: 'canary-1'}
const given = {
  ...login,
  images: 'r.example/o/app',
  platforms: platforms.join(','),
  tags: 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}',
  ...signing,
}

function registryAt(options: MemoryRegistryOptions = {}): MemoryRegistry {
  return memoryRegistry({host: 'r.example', ...options})
}

type Inputs = Readonly<Record<string, string>>

async function publishTo(
  registries: readonly MemoryRegistry[],
  inputs: Inputs = {},
  scenario: Partial<Scenario> = {},
): Promise<CommandRun> {
  return runCommand(publish, {...scenario, registries, inputs: {...given, ...inputs}})
}

async function promoteIn(
  registries: readonly MemoryRegistry[],
  inputs: Inputs,
  scenario: Partial<Scenario> = {},
): Promise<CommandRun> {
  return runCommand(promote, {...scenario, builds: false, registries, inputs: {...given, ...inputs}})
}

const image = makeImage({
  platforms,
  labels: {[factKeys.revision]: 'a'.repeat(40), [factKeys.commitDate]: '2019-05-01T00:00:00Z', [factKeys.runId]: '77'},
})

/** Registry with an image that has no tag. */
function withImage(options: MemoryRegistryOptions = {}): MemoryRegistry {
  const registry = registryAt(options)
  registry.store('o/app', image)
  return registry
}

interface Found {
  /** Different bundles and signatures under tags, of this key and of all. */
  readonly bundles: number
  readonly layers: number
  readonly all: number
  /** Names in the signatures under tags. */
  readonly named: boolean
}

/** Signatures of a subject by a key, as a stranger finds them. */
async function signaturesOf(registry: MemoryRegistry, subject: Digest, by = key, repository = 'o/app'): Promise<Found> {
  using clients = testClients(memoryNetwork([registry]))
  const client = clients.of(registry.host, repository)
  const publicKey = createPublicKey(by)
  const kinds = ['bundle', 'signature-tag'] as const
  const predicateType = signaturePredicate
  const {found} = await readStoredSignatures(client, subject, {kinds, predicateTypes: [predicateType]})
  const own = found.filter((stored) => rejectsWithKey({stored, subject, predicateType}, publicKey) === undefined)
  const ownLayers = own.filter(({kind}) => kind === 'signature-tag')
  const {host} = registry
  return {
    bundles: own.length - ownLayers.length,
    layers: ownLayers.length,
    all: found.length,
    named: ownLayers.some(({bytes}) => namesRepository(parsePayload(bytes)?.reference, {host, path: repository})),
  }
}

const signedOnce: Found = {bundles: 1, layers: 1, all: 2, named: true}

function digestIn({outputs}: CommandRun): Digest {
  const digest = outputs['digest'] ?? ''
  if (!isDigest(digest)) throw new Error(`no digest: ${digest}`)
  return digest
}

/** Index and images of the platforms. */
function subjectsOf(registry: MemoryRegistry, digest: Digest, repository = 'o/app'): readonly Digest[] {
  const manifest = parseManifest(registry.manifest(repository, digest)?.bytes ?? Buffer.from(''))
  return [digest, ...(manifest?.kind === 'index' ? images(manifest).map((child) => child.digest) : [])]
}

/** Tags of images, without those of signatures. */
function tagsOf(registry: MemoryRegistry, repository = 'o/app'): readonly string[] {
  return Object.keys(registry.tagsOf(repository)).filter((tag) => !tag.startsWith('sha256-'))
}

function isWrite({method, path}: RecordedRequest): boolean {
  // The preflight starts an upload, and cancels it.
  return ['PUT', 'PATCH', 'POST'].includes(method) && !path.endsWith('/blobs/uploads/')
}

function noticesOf({io}: CommandRun): readonly string[] {
  return io.workflow.log.filter((line) => line.includes('notice'))
}

function shown({io, summary}: CommandRun): string {
  const {log, outputs, state} = io.workflow
  return JSON.stringify([log, [...outputs], [...state], summary])
}

const kinds: readonly {readonly name: string; readonly options: MemoryRegistryOptions}[] = [
  {name: 'with the referrers API', options: {}},
  {name: 'without the referrers API', options: {referrers: false}},
]

describe.each(kinds)('in a registry $name', ({options}) => {
  test('a release is signed, index and platforms, before its tags', async () => {
    const registry = registryAt(options)
    const run = await publishTo([registry])
    expect(run.failure).toBeUndefined()
    const subjects = subjectsOf(registry, digestIn(run))
    expect(subjects).toHaveLength(3)
    for (const subject of subjects) expect(await signaturesOf(registry, subject)).toEqual(signedOnce)
    const lastSignature = registry.moves.findLastIndex(({tag}) => tag.startsWith('sha256-'))
    const firstTag = registry.moves.findIndex(({tag}) => !tag.startsWith('sha256-'))
    expect(lastSignature).toBeLessThan(firstTag)
    expect(tagsOf(registry)).toEqual(['1.2', '1.2.3', 'latest'])
    expect(shown(run)).not.toContain(pem(key).split('\n')[1])
  })

  test('a repeated release writes nothing, and reports the signatures', async () => {
    const registry = registryAt(options)
    const first = await publishTo([registry])
    const before = registry.requests.length
    const second = await publishTo([registry])
    expect(second.failure).toBeUndefined()
    expect(registry.requests.slice(before).filter(isWrite)).toEqual([])
    expect(second.outputs).toMatchObject({signatures: first.outputs['signatures'], signer: first.outputs['signer']})
    expect(second.outputs['pushed']).toBe('false')
  })

  test('a published release without a signature keeps its tags, and is not signed', async () => {
    const registry = registryAt(options)
    const unsigned = await publishTo([registry], withoutSigning)
    const tags = registry.tagsOf('o/app')
    const before = registry.requests.length
    const again = await publishTo([registry])
    expect(again.failure).toBeUndefined()
    expect(digestIn(again)).toBe(digestIn(unsigned))
    expect(registry.tagsOf('o/app')).toEqual(tags)
    expect(registry.requests.slice(before).filter(isWrite)).toEqual([])
    expect(again.outputs['signatures']).toBe('')
    expect(noticesOf(again)).toContainEqual(expect.stringContaining(digestIn(unsigned)))
  })

  test('no tag is added to a published release that is not signed', async () => {
    const registry = registryAt(options)
    await publishTo([registry], {...withoutSigning, tags: exactTag, floating: 'never'})
    const run = await publishTo([registry])
    expect(run.failure).toMatchObject({
      code: 'build-not-judged',
      evidence: expect.arrayContaining([expect.stringContaining('r.example/o/app:latest')]),
    })
    expect(tagsOf(registry)).toEqual(['1.2.3'])
  })

  test('a published release is signed if it has a signature that `verify` demands', async () => {
    const registry = registryAt(options)
    const digest = digestIn(await publishTo([registry], withoutSigning))
    const demand = {verify: 'type=signature,key', 'verify-key': publicPem(stranger)}
    expect((await publishTo([registry], demand)).failure?.code).toBe('signature-missing')
    expect((await signaturesOf(registry, digest)).all).toBe(0)
    await promoteIn([registry], {digests: digest, 'sign-key': pem(stranger)})
    expect((await publishTo([registry], demand)).failure).toBeUndefined()
    expect(await signaturesOf(registry, digest)).toEqual({...signedOnce, all: 4})
  })

  test('a promote signs an unsigned release', async () => {
    const registry = registryAt(options)
    const digest = digestIn(await publishTo([registry], withoutSigning))
    expect((await promoteIn([registry], {digests: digest})).failure).toBeUndefined()
    expect(await signaturesOf(registry, digest)).toEqual(signedOnce)
  })

  test.each(['bundle', 'signature-tag'])('a release with signatures as %s gets the others', async (format) => {
    const registry = registryAt(options)
    const digest = digestIn(await publishTo([registry], {'sign-format': format}))
    expect((await publishTo([registry])).failure).toBeUndefined()
    expect(await signaturesOf(registry, digest)).toEqual(signedOnce)
    const other = format === 'bundle' ? 'signature-tag' : 'bundle'
    const second = registryAt(options)
    const changed = digestIn(await publishTo([second], {'sign-format': format}))
    expect((await publishTo([second], {'sign-format': other})).failure).toBeUndefined()
    expect(await signaturesOf(second, changed)).toEqual(signedOnce)
  })

  test('a promoted image is signed once', async () => {
    const registry = withImage(options)
    for (let count = 0; count < 2; count += 1) {
      const run = await promoteIn([registry], {digests: image.digest})
      expect(run.failure).toBeUndefined()
    }
    for (const subject of subjectsOf(registry, image.digest))
      expect(await signaturesOf(registry, subject)).toEqual(signedOnce)
  })

  test.each([
    {format: 'bundle', expected: {bundles: 1, layers: 0, all: 1, named: false}},
    {format: 'signature-tag', expected: {bundles: 0, layers: 1, all: 1, named: true}},
  ])('sign-format: $format', async ({format, expected}) => {
    const registry = withImage(options)
    const run = await promoteIn([registry], {digests: image.digest, 'sign-format': format})
    expect(run.failure).toBeUndefined()
    expect(await signaturesOf(registry, image.digest)).toEqual(expected)
    const signatures = JSON.parse(run.outputs['signatures'] ?? '') as readonly Readonly<Record<string, unknown>>[]
    expect(signatures).toHaveLength(3)
    expect(signatures[0]).toMatchObject({
      repository: 'r.example/o/app',
      subject: image.digest,
      bundle: expected.bundles === 1 ? expect.stringMatching(/^sha256:/) : null,
      sig: expected.layers === 1 ? expect.stringMatching(/^sha256:/) : null,
    })
  })

  test('sign-platforms: false signs the index alone', async () => {
    const registry = withImage(options)
    await promoteIn([registry], {digests: image.digest, 'sign-platforms': 'false'})
    const [index, ...others] = subjectsOf(registry, image.digest)
    expect(await signaturesOf(registry, index ?? image.digest)).toEqual(signedOnce)
    for (const subject of others) expect((await signaturesOf(registry, subject)).all).toBe(0)
  })

  test('an entry without a platform is signed, since a runtime can pull it', async () => {
    const registry = registryAt(options)
    const child = makeImage({text: 'without a platform'})
    const mediaType = 'application/vnd.oci.image.index.v1+json'
    const entry = {mediaType: child.mediaType, digest: child.digest, size: child.bytes.length}
    const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, manifests: [entry]}))
    const top = {mediaType, bytes, digest: digestOf(bytes)}
    registry.store('o/app', {...child, ...top, manifests: [...child.manifests, top]})
    const run = await promoteIn([registry], {digests: top.digest, platforms: ''})
    expect(run.failure).toBeUndefined()
    for (const subject of [top.digest, child.digest]) expect(await signaturesOf(registry, subject)).toEqual(signedOnce)
  })

  test('signatures of others are preserved', async () => {
    const registry = withImage(options)
    await promoteIn([registry], {digests: image.digest, 'sign-key': pem(stranger)})
    const run = await promoteIn([registry], {digests: image.digest})
    expect(run.failure).toBeUndefined()
    for (const subject of subjectsOf(registry, image.digest)) {
      expect(await signaturesOf(registry, subject)).toEqual({...signedOnce, all: 4})
      expect(await signaturesOf(registry, subject, stranger)).toEqual({...signedOnce, all: 4})
    }
  })

  test('a damaged referrer of others is passed over', async () => {
    const foreign = makeReferrer(image, 'application/example')
    const registry = withImage({
      ...options,
      fault: ({method, path}) =>
        method === 'GET' && path.endsWith(foreign.digest) ? {kind: 'corrupt-body'} : undefined,
    })
    registry.store('o/app', foreign)
    const run = await promoteIn([registry], {digests: image.digest})
    expect(run.failure).toBeUndefined()
    expect(await signaturesOf(registry, image.digest)).toEqual(signedOnce)
  })

  test('a promotion to another repository adds a signature for its name, and copies the bundle', async () => {
    const registry = withImage(options)
    await promoteIn([registry], {digests: image.digest})
    const run = await promoteIn([registry], {from: 'r.example/o/app:1.2.3', images: 'r.example/o/prod'})
    expect(run.failure).toBeUndefined()
    for (const subject of subjectsOf(registry, image.digest, 'o/prod')) {
      const found = await signaturesOf(registry, subject, key, 'o/prod')
      expect(found).toEqual({bundles: 1, layers: 2, all: 3, named: true})
    }
  })
})

test('a hidden copy of a bundle is noticed', async () => {
  const empty = JSON.stringify({schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: []})
  const registry = withImage({
    fault: ({method, path}) =>
      method === 'GET' && path.includes('/o/prod/referrers/') ? {kind: 'answer', status: 200, body: empty} : undefined,
  })
  const inputs = {digests: image.digest, 'sign-format': 'bundle'}
  expect((await promoteIn([registry], inputs)).failure).toBeUndefined()
  const promotion = {from: 'r.example/o/app:1.2.3', images: 'r.example/o/prod', 'sign-format': 'bundle'}
  expect((await promoteIn([registry], promotion)).failure?.code).toBe('signature-not-kept')
  expect(tagsOf(registry, 'o/prod')).toEqual([])
})

describe('a promote without `sign`', () => {
  const plain = {sign: '', 'sign-key': '', from: 'r.example/o/app:1.2.3'}

  test.each([
    {images: 'r.example/o/prod', format: 'both', refused: true},
    {images: 'r.example/o/prod', format: 'bundle', refused: false},
    {images: 'r.example/o/app', format: 'both', refused: false},
  ])('to $images reports the copied signatures: $format', async ({images: target, format, refused}) => {
    const registry = withImage()
    await promoteIn([registry], {digests: image.digest, 'sign-format': format})
    const {failure, io} = await promoteIn([registry], {...plain, images: target})
    expect(failure).toBeUndefined()
    const {log} = io.workflow
    expect(log.some((line) => line.startsWith('info: Copied with'))).toBe(target !== given.images)
    expect(log.some((line) => line.startsWith('notice') && line.includes('Podman'))).toBe(refused)
    const signing = await promoteIn([registry], {images: target, from: plain.from})
    expect(signing.io.workflow.log.join()).not.toContain('Podman')
  })
})

test('a dry run shows what it would sign', async () => {
  const {io, outputs} = await publishTo([registryAt()], {'dry-run': 'true'})
  expect(io.workflow.log.join('\n')).toMatch(/printed: {3}sign\nprinted: {5}key/)
  expect(parseJson(Buffer.from(outputs['plan'] ?? ''))).toMatchObject({sign: ['key']})
  expect(io.workflow.log.at(-1)).toMatch(/and sign the image$/)
})

describe('the requests of signing', () => {
  test.each([
    {...kinds[0], format: 'both', most: 52},
    {...kinds[0], format: 'bundle', most: 22},
    {...kinds[1], format: 'both', most: 70},
    {...kinds[1], format: 'bundle', most: 40},
  ])('of an image of two platforms, in a registry $name: $format', async ({options = {}, format, most}) => {
    const [plain, signed] = [withImage(options), withImage(options)]
    await promoteIn([plain], {digests: image.digest, sign: '', 'sign-key': ''})
    await promoteIn([signed], {digests: image.digest, 'sign-format': format})
    expect(signed.requests.length - plain.requests.length).toBeLessThanOrEqual(most)
    const [plainBefore, before] = [plain.requests.length, signed.requests.length]
    await promoteIn([plain], {digests: image.digest, sign: '', 'sign-key': ''})
    await promoteIn([signed], {digests: image.digest, 'sign-format': format})
    expect(signed.requests.length - before - (plain.requests.length - plainBefore)).toBeLessThanOrEqual(18)
  })
})

interface TwoBuilds {
  readonly registries: readonly [MemoryRegistry, MemoryRegistry]
  readonly digests: readonly [Digest, Digest]
}

describe('two registries', () => {
  const hosts = ['r.example', 's.example'] as const
  const both = {images: hosts.map((host) => `${host}/o/app`).join('\n'), registry: '', username: '', password: ''}

  function two(): readonly [MemoryRegistry, MemoryRegistry] {
    return [memoryRegistry({host: hosts[0]}), memoryRegistry({host: hosts[1], referrers: false})]
  }

  test('get the same bundle, and each a signature for its name', async () => {
    const registries = two()
    const run = await publishTo(registries, both)
    expect(run.failure).toBeUndefined()
    const digest = digestIn(run)
    const subjects = registries.flatMap((registry) =>
      subjectsOf(registry, digest).map((subject) => ({registry, subject})),
    )
    expect(subjects).toHaveLength(6)
    for (const {registry, subject} of subjects) expect(await signaturesOf(registry, subject)).toEqual(signedOnce)
    const signatures = JSON.parse(run.outputs['signatures'] ?? '') as readonly {readonly bundle: string}[]
    expect(new Set(signatures.map(({bundle}) => bundle)).size).toBe(3)
  })

  test('an image that is not required gets its signatures, too', async () => {
    const registries = two()
    const optional = `${hosts[0]}/o/app\nname=${hosts[1]}/o/app,required=false`
    const run = await publishTo(registries, {...both, images: optional})
    expect(run.failure).toBeUndefined()
    for (const registry of registries) {
      expect(tagsOf(registry)).toEqual(['1.2', '1.2.3', 'latest'])
      for (const subject of subjectsOf(registry, digestIn(run)))
        expect((await signaturesOf(registry, subject)).named).toBe(true)
    }
    expect(JSON.parse(run.outputs['signatures'] ?? '')).toHaveLength(6)
  })

  /** Registries with different builds of one release. */
  async function twoBuilds(inputs: Inputs, options: MemoryRegistryOptions = {}): Promise<TwoBuilds> {
    const registries = [memoryRegistry({host: hosts[0]}), memoryRegistry({host: hosts[1], ...options})] as const
    const digests: Digest[] = []
    for (const [index, registry] of registries.entries()) {
      const images = `${hosts[index] ?? ''}/o/app`
      const run = await publishTo([registry], {...both, images, ...inputs}, {image: {text: `build ${index}`}})
      expect(run.failure).toBeUndefined()
      digests.push(digestIn(run))
    }
    const [first = image.digest, second = image.digest] = digests
    expect(first).not.toBe(second)
    return {registries, digests: [first, second]}
  }

  test('with different builds of one release: both are signed', async () => {
    const {registries, digests} = await twoBuilds({'sign-format': 'signature-tag'})
    expect((await publishTo(registries, both)).failure).toBeUndefined()
    for (const [index, registry] of registries.entries()) {
      for (const subject of subjectsOf(registry, digests[index] ?? image.digest))
        expect(await signaturesOf(registry, subject)).toEqual(signedOnce)
    }
  })

  test('with different builds of one release: one of another origin is not signed', async () => {
    const {registries, digests} = await twoBuilds(withoutSigning)
    await promoteIn([registries[0]], {digests: digests[0]})
    const run = await publishTo(registries, both)
    expect(run.failure).toBeUndefined()
    expect(await signaturesOf(registries[0], digests[0])).toEqual(signedOnce)
    expect((await signaturesOf(registries[1], digests[1])).all).toBe(0)
    expect(noticesOf(run)).toContainEqual(expect.stringContaining(digests[1]))
  })

  describe('with different builds of one release without floating tags', () => {
    const exact = {tags: exactTag, floating: 'never'}
    const gated = {...both, ...withoutSigning}

    test.each([
      {name: 'size limits', inputs: {'max-size': '1GB'}},
      {name: 'a signature, which one lacks', inputs: signing},
    ])('no tag moves to the one that was not judged: $name', async ({inputs}) => {
      const {registries, digests} = await twoBuilds({...withoutSigning, ...exact})
      await promoteIn([registries[0]], {digests: digests[0], ...exact})
      const run = await publishTo(registries, {...gated, ...inputs})
      expect(run.failure).toMatchObject({
        code: 'build-not-judged',
        evidence: expect.arrayContaining([expect.stringMatching(`^s.example/o/app:latest .*${digests[1]}$`)]),
      })
      for (const registry of registries) expect(tagsOf(registry)).toEqual(['1.2.3'])
    })

    test('verify demands the signatures of both, and then each gets its tags', async () => {
      const {registries, digests} = await twoBuilds({...withoutSigning, ...exact})
      const demand = {...gated, verify: 'type=signature,key', 'verify-key': publicPem(key)}
      await promoteIn([registries[0]], {digests: digests[0], ...exact})
      const refused = await publishTo(registries, demand)
      expect(refused.failure?.code).toBe('signature-missing')
      expect(refused.failure?.evidence.join()).toContain(digests[1])
      const images = {images: 's.example/o/app', registry: '', username: '', password: ''}
      await promoteIn([registries[1]], {...images, digests: digests[1], ...exact})
      expect((await publishTo(registries, demand)).failure).toBeUndefined()
      for (const [index, registry] of registries.entries())
        expect(registry.tagsOf('o/app')).toMatchObject({'1.2.3': digests[index], latest: digests[index]})
    })

    test('all tags move without gates', async () => {
      const {registries, digests} = await twoBuilds({...withoutSigning, ...exact})
      expect((await publishTo(registries, gated)).failure).toBeUndefined()
      expect(registries.map((registry) => registry.tagsOf('o/app')['latest'])).toEqual(digests)
    })

    test('a build that a registry no longer has is an error', async () => {
      const gone = new Set<string>()
      const {registries, digests} = await twoBuilds(exact, {
        fault: ({path}) => (gone.has(path.split('/').at(-1) ?? '') ? {kind: 'answer', status: 404} : undefined),
      })
      gone.add(digests[1])
      expect((await publishTo(registries, both)).failure?.code).toBe('source-missing')
    })
  })

  test('a promote moves no tag to a build that it has not signed', async () => {
    const {registries, digests} = await twoBuilds({...withoutSigning, tags: exactTag, floating: 'never'})
    const inputs = {...both, digests: `${hosts[0]}/o/app@${digests[0]}`, 'if-exists': 'skip'}
    expect((await promoteIn(registries, inputs)).failure).toMatchObject({
      code: 'build-not-judged',
      evidence: expect.arrayContaining([expect.stringMatching(`^s.example/o/app:latest .*${digests[1]}$`)]),
    })
    for (const registry of registries) expect(tagsOf(registry)).toEqual(['1.2.3'])
  })

  test('the signatures of an image that is not required are reported, although its tags fail', async () => {
    const registries = [
      memoryRegistry({host: hosts[0]}),
      memoryRegistry({
        host: hosts[1],
        fault: ({method, path}) =>
          method === 'PUT' && path.endsWith('/manifests/1.2.3') ? {kind: 'answer', status: 400} : undefined,
      }),
    ]
    const optional = `${hosts[0]}/o/app\nname=${hosts[1]}/o/app,required=false`
    const run = await publishTo(registries, {...both, images: optional})
    expect(run.failure).toBeUndefined()
    expect(registries.map((registry) => tagsOf(registry).length)).toEqual([3, 0])
    expect(JSON.parse(run.outputs['signatures'] ?? '')).toHaveLength(6)
  })

  test('a mirror gets no signature of a release that is not signed', async () => {
    const registries = two()
    await publishTo([registries[0]], withoutSigning)
    const optional = `${hosts[0]}/o/app\nname=${hosts[1]}/o/app,required=false`
    const run = await publishTo(registries, {...both, images: optional})
    expect(run.failure).toBeUndefined()
    expect(run.outputs['signatures']).toBe('')
    expect(tagsOf(registries[1])).toEqual([])
    expect((await signaturesOf(registries[1], digestIn(run))).all).toBe(0)
  })

  test('no tag moves if one of them does not take the signatures', async () => {
    const registries = [
      memoryRegistry({host: hosts[0]}),
      memoryRegistry({
        host: hosts[1],
        fault: ({method, path}) =>
          method === 'PUT' && path.endsWith('.sig') ? {kind: 'answer', status: 500} : undefined,
      }),
    ]
    const run = await publishTo(registries, both)
    expect(run.failure?.code).toBe('registry-failed')
    for (const registry of registries) expect(tagsOf(registry)).toEqual([])
  })
})

describe.each(kinds)('attestations of BuildKit in a registry $name', ({options}) => {
  const attested = makeImage({platforms, attestations: true, text: 'attested'})

  /** Signed provenances of a subject by the key. */
  async function provenances(registry: MemoryRegistry, subject: Digest): Promise<readonly unknown[]> {
    using clients = testClients(memoryNetwork([registry]))
    const predicateType = provenanceType
    const question = {kinds: ['bundle'], predicateTypes: [predicateType]} as const
    const {found} = await readStoredSignatures(clients.of(registry.host, 'o/app'), subject, question)
    return found
      .filter((stored) => rejectsWithKey({stored, subject, predicateType}, createPublicKey(key)) === undefined)
      .map(({bytes}) => parseJson(Buffer.from(parseBundle(bytes)?.payload ?? '', 'base64')))
  }

  function attestedIn(changes: MemoryRegistryOptions = {}): MemoryRegistry {
    const registry = registryAt({...options, ...changes})
    registry.store('o/app', attested)
    return registry
  }

  test('are signed for each platform, once', async () => {
    const registry = attestedIn()
    expect((await promoteIn([registry], {digests: attested.digest})).failure).toBeUndefined()
    const before = registry.requests.length
    expect((await promoteIn([registry], {digests: attested.digest})).failure).toBeUndefined()
    expect(registry.requests.slice(before).filter(isWrite)).toEqual([])
    const [index, ...others] = subjectsOf(registry, attested.digest)
    expect(await provenances(registry, index ?? attested.digest)).toEqual([])
    expect(others).toHaveLength(2)
    for (const subject of others) {
      expect(await provenances(registry, subject)).toEqual([
        {
          _type: 'https://in-toto.io/Statement/v1',
          subject: [{digest: {sha256: subject.slice(7)}}],
          predicateType: provenanceType,
          predicate: {builder: {id: ''}, of: subject},
        },
      ])
      expect(await signaturesOf(registry, subject)).toEqual(signedOnce)
    }
  })

  /** Envelopes under the tag of cosign 2, and the signatures in bundles, of a subject by the key. */
  async function signaturesIn(registry: MemoryRegistry, subject: Digest): Promise<Record<string, readonly string[]>> {
    using clients = testClients(memoryNetwork([registry]))
    const question = {kinds: ['bundle', 'attestation-tag'], predicateTypes: [provenanceType]} as const
    const {found} = await readStoredSignatures(clients.of(registry.host, 'o/app'), subject, question)
    const own = found.filter(
      (stored) => rejectsWithKey({stored, subject, predicateType: provenanceType}, createPublicKey(key)) === undefined,
    )
    const signatures = (kind: string): readonly string[] =>
      own
        .filter((stored) => stored.kind === kind)
        .flatMap((stored) => parseClaim(stored))
        .flatMap((claim) => (typeof claim === 'string' ? [] : claim.signatures))
    return {bundles: signatures('bundle'), tagged: signatures('attestation-tag')}
  }

  test.each([
    {format: 'both', bundles: 1, tagged: 1},
    {format: 'bundle', bundles: 1, tagged: 0},
    {format: 'signature-tag', bundles: 0, tagged: 1},
  ])('have the formats of sign-format: $format, with one signature', async ({format, bundles, tagged}) => {
    const registry = attestedIn()
    const inputs = {digests: attested.digest, 'sign-format': format}
    expect((await promoteIn([registry], inputs)).failure).toBeUndefined()
    for (const subject of subjectsOf(registry, attested.digest).slice(1)) {
      const found = await signaturesIn(registry, subject)
      expect([found['bundles']?.length, found['tagged']?.length]).toEqual([bundles, tagged])
      expect(new Set(Object.values(found).flat()).size).toBe(1)
    }
  })

  test('under tags get the signature of the bundle that an interrupted run has attached', async () => {
    let isBroken = true
    const registry = attestedIn({
      fault: ({method, path}) =>
        isBroken && method === 'PUT' && path.endsWith('.att') ? {kind: 'answer', status: 400} : undefined,
    })
    expect((await promoteIn([registry], {digests: attested.digest})).failure).toBeDefined()
    expect(tagsOf(registry)).toEqual([])
    const [, subject = attested.digest] = subjectsOf(registry, attested.digest)
    const before = await signaturesIn(registry, subject)
    expect(before).toEqual({bundles: [expect.any(String)], tagged: []})
    isBroken = false
    expect((await promoteIn([registry], {digests: attested.digest})).failure).toBeUndefined()
    expect(await signaturesIn(registry, subject)).toEqual({bundles: before['bundles'], tagged: before['bundles']})
  })

  test('that are not shown under their tags are noticed', async () => {
    const registry = attestedIn({
      fault: ({method, path}) =>
        method === 'GET' && path.endsWith('.att') ? {kind: 'answer', status: 404} : undefined,
    })
    const {failure} = await promoteIn([registry], {digests: attested.digest})
    expect(failure).toMatchObject({
      code: 'signature-not-kept',
      evidence: [expect.stringContaining('under a tag'), expect.stringContaining(provenanceType)],
    })
    expect(tagsOf(registry)).toEqual([])
  })

  test('are listed with the signatures by one write, which an immutable tag allows', async () => {
    const registry = attestedIn({immutable: (_, tag) => tag.startsWith('sha256-')})
    expect((await promoteIn([registry], {digests: attested.digest})).failure).toBeUndefined()
    for (const subject of subjectsOf(registry, attested.digest).slice(1))
      expect(await provenances(registry, subject)).toHaveLength(1)
  })

  test('are signed by the next run if this one cannot', async () => {
    let isBroken = true
    const registry = attestedIn({
      fault: ({method, path}) =>
        isBroken && method === 'PUT' && path.includes('/manifests/sha256:') ? {kind: 'answer', status: 400} : undefined,
    })
    expect((await promoteIn([registry], {digests: attested.digest})).failure).toBeDefined()
    expect(tagsOf(registry)).toEqual([])
    isBroken = false
    expect((await promoteIn([registry], {digests: attested.digest})).failure).toBeUndefined()
    for (const subject of subjectsOf(registry, attested.digest).slice(1))
      expect(await provenances(registry, subject)).toHaveLength(1)
  })

  test('that others attached to the image are not signed', async () => {
    const registry = withImage(options)
    const [subject = image] = image.manifests
    const blob = Buffer.from(JSON.stringify({predicateType: provenanceType, predicate: {builder: {id: 'evil'}}}))
    const evil = makeReferrer(subject, 'application/vnd.docker.attestation.manifest.v1+json')
    const bytes = Buffer.from(
      evil.bytes
        .toString()
        .replace(
          /"layers":\[.*?\]/,
          () =>
            `"layers":[${JSON.stringify({mediaType: 'application/vnd.in-toto+json', digest: digestOf(blob), size: blob.length})}]`,
        ),
    )
    const manifest = {...evil, bytes, digest: digestOf(bytes)}
    registry.store('o/app', {
      ...manifest,
      manifests: [manifest],
      blobs: new Map([...evil.blobs, [digestOf(blob), blob]]),
    })
    using clients = testClients(memoryNetwork([registry]))
    await enlistReferrers(subject.digest, [manifest], clients.of('r.example', 'o/app'))
    expect((await clients.of('r.example', 'o/app').referrers(subject.digest)).map(({digest}) => digest)).toEqual([
      manifest.digest,
    ])
    expect((await promoteIn([registry], {digests: image.digest})).failure).toBeUndefined()
    expect(await provenances(registry, subject.digest)).toEqual([])
    expect(await signaturesOf(registry, subject.digest)).toEqual(signedOnce)
  })
})

describe('special registries', () => {
  test('without a list of referrers, as GitLab, get signatures under tags', async () => {
    const registry = withImage({referrers: false, digestTags: true})
    const run = await promoteIn([registry], {digests: image.digest})
    expect(run.failure).toBeUndefined()
    expect(await signaturesOf(registry, image.digest)).toEqual({bundles: 0, layers: 1, all: 1, named: true})
    expect(run.io.workflow.log.join('\n')).toContain('r.example/o/app')
    const before = registry.requests.length
    expect((await promoteIn([registry], {digests: image.digest})).failure).toBeUndefined()
    expect(
      registry.requests
        .slice(before)
        .filter(({path}) => path.endsWith('.sig'))
        .filter(isWrite),
    ).toEqual([])
  })

  test('without a list of referrers are refused with sign-format: bundle', async () => {
    const registry = withImage({referrers: false, digestTags: true})
    const run = await promoteIn([registry], {digests: image.digest, 'sign-format': 'bundle'})
    expect(run.failure?.code).toBe('signature-not-kept')
    expect(run.failure?.remedy).toContain('sign-format')
    expect(tagsOf(registry)).toEqual([])
  })

  test('with immutable tags take signatures once', async () => {
    const registry = withImage({referrers: false, immutable: () => true})
    expect((await promoteIn([registry], {digests: image.digest})).failure).toBeUndefined()
    expect((await promoteIn([registry], {digests: image.digest})).failure).toBeUndefined()
    expect(await signaturesOf(registry, image.digest)).toEqual(signedOnce)
  })

  test('with immutable tags of other signatures are refused', async () => {
    const registry = withImage({referrers: false, immutable: (_, tag) => tag.startsWith('sha256-')})
    await promoteIn([registry], {digests: image.digest, 'sign-key': pem(stranger)})
    const run = await promoteIn([registry], {digests: image.digest, tags: 'type=raw,value=other'})
    expect(run.failure?.code).toBe('signature-not-kept')
    expect(tagsOf(registry)).toEqual(['1.2', '1.2.3', 'latest'])
  })

  test.each([
    {name: 'the bundles', lost: (path: string) => path.includes('/referrers/')},
    {name: 'the signatures under tags', lost: (path: string) => path.endsWith('.sig')},
  ])('that lose $name are noticed', async ({lost}) => {
    const empty = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [],
    })
    const registry = withImage({
      fault: ({method, path}) => {
        if (method !== 'GET' || !lost(path)) return undefined
        return path.endsWith('.sig') ? {kind: 'answer', status: 404} : {kind: 'answer', status: 200, body: empty}
      },
    })
    const run = await promoteIn([registry], {digests: image.digest})
    expect(run.failure?.code).toBe('signature-not-kept')
    expect(tagsOf(registry)).toEqual([])
  })

  test('that show a signature late are read again', async () => {
    const registry = withImage({
      fault: ({method, path}, count) =>
        method === 'GET' && path.endsWith('.sig') && count < 6 ? {kind: 'answer', status: 404} : undefined,
    })
    expect((await promoteIn([registry], {digests: image.digest})).failure).toBeUndefined()
  })
})

describe('a failure at any step of signing', () => {
  /** Requests that write signatures, in the order of a run without failures. */
  async function writes(options: MemoryRegistryOptions): Promise<readonly RecordedRequest[]> {
    const registry = withImage(options)
    await promoteIn([registry], {digests: image.digest})
    const end = registry.requests.findIndex(({method, path}) => method === 'PUT' && path.endsWith('/manifests/1.2.3'))
    const begin = registry.requests.findIndex(({path}) => path.includes('.sig') || path.includes('/referrers/'))
    return registry.requests.slice(begin, end)
  }

  test.each(kinds)('$name moves no tag, and the next run signs once', async ({options}) => {
    const steps = await writes(options)
    expect(steps.filter(isWrite).length).toBeGreaterThan(10)
    // The requests of a run do not have the same numbers in every run.
    for (const step of steps.filter(isWrite)) {
      for (const when of ['before', 'after'] as const) {
        let isBroken = true
        const registry = withImage({
          ...options,
          fault: ({method, path}, count) =>
            isBroken && method === step.method && kindOf(path) === kindOf(step.path) && count >= 1
              ? {kind: 'answer', status: 400, when}
              : undefined,
        })
        const failed = await promoteIn([registry], {digests: image.digest})
        expect(failed.failure).toBeDefined()
        expect(tagsOf(registry)).toEqual([])
        isBroken = false
        const run = await promoteIn([registry], {digests: image.digest})
        expect(run.failure).toBeUndefined()
        for (const subject of subjectsOf(registry, image.digest))
          expect(await signaturesOf(registry, subject)).toEqual(signedOnce)
      }
    }
  })

  /** Path without the digests that differ in each run. */
  function kindOf(path: string): string {
    return path.replace(/uploads\/.*/, 'uploads').replace(/manifests\/sha256:\w+/, 'manifests/digest')
  }
})

describe('nothing is signed', () => {
  test('if a gate fails', async () => {
    const registry = registryAt()
    const run = await publishTo([registry], {'max-size': '1 B'})
    expect(run.failure?.code).toBe('image-too-large')
    expect(Object.keys(registry.tagsOf('o/app'))).toEqual([])
    expect(run.outputs['signatures']).toBe('')
  })

  test('by a run that does not push, which needs no key', async () => {
    const run = await publishTo([registryAt()], {push: 'false', 'sign-key': ''})
    expect(run.failure).toBeUndefined()
    expect(run.io.workflow.log.join('\n')).toMatch(/notice: sign: nothing is signed in this run \(.*push: false/)
    expect(run.outputs['signatures']).toBe('')
  })

  test('by a stage, which has no such input', async () => {
    const run = await runCommand(stage, {registries: [registryAt()], inputs: given})
    expect(run.failure?.code).toBe('input-invalid')
    const verifying = await runCommand(stage, {
      registries: [registryAt()],
      inputs: {images: given.images, verify: 'type=signature,key'},
    })
    expect(verifying.failure?.evidence).toHaveLength(1)
  })

  test('by a builder that pushes tags with the build', async () => {
    const run = await publishTo([registryAt()], {driver: 'docker'}, {builder: 'inspect-docker-driver'})
    expect(run.failure).toBeDefined()
    expect(run.programs).not.toContain('buildx build')
  })
})

describe('the inputs are checked before any request, also in a dry run', () => {
  const encrypted = String(
    key.export({format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'hunter2-hunter2'}),
  )

  test.each<{name: string; inputs: Inputs; code: string}>([
    {
      name: 'another password',
      inputs: {'sign-key': encrypted, 'sign-key-password': 'wrong'},
      code: 'sign-key-password',
    },
    {name: 'no password', inputs: {'sign-key': encrypted}, code: 'sign-key-password'},
    {name: 'no key', inputs: {'sign-key': ''}, code: 'sign-key-invalid'},
    {name: 'a broken key', inputs: {'sign-key': pem(key).slice(0, 80)}, code: 'sign-key-invalid'},
    {name: 'Docker Content Trust', inputs: {sign: 'dct'}, code: 'sign-format-retired'},
    {name: 'Notary', inputs: {sign: 'Notary-v1'}, code: 'sign-format-retired'},
    {name: 'a typo', inputs: {sign: 'kye'}, code: 'input-invalid'},
    {name: 'another format', inputs: {'sign-format': 'cosign'}, code: 'input-invalid'},
  ])('$name', async ({inputs, code}) => {
    for (const dryRun of ['true', 'registry', 'false']) {
      const registry = registryAt()
      const run = await publishTo([registry], {...inputs, 'dry-run': dryRun})
      expect(run.failure?.code).toBe(code)
      expect(registry.requests).toEqual([])
      expect(shown(run)).not.toContain('hunter2')
    }
  })

  test('a key without `sign`, which would leave the image unsigned', async () => {
    for (const push of ['true', 'false']) {
      const {failure} = await publishTo([registryAt()], {sign: '', push})
      expect(failure?.code).toBe('input-invalid')
      expect(failure?.evidence.join()).toContain('sign-key')
    }
  })

  test.each([
    {name: 'a wrong key', inputs: {'sign-key': 'x'}, input: 'sign-key'},
    {name: 'no password', inputs: {'sign-key': encrypted}, input: 'sign-key-password'},
  ])('$name, with the problems of other inputs', async ({inputs, input}) => {
    const {failure} = await publishTo([registryAt()], {...inputs, scan: 'gripe', verify: 'type=sig'})
    expect(failure?.code).toBe('input-invalid')
    const lines = failure?.evidence ?? []
    for (const name of ['scan', 'verify', input]) expect(lines.some((line) => line.startsWith(name))).toBe(true)
  })

  test('a file name in its place, not masked in the remedy', async () => {
    const run = await publishTo([registryAt()], {'sign-key': 'cosign.key'})
    expect(run.failure?.code).toBe('sign-key-invalid')
    expect(run.failure?.remedy).toContain('cosign.key')
    expect(run.io.workflow.masks).not.toContain('cosign.key')
  })

  test('a key with its password', async () => {
    const inputs = {'sign-key': encrypted, 'sign-key-password': 'hunter2-hunter2', 'dry-run': 'true'}
    expect((await publishTo([registryAt()], inputs)).failure).toBeUndefined()
  })
})

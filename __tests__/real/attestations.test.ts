import {readFile} from 'node:fs/promises'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {httpClient} from '../../src/io/http.ts'
import {isDigest, type Digest} from '../../src/oci/digest.ts'
import {field} from '../../src/oci/manifest.ts'
import {docker} from '../../testing/docker.ts'
import {temporaryDirectory} from '../../testing/fake-io.ts'
import {expectFailure} from '../../testing/failure.ts'
import type {OciDescriptor, OciIndex} from '../../testing/image.ts'
import type {Loopback} from '../../testing/loopback.ts'
import {memoryRegistry} from '../../testing/memory-registry.ts'
import {stepOn} from '../../testing/pushes.ts'
import {testClients, type TestClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'
import {errorsIn} from '../../testing/runner-log.ts'
import type {StepResult} from '../../testing/runner.ts'
import {sampleDirectory, sampleInputs} from '../../testing/sample.ts'
import {pushSbomGenerator} from '../../testing/sbom-generator.ts'

/** Distribution 2.8, which has no referrers API, and a registry that has it. */
let fallback: Registry
let withApi: Loopback
/** Registry that reads the fallback tag as the digest, as GitLab does. */
let gitLab: Loopback
let builder: RemoteBuilder
let clients: TestClients
let generator: string

beforeAll(async () => {
  ;[fallback, withApi, gitLab, builder] = await Promise.all([
    startRegistry(),
    memoryRegistry().serve(),
    memoryRegistry({referrers: false, digestTags: true}).serve(),
    startRemoteBuilder('attesting', [{platforms: 'linux/amd64'}, {platforms: 'linux/arm64'}]),
  ])
  clients = testClients(httpClient(new AbortController().signal, {}))
  generator = await pushSbomGenerator(fallback.host)
})

afterAll(async () => {
  clients[Symbol.dispose]()
  await Promise.all([
    fallback.stop(),
    withApi[Symbol.asyncDispose](),
    gitLab[Symbol.asyncDispose](),
    builder[Symbol.asyncDispose](),
  ])
})

type Inputs = Readonly<Record<string, string>>
interface Run {
  readonly action?: 'stage' | 'promote'
  readonly env?: Inputs
  readonly version?: string
}

async function run(inputs: Inputs, {action, env, version = '1.2.3'}: Run = {}): Promise<StepResult> {
  const sha = version.replaceAll('.', '').padEnd(40, 'a')
  await using step = await stepOn(
    {ref: `refs/tags/v${version}`, sha, runId: '100'},
    {
      ...(action && {action}),
      workspace: sampleDirectory,
      inputs: {...(action === 'promote' ? {} : sampleInputs()), ...inputs},
      ...(env && {env}),
    },
  )
  return await step.run()
}

async function published(inputs: Inputs, options?: Run): Promise<StepResult> {
  const result = await run(inputs, options)
  expect({errors: errorsIn(result.log), exitCode: result.exitCode}).toEqual({errors: [], exitCode: 0})
  return result
}

interface Found {
  readonly host: string
  readonly path: string
}

async function json({host, path}: Found, reference: string): Promise<unknown> {
  const content = await clients.of(host, path).manifest(reference)
  return JSON.parse(Buffer.from(content?.bytes ?? 'null').toString())
}

interface Referrer {
  readonly artifactType: string
  readonly subject: {readonly digest: string}
  readonly layers: readonly OciDescriptor[]
}

/** Attestation referrers of an image, by the API or the fallback tag. */
async function referrers(found: Found, subject: string): Promise<readonly Referrer[]> {
  if (!isDigest(subject)) throw new TypeError(subject)
  const listed = await clients.of(found.host, found.path).referrers(subject)
  return Promise.all(listed.map(async ({digest}) => (await json(found, digest)) as Referrer))
}

async function statement(found: Found, {digest, size}: OciDescriptor): Promise<unknown> {
  const chunks: Uint8Array[] = []
  const blob = {digest: digest as Digest, sizeBytes: size}
  for await (const chunk of clients.of(found.host, found.path).readBlob(blob)) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}

/** Digest as in-toto writes it. */
function sha256Of(digest: string): unknown {
  return {sha256: digest.slice('sha256:'.length)}
}

/** Predicate types of an attestation, sorted. */
function predicates({layers}: Referrer): readonly string[] {
  return layers.map(({annotations}) => annotations?.['in-toto.io/predicate-type'] ?? '').sort()
}

async function inspect(reference: string, part: 'Manifest' | 'Provenance'): Promise<unknown> {
  return JSON.parse(await docker(['buildx', 'imagetools', 'inspect', reference, '--format', `{{json .${part}}}`]))
}

const provenance = 'https://slsa.dev/provenance/v0.2'
const sbom = 'https://spdx.dev/Document'

describe('referrers', () => {
  test('are SBOM and provenance of each platform, and the index lists images only', async () => {
    const places = [fallback.host, withApi.host].map((host) => ({host, path: 'team/two'}))
    const images = places.map(({host, path}) => `${host}/${path}`)
    const attested = {sbom: `generator=${generator}`, attestations: 'referrers'}
    await using directory = await temporaryDirectory()
    const artifacts = `${directory.path}/artifacts`
    const env = {GITHUB_ARTIFACTS: artifacts}
    const {outputs, log} = await published({images: images.join('\n'), ...attested}, {env})
    const digests = new Set<unknown>()
    for (const place of places) {
      const index = (await json(place, '1.2.3')) as OciIndex
      expect(index.manifests.map(({platform}) => platform?.architecture)).toEqual(['amd64', 'arm64'])
      for (const {digest, mediaType, size} of index.manifests) {
        const found = await referrers(place, digest)
        expect(found).toHaveLength(1)
        const [attestation] = found
        if (attestation === undefined) throw new Error('no attestation')
        expect(attestation).toMatchObject({
          artifactType: 'application/vnd.docker.attestation.manifest.v1+json',
          subject: {digest, mediaType, size},
          annotations: {'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': digest},
        })
        expect(predicates(attestation)).toEqual([provenance, sbom])
        const list = attestation.layers.find((layer) => layer.annotations?.['in-toto.io/predicate-type'] === sbom)
        expect(list && (await statement(place, list))).toMatchObject({
          subject: expect.arrayContaining([
            {name: expect.stringContaining('pkg:docker/'), digest: sha256Of(digest)},
          ]) as unknown,
          predicate: {
            files: expect.arrayContaining([expect.objectContaining({fileName: './www/proof.txt'})]) as unknown,
          },
        })
      }
      digests.add(field(await inspect(`${place.host}/${place.path}:1.2.3`, 'Manifest'), 'digest'))
      expect(await inspect(`${place.host}/${place.path}:1.2.3`, 'Provenance')).toEqual({})
    }
    expect([...digests]).toEqual([outputs.get('digest')])
    expect(JSON.parse(outputs.get('metadata') ?? '')).toMatchObject({
      'containerimage.digest': outputs.get('digest'),
      'containerimage.descriptor': {digest: outputs.get('digest')},
    })
    expect(outputs.get('imageid')).toBe(outputs.get('digest'))
    expect(log).toMatch(/^Attached to 2 images as referrers: .* sha256:/m)
    expect(await readFile(artifacts, 'utf8')).toBe(
      places.map(({host, path}) => `oci://${host}/${path}@${outputs.get('digest') ?? ''}\n`).join(''),
    )
    expect((await fallback.tags('team/two')).filter((tag) => tag.startsWith('sha256-'))).toHaveLength(2)
  })

  test('make a plain manifest of one platform, with the same configuration', async () => {
    const epoch = 'VERSION=1.2.3\nSOURCE_DATE_EPOCH=1767323045'
    const inputs = {platforms: 'linux/amd64', provenance: 'mode=max', 'build-args': epoch}
    const at = (path: string): Found => ({host: fallback.host, path})
    await published({images: `${fallback.host}/team/inline`, ...inputs})
    const plain = await published({
      images: `${fallback.host}/team/plain`,
      ...inputs,
      attestations: 'referrers',
      'annotation-levels': 'manifest',
      annotations: 'index:only=for-an-index\nmanifest:both=are',
      test: 'docker run --rm --quiet "$IMAGE" /bin/busybox cat /www/proof.txt; echo "tested $IMAGE"',
    })
    const digest = plain.outputs.get('digest') ?? ''
    const manifest = (await json(at('team/plain'), '1.2.3')) as {readonly config: OciDescriptor}
    expect(await inspect(`${fallback.host}/team/plain:1.2.3`, 'Manifest')).toMatchObject({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest,
    })
    const [attestation, ...others] = await referrers(at('team/plain'), digest)
    expect(others).toEqual([])
    expect(attestation && predicates(attestation)).toEqual([provenance])
    const index = (await json(at('team/inline'), '1.2.3')) as OciIndex
    const inline = (await json(at('team/inline'), index.manifests[0]?.digest ?? '')) as {readonly config: OciDescriptor}
    expect(manifest.config.digest).toBe(inline.config.digest)
    expect(plain.log).toContain(`tested ${fallback.host}/team/plain@${digest}`)
    expect(plain.log).toMatch(/^::notice::.*only/m)
    expect(JSON.parse(plain.outputs.get('digests') ?? '')).toEqual({'linux/amd64': digest})
    expect(JSON.parse(plain.outputs.get('metadata') ?? '')).toMatchObject({'containerimage.digest': digest})
    expect(plain.outputs.get('imageid')).toBe(manifest.config.digest)
  })

  test.each([
    {name: 'a layout, with load', inputs: {load: 'true'}, env: () => ({})},
    {
      name: 'a push by the nodes of a builder',
      inputs: {builder: 'attesting'},
      env: () => ({DOCKER_CONFIG: builder.config}),
    },
    {
      name: 'a push by the builder, since times are rewritten',
      inputs: {builder: 'attesting', platforms: 'linux/amd64', outputs: 'type=image,rewrite-timestamp=true'},
      env: () => ({DOCKER_CONFIG: builder.config}),
    },
  ])('come from $name', async ({name, inputs, env}) => {
    const path = `team/from-${name.replaceAll(/[^a-z]+/g, '-')}`
    const place = {host: fallback.host, path}
    const result = await published(
      {images: `${place.host}/${path}`, provenance: 'true', attestations: 'referrers', ...inputs},
      {env: env()},
    )
    const digests = Object.values(JSON.parse(result.outputs.get('digests') ?? '') as Record<string, string>)
    expect(digests.length).toBeGreaterThan(0)
    expect(digests).toHaveLength('platforms' in inputs ? 1 : 2)
    for (const digest of digests) expect((await referrers(place, digest)).map(predicates)).toEqual([[provenance]])
    const top = await clients.of(place.host, path).manifest('1.2.3')
    expect(Buffer.from(top?.bytes ?? '').toString()).not.toContain('unknown')
    expect(top?.digest).toBe(result.outputs.get('digest'))
  })

  test('stay with the images that a promote merges', async () => {
    const place = {host: fallback.host, path: 'team/merged'}
    const target = {host: withApi.host, path: 'team/merged'}
    const images = `${place.host}/${place.path}`
    const stage = async (platforms: string): Promise<string> => {
      const attested = {platforms, provenance: 'true', attestations: 'referrers'}
      const {outputs} = await published({images, ...attested}, {action: 'stage'})
      return `${images}@${outputs.get('digest') ?? ''}`
    }
    const digests = [await stage('linux/amd64'), await stage('linux/arm64')].join('\n')
    await published({images: `${images}\n${target.host}/${target.path}`, digests}, {action: 'promote'})
    for (const one of [place, target]) {
      const {manifests} = (await json(one, '1.2.3')) as OciIndex
      expect(manifests.map(({platform}) => platform?.architecture)).toEqual(['amd64', 'arm64'])
      for (const {digest} of manifests) {
        expect((await referrers(one, digest)).map(predicates)).toEqual([[provenance]])
      }
    }
  })

  test('without a list, as at GitLab, give a notice', async () => {
    const {log, outputs} = await published({
      images: `${gitLab.host}/team/app`,
      platforms: 'linux/amd64',
      provenance: 'true',
      attestations: 'referrers',
    })
    expect(log).toMatch(/^::notice::.*attestations: inline/m)
    const [, digest = ''] = /^Attached to the image as referrers: .* (sha256:\w+)$/m.exec(log) ?? []
    const attestation = await json({host: gitLab.host, path: 'team/app'}, digest)
    expect(attestation).toMatchObject({subject: {digest: outputs.get('digest')}})
  })
})

describe('a release', () => {
  test('keeps its place until it is overwritten', async () => {
    const images = `${fallback.host}/team/again`
    const inputs = {images, platforms: 'linux/amd64', provenance: 'true'}
    const first = await published(inputs, {version: '3.0.0'})
    const again = await published({...inputs, attestations: 'referrers'}, {version: '3.0.0'})
    expect(again.outputs.get('digest')).toBe(first.outputs.get('digest'))
    expect(again.outputs.get('pushed')).toBe('false')
    expect(again.log).toMatch(/^::notice::.*if-exists: overwrite/m)

    const replaced = await published(
      {...inputs, attestations: 'referrers', 'if-exists': 'overwrite'},
      {version: '3.0.0'},
    )
    const digest = replaced.outputs.get('digest') ?? ''
    expect(digest).not.toBe(first.outputs.get('digest'))
    expect((await clients.of(fallback.host, 'team/again').manifest('latest'))?.digest).toBe(digest)
    expect(await referrers({host: fallback.host, path: 'team/again'}, digest)).toHaveLength(1)

    const repeated = await published({...inputs, attestations: 'referrers'}, {version: '3.0.0'})
    expect(repeated.outputs.get('digest')).toBe(digest)
    expect(repeated.log).not.toMatch(/^::notice::.*overwrite/m)
  })

  test.each([
    {first: 'referrers', then: 'inline', kept: 'as referrers .*images', host: () => withApi.host},
    {first: 'referrers', then: 'both', kept: 'as referrers .*images', host: () => fallback.host},
    {first: 'inline', then: 'both', kept: 'in its index', host: () => fallback.host},
    {first: 'both', then: 'inline', kept: undefined, host: () => fallback.host},
  ])('with the attestations $first reports that they are not $then', async ({first, then, kept, host}) => {
    const inputs = {images: `${host()}/team/from-${first}-to-${then}`, platforms: 'linux/amd64'}
    await published({...inputs, attestations: first})
    const {log, outputs} = await published({...inputs, attestations: then})
    expect(outputs.get('pushed')).toBe('false')
    expect(log.match(/^::notice::.*if-exists: overwrite.*$/gm) ?? []).toEqual(
      kept === undefined ? [] : [expect.stringMatching(new RegExp(`attestations: ${then}.* ${kept},`))],
    )
  })
})

describe('other places', () => {
  test('both has the index of Buildx', async () => {
    const place = {host: withApi.host, path: 'team/both'}
    const result = await published({images: `${place.host}/${place.path}`, attestations: 'both'})
    const {manifests} = (await json(place, '1.2.3')) as OciIndex
    expect(manifests.map(({platform}) => platform?.os)).toEqual(['linux', 'linux', 'unknown', 'unknown'])
    const shown = await inspect(`${place.host}/${place.path}:1.2.3`, 'Provenance')
    expect(Object.keys(shown as object)).toEqual(['linux/amd64', 'linux/arm64'])
    for (const digest of Object.values(JSON.parse(result.outputs.get('digests') ?? '') as Record<string, string>))
      expect((await referrers(place, digest)).map(predicates)).toEqual([[provenance]])
  })

  test('off makes none, and contradicts a request for them', async () => {
    const place = {host: fallback.host, path: 'team/off'}
    const images = `${place.host}/${place.path}`
    const {outputs} = await published({images, attestations: 'off'})
    const {manifests} = (await json(place, '1.2.3')) as OciIndex
    expect(manifests).toHaveLength(2)
    expect(await referrers(place, manifests[0]?.digest ?? '')).toEqual([])
    expect(outputs.get('pushed')).toBe('true')

    const refused = await run({images, attestations: 'off', sbom: 'true', provenance: 'mode=max'}, {version: '9.0.0'})
    expectFailure(refused, {code: 'input-invalid', values: ['sbom: true', 'provenance: mode=max']})
  })
})

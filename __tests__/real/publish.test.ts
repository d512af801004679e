import {readdir, readFile} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {
  readConfig,
  readFiles,
  readIndex,
  readManifest,
  type OciDescriptor,
  type OciIndex,
  type ImageLocation,
} from '../../testing/image.ts'
import {formatReason} from '../../src/reasons/reason.ts'
import {watchLoadedFiles, type LoadedFiles} from '../../testing/loaded-files.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {errorsIn} from '../../testing/runner-log.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {publishTo, sampleDirectory, sampleInputs} from '../../testing/sample.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
const tagNames = ['1.2.3', '1.2', '1', 'sha-6113728', 'latest']
const standardLabels = {
  'org.opencontainers.image.description': 'My first repository on GitHub!',
  'org.opencontainers.image.licenses': 'MIT',
  'org.opencontainers.image.revision': '6113728f27ae82c7b1a177c8d03f9e96e0adf246',
  'org.opencontainers.image.source': 'https://github.com/Codertocat/Hello-World',
  'org.opencontainers.image.title': 'Hello-World',
  'org.opencontainers.image.url': 'https://github.com/Codertocat/Hello-World',
  'org.opencontainers.image.version': '1.2.3',
}
/** Labels by which later runs find the newer of two images. They are not outputs. */
const traces = {
  'io.github.tagboat.commit-date': '2019-05-15T15:20:41Z',
  'io.github.tagboat.run-id': '2188841209',
  'io.github.tagboat.ref': 'refs/tags/v1.2.3',
  'io.github.tagboat.version': '1.2.3',
  'io.github.tagboat.tags': '1.2.3',
  'io.github.tagboat.floating': '1,1.2,latest',
  'io.github.tagboat.build': expect.stringMatching(
    /^arg:VERSION=~\w{8} context:busybox=outside:~\w{8} context=\. file=Dockerfile platforms=linux\/amd64,linux\/arm64$/,
  ),
}

/** Texts that only these parts of the bundle have, which the run does not use. */
const unused = [
  {room: 'signing', text: 'it is not signed by this key'},
  {room: 'sigstore', text: '/api/v2/signingCert'},
  {room: 'verifying', text: '1.3.6.1.4.1.57264.1.12'},
  {room: 'scanning', text: 'ExperimentalModifiedFindings'},
  {room: 'scanner', text: 'TRIVY_CACHE_DIR'},
  {room: 'commands/sign', text: 'run among its'},
  {room: 'commands/scan', text: 'pulled but not'},
  {room: 'commands/verify', text: 'trusted root of'},
  {room: 'commands/github', text: 'attestation at GitHub.'},
  {room: 'gates', text: 'no earlier image'},
] as const

let registry: Registry
let step: Step
let result: StepResult
let index: OciIndex
let watch: LoadedFiles
/** Size of the files that main and post of the first run load. */
let loadedBytes: number
let loadedFiles: readonly string[]
/** Start of the run, which `created` must be. */
let created: string
const started = new Date()

beforeAll(async () => {
  registry = await startRegistry({login})
  watch = await watchLoadedFiles()
  step = await Step.prepare({
    event: 'push-tag',
    workspace: sampleDirectory,
    inputs: {...publishTo(registry.host, login), ...sampleInputs()},
    env: watch.env,
  })
  result = await step.run()
  loadedBytes = await watch.bytes()
  loadedFiles = await watch.list()
  expect(result.log).toMatch(
    /^Published \S+\/team\/app:1\.2\.3 with 5 tags for linux\/amd64, linux\/arm64 in [\d.]+ s: sha256:\w+$/m,
  )
  index = await readIndex(at('1.2.3'))
  created = index.annotations?.['org.opencontainers.image.created'] ?? ''
})

afterAll(async () => {
  await step.remove()
  await watch[Symbol.asyncDispose]()
  await registry.stop()
})

function at(reference: string): ImageLocation {
  return {registry, repository: 'team/app', reference}
}

function output(name: string): string {
  return result.outputs.get(name) ?? `no output ${name}`
}

function imageOf(architecture: string): OciDescriptor {
  const found = index.manifests.find(({platform}) => platform?.architecture === architecture)
  if (found === undefined) throw new Error(`the index holds no ${architecture}`)
  return found
}

describe('a push of tag v1.2.3 with two platforms', () => {
  test('loads at most 434 kB of the bundle, main and post together', () => {
    expect(loadedBytes).toBeLessThanOrEqual(434_000)
  })

  test.each(unused)('loads no code of $room', async ({text}) => {
    const texts = await Promise.all(loadedFiles.map(async (file) => readFile(file, 'utf8')))
    const bundle = path.dirname(loadedFiles.find((file) => path.basename(file) === 'index.js') ?? '')
    const chunks = (await readdir(bundle)).filter((name) => name.endsWith('.index.js'))
    const all = await Promise.all(chunks.map(async (name) => readFile(path.join(bundle, name), 'utf8')))
    expect(all.some((one) => one.includes(text))).toBe(true)
    expect(texts.filter((one) => one.includes(text))).toEqual([])
  })

  test('succeeds without an error', () => {
    expect(result.exitCode).toBe(0)
    expect(errorsIn(result.log)).toEqual([])
  })

  test('publishes only the default tags', async () => {
    expect([...(await registry.tags('team/app'))].sort()).toEqual([...tagNames].sort())
  })

  test.each(tagNames)('tag %s points to the digest', async (tag) => {
    const stored = await registry.manifest('team/app', tag)
    expect(stored?.digest).toBe(output('digest'))
    expect(stored?.mediaType).toBe('application/vnd.oci.image.index.v1+json')
  })

  test('the index has both platforms and an attestation for each', () => {
    const platforms = index.manifests.map(({platform}) => `${platform?.os ?? ''}/${platform?.architecture ?? ''}`)
    expect(platforms).toEqual(['linux/amd64', 'linux/arm64', 'unknown/unknown', 'unknown/unknown'])
  })

  test.each([
    {architecture: 'amd64', machine: 'x86_64'},
    {architecture: 'arm64', machine: 'aarch64'},
  ])('the layer of $architecture was created on $machine', async ({architecture, machine}) => {
    const files = await readFiles(at(imageOf(architecture).digest))
    expect(files.get('www/proof.txt')).toBe(`version=1.2.3\nplatform=linux/${architecture}\nmachine=${machine}\n`)
  })

  test.each(['amd64', 'arm64'])('the configuration of %s has its architecture and the labels', async (architecture) => {
    const {architecture: written, config} = await readConfig(at(imageOf(architecture).digest))
    expect(written).toBe(architecture)
    expect(config.Labels).toEqual({...standardLabels, ...traces, 'org.opencontainers.image.created': created})
  })

  test('index and manifests have the annotations', async () => {
    const expected = {...standardLabels, ...traces, 'org.opencontainers.image.created': created}
    expect(index.annotations).toEqual(expected)
    expect((await readManifest(at(imageOf('amd64').digest))).annotations).toEqual(expected)
    expect((await readManifest(at(imageOf('arm64').digest))).annotations).toEqual(expected)
  })

  test('created is the start time', () => {
    expect(new Date(created).toISOString()).toBe(created)
    expect(Date.parse(created)).toBeGreaterThanOrEqual(started.getTime())
    expect(Date.parse(created)).toBeLessThanOrEqual(Date.now())
  })

  test('the provenance names the run as its builder, and does not contain the build arguments', async () => {
    for (const {digest} of index.manifests.filter(({platform}) => platform?.os === 'unknown')) {
      const {layers} = await readManifest(at(digest))
      expect(layers).toHaveLength(1)
      const statement = (await registry.blob('team/app', layers[0]?.digest ?? '')).toString()
      const {predicateType, predicate} = JSON.parse(statement) as {predicateType: string; predicate: unknown}
      expect(predicateType).toBe('https://slsa.dev/provenance/v0.2')
      expect(predicate).toMatchObject({
        builder: {id: 'https://github.com/Codertocat/Hello-World/actions/runs/2188841209/attempts/1'},
      })
      expect(statement).not.toContain('build-arg:VERSION')
    }
  })
})

describe('its outputs', () => {
  test.each([
    {name: 'version', expected: () => '1.2.3'},
    {name: 'tag-names', expected: () => tagNames.join('\n')},
    {name: 'tags', expected: () => tagNames.map((tag) => `${registry.host}/team/app:${tag}`).join('\n')},
    {name: 'digest', expected: () => output('image').split('@')[1]},
    {name: 'image', expected: () => `${registry.host}/team/app@${output('digest')}`},
    {name: 'images', expected: () => `${registry.host}/team/app@${output('digest')}`},
    // An image of several platforms has no single configuration. As in docker/build-push-action, this is the digest.
    {name: 'imageid', expected: () => output('digest')},
    {name: 'pushed', expected: () => 'true'},
    {name: 'skipped', expected: () => 'false'},
    {
      name: 'digests',
      expected: () => JSON.stringify({'linux/amd64': imageOf('amd64').digest, 'linux/arm64': imageOf('arm64').digest}),
    },
    {name: 'labels', expected: () => labelLines().join('\n')},
    {name: 'annotations', expected: () => annotationLines().join('\n')},
  ])('$name', ({name, expected}) => {
    expect(output(name)).toBe(expected())
  })

  test('all are declared by the action', () => {
    expect([...result.outputs.keys()].sort()).toEqual(
      [
        'annotations',
        'bake-file',
        'bake-file-annotations',
        'bake-file-labels',
        'bake-file-tags',
        'digest',
        'digest-file',
        'digests',
        'driver',
        'endpoint',
        'gates',
        'signatures',
        'signer',
        'attestation-id',
        'attestation-url',
        'image',
        'imageid',
        'images',
        'json',
        'kept-tags',
        'labels',
        'metadata',
        'moved-tags',
        'name',
        'nodes',
        'plan',
        'platforms',
        'pushed',
        'scan-sarif',
        'size',
        'skipped',
        'tag-names',
        'tags',
        'version',
      ].sort(),
    )
  })

  test('size is that of a download per platform', async () => {
    const sizes = await Promise.all(
      ['amd64', 'arm64'].map(async (architecture) => {
        const {config, layers} = await readManifest(at(imageOf(architecture).digest))
        const bytes = [config, ...layers].reduce((sum, {size}) => sum + size, 0)
        return [`linux/${architecture}`, bytes] as const
      }),
    )
    expect(JSON.parse(output('size'))).toEqual(Object.fromEntries(sizes))
  })

  test('json has the format of docker/metadata-action', () => {
    expect(JSON.parse(output('json'))).toEqual({
      'tag-names': tagNames,
      tags: output('tags').split('\n'),
      labels: {...standardLabels, 'org.opencontainers.image.created': created},
      annotations: annotationLines(),
    })
  })

  test('metadata is that of Buildx', () => {
    expect(JSON.parse(output('metadata'))).toMatchObject({
      'containerimage.digest': output('digest'),
      'containerimage.descriptor': {
        digest: output('digest'),
        mediaType: 'application/vnd.oci.image.index.v1+json',
      },
    })
    // Names of the plan, although the image is tagged after the build.
    expect(JSON.parse(output('metadata'))).toMatchObject({'image.name': output('tags').replaceAll('\n', ',')})
  })

  test('moved-tags has every tag with the digest and the reason', () => {
    expect(JSON.parse(output('moved-tags'))).toEqual(
      [
        {tag: '1.2.3', reason: {code: 'new-tag'} as const},
        {tag: '1.2', reason: {code: 'highest-version', version: '1.2.3', line: '1.2.x'} as const},
        {tag: '1', reason: {code: 'highest-version', version: '1.2.3', line: '1.x'} as const},
        {tag: 'sha-6113728', reason: {code: 'new-tag'} as const},
        {tag: 'latest', reason: {code: 'highest-version', version: '1.2.3', line: ''} as const},
      ].map(({tag, reason}) => ({
        tag,
        code: reason.code,
        reason: formatReason(reason),
        reference: `${registry.host}/team/app:${tag}`,
        before: null,
        after: output('digest'),
      })),
    )
    expect(output('kept-tags')).toBe('[]')
  })

  test('plan has all decisions with their reasons', () => {
    const defaultRule = (line: number, text: string): object => ({origin: 'default', line, text})
    expect(JSON.parse(output('plan'))).toEqual({
      version: '1.2.3',
      versionSource: {text: 'v1.2.3', from: 'the Git tag v1.2.3'},
      push: true,
      code: 'push-auto',
      reason: 'push: auto, push of tag v1.2.3',
      images: [`${registry.host}/team/app`],
      tags: [
        {tag: '1.2.3', kind: 'exact', rule: defaultRule(1, 'type=semver,pattern={{version}}')},
        {tag: '1.2', kind: 'floating', rule: defaultRule(2, 'type=semver,pattern={{major}}.{{minor}}')},
        {tag: '1', kind: 'floating', rule: defaultRule(3, 'type=semver,pattern={{major}}')},
        {tag: 'sha-6113728', kind: 'exact', rule: defaultRule(4, 'type=sha')},
        {
          tag: 'latest',
          kind: 'floating',
          rule: defaultRule(1, 'type=semver,pattern={{version}}'),
          note: expect.stringContaining('latest=auto'),
        },
      ].map((tag) => ({...tag, reference: `${registry.host}/team/app:${tag.tag}`})),
      skippedRules: [],
      labels: labelLines(),
      annotations: annotationLines(),
    })
  })

  function labelLines(): readonly string[] {
    const labels = {'org.opencontainers.image.created': created, ...standardLabels}
    return Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  }

  function annotationLines(): readonly string[] {
    return ['manifest', 'index'].flatMap((level) => labelLines().map((line) => `${level}:${line}`))
  }
})

describe('its summary', () => {
  test.each(tagNames)('has a row for tag %s', (tag) => {
    expect(result.summary).toMatch(new RegExp(`^\\| \`${tag}\` \\| \\S+\\snew \\|$`, 'm'))
  })

  function shortDigest(digest: string): string {
    return digest.slice('sha256:'.length, 'sha256:'.length + 12)
  }

  test('has the image in its heading, and a line with digest, platforms, time and links', () => {
    const [heading, , facts] = result.summary.split('\n')
    expect(heading).toBe(`### ✅ Published \`${registry.host}/team/app:1.2.3\``)
    expect(facts).toMatch(
      /^`sha256:\w{12}` · `linux\/amd64` [\d.]+ MB · `linux\/arm64` [\d.]+ MB · [\d.]+ s · \[commit `6113728`\]\(https:\S+\) · \[run\]\(https:\S+\)$/,
    )
  })

  test('has the durations of the steps and the verdict of the gate', () => {
    expect(result.summary).toMatch(
      /^\| (?:Builder \| )?Login \| Build \| Push \| Platforms \| Promote \|\n[| -]+\n\| [\d.]+\ss \| .*✅\spassed \| [\d.]+\ss \|$/m,
    )
  })

  test('has a row for each platform with its size and digest', () => {
    for (const architecture of ['amd64', 'arm64']) {
      expect(result.summary).toMatch(
        new RegExp(
          `^\\| \`linux/${architecture}\` \\| [\\d.]+ [kM]B \\| [^|]+ \\| \`sha256:${shortDigest(imageOf(architecture).digest)}\` \\|$`,
          'm',
        ),
      )
    }
  })

  test('has the reference to deploy, alone and for Compose and Kubernetes', () => {
    const reference = `${registry.host}/team/app@${output('digest')}`
    expect(result.summary).toContain(`\n\n\`\`\`\n${reference}\n\`\`\`\n\n`)
    expect(result.summary.match(/^ +image: .*$/gm)).toEqual([
      `    image: ${reference} # 1.2.3`,
      `    image: ${reference} # 1.2.3`,
    ])
  })
})

describe('requests to the registry', () => {
  async function writes(userAgent: RegExp): Promise<readonly string[]> {
    const requests = await registry.requests()
    return requests.flatMap(({method, path, userAgent: agent}) =>
      userAgent.test(agent) && method !== 'GET' && method !== 'HEAD' ? [`${method} ${path.replace(/\?.*$/, '')}`] : [],
    )
  }

  test('that change it come only from Tagboat: the engine only exports', async () => {
    const [ofTagboat, all] = await Promise.all([writes(/^tagboat$/), writes(/./)])
    expect(all).toEqual(ofTagboat)
  })

  test('write each tag once, after the content', async () => {
    const puts = (await writes(/^tagboat$/)).filter((line) => line.startsWith('PUT /v2/team/app/manifests/'))
    const names = puts.map((line) => line.slice('PUT /v2/team/app/manifests/'.length))
    const byDigest = names.findLastIndex((name) => name.startsWith('sha256:'))
    expect(names[byDigest]).toBe(output('digest'))
    expect(new Set(names.slice(0, byDigest).map((name) => name.slice(0, 7)))).toEqual(new Set(['sha256:']))
    expect(names.slice(byDigest + 1, byDigest + 3).sort()).toEqual(['1.2.3', 'sha-6113728'])
    expect(names.slice(byDigest + 3).sort()).toEqual(['1', '1.2', 'latest'])
  })
})

describe('the next run of the release', () => {
  let again: StepResult
  let before: number

  beforeAll(async () => {
    before = (await registry.requests()).length
    again = await step.run()
  })

  test('builds nothing, and reports it', () => {
    expect(again.exitCode).toBe(0)
    expect(errorsIn(again.log)).toEqual([])
    expect(again.log).not.toContain('::group::docker buildx build')
    expect(again.summary).toContain(`### ✅ Already published \`${registry.host}/team/app:1.2.3\``)
  })

  test('changes nothing', async () => {
    const requests = (await registry.requests()).slice(before).filter(({userAgent}) => userAgent !== '')
    expect(requests.length).toBeGreaterThan(0)
    // The preflight starts an upload, and cancels it.
    const isWrite = ({method, path}: (typeof requests)[number]): boolean =>
      method !== 'GET' && method !== 'HEAD' && !path.includes('/blobs/uploads/')
    expect(requests.filter(isWrite)).toEqual([])
    expect(requests.filter(({path}) => path.includes('/blobs/uploads/')).map(({status}) => status)).toEqual([202, 204])
  })

  test('keeps the digest, and sets the same outputs', () => {
    for (const name of ['digest', 'image', 'images', 'digests', 'size', 'tags', 'version']) {
      expect(name).toEqual(name)
      expect(again.outputs.get(name)).toEqual(output(name))
    }
    expect(again.outputs.get('pushed')).toBe('false')
    expect(again.outputs.get('moved-tags')).toBe('[]')
    const kept = JSON.parse(again.outputs.get('kept-tags') ?? '') as readonly {tag: string; after: string}[]
    expect(kept.map(({tag, after}) => ({tag, after}))).toEqual(tagNames.map((tag) => ({tag, after: output('digest')})))
  })
})

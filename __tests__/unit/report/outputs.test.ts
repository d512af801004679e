import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import {parseBuilder} from '../../../src/buildx/inspect.ts'
import {parseList} from '../../../src/inputs/syntax/lists.ts'
import {listForms} from '../../../src/inputs/spec/spec-row.ts'
import {parseTagRef, writtenTagRef} from '../../../src/oci/reference.ts'
import type {PromoteOutcome, PromoteRow} from '../../../src/promote/journal.ts'
import {bakeFile} from '../../../src/report/bake.ts'
import {annotationLines, joinItems, labelLines} from '../../../src/report/lines.ts'
import {outputSpecs} from '../../../src/report/output-spec.ts'
import {outputs as outputsWith} from '../../../src/report/outputs.ts'
import {formatReason} from '../../../src/reasons/reason.ts'
import {planJson} from '../../../src/report/plan-json.ts'
import type {ExplainedRow} from '../../../src/promote/explained-rows.ts'
import type {Report} from '../../../src/report/report.ts'
import {pushOf} from '../../../testing/plans.ts'
import {planOf} from '../../../testing/reports.ts'

const index = `sha256:${'1'.repeat(64)}` as const
const amd64 = `sha256:${'2'.repeat(64)}` as const
const arm64 = `sha256:${'3'.repeat(64)}` as const

async function report(given: Readonly<Record<string, string>>, changes: Partial<Report> = {}): Promise<Report> {
  const {plan} = await planOf(pushOf('refs/tags/v1.2.3'), given)
  return {action: 'publish', plan, dryRun: false, ...changes}
}

/** Defaults of the inputs that shape outputs. */
function outputs(given: Report): Readonly<Record<string, string>> {
  const separators = {tagSeparator: '\n', labelSeparator: '\n', annotationSeparator: '\n'}
  return outputsWith(given, {...separators, bakeTarget: 'docker-metadata-action'})
}

const given = {
  images: 'user/app\nghcr.io/o/app',
  tags: 'type=semver,pattern={{version}}',
  platforms: 'linux/amd64,linux/arm64',
  labels: 'a=b\n"multi=x\ny"',
}
const done: Partial<Report> = {
  build: {
    metadata: {text: '{"x":1}', digest: index, platform: undefined},
    imageId: index,
    builder: undefined,
    durationMs: 1,
  },
  staged: {
    digest: index,
    images: [
      {platform: 'linux/amd64', digest: amd64, compressedBytes: 10},
      {platform: 'linux/arm64', digest: arm64, compressedBytes: 20},
    ],
    existing: false,
  },
}

function row(reference: string, outcome: PromoteOutcome, held: Pick<PromoteRow, 'before' | 'after'>): ExplainedRow {
  const parsed = parseTagRef(reference)
  if (!parsed.ok) throw new Error(parsed.reason)
  return {reference: parsed.value, outcome, ...held, code: 'new-tag', reason: `because ${outcome}`, level: 'info'}
}

/** A later step may select by `startsWith(tag, 'docker.io/')`, as the outputs of docker/metadata-action allow. */
describe('an image of Docker Hub', () => {
  const forms = ['docker.io/acme/app', 'index.docker.io/acme/app', 'registry.hub.docker.com/acme/app', 'acme/app']
  const official = ['docker.io/alpine', 'docker.io/library/alpine', 'library/alpine', 'alpine']

  test.each([...forms, ...official])('is written in every output as in images: %s', async (name) => {
    const {plan} = await report({images: name, tags: 'type=semver,pattern={{version}}', flavor: 'latest=false'})
    const [tag] = plan.tags
    if (tag === undefined) throw new Error('no tag')
    const moved = {...row('x:1', 'moved', {before: amd64, after: index}), reference: tag.reference}
    const values = outputs({action: 'publish', dryRun: false, ...done, plan, rows: [moved]})
    expect(values['tags']).toBe(`${name}:1.2.3`)
    expect(JSON.parse(values['json'] ?? '')).toMatchObject({tags: [`${name}:1.2.3`]})
    expect([values['image'], values['images']]).toEqual([`${name}@${index}`, `${name}@${index}`])
    expect(JSON.parse(values['moved-tags'] ?? '')).toMatchObject([{reference: `${name}:1.2.3`}])
    expect(planJson(plan)).toMatchObject({images: [name], tags: [{reference: `${name}:1.2.3`}]})
    expect(bakeFile('all', plan, 'x').target['x']).toMatchObject({
      tags: [`${name}:1.2.3`],
      args: {DOCKER_META_IMAGES: name},
    })
  })

  test('is one image in two forms, and is written in the first', async () => {
    const {plan} = await report({images: 'docker.io/acme/app\nacme/app\nDocker.io/Acme/App', tags: 'x'})
    expect(plan.tags.map(({reference}) => writtenTagRef(reference))).toEqual(['docker.io/acme/app:x'])
  })

  test('is written so in the repository of an environment, and in a whole reference', async () => {
    const given = {images: 'docker.io/acme/app', environment: 'qa', 'environment-style': 'repository'}
    const {plan} = await report({...given, tags: 'x\ndocker.io/acme/other:1'})
    expect(plan.tags.map(({reference}) => writtenTagRef(reference))).toEqual([
      'docker.io/acme/app-qa:x',
      'docker.io/acme/other-qa:1',
    ])
  })
})

test('the builder is described as by docker/setup-buildx-action', async () => {
  const builder = parseBuilder(
    [
      'Name: tagboat-1',
      'Driver: docker-container',
      'Nodes:',
      'Name: tagboat-10',
      'Endpoint: unix:///var/run/docker.sock',
      'Driver Options: network="host" env.no_proxy="a,b"',
      'Status: running',
      'BuildKit daemon flags: --debug',
      'BuildKit version: v0.26.3',
      'Platforms: linux/amd64*, linux/386',
      'Name: tagboat-11',
      'Endpoint: tcp://far:1234',
      'Status: running',
      'Platforms: linux/arm64, linux/386',
      '',
    ].join('\n'),
  )
  const {nodes = '', ...values} = outputs(await report(given, {builder}))
  expect(values).toMatchObject({
    name: 'tagboat-1',
    driver: 'docker-container',
    platforms: 'linux/amd64,linux/386,linux/arm64',
    endpoint: 'unix:///var/run/docker.sock',
  })
  expect(JSON.parse(nodes)).toEqual([
    {
      name: 'tagboat-10',
      endpoint: 'unix:///var/run/docker.sock',
      'driver-opts': ['network=host', 'env.no_proxy=a,b'],
      status: 'running',
      'buildkitd-flags': '--debug',
      buildkit: 'v0.26.3',
      platforms: 'linux/amd64,linux/386',
    },
    {name: 'tagboat-11', endpoint: 'tcp://far:1234', status: 'running', platforms: 'linux/arm64,linux/386'},
  ])
})

describe('the image id', () => {
  const imageMetadata = {metadata: '{"found":1}', imageId: arm64}
  test.each([
    {name: 'is the one that Buildx reports', imageId: index, existing: false, expected: index},
    {name: 'falls back to the published image', imageId: '', existing: false, expected: arm64},
    {name: 'is that of an existing release', imageId: index, existing: true, expected: arm64},
  ])('$name', async ({imageId, existing, expected}) => {
    const {build, staged} = done
    if (build === undefined || staged === undefined) throw new TypeError('the report has both')
    const changed = {build: {...build, imageId}, staged: {...staged, existing, imageMetadata}}
    expect(outputs(await report(given, changed))).toMatchObject({
      imageid: expected,
      metadata: existing ? imageMetadata.metadata : '{"x":1}',
    })
  })
})

test('the image id is that of the engine into which the image was loaded, also of an existing release', async () => {
  const loaded = {line: 'Loaded', imageId: amd64}
  const {staged} = done
  if (staged === undefined) throw new TypeError('the report has one')
  const existing = {...staged, existing: true, imageMetadata: {metadata: '{}', imageId: arm64}}
  expect(outputs(await report(given, {...done, loaded}))['imageid']).toBe(amd64)
  expect(outputs(await report(given, {loaded, staged: existing}))['imageid']).toBe(amd64)
})

describe('outputs', () => {
  test('every one of the table is set, whatever happened; files and `deleted` are set elsewhere', async () => {
    const names = Object.keys(outputSpecs).filter((name) => !/^(?:bake|digest)-file|^deleted$/.test(name))
    for (const changes of [{}, done]) {
      expect(Object.keys(outputs(await report(given, changes))).sort()).toEqual(names.sort())
    }
  })

  test('of a publication', async () => {
    const {labels, annotations, json, plan, ...rest} = outputs(
      await report(given, {
        ...done,
        gates: [{gate: 'size', outcome: 'passed', reason: '10 B of at most 1.00 kB', durationMs: 2.6}],
      }),
    )
    expect(rest).toEqual({
      'attestation-id': '',
      'attestation-url': '',
      version: '1.2.3',
      tags: 'user/app:1.2.3\nuser/app:latest\nghcr.io/o/app:1.2.3\nghcr.io/o/app:latest',
      'tag-names': '1.2.3\nlatest',
      digest: index,
      imageid: index,
      metadata: '{"x":1}',
      image: `user/app@${index}`,
      images: `user/app@${index}\nghcr.io/o/app@${index}`,
      digests: JSON.stringify({'linux/amd64': amd64, 'linux/arm64': arm64}),
      size: '{"linux/amd64":10,"linux/arm64":20}',
      pushed: 'true',
      'moved-tags': '',
      'kept-tags': '',
      signatures: '',
      signer: '',
      gates: '[{"gate":"size","outcome":"passed","reason":"10 B of at most 1.00 kB","milliseconds":3}]',
      'scan-sarif': '',
      skipped: 'false',
      name: '',
      driver: '',
      platforms: '',
      nodes: '',
      endpoint: '',
    })
    expect(labels?.split('\n')[0]).toBe('a=b')
    expect(annotations?.split('\n').filter((line) => line.includes('image.version'))).toEqual([
      'manifest:org.opencontainers.image.version=1.2.3',
      'index:org.opencontainers.image.version=1.2.3',
    ])
    const parsed = JSON.parse(json ?? '') as {readonly labels: Readonly<Record<string, string>>}
    expect(parsed).toMatchObject({
      'tag-names': ['1.2.3', 'latest'],
      tags: rest['tags']?.split('\n'),
      annotations: annotations?.split('\n'),
    })
    expect(parsed.labels).toMatchObject({a: 'b', multi: 'x\ny', 'org.opencontainers.image.version': '1.2.3'})
    expect(JSON.parse(plan ?? '')).toMatchObject({version: '1.2.3', push: true})
  })

  test('of a plan alone', async () => {
    const {digest, image, images, digests, size, pushed, metadata, imageid, tags} = outputs(await report({tags: 'x'}))
    expect(digest).toBe('')
    expect(image).toBe('')
    expect(images).toBe('')
    expect(digests).toBe('')
    expect(size).toBe('')
    expect(metadata).toBe('')
    expect(imageid).toBe('')
    expect({pushed, tags}).toEqual({pushed: 'false', tags: 'ghcr.io/octocat/hello-world:x'})
  })

  test.each([
    {name: 'a branch that was deleted', event: 'push-branch-deleted', given: {}},
    {name: 'a tag that was deleted', event: 'delete-tag', given: {}},
    {name: 'a pull request that was closed', event: 'pull-request-closed', given: {}},
    {name: 'a release that was deleted', event: 'release-deleted', given: {}},
    {name: 'the tag of another component', event: pushOf('refs/tags/web/v1.2.3'), given: {component: 'api'}},
    {name: 'images that are all off', event: pushOf('refs/heads/main'), given: {images: 'name=user/app,enable=false'}},
  ])('of a run that had nothing to do offer nothing: $name', async ({event, given: inputs}) => {
    const {plan} = await planOf(event, {...inputs, labels: 'a=b', annotations: 'a=b'})
    const {plan: shown, ...set} = outputs({action: 'publish', plan, dryRun: false})
    expect(set).toEqual({
      ...Object.fromEntries(Object.keys(set).map((name) => [name, ''])),
      json: '{"tag-names":[],"tags":[],"labels":{},"annotations":[]}',
      pushed: 'false',
      skipped: 'true',
      name: '',
      driver: '',
      platforms: '',
      nodes: '',
      endpoint: '',
    })
    expect(JSON.parse(shown ?? '')).toMatchObject({
      version: null,
      push: false,
      code: plan.skip?.code,
      tags: [],
      labels: [],
    })
  })

  test('of a build that was not pushed include its digest', async () => {
    const {build} = done
    const set = outputs(await report({tags: 'x', push: 'false'}, build === undefined ? {} : {build}))
    // No registry holds it: a name by digest would lead nowhere.
    expect(set).toMatchObject({digest: index, pushed: 'false', image: '', images: ''})
  })
})

describe('the references of a publication', () => {
  const other = `sha256:${'4'.repeat(64)}` as const
  const rows: readonly ExplainedRow[] = [
    row('user/app:1.2.3', 'new', {before: undefined, after: index}),
    row('user/app:1.2', 'moved', {before: other, after: index}),
    row('user/app:1', 'unchanged', {before: index, after: index}),
    row('user/app:latest', 'kept', {before: other, after: other}),
    row('user/app:next', 'restored', {before: other, after: other}),
    row('user/app:bad', 'failed', {before: other, after: undefined}),
  ]
  const namesIn = (text: string | undefined): readonly unknown[] =>
    (JSON.parse(text ?? '') as readonly {readonly tag: string}[]).map(({tag}) => tag)

  test('those that hold the image now, and did not before, apart from those that were left', async () => {
    const set = outputs(await report(given, {...done, rows}))
    expect(namesIn(set['moved-tags'])).toEqual(['1.2.3', '1.2'])
    expect(namesIn(set['kept-tags'])).toEqual(['1', 'latest', 'next'])
    const [first] = JSON.parse(set['moved-tags'] ?? '') as readonly unknown[]
    const expected = {
      tag: '1.2.3',
      reference: 'user/app:1.2.3',
      before: null,
      after: index,
      code: 'new-tag',
      reason: 'because new',
    }
    expect(first).toEqual(expected)
  })

  test.each<{name: string; existing: boolean; outcomes: readonly PromoteOutcome[]; pushed: boolean}>([
    {name: 'a new image to which no tag points', existing: false, outcomes: ['kept'], pushed: false},
    {name: 'a new image with an existing tag', existing: false, outcomes: ['unchanged'], pushed: true},
    {name: 'an existing release with a missing tag', existing: true, outcomes: ['new'], pushed: true},
    {name: 'an existing release', existing: true, outcomes: ['unchanged', 'kept'], pushed: false},
    {name: 'tags that were rolled back', existing: true, outcomes: ['restored', 'failed'], pushed: false},
  ])('pushed says whether the registry holds something new: $name', async ({existing, outcomes, pushed}) => {
    const rowsOf = rows.filter(({outcome}) => outcomes.includes(outcome))
    expect(rowsOf).toHaveLength(outcomes.length)
    const staged = {digest: index, images: [], existing}
    expect(outputs(await report(given, {staged, rows: rowsOf}))).toMatchObject({pushed: String(pushed)})
  })

  test.each<{name: string; rows: readonly ExplainedRow[]; images: readonly string[]}>([
    {
      name: 'none where every tag stays at something newer',
      rows: [
        row('user/app:1.2.3', 'kept', {before: undefined, after: undefined}),
        row('user/app:latest', 'kept', {before: other, after: other}),
      ],
      images: [],
    },
    {
      name: 'the image of the release tag, although another tag moved to that of this run',
      rows: [
        row('user/app:1.2.3', 'kept', {before: other, after: other}),
        row('user/app:latest', 'new', {before: undefined, after: index}),
      ],
      images: [`user/app@${other}`],
    },
    {
      name: 'the existing image in a repeated run',
      rows: [row('user/app:1.2.3', 'unchanged', {before: index, after: index})],
      images: [`user/app@${index}`],
    },
    {
      name: 'one for each registry that has a tag of it',
      rows: [
        row('user/app:latest', 'kept', {before: other, after: other}),
        row('ghcr.io/o/app:1.2.3', 'new', {before: undefined, after: index}),
      ],
      images: [`ghcr.io/o/app@${index}`],
    },
  ])('image names $name', async ({rows: held, images}) => {
    const set = outputs(await report(given, {...done, rows: held}))
    expect(set).toMatchObject({image: images[0] ?? '', images: images.join('\n'), digest: index})
  })

  test('a failure before the tags leaves what was not given unsaid', async () => {
    const set = outputs(await report(given, {failure: new TagboatError('test-failed')}))
    expect(set).toMatchObject({pushed: 'false', image: '', digest: '', 'moved-tags': '', 'kept-tags': ''})
  })
})

describe('the annotations output', () => {
  test('an annotation of one level is written once', async () => {
    const {annotations} = outputs(await report({...given, annotations: 'index:only=index'}))
    expect(annotations?.split('\n').filter((line) => line.includes('only'))).toEqual(['index:only=index'])
  })

  test('level by level, manifest first, whichever annotation comes first', async () => {
    const own = 'index:only=index\nindex-descriptor:a=1\nmanifest-descriptor:b=2'
    const {annotations} = outputs(await report({...given, annotations: own}))
    const levels = (annotations ?? '').split('\n').map((line) => line.split(':')[0])
    expect([...new Set(levels)]).toEqual(['manifest', 'index', 'manifest-descriptor', 'index-descriptor'])
  })
})

describe('labels and annotations that are more than a plain line', () => {
  const odd = [
    '"several=line 1\nline ""2"""',
    '"""quoted""=""x"', // the key begins with a quote
    '"#number=1"',
    '"blank=behind "',
    'quote=a "b" c',
  ].join('\n')

  test('are read back as they are, but for blanks at the end', async () => {
    const result = await report({...given, labels: odd, annotations: odd})
    const {labels, annotations, json} = outputs(result)
    const read = (text = ''): readonly string[] => parseList(text, listForms.pairs).items.map(({text: item}) => item)
    expect(labelLines(result.plan)).toEqual(
      expect.arrayContaining([
        'several=line 1\nline "2"',
        '"quoted"="x',
        '#number=1',
        'blank=behind ',
        'quote=a "b" c',
      ]),
    )
    const trimmed = (lines: readonly string[]): readonly string[] => lines.map((line) => line.trimEnd())
    expect(read(labels)).toEqual(trimmed(labelLines(result.plan)))
    expect(read(annotations)).toEqual(trimmed(annotationLines(result.plan)))
    // As docker/metadata-action prints it.
    expect(labels?.split('\n')).toContain('blank=behind ')
    expect(labels).toContain('"several=line 1\nline ""2"""')
    expect(labels?.split('\n')).toContain('quote=a "b" c')
    expect(JSON.parse(json ?? '')).toMatchObject({annotations: annotationLines(result.plan)})
  })

  test('are not quoted with a separator of the user', () => {
    expect(joinItems(['a=1\n2', '"b=3'], '|')).toBe('a=1\n2|"b=3')
  })
})

test('sep-tags, sep-labels and sep-annotations separate the items, including blanks', async () => {
  const separators = {'sep-tags': ', ', 'sep-labels': '|', 'sep-annotations': ';'}
  const {plan, inputs} = await planOf(pushOf('refs/tags/v1.2.3'), {...given, labels: 'a=b', ...separators})
  const set = outputsWith({action: 'publish', plan, dryRun: false}, inputs.output)
  expect(set).toMatchObject({
    tags: 'user/app:1.2.3, user/app:latest, ghcr.io/o/app:1.2.3, ghcr.io/o/app:latest',
    'tag-names': '1.2.3, latest',
    labels: labelLines(plan).join('|'),
    annotations: annotationLines(plan).join(';'),
  })
  expect(labelLines(plan).length).toBeGreaterThan(1)
})

describe('planJson', () => {
  test('what, where to and why', async () => {
    const {plan} = await report({images: 'user/app', tags: 'type=sha\ntype=edge\nquay.io/a/b:1', push: 'true'})
    const {labels, annotations, ...rest} = planJson(plan) as Readonly<Record<string, unknown>>
    const rule = (line: number, text: string): object => ({origin: 'tags', line, text})
    expect(rest).toEqual({
      version: 'sha-860c190',
      versionSource: {text: 'v1.2.3', from: 'the Git tag v1.2.3'},
      push: true,
      code: 'push-true',
      reason: 'push: true',
      images: ['user/app'],
      tags: [
        {reference: 'user/app:sha-860c190', tag: 'sha-860c190', kind: 'exact', rule: rule(1, 'type=sha')},
        {reference: 'quay.io/a/b:1', tag: '1', kind: 'floating', rule: rule(3, 'quay.io/a/b:1')},
      ],
      skippedRules: [
        {
          rule: rule(2, 'type=edge'),
          code: 'other-event',
          reason: formatReason({code: 'other-event', wanted: 'branch'}),
        },
      ],
    })
    expect(labels).toContain('org.opencontainers.image.title=Hello-World')
    expect(annotations).toContain('manifest:org.opencontainers.image.title=Hello-World')
  })

  test('survives JSON', async () => {
    const {plan} = await report(given)
    const json = planJson(plan)
    expect(JSON.parse(JSON.stringify(json))).toEqual(json)
  })
})

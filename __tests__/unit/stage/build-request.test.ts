import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {buildRequest} from '../../../src/stage/build-request.ts'
import type {BuildRequest} from '../../../src/buildx/arguments.ts'
import type {Destination} from '../../../src/buildx/outputs.ts'
import type {GitContext} from '../../../src/context/git-context.ts'
import {factKeys, ownRevisionKey} from '../../../src/oci/image-facts.ts'
import {planOf} from '../../../testing/reports.ts'

type BuildInputsGiven = Readonly<Record<string, string>>

const staged: Destination = {kind: 'content', repositories: []}

async function requestOf(
  event: string,
  given: Readonly<Record<string, string>> = {},
  changes: Partial<GitContext> = {},
  prefersPullHead = false,
): Promise<BuildRequest> {
  const planned = await planOf(event, {images: 'user/app', ...given}, changes)
  return buildRequest(
    {...planned, prefersPullHead, notices: []},
    [],
    {kind: 'none'},
    {directory: '/home', builder: undefined, definition: {tags: '', build: undefined}},
  )
}

describe('the Git context', () => {
  test.each([
    {event: 'pull-request', revision: 'refs/pull/2/merge'},
    {event: 'pull-request-target', revision: 'f95f852bd8fca8fcc58a9a2d6c842781e32a215e'},
    {event: 'push-tag', revision: '6113728f27ae82c7b1a177c8d03f9e96e0adf246'},
  ])('has the revision $revision for $event', async ({event, revision}) => {
    expect((await requestOf(event)).gitContext).toBe(`https://github.com/Codertocat/Hello-World.git#${revision}`)
  })

  test.each([
    {event: 'pull-request', revision: 'refs/pull/2/head'},
    {event: 'pull-request-target', revision: 'f95f852bd8fca8fcc58a9a2d6c842781e32a215e'},
    {event: 'push-tag', revision: '6113728f27ae82c7b1a177c8d03f9e96e0adf246'},
  ])('has the revision $revision for $event with prefersPullHead', async ({event, revision}) => {
    const {gitContext} = await requestOf(event, {}, {}, true)
    expect(gitContext).toBe(`https://github.com/Codertocat/Hello-World.git#${revision}`)
  })

  test('has the ref of an event without a commit', async () => {
    const {gitContext} = await requestOf('push-tag', {}, {sha: '', fullRef: 'refs/heads/main'})
    expect(gitContext).toMatch(/#refs\/heads\/main$/)
  })
})

describe('the labels for later runs', () => {
  const date = '2020-02-03T04:05:06Z'
  const run = {id: '42', number: '1', attempt: '2', url: 'https://github.com/o/r/actions/runs/42'}
  const version = `${factKeys.version}=1.2.3`
  const ref = `${factKeys.ref}=refs/tags/v1.2.3`

  test.each<{
    name: string
    changes: Partial<GitContext>
    inputs?: Readonly<Record<string, string>>
    expected: readonly string[]
  }>([
    {
      name: 'with date and run',
      changes: {commitDate: date, run},
      expected: [`${factKeys.commitDate}=${date}`, `${factKeys.runId}=42`, ref, version],
    },
    {name: 'without date', changes: {commitDate: undefined, run}, expected: [`${factKeys.runId}=42`, ref, version]},
    {
      name: 'without run',
      changes: {commitDate: date, run: {...run, id: ''}},
      expected: [`${factKeys.commitDate}=${date}`, ref, version],
    },
    {
      name: 'the version with any tags',
      inputs: {tags: 'type=semver,pattern=v{{major}}.x'},
      changes: {commitDate: undefined, run: {...run, id: ''}},
      expected: [ref, version],
    },
    {
      name: 'several versions',
      inputs: {tags: 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}},value=v24.1.0'},
      changes: {commitDate: undefined, run: {...run, id: ''}},
      expected: [ref, `${version},24.1.0`],
    },
    {
      name: 'no version',
      inputs: {tags: 'type=sha'},
      changes: {commitDate: undefined, run: {...run, id: ''}},
      expected: [ref],
    },
    {
      name: 'without a ref',
      inputs: {tags: 'type=sha'},
      changes: {commitDate: undefined, run: {...run, id: ''}, ref: {kind: 'none'}, fullRef: ''},
      expected: [],
    },
    {
      name: 'of a pull request',
      inputs: {tags: 'type=ref,event=pr'},
      changes: {commitDate: undefined, run, ref: {kind: 'pull', name: '12'}, fullRef: 'refs/pull/12/merge'},
      expected: [`${factKeys.runId}=42`, `${factKeys.ref}=refs/pull/12/merge`],
    },
  ])('are labels and annotations: $name', async ({changes, inputs = {}, expected}) => {
    const {labels, annotations} = await requestOf('push-tag', inputs, changes)
    const facts = (items: BuildRequest['labels']): readonly string[] =>
      items
        .filter(({key}) => key.startsWith('io.github.tagboat.') && key !== factKeys.floating)
        .map(({key, value}) => `${key}=${value}`)
    expect(facts(labels)).toEqual(expected)
    expect(facts(annotations)).toEqual(expected)
  })

  test.each([
    {name: 'in another time zone', commitDate: '2020-02-03T05:05:06+01:00', expected: ['2020-02-03T04:05:06.000Z']},
    {name: 'without milliseconds', commitDate: '2020-02-03T04:05:06Z', expected: ['2020-02-03T04:05:06.000Z']},
    {name: 'invalid', commitDate: 'yesterday', expected: []},
  ])(
    'contain the normalised date without the run for a reproducible image: date $name',
    async ({commitDate, expected}) => {
      const {labels, annotations} = await requestOf('push-tag', {reproducible: 'true'}, {commitDate, run})
      for (const items of [labels, annotations]) {
        const timeless: readonly string[] = [factKeys.version, factKeys.floating]
        const facts = items.filter(({key}) => key.startsWith('io.github.tagboat.') && !timeless.includes(key))
        expect(facts.map(({key, value}) => [key, value])).toEqual(expected.map((date) => [factKeys.commitDate, date]))
      }
    },
  )

  test('do not contain the run if SOURCE_DATE_EPOCH is set, so that two runs create the same image', async () => {
    const planned = await planOf('push-tag', {images: 'user/app'}, {commitDate: date, run})
    const place = {directory: '/home', builder: undefined, definition: {tags: '', build: undefined}}
    const prepared = {...planned, sourceDateEpoch: 0, notices: []}
    const {labels, annotations} = buildRequest(prepared, [], {kind: 'none'}, place)
    for (const items of [labels, annotations]) {
      const texts = items.map(({key, value}) => `${key}=${value}`)
      expect(texts).toContain(`${factKeys.commitDate}=2020-02-03T04:05:06.000Z`)
      expect(texts.filter((text) => text.startsWith(factKeys.runId) || text.startsWith(factKeys.ref))).toEqual([])
    }
  })

  test.each<{name: string; inputs: Readonly<Record<string, string>>; labels: boolean; annotations: boolean}>([
    {name: 'with the standard labels', inputs: {}, labels: false, annotations: false},
    {name: 'with those of annotations alone', inputs: {labels: 'none'}, labels: false, annotations: false},
    {name: 'without both', inputs: {labels: 'none', annotations: 'none'}, labels: true, annotations: false},
    {
      name: 'without its label',
      inputs: Object.fromEntries(['labels', 'annotations'].map((name) => [name, `${factKeys.revision}=`])),
      labels: true,
      annotations: true,
    },
  ])(
    'contains the commit if nothing else states it: $name',
    async ({inputs, labels: inLabels, annotations: inAnnotations}) => {
      const {labels, annotations} = await requestOf('push-tag', inputs)
      const states = (items: BuildRequest['labels']): boolean =>
        items.some(({key, value}) => key === ownRevisionKey && value === '6113728f27ae82c7b1a177c8d03f9e96e0adf246')
      expect([states(labels), states(annotations)]).toEqual([inLabels, inAnnotations])
      if (inputs['annotations'] === 'none') expect(annotations).toEqual([])
    },
  )

  test.each([
    {platforms: 'linux/amd64', levels: ['manifest']},
    {platforms: 'linux/amd64,linux/arm64', levels: ['manifest', 'index']},
  ])('are annotations at $levels for $platforms', async ({platforms, levels}) => {
    const {annotations} = await requestOf('push-tag', {platforms}, {commitDate: date})
    expect(annotations.find(({key}) => key === factKeys.commitDate)?.levels).toEqual(levels)
  })

  test.each<{name: string; event?: string; inputs: Readonly<Record<string, string>>; expected: string | undefined}>([
    {name: 'of the release', inputs: {}, expected: '1,1.2,latest'},
    {
      name: 'none of the release',
      inputs: {tags: 'type=semver,pattern={{version}}', flavor: 'latest=false'},
      expected: 'none',
    },
    {name: 'none with floating: never', inputs: {floating: 'never'}, expected: 'none'},
    {name: 'none with only a commit tag', inputs: {tags: 'type=sha'}, expected: 'none'},
    {name: 'of an environment', inputs: {environment: 'qa'}, expected: '1-qa,1.2-qa,latest-qa'},
  ])('name the floating tags: $name', async ({inputs, expected}) => {
    const {labels} = await requestOf('push-tag', inputs)
    expect(labels.find(({key}) => key === factKeys.floating)?.value).toBe(expected)
  })

  test('come last, so that labels of the user do not override them', async () => {
    const {labels} = await requestOf('push-tag', {labels: `${factKeys.runId}=1`}, {run})
    expect(labels.findLast(({key}) => key === factKeys.runId)).toEqual({key: factKeys.runId, value: '42'})
  })
})

test('result files are in the private directory, and the builder ID is this attempt of the run', async () => {
  const run = {id: '42', number: '1', attempt: '2', url: 'https://github.com/o/r/actions/runs/42'}
  const {metadataFile, imageIdFile, builderId} = await requestOf('push-tag', {}, {run})
  expect([metadataFile, imageIdFile].map((file) => path.dirname(file))).toEqual(['/home', '/home'])
  expect(metadataFile).not.toBe(imageIdFile)
  expect(builderId).toBe('https://github.com/o/r/actions/runs/42/attempts/2')
})

test('the Git context uses the job token', async () => {
  expect((await requestOf('push-tag', {'github-token': 'token'})).gitToken?.reveal()).toBe('token')
})

describe('annotations of one platform, by default', () => {
  const key = 'org.opencontainers.image.source'
  const one: BuildInputsGiven = {platforms: 'linux/amd64'}

  test.each<{name: string; given: BuildInputsGiven; destination?: Destination; expected: string}>([
    {name: 'with provenance', given: one, expected: 'manifest,index'},
    {name: 'without a platform in the inputs', given: {}, expected: 'manifest,index'},
    {name: 'with an SBOM', given: {...one, provenance: 'false', sbom: 'true'}, expected: 'manifest,index'},
    {name: 'without attestations', given: {...one, provenance: 'false'}, expected: 'manifest'},
    {name: 'reproducible', given: {...one, reproducible: 'true'}, expected: 'manifest'},
    {name: 'pushed with its tags', given: one, destination: {kind: 'tags'}, expected: 'manifest'},
    {name: 'loaded by Buildx', given: one, destination: {kind: 'engine', names: []}, expected: 'manifest'},
    {name: 'also for a Docker archive', given: {...one, outputs: 'type=docker,dest=a.tar'}, expected: 'manifest'},
    {name: 'with other levels', given: {...one, 'annotation-levels': 'index-descriptor'}, expected: 'index-descriptor'},
    {name: 'with a level of its own', given: {...one, annotations: `manifest:${key}=own`}, expected: 'manifest own'},
    {name: 'removed from the index', given: {...one, annotations: `index:${key}=`}, expected: 'manifest'},
  ])('are in every document that the image has: $name', async ({given, destination = staged, expected}) => {
    const planned = await planOf('push-tag', {images: 'user/app', ...given})
    const place = {directory: '/home', builder: undefined, definition: {tags: '', build: undefined}}
    const {annotations} = buildRequest({...planned, prefersPullHead: false, notices: []}, [], destination, place)
    const [wanted, own] = expected.split(' ')
    const source = annotations.filter(
      (annotation) => annotation.key === key && (own ?? annotation.value) === annotation.value,
    )
    expect(source.map(({levels}) => levels.join(','))).toEqual([wanted])
    if (!expected.includes('descriptor') && own === undefined && given['annotations'] === undefined)
      expect(annotations.map(({levels}) => levels.join(','))).toEqual(annotations.map(() => expected))
    // Those of the outputs are for other tools too, whose image may have no index.
    const {length} = planned.plan.annotations.filter(({levels}) => levels.includes('index'))
    expect(length).toBe(0)
  })
})

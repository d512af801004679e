import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {buildRequest} from '../../../src/stage/build-request.ts'
import type {BuildRequest} from '../../../src/buildx/arguments.ts'
import type {GitContext} from '../../../src/context/git-context.ts'
import {factKeys, ownRevisionKey} from '../../../src/oci/image-facts.ts'
import {planOf} from '../../../testing/reports.ts'

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
    {directory: '/home', builder: undefined, making: {tags: '', build: undefined}},
  )
}

describe('the Git context', () => {
  test.each([
    {event: 'pull-request', revision: 'refs/pull/2/merge'},
    {event: 'pull-request-target', revision: 'f95f852bd8fca8fcc58a9a2d6c842781e32a215e'},
    {event: 'push-tag', revision: '6113728f27ae82c7b1a177c8d03f9e96e0adf246'},
  ])('of $event is $revision', async ({event, revision}) => {
    expect((await requestOf(event)).gitContext).toBe(`https://github.com/Codertocat/Hello-World.git#${revision}`)
  })

  test.each([
    {event: 'pull-request', revision: 'refs/pull/2/head'},
    {event: 'pull-request-target', revision: 'f95f852bd8fca8fcc58a9a2d6c842781e32a215e'},
    {event: 'push-tag', revision: '6113728f27ae82c7b1a177c8d03f9e96e0adf246'},
  ])('of $event is $revision, where the tip of a pull request is wanted', async ({event, revision}) => {
    const {gitContext} = await requestOf(event, {}, {}, true)
    expect(gitContext).toBe(`https://github.com/Codertocat/Hello-World.git#${revision}`)
  })

  test('of an event without a commit is the ref', async () => {
    const {gitContext} = await requestOf('push-tag', {}, {sha: '', fullRef: 'refs/heads/main'})
    expect(gitContext).toMatch(/#refs\/heads\/main$/)
  })
})

describe('what a later run compares', () => {
  const date = '2020-02-03T04:05:06Z'
  const run = {id: '42', number: '1', attempt: '2', url: 'https://github.com/o/r/actions/runs/42'}
  const version = `${factKeys.version}=1.2.3`

  test.each<{
    name: string
    changes: Partial<GitContext>
    inputs?: Readonly<Record<string, string>>
    expected: readonly string[]
  }>([
    {
      name: 'date and run',
      changes: {commitDate: date, run},
      expected: [`${factKeys.commitDate}=${date}`, `${factKeys.runId}=42`, version],
    },
    {name: 'no date', changes: {commitDate: undefined, run}, expected: [`${factKeys.runId}=42`, version]},
    {
      name: 'no run',
      changes: {commitDate: date, run: {...run, id: ''}},
      expected: [`${factKeys.commitDate}=${date}`, version],
    },
    {
      name: 'the version, whatever its tags are',
      inputs: {tags: 'type=semver,pattern=v{{major}}.x'},
      changes: {commitDate: undefined, run: {...run, id: ''}},
      expected: [version],
    },
    {
      name: 'several versions',
      inputs: {tags: 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}},value=v24.1.0'},
      changes: {commitDate: undefined, run: {...run, id: ''}},
      expected: [`${version},24.1.0`],
    },
    {
      name: 'no version',
      inputs: {tags: 'type=sha'},
      changes: {commitDate: undefined, run: {...run, id: ''}},
      expected: [],
    },
  ])('stands in labels and annotations: $name', async ({changes, inputs = {}, expected}) => {
    const {labels, annotations} = await requestOf('push-tag', inputs, changes)
    const traces = (items: BuildRequest['labels']): readonly string[] =>
      items
        .filter(({key}) => key.startsWith('io.github.tagboat.') && key !== factKeys.floating)
        .map(({key, value}) => `${key}=${value}`)
    expect(traces(labels)).toEqual(expected)
    expect(traces(annotations)).toEqual(expected)
  })

  test.each([
    {name: 'of another time zone', commitDate: '2020-02-03T05:05:06+01:00', expected: ['2020-02-03T04:05:06.000Z']},
    {name: 'of a form with less', commitDate: '2020-02-03T04:05:06Z', expected: ['2020-02-03T04:05:06.000Z']},
    {name: 'that is none', commitDate: 'yesterday', expected: []},
  ])('is the date and no run, in one spelling, of a reproducible image: $name', async ({commitDate, expected}) => {
    const {labels, annotations} = await requestOf('push-tag', {reproducible: 'true'}, {commitDate, run})
    for (const items of [labels, annotations]) {
      const timeless: readonly string[] = [factKeys.version, factKeys.floating]
      const traces = items.filter(({key}) => key.startsWith('io.github.tagboat.') && !timeless.includes(key))
      expect(traces.map(({key, value}) => [key, value])).toEqual(expected.map((date) => [factKeys.commitDate, date]))
    }
  })

  test('does not contain the run if SOURCE_DATE_EPOCH is set, so that two runs give the same image', async () => {
    const planned = await planOf('push-tag', {images: 'user/app'}, {commitDate: date, run})
    const place = {directory: '/home', builder: undefined, making: {tags: '', build: undefined}}
    const prepared = {...planned, sourceDateEpoch: 0, notices: []}
    const {labels, annotations} = buildRequest(prepared, [], {kind: 'none'}, place)
    for (const items of [labels, annotations]) {
      const texts = items.map(({key, value}) => `${key}=${value}`)
      expect(texts).toContain(`${factKeys.commitDate}=2020-02-03T04:05:06.000Z`)
      expect(texts.filter((text) => text.startsWith(factKeys.runId))).toEqual([])
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
  ])('is annotated as everything else: $levels for $platforms', async ({platforms, levels}) => {
    const {annotations} = await requestOf('push-tag', {platforms}, {commitDate: date})
    expect(annotations.find(({key}) => key === factKeys.commitDate)?.levels).toEqual(levels)
  })

  test.each<{name: string; event?: string; inputs: Readonly<Record<string, string>>; expected: string | undefined}>([
    {name: 'those of the release', inputs: {}, expected: '1,1.2,latest'},
    {name: 'none of it', inputs: {tags: 'type=semver,pattern={{version}}', flavor: 'latest=false'}, expected: 'none'},
    {name: 'none with floating: never', inputs: {floating: 'never'}, expected: 'none'},
    {name: 'none beside a commit tag alone', inputs: {tags: 'type=sha'}, expected: 'none'},
    {name: 'those of an environment', inputs: {environment: 'qa'}, expected: '1-qa,1.2-qa,latest-qa'},
  ])('says which floating tags go with it: $name', async ({inputs, expected}) => {
    const {labels} = await requestOf('push-tag', inputs)
    expect(labels.find(({key}) => key === factKeys.floating)?.value).toBe(expected)
  })

  test('comes last, so that nothing of the user takes its place', async () => {
    const {labels} = await requestOf('push-tag', {labels: `${factKeys.runId}=1`}, {run})
    expect(labels.findLast(({key}) => key === factKeys.runId)).toEqual({key: factKeys.runId, value: '42'})
  })
})

test('files of the run are made in its own directory; the builder is this attempt of the run', async () => {
  const run = {id: '42', number: '1', attempt: '2', url: 'https://github.com/o/r/actions/runs/42'}
  const {metadataFile, imageIdFile, builderId} = await requestOf('push-tag', {}, {run})
  expect([metadataFile, imageIdFile].map((file) => path.dirname(file))).toEqual(['/home', '/home'])
  expect(metadataFile).not.toBe(imageIdFile)
  expect(builderId).toBe('https://github.com/o/r/actions/runs/42/attempts/2')
})

test("the job's token goes along for the Git context", async () => {
  expect((await requestOf('push-tag', {'github-token': 'token'})).gitToken?.reveal()).toBe('token')
})

import {describe, expect, test} from '@jest/globals'
import {testPlanner} from '../../../../testing/planner.ts'
import {daysAgo, decideOn} from '../../../../testing/retention-policy.ts'
import {testContent, type TestManifest} from '../../../../testing/retention.ts'

/** Reason code of each tag, with a minus if it is deleted, by rules that give no tag but that of the version. */
async function codes(
  images: Readonly<Record<string, TestManifest>>,
  inputs: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const names = Object.keys(images)
  const content = testContent({
    manifests: images,
    tags: Object.fromEntries(names.map((name) => [name, name])),
    pushedAt: Object.fromEntries(names.map((name) => [name, daysAgo(90)])),
  })
  const planner = await testPlanner({tags: 'type=semver,pattern={{version}}'})
  const {decisions} = await decideOn(content, inputs, {planner})
  return Object.fromEntries(
    decisions.map(({tag = '', verdict, reason}) => [tag, `${verdict === 'delete' ? '-' : ''}${reason.code}`]),
  )
}

function named(...tags: readonly string[]): Readonly<Record<string, TestManifest>> {
  return Object.fromEntries(tags.map((tag) => [tag, {}]))
}

const everything = {'delete-tags': '*'}

describe('tags that stay although `tags` does not give them', () => {
  test('by their name', async () => {
    const images = named('1.2.0', '1.2.3', '1.2', 'v1.2', '1', '1.3', '2', 'latest', 'edge', 'main', 'mainline', 'pr-1')
    expect(await codes(images, everything)).toEqual({
      '1.2.0': 'version-tag',
      '1.2.3': 'newest-version',
      '1.2': 'floating',
      'v1.2': 'floating',
      '1': 'floating',
      '1.3': '-named-by-pattern',
      '2': '-named-by-pattern',
      latest: 'floating',
      edge: 'floating',
      main: 'default-branch',
      mainline: '-named-by-pattern',
      'pr-1': '-named-by-pattern',
    })
  })

  test('a line of branches does not take the default one', async () => {
    expect(await codes(named('main', 'maintenance'), {policy: 'type=branch,pattern=ma*,older-than=1d'})).toEqual({
      main: 'default-branch',
      maintenance: '-old-enough',
    })
  })

  test('by statements for a Git tag', async () => {
    const facts = {ref: 'refs/tags/v1.4.2', version: '1.4.2', floating: '1.4-slim,stable,build-77,1.40'}
    const images = Object.fromEntries(['1.4-slim', 'stable', 'build-77', '1.40', 'other'].map((tag) => [tag, {facts}]))
    expect(await codes(images, everything)).toEqual({
      '1.4-slim': 'floating',
      stable: 'floating',
      'build-77': '-named-by-pattern',
      '1.40': '-named-by-pattern',
      other: '-named-by-pattern',
    })
  })

  test('by statements for `main`', async () => {
    const facts = {ref: 'refs/heads/main', floating: 'nightly,main-slim,nightly-20260101'}
    const tags = ['nightly', 'main-slim', 'nightly-20260101', 'other']
    expect(await codes(Object.fromEntries(tags.map((tag) => [tag, {facts}])), everything)).toEqual({
      nightly: 'floating',
      'main-slim': 'floating',
      'nightly-20260101': '-named-by-pattern',
      other: '-named-by-pattern',
    })
  })

  test('not by what the image of another ref states', async () => {
    const of = (ref: string): TestManifest => ({facts: {ref, floating: '1,feature'}})
    const images = {...named('1.2.3'), '1': of('refs/pull/1/merge'), feature: of('refs/heads/feature')}
    expect(await codes(images, everything)).toEqual({
      '1.2.3': 'newest-version',
      '1': '-named-by-pattern',
      feature: '-named-by-pattern',
    })
  })
})

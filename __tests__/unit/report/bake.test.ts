import {describe, expect, test} from '@jest/globals'
import {bakeFile, bakeKinds} from '../../../src/report/bake.ts'
import {pushOf} from '../../../testing/plans.ts'
import {planOf} from '../../../testing/reports.ts'

const release = pushOf('refs/tags/v1.2.3')
const inputs = {
  images: 'name/app\nghcr.io/name/app',
  tags: 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=sha',
}

const tags = {
  tags: [
    'name/app:1.2.3',
    'name/app:1.2',
    'name/app:sha-860c190',
    'name/app:latest',
    'ghcr.io/name/app:1.2.3',
    'ghcr.io/name/app:1.2',
    'ghcr.io/name/app:sha-860c190',
    'ghcr.io/name/app:latest',
  ],
  args: {DOCKER_META_IMAGES: 'name/app,ghcr.io/name/app', DOCKER_META_VERSION: '1.2.3'},
}
const labels = {
  'org.opencontainers.image.created': '2026-01-02T03:04:05.000Z',
  'org.opencontainers.image.description': 'This your first repo!',
  'org.opencontainers.image.licenses': 'MIT',
  'org.opencontainers.image.revision': '860c1904a1ce19322e91ac35af1ab07466440c37',
  'org.opencontainers.image.source': 'https://github.com/octocat/Hello-World',
  'org.opencontainers.image.title': 'Hello-World',
  'org.opencontainers.image.url': 'https://github.com/octocat/Hello-World',
  'org.opencontainers.image.version': '1.2.3',
}
const lines = Object.entries(labels).map(([key, value]) => `manifest:${key}=${value}`)

describe('bakeFile', () => {
  test.each([
    {kind: 'all' as const, expected: {...tags, labels}},
    {kind: 'tags' as const, expected: tags},
    {kind: 'labels' as const, expected: {labels}},
    {kind: 'annotations' as const, expected: {annotations: lines}},
  ])('$kind', async ({kind, expected}) => {
    const {plan} = await planOf(release, inputs)
    expect(bakeFile(kind, plan, 'docker-metadata-action')).toEqual({target: {'docker-metadata-action': expected}})
  })

  test('annotations are sorted by level', async () => {
    const {plan} = await planOf(release, {...inputs, 'annotation-levels': 'manifest,index'})
    expect(bakeFile('annotations', plan, 'meta').target['meta']?.annotations).toEqual([
      ...lines,
      ...lines.map((line) => line.replace(/^manifest/, 'index')),
    ])
  })

  test('of a run that has nothing to publish: no tag, label or annotation', async () => {
    const {plan} = await planOf('push-branch-deleted', {images: 'user/app'})
    expect(plan.tags).not.toEqual([])
    expect(bakeFile('all', plan, 'meta').target['meta']).toEqual({
      tags: [],
      args: {DOCKER_META_IMAGES: 'user/app'},
      labels: {},
    })
    expect(bakeFile('annotations', plan, 'meta').target['meta']).toEqual({annotations: []})
  })

  test('a whole reference is a tag, and no image name', async () => {
    const {plan} = await planOf(release, {tags: 'user/other:1.0'})
    expect(bakeFile('tags', plan, 'meta').target['meta']).toEqual({
      tags: ['user/other:1.0'],
      args: {DOCKER_META_IMAGES: '', DOCKER_META_VERSION: '1.0'},
    })
  })

  test('without a tag there is no version', async () => {
    const {plan} = await planOf(release, {...inputs, tags: 'type=ref,event=branch', push: 'false'})
    expect(bakeFile('tags', plan, 'meta').target['meta']).toEqual({
      tags: [],
      args: {DOCKER_META_IMAGES: 'name/app,ghcr.io/name/app'},
    })
  })

  test.each([
    {text: '${HOME}', expected: '$${HOME}'},
    {text: '%{ if true }', expected: '%%{ if true }'},
    {text: '$${x}', expected: '$$${x}'},
    {text: '$HOME 100% {x} $ {', expected: '$HOME 100% {x} $ {'},
    {text: '${${', expected: '$${$${'},
  ])('$text is not a template', async ({text, expected}) => {
    const {plan} = await planOf(release, inputs)
    const label = {key: `k.${text}`, value: text}
    const hostile = {...plan, labels: [label], annotations: [{...label, levels: ['index' as const]}]}
    expect(bakeFile('labels', hostile, 'x')).toEqual({target: {x: {labels: {[`k.${expected}`]: expected}}}})
    expect(bakeFile('annotations', hostile, 'x')).toEqual({
      target: {x: {annotations: [`index:k.${expected}=${expected}`]}},
    })
  })

  test('names of objects are names of labels and targets too', async () => {
    const {plan} = await planOf(release, inputs)
    const text = JSON.stringify(bakeFile('labels', {...plan, labels: [{key: '__proto__', value: 'x'}]}, '__proto__'))
    expect(text).toBe('{"target":{"__proto__":{"labels":{"__proto__":"x"}}}}')
  })

  test('every kind is plain JSON', async () => {
    const {plan} = await planOf(release, inputs)
    for (const kind of bakeKinds) {
      const file = bakeFile(kind, plan, 'x')
      expect(JSON.parse(JSON.stringify(file))).toEqual(file)
    }
  })
})

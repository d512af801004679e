import {describe, expect, test} from '@jest/globals'
import {isDated, parseConfiguration} from '../../../src/retention/parse-configuration.ts'

function configuredAt(value: unknown): string | undefined {
  return parseConfiguration(new TextEncoder().encode(JSON.stringify(value))).configuredAt?.toISOString()
}

describe('parseConfiguration', () => {
  test.each([
    {name: 'image', value: {created: '2026-01-02T03:04:05.123456789Z'}, date: '2026-01-02T03:04:05.123Z'},
    {
      name: 'cache',
      value: {
        layers: [{blob: 'sha256:0', parent: -1}],
        records: [
          {digest: 'sha256:1', layers: [{layer: 0, createdAt: '2026-01-02T00:00:00Z'}]},
          {digest: 'sha256:2', layers: [{layer: 0, createdAt: '2026-03-02T00:00:00Z'}, {layer: 1}]},
          {digest: 'sha256:3', chains: [{layers: [0], createdAt: '2026-02-02T00:00:00Z'}]},
          {digest: 'sha256:4'},
        ],
      },
      date: '2026-03-02T00:00:00.000Z',
    },
    {name: 'no date', value: {config: {}}, date: undefined},
    {name: 'no valid date', value: {created: 'yesterday'}, date: undefined},
    {name: 'other types', value: {created: 7, records: [null, {layers: {}}]}, date: undefined},
    {name: 'no object', value: [], date: undefined},
  ])('$name', ({value, date}) => {
    expect(configuredAt(value)).toBe(date)
  })

  test('labels', () => {
    const labels = {'io.github.tagboat.commit-date': '2026-01-02T03:04:05Z'}
    const bytes = new TextEncoder().encode(JSON.stringify({config: {Labels: labels}}))
    expect(parseConfiguration(bytes).facts.commitDate).toBe('2026-01-02T03:04:05Z')
  })
})

test.each([
  {type: 'application/vnd.oci.image.config.v1+json', is: true},
  {type: 'application/vnd.docker.container.image.v1+json', is: true},
  {type: 'application/vnd.buildkit.cacheconfig.v0', is: true},
  {type: 'application/vnd.oci.empty.v1+json', is: false},
  {type: 'application/vnd.cncf.helm.config.v1+json', is: false},
])('$type', ({type, is}) => {
  expect(isDated(type)).toBe(is)
})

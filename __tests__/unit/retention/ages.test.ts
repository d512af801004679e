import {describe, expect, test} from '@jest/globals'
import {youngestDate} from '../../../src/retention/ages.ts'
import {named, testContent, type TestManifest} from '../../../testing/retention.ts'

const now = new Date('2026-11-30T12:00:00Z')
const old = '2024-01-01T00:00:00.000Z'
const recent = '2026-11-01T00:00:00.000Z'

interface Given {
  readonly manifests: Readonly<Record<string, TestManifest>>
  readonly pushed?: string
  readonly tagged?: string
  /** Time of another tag. */
  readonly other?: string
}

function dateOf({manifests, pushed, tagged, other}: Given): string | undefined {
  const content = testContent({
    manifests,
    tags: {v1: 'app'},
    ...(pushed !== undefined && {pushedAt: {app: new Date(pushed)}}),
    ...(tagged !== undefined && {taggedAt: {v1: new Date(tagged)}}),
    ...(other !== undefined && {taggedAt: {v2: new Date(other)}}),
  })
  const date = youngestDate(content, {digest: named('app'), tag: 'v1'}, now)
  return date === undefined ? undefined : new Date(date).toISOString()
}

describe('youngestDate', () => {
  test.each<{readonly name: string; readonly given: Given; readonly expected: string | undefined}>([
    {name: 'nothing', given: {manifests: {app: {}}}, expected: undefined},
    {name: 'no image', given: {manifests: {app: 'missing'}}, expected: undefined},
    {name: 'an annotation', given: {manifests: {app: {facts: {created: old}}}}, expected: old},
    {name: 'a configuration', given: {manifests: {app: {configuredAt: new Date(old)}}}, expected: old},
    {
      name: 'a platform',
      given: {manifests: {app: {children: ['amd64'], facts: {created: old}}, amd64: {configuredAt: new Date(recent)}}},
      expected: recent,
    },
    {name: 'a push', given: {manifests: {app: {facts: {created: old}}}, pushed: recent}, expected: recent},
    {name: 'a tag', given: {manifests: {app: {}}, pushed: old, tagged: recent}, expected: recent},
    {name: 'a restored image', given: {manifests: {app: {facts: {created: recent}}}, pushed: old}, expected: recent},
    {
      name: 'untimed tag',
      given: {manifests: {app: {facts: {created: old}}}, other: recent},
      expected: undefined,
    },
    {
      name: 'a date before Docker',
      given: {manifests: {app: {facts: {created: '1970-01-01T00:00:00Z'}}}},
      expected: undefined,
    },
    {
      name: 'a zero date of the registry',
      given: {manifests: {app: {facts: {created: old}}}, pushed: '0001-01-01T00:00:00Z'},
      expected: old,
    },
    {
      name: 'a clock that is an hour ahead',
      given: {manifests: {app: {facts: {created: '2026-11-30T13:00:00Z'}}}},
      expected: '2026-11-30T13:00:00.000Z',
    },
    {
      name: 'a date in the future',
      given: {manifests: {app: {facts: {created: '2027-11-30T13:00:00Z'}}}, pushed: old},
      expected: undefined,
    },
    {name: 'no date', given: {manifests: {app: {facts: {created: 'yesterday'}}}}, expected: undefined},
    {
      name: 'a reproducible image',
      given: {
        manifests: {app: {facts: {created: old, commitDate: '2024-01-01T01:00:00+01:00'}, configuredAt: new Date(old)}},
      },
      expected: undefined,
    },
    {
      name: 'a reproducible image with a push',
      given: {manifests: {app: {facts: {created: old, commitDate: old}}}, pushed: recent},
      expected: recent,
    },
    {
      name: 'a reproducible image of an overwritten cache',
      given: {manifests: {app: {facts: {created: old, commitDate: old}, configuredAt: new Date(recent)}}},
      expected: recent,
    },
  ])('$name', ({given, expected}) => {
    expect(dateOf(given)).toBe(expected)
  })
})

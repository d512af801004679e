import {describe, expect, test} from '@jest/globals'
import {manifestParts} from '../../src/oci/manifest.ts'
import {parseLayout} from '../../src/oci/layout.ts'
import {mergeIndex, type MergeSource} from '../../src/oci/merge-index.ts'
import {makeImage} from '../../testing/memory-registry/images.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v6', 'linux/arm/v7', 'linux/s390x', 'windows/amd64']

/** Results of several stages of a release: indexes with different platforms. */
const sources = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...platforms), {minLength: 2}),
    fc.array(fc.boolean(), {minLength: platforms.length, maxLength: platforms.length}),
    fc.string(),
    fc.boolean(),
  )
  .map(([chosen, attestations, text, paired]) => {
    const groups = paired ? [chosen.slice(0, 2), ...chosen.slice(2).map((one) => [one])] : chosen.map((one) => [one])
    return groups.map((group, index) =>
      makeImage({platforms: group, index: true, attestations: attestations[index] ?? false, text}),
    )
  })

function digestsBelow(bytes: Uint8Array): readonly string[] {
  return (manifestParts(bytes)?.manifests ?? []).map(({digest}) => digest)
}

/** The merged index with its bytes as text, which is much quicker to compare. */
function merge(list: readonly MergeSource[]): unknown {
  const merged = mergeIndex(list)
  if (!merged.ok) return merged
  const {digest, mediaType, bytes} = merged.index
  return {digest, mediaType, text: Buffer.from(bytes).toString()}
}

describe('mergeIndex', () => {
  test('returns the same bytes for any order of the sources', () => {
    const shuffled = sources.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, {minLength: list.length})),
    )
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        expect(merge(other)).toEqual(merge(one))
      }),
      {numRuns: times(200)},
    )
  })

  test('has exactly the manifests of the sources', () => {
    fc.assert(
      fc.property(sources, (list) => {
        const merged = mergeIndex(list)
        if (!merged.ok) throw new Error(merged.reasons.join(', '))
        const before = list.flatMap(({bytes}) => digestsBelow(bytes))
        expect([...digestsBelow(merged.index.bytes)].sort()).toEqual([...before].sort())
      }),
      {numRuns: times(200)},
    )
  })

  test('returns the same bytes for a merged index', () => {
    fc.assert(
      fc.property(sources, (list) => {
        const merged = mergeIndex(list)
        if (!merged.ok) throw new Error(merged.reasons.join(', '))
        expect(merge([merged.index, ...list])).toEqual(merge(list))
      }),
      {numRuns: times(200)},
    )
  })

  test('refuses two images for one platform', () => {
    fc.assert(
      fc.property(sources, fc.nat(), (list, position) => {
        const twin = makeImage({
          platforms: [platforms[position % platforms.length] ?? ''],
          index: true,
          text: 'the twin',
        })
        const isTaken = list.some(({platforms: taken}) => [...twin.platforms.keys()].some((name) => taken.has(name)))
        expect(mergeIndex([...list, twin]).ok).toBe(!isTaken)
      }),
      {numRuns: times(200)},
    )
  })
})

describe('parseLayout and manifestParts', () => {
  const likely = fc.record(
    {
      imageLayoutVersion: fc.oneof(fc.constant('1.0.0'), fc.jsonValue()),
      manifests: fc.jsonValue(),
      layers: fc.jsonValue(),
    },
    {requiredKeys: []},
  )
  const bytes = fc.oneof(
    fc.uint8Array({maxLength: 100}),
    fc.oneof(likely, fc.jsonValue()).map((value) => new TextEncoder().encode(JSON.stringify(value))),
  )

  test('never throw for any bytes', () => {
    fc.assert(
      fc.property(bytes, bytes, (marker, index) => {
        expect(typeof parseLayout(marker, index).ok).toBe('boolean')
        manifestParts(index)
      }),
      {numRuns: times(200)},
    )
  })
})

import {describe, expect, test} from '@jest/globals'
import {isTag, maxTagLength} from '../../src/oci/reference.ts'
import {variantSuffixLength, variantTags, type BaseTag} from '../../src/tags/variant.ts'
import fc from '../../testing/properties.ts'

const options = fc.record({
  variant: fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/), {nil: undefined}),
  isDefault: fc.boolean(),
  environmentSuffix: fc.constantFrom('', '-staging', '-prod.eu'),
})

const word = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/),
  fc.constantFrom('latest', 'alpine', '1.2.3', 'x', 'x-alpine', 'x-latest', 'latest-x', 'latest-latest'),
)
const bare = fc.array(
  fc.record<BaseTag>({
    tag: word,
    latestForVariant: fc.option(word, {nil: undefined}),
    namesEnvironment: fc.constantFrom(false, false, true),
  }),
  {maxLength: 8},
)

describe('variantTags', () => {
  test('returns valid and unique tags within the limit', () => {
    fc.assert(
      fc.property(bare, options, (tags, chosen) => {
        const room = maxTagLength - variantSuffixLength(chosen)
        const cut = tags.map((one) => ({...one, tag: one.tag.slice(0, room)}))
        const names = variantTags(cut, chosen).map(({tag}) => tag)
        expect(names.filter((name) => !isTag(name))).toEqual([])
        expect(new Set(names).size).toBe(names.length)
      }),
    )
  })

  test('the default variant adds tags without a suffix', () => {
    fc.assert(
      fc.property(bare, options, (tags, chosen) => {
        const namesOf = (changes: Partial<typeof chosen>): readonly string[] =>
          variantTags(tags, {...chosen, ...changes}).map(({tag}) => tag)
        const both = namesOf({isDefault: true})
        const plain = namesOf({variant: undefined})
        expect(both.slice(0, plain.length)).toEqual(plain)
        expect(new Set(both)).toEqual(new Set([...plain, ...namesOf({isDefault: false})]))
      }),
    )
  })

  test('different tags except latest stay different', () => {
    fc.assert(
      fc.property(word, word, options, (first, second, chosen) => {
        fc.pre(first !== second && first !== 'latest' && second !== 'latest')
        const tags = [first, second].map((tag) => ({tag, latestForVariant: undefined, namesEnvironment: false}))
        expect(variantTags(tags, {...chosen, isDefault: false})).toHaveLength(2)
      }),
    )
  })
})

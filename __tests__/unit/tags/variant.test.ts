import {describe, expect, test} from '@jest/globals'
import {variantSuffixLength, variantTags, type BaseTag} from '../../../src/tags/variant.ts'

function bareTags(
  names: readonly string[],
  changes: Readonly<Record<string, Partial<BaseTag>>> = {},
): readonly BaseTag[] {
  return names.map((tag) => ({tag, latestForVariant: undefined, namesEnvironment: false, ...changes[tag]}))
}

const release = ['1.2.3', '1.2', 'sha-860c190', 'latest']

interface Row {
  readonly name: string
  readonly given: readonly string[]
  readonly changes?: Readonly<Record<string, Partial<BaseTag>>>
  readonly variant?: string
  readonly isDefault?: boolean
  readonly environment?: string
  readonly expected: readonly string[]
}

const rows: readonly Row[] = [
  {name: 'no variant', given: release, expected: release},
  {
    name: 'no variant, with an environment',
    given: release,
    environment: '-staging',
    expected: ['1.2.3-staging', '1.2-staging', 'sha-860c190-staging', 'latest-staging'],
  },
  {name: 'a default variant is ignored without a variant', given: release, isDefault: true, expected: release},
  {
    name: 'a variant',
    given: release,
    variant: 'alpine',
    expected: ['1.2.3-alpine', '1.2-alpine', 'sha-860c190-alpine', 'alpine'],
  },
  {
    name: 'the default variant has the bare tags first',
    given: release,
    variant: 'alpine',
    isDefault: true,
    expected: [...release, '1.2.3-alpine', '1.2-alpine', 'sha-860c190-alpine', 'alpine'],
  },
  {
    name: 'a branch',
    given: ['main', 'edge', 'sha-860c190'],
    variant: 'alpine',
    expected: ['main-alpine', 'edge-alpine', 'sha-860c190-alpine'],
  },
  {name: 'a pull request', given: ['pr-12'], variant: 'alpine', expected: ['pr-12-alpine']},
  {name: 'a schedule', given: ['nightly'], variant: 'alpine', expected: ['nightly-alpine']},
  {
    name: 'with an environment',
    given: ['1.2.3', '1.2', 'latest'],
    variant: 'alpine',
    environment: '-staging',
    expected: ['1.2.3-alpine-staging', '1.2-alpine-staging', 'alpine-staging'],
  },
  {
    name: 'the default variant with an environment',
    given: ['1.2.3', 'latest'],
    variant: 'alpine',
    isDefault: true,
    environment: '-staging',
    expected: ['1.2.3-staging', 'latest-staging', '1.2.3-alpine-staging', 'alpine-staging'],
  },
  {
    name: 'an environment is named once',
    given: ['staging', '1.2.3'],
    changes: {staging: {namesEnvironment: true}},
    variant: 'alpine',
    environment: '-staging',
    expected: ['staging-alpine', '1.2.3-alpine-staging'],
  },
  {
    name: 'a literal latest is latest too',
    given: ['latest'],
    variant: 'alpine',
    expected: ['alpine'],
  },
  {
    name: 'a latest with the prefix of the flavor',
    given: ['v-1.2.3', 'v-latest'],
    changes: {'v-latest': {latestForVariant: 'v-alpine'}},
    variant: 'alpine',
    expected: ['v-1.2.3-alpine', 'v-alpine'],
  },
  {
    name: 'a latest with the suffix of the flavor',
    given: ['latest-x'],
    changes: {'latest-x': {latestForVariant: 'alpine-x'}},
    variant: 'alpine',
    expected: ['alpine-x'],
  },
  {
    name: 'a branch whose name holds the word',
    given: ['latest-fix'],
    variant: 'alpine',
    expected: ['latest-fix-alpine'],
  },
  {
    name: 'a tag that ends in the variant already keeps its place beside the other',
    given: ['x', 'x-alpine'],
    variant: 'alpine',
    expected: ['x-alpine', 'x-alpine-alpine'],
  },
  {
    name: 'two that are the same count once',
    given: ['alpine', 'x', 'x-alpine', 'latest'],
    variant: 'alpine',
    isDefault: true,
    expected: ['alpine', 'x', 'x-alpine', 'latest', 'alpine-alpine', 'x-alpine-alpine'],
  },
  {name: 'nothing', given: [], variant: 'alpine', isDefault: true, expected: []},
]

describe('variantTags', () => {
  test.each(rows)('$name', ({given, changes, variant, isDefault = false, environment = '', expected}) => {
    const tags = variantTags(bareTags(given, changes), {variant, isDefault, environmentSuffix: environment})
    expect(tags.map(({tag}) => tag)).toEqual(expected)
  })

  test('each tag says where it comes from', () => {
    const [version] = bareTags(['1.2.3'])
    const tags = variantTags(bareTags(['1.2.3']), {variant: 'alpine', isDefault: true, environmentSuffix: ''})
    expect(tags).toEqual([
      {tag: '1.2.3', from: version, ending: ''},
      {tag: '1.2.3-alpine', from: version, ending: '-alpine'},
    ])
  })
})

test.each([
  {variant: undefined, environmentSuffix: '', expected: 0},
  {variant: undefined, environmentSuffix: '-staging', expected: 8},
  {variant: 'alpine', environmentSuffix: '', expected: 7},
  {variant: 'alpine', environmentSuffix: '-staging', expected: 15},
])('variantSuffixLength of $variant and "$environmentSuffix"', ({variant, environmentSuffix, expected}) => {
  expect(variantSuffixLength({variant, environmentSuffix, isDefault: false})).toBe(expected)
})

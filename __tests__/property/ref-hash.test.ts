import {createHash} from 'node:crypto'
import {describe, expect, test} from '@jest/globals'
import {formatProblem} from '../../src/inputs/problem.ts'
import {sanitizeTag} from '../../src/tags/sanitize.ts'
import {hostileName} from '../../testing/hostile.ts'
import {propose, pushOf} from '../../testing/plans.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

/** Rules that distinguish branches. */
const rules = [
  'type=raw,value={{branch}}-{{short_ref_hash}}',
  '{{branch}}-{{short_ref_hash}}',
  'type=raw,value={{short_ref_hash}}-{{branch}}',
  'type=ref,event=branch,suffix=-{{short_ref_hash}}',
]

function tagOf(branch: string, rule: string, maxTagLength?: number): string {
  const options = maxTagLength === undefined ? {} : {maxTagLength}
  const {names, problems} = propose(pushOf(`refs/heads/${branch}`), [rule], options)
  expect(problems.all.map(formatProblem)).toEqual([])
  expect(names).toHaveLength(1)
  return names[0] ?? ''
}

/** Digits of `{{short_ref_hash}}` as documented, by another implementation. */
function digits(branch: string): string {
  return createHash('sha256').update(`refs/heads/${branch}`).digest('hex').slice(0, 7)
}

/** Characters that result in one dash in a tag. */
const separators = ['-', '/', '+', '@', '//', '/@', '#', '=', 'é', '日本', ' ', '&&'] as const
/** Characters that are removed at the start of a tag. */
const beginnings = ['', '/', '.', '-', '+', '.-'] as const

/** Two branches whose names result in the same tag without the hash. */
const lookalikes = fc
  .tuple(
    fc.array(fc.stringMatching(/^[A-Za-z0-9]{1,40}$/), {minLength: 2, maxLength: 5}),
    fc.tuple(fc.constantFrom(...beginnings), fc.array(fc.constantFrom(...separators), {minLength: 4, maxLength: 4})),
    fc.tuple(fc.constantFrom(...beginnings), fc.array(fc.constantFrom(...separators), {minLength: 4, maxLength: 4})),
  )
  .map(([words, ...ways]): readonly [string, string] => {
    const [first, second] = ways.map(([beginning, between]) =>
      words.reduce(
        (name, word, index) => (index === 0 ? `${beginning}${word}` : `${name}${between[index - 1]}${word}`),
        '',
      ),
    )
    return [first ?? '', second ?? '']
  })
  .filter(([first, second]) => first !== second)

/**
 * Whether the digits of two branches differ. Seven hexadecimal digits are 28 bits, so one pair in 268 million has equal
 * digits by chance, as documented. Such a pair is rejected by digits that are computed here, so that no run of this test
 * fails by chance.
 */
function haveDifferentDigits([first, second]: readonly [string, string]): boolean {
  return digits(first) !== digits(second)
}

describe('a tag with {{short_ref_hash}}', () => {
  test('differs for a branch with the same name in tags', () => {
    fc.assert(
      fc.property(
        lookalikes.filter(haveDifferentDigits),
        fc.constantFrom(...rules),
        fc.constantFrom(undefined, 24, 40, 128),
        ([first, second], rule, maxTagLength) => {
          expect(sanitizeTag(first, 1000).tag).toBe(sanitizeTag(second, 1000).tag)
          expect(tagOf(first, rule, maxTagLength)).not.toBe(tagOf(second, rule, maxTagLength))
        },
      ),
      {numRuns: times(300)},
    )
  })

  test('differs for any other branch', () => {
    fc.assert(
      fc.property(
        fc
          .tuple(hostileName, hostileName)
          .filter(([first, second]) => first !== second && haveDifferentDigits([first, second])),
        fc.constantFrom(...rules),
        ([first, second], rule) => {
          expect(tagOf(first, rule)).not.toBe(tagOf(second, rule))
        },
      ),
      {numRuns: times(300)},
    )
  })

  test('contains the digits of the full ref, regardless of the rest of the tag', () => {
    fc.assert(
      fc.property(lookalikes, ([branch]) => {
        expect(tagOf(branch, 'type=raw,value=b-{{short_ref_hash}}')).toBe(`b-${digits(branch)}`)
      }),
      {numRuns: times(300)},
    )
  })

  test('is unique for branches with the same name in tags', () => {
    const branches = beginnings.flatMap((beginning) =>
      separators.flatMap((one) => separators.map((two) => `${beginning}a${one}b${two}c`)),
    )
    expect(new Set(branches.map((branch) => tagOf(branch, 'type=ref,event=branch')))).toEqual(new Set(['a-b-c']))
    const tags = branches.map((branch) => tagOf(branch, 'type=raw,value={{branch}}-{{short_ref_hash}}'))
    expect(new Set(tags).size).toBe(6 * 12 * 12)
  })
})

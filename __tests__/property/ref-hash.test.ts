import {createHash} from 'node:crypto'
import {describe, expect, test} from '@jest/globals'
import {formatProblem} from '../../src/inputs/problem.ts'
import {sanitizeTag} from '../../src/tags/sanitize.ts'
import {hostileName} from '../../testing/hostile.ts'
import {propose, pushOf} from '../../testing/plans.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

/** Rules that somebody writes by hand to keep branches apart. */
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

/** What `{{short_ref_hash}}` is documented to be, by another implementation. */
function digits(branch: string): string {
  return createHash('sha256').update(`refs/heads/${branch}`).digest('hex').slice(0, 7)
}

/** All of these come out as one dash, and so tell nothing apart in a tag. */
const separators = ['-', '/', '+', '@', '//', '/@', '#', '=', 'é', '日本', ' ', '&&'] as const
/** All of these are left out at the beginning of a tag. */
const beginnings = ['', '/', '.', '-', '+', '.-'] as const

/** Two branches whose names give the same tag when nothing else is in it. */
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
 * Seven hexadecimal digits are 28 bits, so two names in 268 million share them by chance: that is documented, and no slip
 * of ours. Such a pair is told by digits that are computed here, and drawn anew; what the tags make of the digits must
 * hold for all others, so that no run of this test fails by chance.
 */
function haveDigitsOfTheirOwn([first, second]: readonly [string, string]): boolean {
  return digits(first) !== digits(second)
}

describe('a tag with {{short_ref_hash}}', () => {
  test('is not that of another branch whose name looks the same in a tag', () => {
    fc.assert(
      fc.property(
        lookalikes.filter(haveDigitsOfTheirOwn),
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

  test('is not that of any other branch', () => {
    fc.assert(
      fc.property(
        fc
          .tuple(hostileName, hostileName)
          .filter(([first, second]) => first !== second && haveDigitsOfTheirOwn([first, second])),
        fc.constantFrom(...rules),
        ([first, second], rule) => {
          expect(tagOf(first, rule)).not.toBe(tagOf(second, rule))
        },
      ),
      {numRuns: times(300)},
    )
  })

  test('holds the digits of the full name of the ref, whatever the tag makes of it', () => {
    fc.assert(
      fc.property(lookalikes, ([branch]) => {
        expect(tagOf(branch, 'type=raw,value=b-{{short_ref_hash}}')).toBe(`b-${digits(branch)}`)
      }),
      {numRuns: times(300)},
    )
  })

  test('is each of these branches own, all of which look the same in a tag', () => {
    const branches = beginnings.flatMap((beginning) =>
      separators.flatMap((one) => separators.map((two) => `${beginning}a${one}b${two}c`)),
    )
    expect(new Set(branches.map((branch) => tagOf(branch, 'type=ref,event=branch')))).toEqual(new Set(['a-b-c']))
    const tags = branches.map((branch) => tagOf(branch, 'type=raw,value={{branch}}-{{short_ref_hash}}'))
    expect(new Set(tags).size).toBe(6 * 12 * 12)
  })
})

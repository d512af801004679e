import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {findRepetitions, wordSequences} from '../testing/repeated-wording.ts'

const root = path.resolve(import.meta.dirname, '..')

/** Number of texts in tests, besides their names, that may repeat the wording of the source, such as outputs of other programs. */
const limit = 140

test('few tests repeat the wording of messages', () => {
  const repetitions = findRepetitions(root)
  const byFile = Object.entries(Object.groupBy(repetitions, ({file}) => file))
    .map(([file, all = []]) => `${file}: ${all.length}`)
    .sort()
  expect(repetitions.length < limit ? [] : byFile).toEqual([])
})

describe('wordSequences', () => {
  test.each([
    {text: 'The tag was not moved.', expected: ['the tag was not', 'tag was not moved']},
    {text: 'one, two three', expected: []},
    {text: 'one, two: three; four', expected: ['one two three four']},
    {text: 'the digest of 3 images in it', expected: []},
    {text: 'docker run --rm of an image', expected: []},
    {text: 'of `an image` in the registry', expected: []},
  ])('$text', ({text, expected}) => {
    expect(wordSequences(text)).toEqual(expected)
  })
})

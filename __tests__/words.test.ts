import {readdirSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {findPhrases, findPhrasesIn} from '../testing/plain-words.ts'

const root = path.resolve(import.meta.dirname, '..')

/** Folders whose entries are separate tests. */
const divided: readonly string[] = ['.', '__tests__', '__tests__/unit', 'src']

/** Entries that are not source. */
const excluded: ReadonlySet<string> = new Set(['.git', 'coverage', 'dist', 'node_modules'])

const places = divided
  .flatMap((folder) => readdirSync(path.join(root, folder)).map((name) => path.posix.join(folder, name)))
  .filter((place) => !divided.includes(place) && !excluded.has(place))

test.each(places)('%s is written in plain words', (place) => {
  const found = findPhrasesIn(root, place).map(
    ({file, line, phrase, better}) => `${file}:${line}: "${phrase}"; better: ${better}`,
  )
  expect(found).toEqual([])
})

describe('findPhrases', () => {
  test.each([
    {text: 'It is no digest.', expected: ['is no']},
    {text: 'There is no digest, and it is no longer needed.', expected: []},
    {text: 'Items, one a line.\nNames, one a\nline.', expected: ['one a line', 'one a line']},
    {text: '/**\n * Tags, of which some go out, and\n * who\n * may push is told.\n */', expected: ['who may', 'told']},
    {text: 'A stand-in for an untold standard', expected: []},
    {text: '/** What a registry shows. */', expected: ['What']},
    {text: '/**\n * How a registry answers.\n */', expected: ['How']},
    {text: '/** Whatever a registry shows. */', expected: []},
    {text: '// What a registry shows, as a note.', expected: []},
    {text: 'const lent = told(anew)', expected: ['lent', 'told', 'anew']},
  ])('$text', ({text, expected}) => {
    expect(findPhrases('file', text).map(({phrase}) => phrase)).toEqual(expected)
  })

  test('it reports the line', () => {
    const {file, line} = findPhrases('a.ts', 'one\ntwo\nshall\n')[0] ?? {}
    expect({file, line}).toEqual({file: 'a.ts', line: 3})
  })
})

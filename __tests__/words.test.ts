import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {findPhrases, findPhrasesIn} from '../testing/plain-words.ts'

const root = path.resolve(import.meta.dirname, '..')

/** Files and folders that are free of these phrases. Add a place once it is. */
const places: readonly string[] = [
  'action.yml',
  'src/context',
  'src/oci',
  'src/registry',
  '__tests__/unit/context',
  '__tests__/unit/oci',
  '__tests__/unit/registry',
  'src/buildx',
  'src/credentials',
  'src/report',
  '__tests__/unit/credentials',
  '__tests__/unit/report',
  'stage',
  'promote',
  '.github',
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'src/builder',
  'src/io',
  'src/main.ts',
  'src/plan',
  'src/prepare',
  'src/promote',
  'src/run',
  'src/commands',
  'src/stage',
  'src/tags',
  '__tests__/unit/commands',
  '__tests__/unit/stage',
  '__tests__/unit/tags',
  'docs/README.md',
  'docs/architecture.md',
  'docs/builders.md',
  'docs/distributed.md',
  'docs/errors.md',
  'docs/inputs.md',
  'docs/migrating.md',
  'docs/outputs.md',
  'docs/publishing.md',
  'docs/security.md',
  'docs/tags.md',
  'docs/troubleshooting.md',
  'src/errors',
  'src/inputs',
  'src/reasons',
  '__tests__/unit/errors',
  '__tests__/unit/inputs',
  '__tests__/unit/promote',
  '__tests__/unit/reasons',
  'scripts',
  '__tests__/architecture.test.ts',
  '__tests__/bundle.test.ts',
  '__tests__/contract.test.ts',
  '__tests__/docs.test.ts',
  '__tests__/migrating.test.ts',
  '__tests__/readme.test.ts',
  '__tests__/reusable-workflow.test.ts',
]

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

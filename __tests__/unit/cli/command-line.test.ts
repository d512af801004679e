import {expect, test} from '@jest/globals'
import {pairsOf, parseCommandLine, textOf, textsOf} from '../../../src/cli/command-line.ts'

const options = {ref: {type: 'string'}, var: {type: 'string', multiple: true}, json: {type: 'boolean'}} as const

test('options and files are read', () => {
  const line = parseCommandLine(['a.yml', '--ref', 'x', '--var=A=1=2', '--json', '--var', 'B='], options)
  expect(line.positionals).toEqual(['a.yml'])
  expect([textOf(line, 'ref'), textsOf(line, 'var')]).toEqual(['x', ['A=1=2', 'B=']])
  expect(pairsOf(line, 'var')).toEqual([
    ['A', '1=2'],
    ['B', ''],
  ])
})

test.each([
  {args: ['--reff', 'x'], part: 'Did you mean --ref?'},
  {args: ['--zzzzzz'], part: '--zzzzzz'},
  {args: ['--ref'], part: '--ref needs'},
  {args: ['--ref', '--json'], part: '--ref needs'},
  {args: ['--json=yes'], part: '--json has'},
])('$args is refused', ({args, part}) => {
  expect(() => parseCommandLine(args, options)).toThrow(part)
})

test.each([
  {text: '"file:a=b"=1=2', pair: ['file:a=b', '1=2']},
  {text: String.raw`"a\"=\\b"=`, pair: [String.raw`a"=\b`, '']},
])('$text has a name in quotes', ({text, pair}) => {
  expect(pairsOf(parseCommandLine(['--var', text], options), 'var')).toEqual([pair])
})

test.each(['A', '=1', '"A"', '"A=1', '""=1'])('the pair %j is refused', (pair) => {
  expect(() => pairsOf(parseCommandLine(['--var', pair], options), 'var')).toThrow('NAME=VALUE')
})

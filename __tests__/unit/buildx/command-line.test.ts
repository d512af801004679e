import {execFileSync} from 'node:child_process'
import {expect, test} from '@jest/globals'
import {commandLine, withoutFiles} from '../../../src/buildx/command-line.ts'
import fc from '../../../testing/properties.ts'
import {times} from '../../../testing/rounds.ts'

test.each([
  {words: ['docker', 'build', '--label', 'a=b', '.'], expected: 'docker build \\\n  --label a=b .'},
  {words: ['--build-arg', 'A=b=c\nd', '--build-arg', 'B'], expected: "--build-arg 'A=***' \\\n  --build-arg B"},
  {words: ['x', ''], expected: "x ''"},
  {words: ["it's", '$HOME', '{"a": 1}'], expected: String.raw`'it'\''s' '$HOME' '{"a": 1}'`},
])('$expected', ({words, expected}) => {
  expect(commandLine(words)).toBe(expected)
})

test('files of the run are left out', () => {
  const words = ['--metadata-file', '/tmp/m', '--label', 'a=/tmp/m', '--iidfile', '/tmp/i', '.']
  expect(withoutFiles(words, ['/tmp/m', '/tmp/i'])).toEqual(['--label', 'a=/tmp/m', '.'])
})

test('a shell reads the words again', () => {
  const words = fc.array(
    fc.string({unit: fc.constantFrom('a', "'", '"', '$', '\\', ' ', '\n', '*', ';', '#', '&', '-', '~', 'é')}),
    {minLength: 1},
  )
  fc.assert(
    fc.property(words, (given) => {
      const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${commandLine(given)}`], {encoding: 'utf8'})
      expect(printed.split('\0').slice(0, -1)).toEqual(given)
    }),
    {numRuns: times(200)},
  )
})

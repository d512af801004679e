import {describe, expect, test} from '@jest/globals'
import {LineCounter, parseDocument} from 'yaml'
import {syntaxProblems} from '../../../../src/inputs/syntax/yaml-errors.ts'

function problemsOf(source: string): readonly string[] {
  const lineCounter = new LineCounter()
  const {errors} = parseDocument(source, {prettyErrors: false, schema: 'failsafe', lineCounter})
  return syntaxProblems(errors, source, lineCounter).map(({line, column, message}) => `${line}:${column} ${message}`)
}

describe('syntaxProblems', () => {
  test.each([
    {given: '- a: b', expected: []},
    {given: '- a: "hunter2', expected: ['1:14 a closing quote is missing']},
    {given: '- a: [hunter2', expected: ['1:14 a closing bracket is missing']},
    {given: '- a: b\n  hunter2', expected: ['2:3 the colon after a key is missing']},
    {
      given: '- hunter2 b\n  a: c',
      expected: ['1:3 the colon after a key is missing, or the space after that colon'],
    },
    {given: '- a: @hunter2', expected: ['1:6 a value begins with a character that needs quotes']},
    {
      given: '- a: "\\hunter2"',
      expected: ['1:7 the character after a backslash in double quotes has no meaning there'],
    },
    {
      given: 'a: b\n  c: hunter2',
      expected: ['1:4 another key follows in a value: a second colon, or an indentation that is too deep'],
    },
    {given: '- a: b\n\tc: hunter2', expected: ['2:2 a line is indented with a tab instead of spaces']},
    {given: '---\na\n---\nhunter2', expected: ['3:1 a line of three hyphens begins a second document']},
    {given: '- hunter2: b\n  hunter2: c', expected: ['2:3 a key is given twice']},
    {given: '- a: "b" hunter2', expected: ['1:10 a character is in the wrong place']},
  ])('$given', ({given, expected}) => {
    expect(problemsOf(given)).toEqual(expected)
  })

  test('reports one error of each line', () => {
    const lines = problemsOf('- a: @b: @c\n- d: @e').map((text) => text.split(':')[0])
    expect(lines).toEqual([...new Set(lines)])
  })

  test('quotes nothing, and has no code of the parser', () => {
    const texts = ['- {a: hunter2', '- a: &x *hunter2', '%hunter2\n- a', '- a: >hunter2', '? a: hunter2\n- ]', '- a: *']
    const all = texts.flatMap(problemsOf)
    expect(all.length).toBeGreaterThanOrEqual(texts.length)
    expect(all.join('\n')).not.toMatch(/hunter2|implicit|scalar|flow|token/i)
  })
})

import {describe, expect, test} from '@jest/globals'
import {parseAttributes} from '../../../../src/inputs/syntax/attributes.ts'

type Row = readonly [name: string | undefined, value: string, nameColumn: number, valueColumn: number]

describe('parseAttributes', () => {
  test.each<{name: string; given: string; expected: readonly Row[]}>([
    {name: 'nothing', given: '', expected: []},
    {name: 'a bare word', given: 'stable', expected: [[undefined, 'stable', 1, 1]]},
    {
      name: 'two attributes',
      given: 'type=raw,value=x',
      expected: [
        ['type', 'raw', 1, 6],
        ['value', 'x', 10, 16],
      ],
    },
    {name: 'a value that holds =', given: 'value=a=b=', expected: [['value', 'a=b=', 1, 7]]},
    {
      name: 'blanks around names and values',
      given: ' type = raw , value = x ',
      expected: [
        ['type', 'raw', 2, 9],
        ['value', 'x', 15, 23],
      ],
    },
    {
      name: 'a quoted attribute after a comma and a blank',
      given: 'type=raw, "value=a,b"',
      expected: [
        ['type', 'raw', 1, 6],
        ['value', 'a,b', 12, 18],
      ],
    },
    {name: 'blanks inside quotes', given: '"value= a "', expected: [['value', ' a ', 2, 8]]},
    {name: 'a doubled quote', given: '"value=a""b"', expected: [['value', 'a"b', 2, 8]]},
    {name: 'a quoted word', given: '"stable"', expected: [[undefined, 'stable', 2, 2]]},
    {name: 'quotes behind the = are text', given: 'value="a"', expected: [['value', '"a"', 1, 7]]},
    {
      name: 'a regular expression in quotes',
      given: String.raw`"pattern=\d{1,3}"`,
      expected: [['pattern', String.raw`\d{1,3}`, 2, 10]],
    },
    {
      name: 'an empty value',
      given: 'prefix=,suffix=-x',
      expected: [
        ['prefix', '', 1, 8],
        ['suffix', '-x', 9, 16],
      ],
    },
    {name: 'an empty name', given: '=x', expected: [['', 'x', 1, 2]]},
    {
      name: 'empty attributes',
      given: ',a,,b,',
      expected: [
        [undefined, 'a', 2, 2],
        [undefined, 'b', 5, 5],
      ],
    },
    {
      name: 'a bare expression with a named argument',
      given: "{{date 'YYYY' tz='UTC'}}",
      expected: [[undefined, "{{date 'YYYY' tz='UTC'}}", 1, 1]],
    },
    {
      name: 'an expression as a value',
      given: `value={{date "YYYY" tz='UTC'}}`,
      expected: [['value', `{{date "YYYY" tz='UTC'}}`, 1, 7]],
    },
  ])('$name', ({given, expected}) => {
    const attributes = expected.map(([name, value, nameColumn, valueColumn]) => ({
      name,
      value,
      nameColumn,
      valueColumn,
    }))
    expect(parseAttributes(given)).toEqual({ok: true, attributes})
  })

  test.each([
    {name: 'an open quote', given: 'type=raw,"value=a', column: 10},
    {name: 'text after a quote', given: '"value=a" b', column: 11},
  ])('rejects $name', ({given, column}) => {
    expect(parseAttributes(given)).toMatchObject({ok: false, column})
  })
})

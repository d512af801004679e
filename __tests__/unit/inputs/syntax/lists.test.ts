import {describe, expect, test} from '@jest/globals'
import {splitKeyValue} from '../../../../src/inputs/syntax/key-value.ts'
import {parseList} from '../../../../src/inputs/syntax/lists.ts'
import {listForms} from '../../../../src/inputs/spec/spec-row.ts'

type Row = readonly [text: string, line: number, column: number]

function rows(given: string, syntax = listForms.lines as (typeof listForms)[keyof typeof listForms]): readonly Row[] {
  const {items, problems} = parseList(given, syntax)
  expect(problems).toEqual([])
  return items.map(({text, number, column}) => [text, number, column])
}

describe('parseList', () => {
  test.each<{name: string; given: string; expected: readonly Row[]}>([
    {name: 'nothing', given: '', expected: []},
    {name: 'blank lines', given: '\n  \n\t\n', expected: []},
    {name: 'one item without a line break', given: 'a', expected: [['a', 1, 1]]},
    {
      name: 'items on lines',
      given: 'a\nb\n',
      expected: [
        ['a', 1, 1],
        ['b', 2, 1],
      ],
    },
    {
      name: 'Windows line breaks',
      given: 'a\r\nb\r\n',
      expected: [
        ['a', 1, 1],
        ['b', 2, 1],
      ],
    },
    {
      name: 'whitespace around items',
      given: '  a b \n\t c',
      expected: [
        ['a b', 1, 3],
        ['c', 2, 3],
      ],
    },
    {name: 'comments, also indented ones', given: '# x\n  # y\na # z', expected: [['a # z', 3, 1]]},
    {name: 'a # within a value', given: 'mylabel=foo#bar', expected: [['mylabel=foo#bar', 1, 1]]},
    {name: 'commas and quotes within a value', given: 'A=1,"2",3', expected: [['A=1,"2",3', 1, 1]]},
    {name: 'a quoted item', given: '"a, # b"', expected: [['a, # b', 1, 2]]},
    {name: 'a quoted # at the beginning', given: '"#a"', expected: [['#a', 1, 2]]},
    {name: 'whitespace in quotes', given: '" a "  ', expected: [[' a ', 1, 2]]},
    {name: 'doubled quotes', given: '"{""a"": 1}"', expected: [['{"a": 1}', 1, 2]]},
    {
      name: 'a quoted item of several lines',
      given: 'x=1\n"key=one\n# two\n\nthree"\ny=2',
      expected: [
        ['x=1', 1, 1],
        ['key=one\n# two\n\nthree', 2, 2],
        ['y=2', 6, 1],
      ],
    },
    {name: 'an empty quoted item', given: '""\na', expected: [['a', 2, 1]]},
  ])('$name', ({given, expected}) => {
    expect(rows(given)).toEqual(expected)
  })

  test.each<{name: string; given: string; expected: readonly Row[]}>([
    {
      name: 'items on one line',
      given: 'a, b,c',
      expected: [
        ['a', 1, 1],
        ['b', 1, 4],
        ['c', 1, 6],
      ],
    },
    {
      name: 'items on several lines',
      given: 'a,b\nc',
      expected: [
        ['a', 1, 1],
        ['b', 1, 3],
        ['c', 2, 1],
      ],
    },
    {name: 'empty items', given: ',a,,\n,', expected: [['a', 1, 2]]},
    {
      name: 'a quoted item among others',
      given: 'a,"b,c" ,d',
      expected: [
        ['a', 1, 1],
        ['b,c', 1, 4],
        ['d', 1, 10],
      ],
    },
    {
      name: 'an item after a quoted one of two lines',
      given: '"a\nb",c',
      expected: [
        ['a\nb', 1, 2],
        ['c', 2, 4],
      ],
    },
    {
      name: 'a # that does not begin a comment',
      given: 'a,#b',
      expected: [
        ['a', 1, 1],
        ['#b', 1, 3],
      ],
    },
  ])('with commas: $name', ({given, expected}) => {
    expect(rows(given, listForms.items)).toEqual(expected)
  })

  test('plain lines keep quotes', () => {
    expect(rows('"type=raw",x\n"y', listForms['plain-lines'])).toEqual([
      ['"type=raw",x', 1, 1],
      ['"y', 2, 1],
    ])
  })

  test.each([
    {name: 'an open quote', given: 'a\n "b\nc', line: 2, column: 2},
    {name: 'text after a quote', given: '"a" b\nc', line: 1, column: 5},
    {name: 'text after a quote on a later line', given: '"a\nb"c', line: 2, column: 3},
  ])('reports $name', ({given, line, column}) => {
    expect(parseList(given, listForms.lines).problems).toMatchObject([{line, column}])
  })

  test('continues after text that follows a quote', () => {
    expect(parseList('"a" b\nc', listForms.lines).items.map(({text}) => text)).toEqual(['a', 'c'])
  })
})

describe('splitKeyValue', () => {
  test.each([
    {name: 'a pair', given: 'a=b', expected: {ok: true, key: 'a', value: 'b'}},
    {name: 'several =', given: 'a=b=c', expected: {ok: true, key: 'a', value: 'b=c'}},
    {name: 'an empty value', given: 'a=', expected: {ok: true, key: 'a', value: ''}},
    {name: 'a space before the value', given: 'a= b', expected: {ok: true, key: 'a', value: ' b'}},
    {name: 'a missing =', given: 'a', expected: {ok: false, offset: 0}},
    {name: 'a missing key', given: '=b', expected: {ok: false, offset: 0}},
    {
      name: 'a space before the =',
      given: 'a =b',
      expected: {ok: false, offset: 1},
    },
  ])('$name', ({given, expected}) => {
    expect(splitKeyValue(given)).toMatchObject(expected)
  })
})

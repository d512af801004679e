import {describe, expect, test} from '@jest/globals'
import {parseRuleLine} from '../../../../src/tags/rules/rule-line.ts'
import {propose, pushOf} from '../../../../testing/plans.ts'

type Row = readonly [name: string | undefined, value: string, nameColumn: number, valueColumn: number]

function rowsOf(line: string): readonly Row[] | string {
  const parsed = parseRuleLine(line)
  return parsed.ok
    ? parsed.attributes.map(({name, value, nameColumn, valueColumn}) => [name, value, nameColumn, valueColumn])
    : `column ${parsed.column}`
}

describe('a rule that is quoted as one field', () => {
  test.each<{name: string; line: string; expected: readonly Row[] | string}>([
    {
      name: 'has its attributes, with the columns of the line',
      line: '"type=sha,format=long"',
      expected: [
        ['type', 'sha', 2, 7],
        ['format', 'long', 11, 18],
      ],
    },
    {
      name: 'may contain a quoted attribute, whose quotes are doubled',
      line: String.raw`"type=match,""pattern=^v\d{1,3}$"",group=0"`,
      expected: [
        ['type', 'match', 2, 7],
        ['pattern', String.raw`^v\d{1,3}$`, 15, 23],
        ['group', '0', 36, 42],
      ],
    },
    {
      name: 'may begin with another attribute',
      line: '"enable=true,type=sha"',
      expected: [
        ['enable', 'true', 2, 9],
        ['type', 'sha', 14, 19],
      ],
    },
    {
      name: 'may have attributes behind it',
      line: '"type=raw,value=a",priority=5',
      expected: [
        ['type', 'raw', 2, 7],
        ['value', 'a', 11, 17],
        ['priority', '5', 20, 29],
      ],
    },
    {name: 'may have an open quote', line: '"type=raw,""value=a"', expected: 'column 11'},
    {
      name: 'is not a quoted attribute beside the type',
      line: 'type=raw,"value=a,type=b"',
      expected: [
        ['type', 'raw', 1, 6],
        ['value', 'a,type=b', 11, 17],
      ],
    },
    {name: 'is not a quoted value', line: '"value=a,b"', expected: [['value', 'a,b', 2, 8]]},
    {name: 'is not a quoted type', line: '"type=sha"', expected: [['type', 'sha', 2, 7]]},
  ])('$name', ({line, expected}) => {
    expect(rowsOf(line)).toEqual(expected)
  })

  test('gives its tag', () => {
    const line = String.raw`"type=match,""pattern=^v\d{1,3}$"""`
    const {names, problems} = propose(pushOf('refs/tags/v12'), [line])
    expect(problems.all).toEqual([])
    expect(names).toEqual(['v12', 'latest'])
  })
})

import {describe, expect, test} from '@jest/globals'
import {
  differencesOf,
  formatDefinition,
  formatTagNames,
  mergeDefinitions,
  parseDefinition,
  parseTagNames,
  shortHash,
  describePart,
} from '../../../src/plan/build-definition.ts'

describe('a definition', () => {
  test('is the same text in any order', () => {
    const parts = [
      ['target', 'app'],
      ['file', 'a b/Dockerfile=1%'],
      ['arg:N', '~1'],
    ] as const
    expect(formatDefinition(parts)).toBe('arg:N=~1 file=a%20b/Dockerfile%3D1%25 target=app')
    expect(formatDefinition([...parts].reverse())).toBe(formatDefinition(parts))
  })

  test('takes the last of two parts of one name, as Buildx does', () => {
    expect(
      formatDefinition([
        ['arg:N', '~1'],
        ['arg:N', '~2'],
      ]),
    ).toBe('arg:N=~2')
  })

  test('is read back', () => {
    const parts = [
      ['context:ü', 'a\n::set-output x'],
      ['arg:', '='],
    ] as const
    const text = formatDefinition(parts)
    expect(text).toMatch(/^[\x20-\x7e]*$/)
    expect(differencesOf(parseDefinition(text), parseDefinition(formatDefinition(parts)))).toEqual([])
  })

  test('has a limit: of many arguments there is one hash, of a long value its own', () => {
    const many = (last: string): string =>
      formatDefinition([
        ['target', 'app'],
        ...Array.from({length: 1000}, (_, index) => [`arg:ARGUMENT_${index}`, '~12345678'] as const),
        ['arg:LAST', last],
      ])
    expect(many('~1').length).toBeLessThan(100)
    expect(differencesOf(parseDefinition(many('~1')), parseDefinition(many('~2'))).map(({name}) => name)).toEqual([
      'args',
    ])
    expect(formatDefinition([['target', 'x'.repeat(5000)]])).toBe(`target=${shortHash('x'.repeat(5000))}`)
  })

  test.each([
    {name: 'control characters', text: 'target=a\u001b[31m'},
    {name: 'lines', text: 'target=a\n::error::b file=c'},
    {name: 'a long value', text: `target=${'x'.repeat(100_000)}`},
    {name: 'no parts', text: '= x =y'},
  ])('of another publisher is shown escaped: $name', ({text}) => {
    for (const [name, value] of parseDefinition(text)) {
      expect(describePart(name, value)).toMatch(/^[\x20-\x7e]{0,300}$/)
    }
  })
})

describe('the definition of several images that become one', () => {
  test.each([
    {name: 'one', texts: ['a=1 platform=linux/amd64'], expected: 'a=1 platform=linux/amd64'},
    {
      name: 'platforms of one build',
      texts: ['a=1 platforms=linux/arm64', 'a=1 platforms=linux/amd64'],
      expected: 'a=1 platforms=linux/amd64,linux/arm64',
    },
    {
      name: 'default platforms',
      texts: ['a=1 platform=linux/arm64', 'a=1 platform=linux/amd64'],
      expected: 'a=1 platforms=linux/amd64,linux/arm64',
    },
    {name: 'a platform that is not said', texts: ['a=1', 'a=1 platform=linux/amd64'], expected: 'a=1'},
    {
      name: 'a file and an argument for each platform',
      texts: ['arg:X=~2 file=two', 'arg:X=~1 file=one platforms=linux/amd64', 'file=one'],
      expected: 'arg:X=|~1|~2 file=one|two',
    },
    {name: 'one that does not say it', texts: ['a=1', undefined], expected: undefined},
    {name: 'none', texts: [], expected: undefined},
  ])('$name', ({texts, expected}) => {
    expect(mergeDefinitions(texts)).toBe(expected)
    expect(mergeDefinitions([...texts].reverse())).toBe(expected)
  })
})

describe('one of several images', () => {
  const merged = 'arg:X=~1|~2 file=one target=app platforms=linux/amd64,linux/arm64'

  test.each([
    {name: 'with its own part', text: 'arg:X=~2 file=one target=app platforms=linux/arm64', differences: []},
    {name: 'with the default platform', text: 'arg:X=~1 file=one target=app platform=linux/amd64', differences: []},
    {name: 'with another value', text: 'arg:X=~3 file=one target=app platform=linux/amd64', differences: ['arg:X']},
    {name: 'without a value', text: 'arg:X=~1 file=one platform=linux/amd64', differences: ['target']},
    {
      name: 'for another platform',
      text: 'arg:X=~1 file=one target=app platform=linux/s390x',
      differences: ['platforms'],
    },
  ])('$name', ({text, differences}) => {
    const found = differencesOf(parseDefinition(merged), parseDefinition(text), true)
    expect(found.map(({name}) => name)).toEqual(differences)
  })
})

test('names of tags are sorted, and those that are none are not read', () => {
  expect(formatTagNames(['1.2.3', '1.2.3-x', '1.2.3'])).toBe('1.2.3,1.2.3-x')
  expect(parseTagNames('1.2.3,,a b,\u001b[31m,-x,1.2.3-x')).toEqual(['1.2.3', '1.2.3-x'])
  expect(formatTagNames(Array.from({length: 1000}, (_, index) => `1.2.3-${index}`))).toBe('')
})

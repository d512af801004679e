import {describe, expect, test} from '@jest/globals'
import {commitAt, fieldAt, flagAt, numberAt, parsePayload, textAt} from '../../../src/context/payload.ts'

const sha = 'c'.repeat(40)

test.each([
  {name: 'an object', given: '{"ref": "x"}', expected: {ref: 'x'}},
  {name: 'no file', given: undefined, expected: {}},
  {name: 'an empty file', given: '', expected: {}},
  {name: 'a file cut short', given: '{"ref": "x', expected: {}},
])('parsePayload: $name', ({given, expected}) => {
  expect(parsePayload(given)).toEqual(expected)
})

describe('readers', () => {
  test.each([
    {name: 'a field in a field', got: fieldAt({a: {b: 1}}, 'a', 'b'), expected: 1},
    {name: 'a field that is missing half way', got: fieldAt({a: null}, 'a', 'b'), expected: undefined},
    {name: 'a field of a list', got: fieldAt(['x'], '0'), expected: undefined},
    {name: 'a field of a text', got: fieldAt('x', 'length'), expected: undefined},
    {name: 'a field that only the prototype has', got: fieldAt({}, 'constructor'), expected: undefined},
    {name: 'no path', got: fieldAt('x'), expected: 'x'},
    {name: 'an empty text', got: textAt({a: ''}, 'a'), expected: undefined},
    {name: 'a number in place of a text', got: textAt({a: 1}, 'a'), expected: undefined},
    {name: 'a text in place of a flag', got: flagAt({a: 'true'}, 'a'), expected: undefined},
    {name: 'a flag', got: flagAt({a: false}, 'a'), expected: false},
    {name: 'a number', got: numberAt({a: 12}, 'a'), expected: 12},
    {name: 'a fraction', got: numberAt({a: 1.5}, 'a'), expected: undefined},
    {name: 'zero', got: numberAt({a: 0}, 'a'), expected: undefined},
    {name: 'a commit', got: commitAt({a: sha}, 'a'), expected: sha},
    {name: 'the zero commit', got: commitAt({a: '0'.repeat(40)}, 'a'), expected: undefined},
    {name: 'a short commit', got: commitAt({a: 'c'.repeat(7)}, 'a'), expected: undefined},
  ])('$name', ({got, expected}) => {
    expect(got).toBe(expected)
  })
})

import {describe, expect, test} from '@jest/globals'
import {rawInputs, savedState} from '../../../src/io/environment.ts'

describe('rawInputs', () => {
  test('names in lower case, values to the letter, nothing else', () => {
    const variables = {'INPUT_BUILD-ARGS': ' A=1\n', INPUT_PUSH: '', INPUTS: 'x', PATH: '/bin', INPUT_GONE: undefined}
    expect([...rawInputs(variables)]).toEqual([
      ['build-args', ' A=1\n'],
      ['push', ''],
    ])
  })
})

describe('savedState', () => {
  test.each([
    {name: 'saved', given: {STATE_home: '/x'}, expected: '/x'},
    {name: 'not saved', given: {}, expected: ''},
  ])('$name', ({given, expected}) => {
    expect(savedState(given, 'home')).toBe(expected)
  })
})

import {inspect} from 'node:util'
import {describe, expect, test} from '@jest/globals'
import type {ErrorCode} from '../../../src/errors/causes.ts'
import {allCauses} from '../../../scripts/documentation/all-causes.ts'
import {causes} from '../../../src/errors/causes.ts'
import {remedies} from '../../../src/errors/remedies.ts'
import {TagboatError, toTagboatError} from '../../../src/errors/error.ts'
import {renderError} from '../../../src/errors/render-error.ts'

describe('TagboatError', () => {
  test('has the cause of its code', () => {
    const error = new TagboatError('disk-full')
    expect({name: error.name, message: error.message, remedy: error.remedy, evidence: error.evidence}).toEqual({
      name: 'TagboatError',
      message: causes['disk-full'],
      remedy: undefined,
      evidence: [],
    })
    expect('cause' in error).toBe(false)
  })

  test('has more exact ones, if given', () => {
    const cause = new Error('why')
    const error = new TagboatError('disk-full', {message: 'Full.', remedy: 'Empty it.', evidence: ['df: 100 %'], cause})
    expect(renderError(error)).toBe(
      [
        'Full. [disk-full]',
        '  df: 100 %',
        'What to do: Empty it.',
        'See https://github.com/tagboat/tagboat/blob/main/docs/errors.md#disk-full',
      ].join('\n'),
    )
    expect(error.cause).toBe(cause)
  })

  test('keeps a cause of any type', () => {
    expect(new TagboatError('unexpected', {cause: false}).cause).toBe(false)
  })
})

describe('toTagboatError', () => {
  const known = new TagboatError('cancelled')
  const cause = new Error('boom')

  test('returns a TagboatError unchanged', () => {
    expect(toTagboatError(known)).toBe(known)
  })

  test.each([
    {name: 'an error', given: cause, expected: 'boom'},
    {name: 'a text', given: 'boom', expected: 'boom'},
    {name: 'nothing', given: undefined, expected: 'undefined'},
    {name: 'null', given: null, expected: 'null'},
  ])('$name gets the code unexpected, and is the cause', ({given, expected}) => {
    const error = toTagboatError(given)
    expect({code: error.code, evidence: error.evidence, cause: error.cause}).toEqual({
      code: 'unexpected',
      evidence: [expected],
      cause: given,
    })
  })
})

test('renderError shows the remedy of the code', () => {
  expect(renderError(new TagboatError('disk-full'))).toContain(`\nWhat to do: ${remedies['disk-full']}\n`)
})

describe('causes and remedies', () => {
  test('exist for the same codes', () => {
    expect(Object.keys(allCauses).sort()).toEqual(Object.keys(remedies).sort())
  })

  test.each([...Object.entries(allCauses), ...Object.entries(remedies)])('%s has whole sentences', (code, text) => {
    expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*$/)
    expect(text).toMatch(/^[A-Zg].*\.$/s)
    expect(text).not.toMatch(/\s{2}|\n/)
  })
})

test.each<{code: ErrorCode; names: readonly string[]}>([
  {code: 'tag-taken', names: ['`mutable=true`', '`if-exists: overwrite`', '`if-exists: skip`']},
])('the remedy of $code names all ways out', ({code, names}) => {
  expect(names.filter((name) => !remedies[code].includes(name))).toEqual([])
})

test('util.inspect shows the message of an error', () => {
  expect(inspect(new TagboatError('cancelled'))).toContain(causes.cancelled)
})

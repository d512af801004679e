import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import {hideInError, hideInResult, hider} from '../../../src/errors/hide-secrets.ts'

const hide = hider(['{\n  "key": "canary"\n}\n', 'hunter2'])

describe('hideInResult, with a multi-line secret', () => {
  test.each([
    {name: 'text', printed: 'WARNING: hunter2 {\n', shown: 'WARNING: *** {\n'},
    {name: 'JSON without the secret, unchanged', printed: '{"a":  [1, true, null]}\n', shown: undefined},
    {name: 'text that begins like JSON', printed: '{ hunter2', shown: '{ ***'},
    {
      name: 'JSON with one line of the secret',
      printed: '{"a": [{"b": "uses hunter2"}], "n": 1}',
      shown: '{\n  "a": [\n    {\n      "b": "uses ***"\n    }\n  ],\n  "n": 1\n}\n',
    },
    {
      name: 'JSON with the whole secret',
      printed: JSON.stringify({a: '  "key": "canary"'}),
      shown: '{\n  "a": "***"\n}\n',
    },
  ])('$name', ({printed, shown}) => {
    expect(hideInResult(printed, hide)).toBe(shown ?? printed)
  })
})

test('hideInError keeps the code, the place and the sentence of the code', () => {
  const place = {file: 'Dockerfile', line: 1, endLine: 2}
  const plain = new TagboatError('build-failed')
  const hidden = hideInError(
    new TagboatError('build-failed', {evidence: ['a hunter2'], place}),
    hider(['hunter2', 'e']),
  )
  expect(hidden).toMatchObject({code: 'build-failed', message: plain.message, remedy: plain.remedy, place})
  expect(hidden.evidence).toEqual(['a ***'])
  const specific = new TagboatError('build-failed', {message: 'It printed hunter2', remedy: 'Ask hunter2'})
  expect(hideInError(specific, hide)).toMatchObject({message: 'It printed ***', remedy: 'Ask ***'})
})

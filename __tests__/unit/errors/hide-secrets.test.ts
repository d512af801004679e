import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import {hideInError, hideInResult, hider} from '../../../src/errors/hide-secrets.ts'

const hide = hider(['{\n  "key": "canary"\n}\n', 'hunter2'])

describe('beside a secret of several lines', () => {
  test.each([
    {name: 'text', printed: 'WARNING: hunter2 {\n', shown: 'WARNING: *** {\n'},
    {name: 'JSON without the secret, to the letter', printed: '{"a":  [1, true, null]}\n', shown: undefined},
    {name: 'what only looks like JSON', printed: '{ hunter2', shown: '{ ***'},
    {
      name: 'JSON with a part of the secret',
      printed: '{"a": [{"b": "uses hunter2"}], "n": 1}',
      shown: '{\n  "a": [\n    {\n      "b": "uses ***"\n    }\n  ],\n  "n": 1\n}\n',
    },
    {
      name: 'JSON that quotes the secret',
      printed: JSON.stringify({a: '  "key": "canary"'}),
      shown: '{\n  "a": "***"\n}\n',
    },
  ])('$name', ({printed, shown}) => {
    expect(hideInResult(printed, hide)).toBe(shown ?? printed)
  })
})

test('an error keeps its code, its place and the sentences of the catalogue', () => {
  const place = {file: 'Dockerfile', line: 1, endLine: 2}
  const own = new TagboatError('build-failed')
  const hidden = hideInError(
    new TagboatError('build-failed', {evidence: ['a hunter2'], place}),
    hider(['hunter2', 'e']),
  )
  expect(hidden).toMatchObject({code: 'build-failed', message: own.message, remedy: own.remedy, place})
  expect(hidden.evidence).toEqual(['a ***'])
  const told = new TagboatError('build-failed', {message: 'It said hunter2', remedy: 'Ask hunter2'})
  expect(hideInError(told, hide)).toMatchObject({message: 'It said ***', remedy: 'Ask ***'})
})

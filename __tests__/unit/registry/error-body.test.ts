import {describe, expect, test} from '@jest/globals'
import {parseErrorBody} from '../../../src/registry/error-body.ts'

const shown = (text: string): string => text

describe('parseErrorBody', () => {
  test.each([
    {
      name: 'the specification’s form',
      given: '{"errors":[{"code":"denied","message":"no","detail":{"a":1}},{"code":"NAME_UNKNOWN"}]}',
      expected: [
        {code: 'DENIED', message: 'no'},
        {code: 'NAME_UNKNOWN', message: ''},
      ],
    },
    {
      name: 'Docker Hub’s token server',
      given: '{"details":"incorrect username"}',
      expected: [{code: '', message: 'incorrect username'}],
    },
    {
      name: 'OAuth 2',
      given: '{"error":"invalid_grant","error_description":"expired"}',
      expected: [{code: 'INVALID_GRANT', message: 'expired'}],
    },
    {
      name: 'Amazon',
      given: '{"__type":"AccessDeniedException","Message":"no"}',
      expected: [{code: 'ACCESSDENIEDEXCEPTION', message: 'no'}],
    },
    {
      name: 'Google',
      given: '{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}',
      expected: [{code: 'PERMISSION_DENIED', message: 'no'}],
    },
    {name: 'Gitea', given: 'reqPackageAccess\n', expected: [{code: '', message: 'reqPackageAccess'}]},
    {name: 'a long text', given: 'no '.repeat(100), expected: []},
    {name: 'bytes that are not text', given: '\u0001\u0002', expected: []},
    {name: 'two lines', given: 'one\ntwo', expected: []},
    {name: 'a page', given: '<html>no</html>', expected: []},
    {name: 'nothing', given: '', expected: []},
    {name: 'other JSON', given: '{"errors":[1,null,{"code":7}]}', expected: []},
  ])('$name', ({given, expected}) => {
    const entries = parseErrorBody(Buffer.from(given), shown)
    expect(entries.map(({code, message}) => ({code, message}))).toEqual(expected)
  })
})

test('a code is in upper case for comparisons, and as it is written for messages', () => {
  const body = Buffer.from('{"__type":"AccessDeniedException","message":"no"}')
  const [entry] = parseErrorBody(body, (text) => text)
  expect(entry).toMatchObject({code: 'ACCESSDENIEDEXCEPTION', written: 'AccessDeniedException'})
})

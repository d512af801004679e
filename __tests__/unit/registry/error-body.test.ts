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
    {name: 'a page', given: '<html>no</html>', expected: []},
    {name: 'nothing', given: '', expected: []},
    {name: 'other JSON', given: '{"errors":[1,null,{"code":7}]}', expected: []},
  ])('$name', ({given, expected}) => {
    expect(parseErrorBody(Buffer.from(given), shown)).toEqual(expected)
  })
})

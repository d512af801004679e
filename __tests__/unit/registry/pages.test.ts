import {describe, expect, test} from '@jest/globals'
import {nextPage} from '../../../src/registry/pages.ts'

const page = new URL('https://r.example/v2/o/app/tags/list?n=2')

describe('nextPage', () => {
  test.each([
    {name: 'no header', given: undefined, expected: undefined},
    {name: 'a path', given: '</v2/o/app/tags/list?last=b&n=2>; rel="next"', expected: '/v2/o/app/tags/list?last=b&n=2'},
    {name: 'a whole address', given: '<https://r.example/v2/x?last=b>; rel="next"', expected: '/v2/x?last=b'},
    {name: 'a relation without quotes', given: '</v2/x?last=b>; rel=next', expected: '/v2/x?last=b'},
    {name: 'no space', given: '</v2/x?last=b>;rel="next"', expected: '/v2/x?last=b'},
    {name: 'several relations', given: '</v2/x>; rel="last NEXT"', expected: '/v2/x'},
    {name: 'several links', given: '</a>; rel="prev", </b>; title="a, b"; rel="next"', expected: '/b'},
    {name: 'a comma in the address', given: '</v2/x?last=a,b>; rel="next"', expected: '/v2/x?last=a,b'},
    {name: 'only another relation', given: '</v2/x>; rel="prev"', expected: undefined},
    {
      name: 'the name that a proxy has for it',
      given: '<http://harbor-core/v2/x?n=2>; rel="next"',
      expected: '/v2/x?n=2',
    },
    {name: 'the scheme that a proxy speaks to it', given: '<http://r.example/v2/x>; rel="next"', expected: '/v2/x'},
    {name: 'two slashes', given: '<https://r.example//evil.example/x>; rel="next"', expected: '//evil.example/x'},
    {name: 'no link', given: 'next', expected: undefined},
  ])('$name', ({given, expected}) => {
    const url = nextPage(given, page)
    expect(url).toEqual(expected === undefined ? undefined : new URL(`https://r.example${expected}`))
  })

  test.each([
    {name: 'another scheme', given: '<data:x>; rel="next"'},
    {name: 'the same page again', given: '</v2/o/app/tags/list?n=2>; rel="next"'},
    {name: 'an invalid URL', given: '<http://[>; rel="next"'},
  ])('is invalid: $name', ({given}) => {
    expect(nextPage(given, page)).toBe('invalid')
  })
})

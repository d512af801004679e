import {describe, expect, test} from '@jest/globals'
import {namedScopes, scopeTexts} from '../../../../src/registry/auth/named-scopes.ts'
import {covers, deleting, formatScope, reading, scopeToRequest, writing} from '../../../../src/registry/auth/scope.ts'

describe('scopes', () => {
  test.each([
    {have: ['repository:a:pull'], want: ['repository:a:pull'], expected: true},
    {have: ['repository:a:pull,push'], want: ['repository:a:pull'], expected: true},
    {have: ['repository:a:pull'], want: ['repository:a:pull,push'], expected: false},
    {have: ['repository:a:pull'], want: ['repository:b:pull'], expected: false},
    {have: ['repository:a:pull,push', 'repository:b:pull'], want: ['repository:b:pull'], expected: true},
    {have: ['repository:h:5000/a:pull,push'], want: ['repository:h:5000/a:push'], expected: true},
    {have: [], want: ['repository:a:pull'], expected: false},
    {have: [], want: [], expected: true},
  ])('$have cover $want: $expected', ({have, want, expected}) => {
    expect(covers(have, want)).toBe(expected)
  })

  test('as texts', () => {
    expect(formatScope(writing('o/app'))).toBe('repository:o/app:pull,push')
    expect(scopeTexts('repository:a:pull  repository:b:pull')).toEqual(['repository:a:pull', 'repository:b:pull'])
    expect(scopeTexts(undefined)).toEqual([])
  })
})

describe('the scope of a request', () => {
  const bearer = 'Bearer realm="https://auth.example.org/token",service="registry"'
  const quay = 'Bearer realm="https://quay.example.org/v2/auth",service="quay.example.org"'

  test.each([
    {name: 'to read', scope: reading('o/app'), challenge: bearer, expected: 'repository:o/app:pull,push'},
    {name: 'to delete', scope: deleting('o/app'), challenge: bearer, expected: 'repository:o/app:pull,push,delete'},
    {name: 'to read from Quay', scope: reading('o/app'), challenge: quay, expected: 'repository:o/app:pull'},
    // Its token server does not know the action.
    {name: 'to delete from Quay', scope: deleting('o/app'), challenge: quay, expected: 'repository:o/app:pull,push'},
  ])('$name', ({scope, challenge, expected}) => {
    expect(formatScope(scopeToRequest(scope, {challenge, pushesTo: () => true}))).toBe(expected)
  })
})

describe('the scopes that a challenge names', () => {
  const mount = [writing('o/app'), reading('o/base')]

  test.each([
    {
      name: 'what the call asks for',
      given: 'repository:o/app:pull,push',
      own: mount,
      expected: ['repository:o/app:pull,push'],
    },
    {name: 'less of it', given: 'repository:o/app:push', own: mount, expected: ['repository:o/app:push']},
    {
      name: 'both repositories of a mount',
      given: 'repository:o/app:push repository:o/base:pull',
      own: mount,
      expected: ['repository:o/app:push', 'repository:o/base:pull'],
    },
    {
      name: 'another repository',
      given: 'repository:victim/secret:pull,push,delete registry:catalog:*',
      own: mount,
      expected: [],
    },
    {
      name: 'one with a name that begins alike',
      given: 'repository:o/app2:pull repository:o/ap:pull',
      own: mount,
      expected: [],
    },
    {name: 'one of another kind', given: 'repository(plugin):o/app:pull plugin:o/app:pull', own: mount, expected: []},
    {
      name: 'more rights',
      given: 'repository:o/base:pull,push,delete,*',
      own: mount,
      expected: ['repository:o/base:pull'],
    },
    {
      name: 'everything, where something is removed',
      given: 'repository:o/app:*',
      own: [deleting('o/app')],
      expected: ['repository:o/app:*'],
    },
    {
      name: 'a group of GitLab',
      given: 'repository:g/p/app:pull',
      own: [reading('g/p/app')],
      expected: ['repository:g/p/app:pull'],
    },
    {name: 'nothing', given: undefined, own: mount, expected: []},
    {name: 'words', given: 'aws a:b', own: mount, expected: []},
  ])('$name', ({given, own, expected}) => {
    expect(namedScopes(given, own)).toEqual(expected)
  })
})

import {format, inspect} from 'node:util'
import {describe, expect, test} from '@jest/globals'
import {TagboatError, toTagboatError} from '../../../src/errors/error.ts'
import {renderError} from '../../../src/errors/render-error.ts'
import {Secret} from '../../../src/errors/secret.ts'

const value = 'canary-7c1d'
const secret = new Secret(value)

/** Reads the values of all properties. */
const properties = (thing: object): string =>
  [...Object.getOwnPropertyNames(thing), ...Object.keys(thing)]
    .map((name) => String((thing as Record<string, unknown>)[name]))
    .join()

describe('a secret', () => {
  test.each([
    {name: 'String', given: String(secret)},
    // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- what a careless author would write
    {name: 'a template literal', given: `${secret}`},
    {name: 'JSON', given: JSON.stringify({secret, list: [secret]})},
    {name: 'inspect', given: inspect(secret)},
    {
      name: 'inspect of an object with it, with unlimited depth and hidden properties',
      given: inspect({a: [{secret}]}, {depth: 9, showHidden: true}),
    },
    {name: 'format %s', given: format('%s', secret)},
    {name: 'format %o', given: format('%o %O %j', secret, {secret}, {secret})},
    {name: 'its properties', given: properties(secret)},
    {name: 'a copy', given: JSON.stringify(Object.assign({}, secret))},
    {name: 'its entries', given: JSON.stringify(Object.entries(secret))},
    {name: 'an error with it as the message', given: inspect(new Error(String(secret), {cause: secret}))},
    {name: 'a TagboatError with it as the cause', given: inspect(new TagboatError('login-refused', {cause: secret}))},
    {
      name: 'a rendered error with it as the cause',
      given: renderError(new TagboatError('login-refused', {cause: secret})),
    },
    {name: 'a thrown secret', given: inspect(toTagboatError(secret)) + renderError(toTagboatError(secret))},
    {name: 'an AggregateError', given: inspect(new AggregateError([secret]))},
    {name: 'a map', given: inspect(new Map([['a', secret]]))},
    {name: 'a sum', given: [secret, secret].join(', ')},
  ])('is not shown by $name', ({given}) => {
    expect(given).not.toContain(value)
    expect(given).not.toContain(value.slice(-4))
  })

  test('is printed as ***', () => {
    expect(String(secret)).toBe('***')
    expect(JSON.stringify({secret})).toBe('{"secret":"***"}')
    expect(inspect(secret)).toBe('***')
  })

  test('is revealed by reveal()', () => {
    expect(secret.reveal()).toBe(value)
  })

  test.each([
    {name: 'empty', given: '', expected: true},
    {name: 'blank is not empty', given: ' ', expected: false},
    {name: 'a value', given: value, expected: false},
  ])('isEmpty: $name', ({given, expected}) => {
    expect(new Secret(given).isEmpty).toBe(expected)
  })
})

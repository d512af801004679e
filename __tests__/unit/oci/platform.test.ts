import {describe, expect, test} from '@jest/globals'
import {formatPlatform, parsePlatform, platformOf, samePlatform} from '../../../src/oci/platform.ts'

describe('parsePlatform', () => {
  test.each([
    {given: 'linux/amd64', expected: 'linux/amd64'},
    {given: ' Linux/AMD64 ', expected: 'linux/amd64'},
    {given: 'linux/amd64/v1', expected: 'linux/amd64'},
    {given: 'linux/amd64/v3', expected: 'linux/amd64/v3'},
    {given: 'linux/x86_64', expected: 'linux/amd64'},
    {given: 'linux/x86-64', expected: 'linux/amd64'},
    {given: 'linux/aarch64', expected: 'linux/arm64'},
    {given: 'linux/arm64/v8', expected: 'linux/arm64'},
    {given: 'linux/arm64/8', expected: 'linux/arm64'},
    {given: 'linux/arm64/v9', expected: 'linux/arm64/v9'},
    {given: 'linux/arm', expected: 'linux/arm'},
    {given: 'linux/arm/v7', expected: 'linux/arm/v7'},
    {given: 'linux/arm/7', expected: 'linux/arm/v7'},
    {given: 'linux/armhf', expected: 'linux/arm/v7'},
    {given: 'linux/armel', expected: 'linux/arm/v6'},
    {given: 'linux/i386', expected: 'linux/386'},
    {given: 'windows/amd64', expected: 'windows/amd64'},
    {given: 'linux/constructor', expected: 'linux/constructor'},
  ])('$given is $expected', ({given, expected}) => {
    const platform = parsePlatform(given)
    expect(platform === undefined ? undefined : formatPlatform(platform)).toBe(expected)
  })

  test.each([
    '',
    'linux',
    'amd64',
    '/',
    'linux/',
    '/amd64',
    'linux/arm/v7/x',
    'linux amd64',
    'linux/amd64,x',
    'linux/\u212aey',
  ])('invalid platform %j', (text) => {
    expect(parsePlatform(text)).toBeUndefined()
  })
})

test.each([
  {a: 'linux/arm', b: 'linux/arm/v7', same: true},
  {a: 'linux/arm64', b: 'linux/arm64/v8', same: true},
  {a: 'linux/arm/v6', b: 'linux/arm/v7', same: false},
  {a: 'linux/amd64', b: 'linux/arm64', same: false},
  {a: 'linux/amd64', b: 'windows/amd64', same: false},
])('$a and $b: same is $same', ({a, b, same}) => {
  const [first, second] = [parsePlatform(a), parsePlatform(b)]
  expect(first !== undefined && second !== undefined && samePlatform(first, second)).toBe(same)
})

describe('platformOf', () => {
  test.each([
    {name: 'a platform', given: {os: 'linux', architecture: 'arm', variant: 'v7'}, expected: 'linux/arm/v7'},
    {name: 'an empty variant', given: {os: 'linux', architecture: 'amd64', variant: ''}, expected: 'linux/amd64'},
    {name: 'fields of other types', given: {os: 1, architecture: null}, expected: undefined},
    {name: 'not an object', given: 'linux/amd64', expected: undefined},
    {name: 'null', given: null, expected: undefined},
  ])('$name', ({given, expected}) => {
    const platform = platformOf(given)
    expect(platform === undefined ? undefined : formatPlatform(platform)).toBe(expected)
  })
})

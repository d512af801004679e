import {expect, test} from '@jest/globals'
import {matches} from '../../../src/verifying/pattern.ts'
import fc from '../../../testing/properties.ts'

test.each([
  {pattern: 'acme/app', text: 'acme/app', expected: true},
  {pattern: 'acme/app', text: 'acme/app-evil', expected: false},
  {pattern: 'acme/app', text: 'evil-acme/app', expected: false},
  {pattern: 'acme/app', text: 'acme/app/', expected: false},
  {pattern: 'acme/app', text: 'acme.app', expected: false},
  {pattern: 'a.me/app', text: 'acme/app', expected: false},
  {pattern: 'refs/tags/v*', text: 'refs/tags/v1.2.3', expected: true},
  {pattern: 'refs/tags/v*', text: 'refs/tags/v', expected: true},
  {pattern: 'refs/tags/v*', text: 'refs/tags/v1/evil', expected: false},
  {pattern: 'refs/tags/v*', text: 'refs/heads/refs/tags/v1', expected: false},
  {pattern: 'refs/heads/*-stable', text: 'refs/heads/1-stable-stable', expected: true},
  {pattern: 'refs/heads/*a*b', text: 'refs/heads/xaxxbxb', expected: true},
  {pattern: 'refs/heads/*a*b', text: 'refs/heads/xaxxbxc', expected: false},
  {pattern: '**', text: 'any', expected: true},
  {pattern: '', text: '', expected: true},
  {pattern: '*', text: '', expected: true},
  {pattern: '(a|b)+', text: 'ab', expected: false},
])('$pattern and $text: $expected', ({pattern, text, expected}) => {
  expect(matches(pattern, text)).toBe(expected)
})

test('a text without a star matches itself alone', () => {
  const literal = fc.string().filter((text) => !text.includes('*'))
  fc.assert(
    fc.property(literal, literal, (pattern, text) => {
      expect(matches(pattern, text)).toBe(pattern === text)
    }),
  )
})

test('a long pattern takes little time', () => {
  const started = performance.now()
  expect(matches(`${'*a'.repeat(2000)}b`, 'a'.repeat(10_000))).toBe(false)
  expect(performance.now() - started).toBeLessThan(2000)
})

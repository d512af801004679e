import nodePath from 'node:path'
import {expect, test} from '@jest/globals'
import path from '../../../scripts/browser/path.ts'

const {posix} = nodePath
const texts = [
  '',
  '.',
  '..',
  '/',
  '//',
  'a',
  'a/',
  '/a',
  '/a/b/',
  'a/../b',
  '../a',
  './a',
  '/..',
  '/a//b/./c/..',
  'a.b',
]
const pairs = texts.flatMap((one) => texts.map((other) => [one, other] as const))

test.each(pairs)('%j and %j are joined and compared as by Node.js', (one, other) => {
  expect(path.join(one, other)).toBe(posix.join(one, other))
  expect(path.resolve('/x', one, other)).toBe(posix.resolve('/x', one, other))
  const [from, to] = [posix.resolve('/x', one), posix.resolve('/x', other)]
  expect(path.relative(from, to)).toBe(posix.relative(from, to))
})

test.each(texts)('%j has the parts that Node.js gives', (text) => {
  expect([path.dirname(text), path.isAbsolute(text)]).toEqual([posix.dirname(text), posix.isAbsolute(text)])
  expect(path.basename(text)).toBe(posix.basename(text))
})

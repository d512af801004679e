import {expect, test} from '@jest/globals'
import type {TagRole} from '../../../src/tags/tag-role.ts'
import {roleForImage} from '../../../src/tags/named-tag-role.ts'

const unknown: TagRole = {kind: 'newest-commit', promise: 'highest'}
const ofRun: TagRole = {
  kind: 'version-line',
  scheme: 'semver',
  version: '2.0.0',
  level: 'all',
  affixes: [],
  promise: 'highest',
}

test.each<{name: string; line: TagRole; said: string | undefined; expected: object}>([
  {name: 'the run has none', line: unknown, said: '1.2.9', expected: {kind: 'version-line', version: '1.2.9'}},
  {name: 'the run has another one', line: ofRun, said: '1.2.9', expected: {kind: 'version-line', version: '1.2.9'}},
  {name: 'a pre-release becomes its release', line: ofRun, said: '2.0.0-rc.1', expected: ofRun},
  {name: 'the same version with a variant', line: unknown, said: '1.2.9,1.2.9-alpine', expected: {version: '1.2.9'}},
  {name: 'of another scheme', line: unknown, said: 'numeric:2026.02.0', expected: {scheme: 'numeric'}},
  {name: 'a calendar version in a label', line: unknown, said: '2026.02.0', expected: {scheme: 'numeric'}},
  {name: 'several, and so none', line: unknown, said: '1.2.9,3.0.0', expected: unknown},
  {name: 'the image says none', line: unknown, said: undefined, expected: unknown},
  {name: 'a branch follows commits', line: {kind: 'newest-commit'}, said: '1.2.9', expected: {kind: 'newest-commit'}},
])('a promoted image says its version: $name', ({line, said, expected}) => {
  expect(roleForImage('latest', line, said)).toMatchObject(expected)
})

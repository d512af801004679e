import {expect, test} from '@jest/globals'
import type {TagLine} from '../../../src/tags/tag-role.ts'
import {lineOfImage} from '../../../src/tags/named-tag-role.ts'

const unknown: TagLine = {kind: 'newest', named: 'highest'}
const ofRun: TagLine = {kind: 'version', scheme: 'semver', version: '2.0.0', level: 'all', exact: [], named: 'highest'}

test.each<{name: string; line: TagLine; said: string | undefined; expected: object}>([
  {name: 'the run has none', line: unknown, said: '1.2.9', expected: {kind: 'version', version: '1.2.9'}},
  {name: 'the run has another one', line: ofRun, said: '1.2.9', expected: {kind: 'version', version: '1.2.9'}},
  {name: 'a pre-release becomes its release', line: ofRun, said: '2.0.0-rc.1', expected: ofRun},
  {name: 'the same version with a variant', line: unknown, said: '1.2.9,1.2.9-alpine', expected: {version: '1.2.9'}},
  {name: 'of another scheme', line: unknown, said: 'numeric:2026.02.0', expected: {scheme: 'numeric'}},
  {name: 'a calendar version in a label', line: unknown, said: '2026.02.0', expected: {scheme: 'numeric'}},
  {name: 'several, and so none', line: unknown, said: '1.2.9,3.0.0', expected: unknown},
  {name: 'the image says none', line: unknown, said: undefined, expected: unknown},
  {name: 'a branch follows commits', line: {kind: 'newest'}, said: '1.2.9', expected: {kind: 'newest'}},
])('a promoted image says its version: $name', ({line, said, expected}) => {
  expect(lineOfImage('latest', line, said)).toMatchObject(expected)
})

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

test.each<{name: string; role: TagRole; stated: string | undefined; expected: object}>([
  {name: 'the run has no version', role: unknown, stated: '1.2.9', expected: {kind: 'version-line', version: '1.2.9'}},
  {name: 'the run has another one', role: ofRun, stated: '1.2.9', expected: {kind: 'version-line', version: '1.2.9'}},
  {name: 'a pre-release becomes its release', role: ofRun, stated: '2.0.0-rc.1', expected: ofRun},
  {name: 'the same version with a variant', role: unknown, stated: '1.2.9,1.2.9-alpine', expected: {version: '1.2.9'}},
  {name: 'of another scheme', role: unknown, stated: 'numeric:2026.02.0', expected: {scheme: 'numeric'}},
  {name: 'a calendar version in a label', role: unknown, stated: '2026.02.0', expected: {scheme: 'numeric'}},
  {name: 'several versions', role: unknown, stated: '1.2.9,3.0.0', expected: unknown},
  {name: 'the image states no version', role: unknown, stated: undefined, expected: unknown},
  {name: 'a branch follows commits', role: {kind: 'newest-commit'}, stated: '1.2.9', expected: {kind: 'newest-commit'}},
])('a promoted image states its version: $name', ({role, stated, expected}) => {
  expect(roleForImage('latest', role, stated)).toMatchObject(expected)
})

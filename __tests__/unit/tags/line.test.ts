import {describe, expect, test} from '@jest/globals'
import type {TagLine} from '../../../src/tags/line.ts'
import {propose, pushOf} from '../../support/plans.ts'

const release = pushOf('refs/tags/v1.2.3')

/** Tag → what it promises. */
function linesOf(tags: readonly string[], options: Parameters<typeof propose>[2] = {}, context = release): object {
  const proposed = propose(context, tags, options)
  expect(proposed.problems.all).toEqual([])
  return Object.fromEntries(proposed.tags.map(({tag, line}) => [tag, line]))
}

function exact(version: string, scheme: 'semver' | 'pep440' | 'calver' = 'semver'): TagLine {
  return {kind: 'release', scheme, version}
}

function floating(
  level: 'all' | 'major' | 'minor',
  around: Partial<Record<'prefix' | 'suffix', string>> = {},
  scheme: 'semver' | 'pep440' | 'calver' = 'semver',
  version = '1.2.3',
): TagLine {
  return {kind: 'version', scheme, version, level, prefix: '', suffix: '', ...around}
}

describe('the line of a tag', () => {
  test('of the default strategy for a version', () => {
    expect(linesOf([])).toEqual({
      '1.2.3': exact('1.2.3'),
      '1.2': floating('minor'),
      '1': floating('major'),
      latest: floating('all'),
      'sha-860c190': {kind: 'commit'},
    })
  })

  test('of a branch', () => {
    expect(linesOf([], {}, pushOf('refs/heads/main'))).toEqual({
      main: {kind: 'newest'},
      edge: {kind: 'newest'},
      'sha-860c190': {kind: 'commit'},
    })
  })

  test('what stands around the number stands around the exact tags', () => {
    const rules = [
      'type=semver,pattern={{version}},suffix=-slim',
      'type=semver,pattern=v{{major}},prefix=api/,suffix=-x',
    ]
    expect(linesOf(rules, {flavor: {latest: 'true'}})).toEqual({
      '1.2.3-slim': exact('1.2.3'),
      'api-v1-x': floating('major', {prefix: 'api-v', suffix: '-x'}),
      latest: floating('all', {suffix: '-slim'}),
    })
  })

  test('a number that the prefix holds too is not mistaken for the one of the line', () => {
    expect(linesOf(['type=semver,pattern=py{{major}},prefix=1-'], {flavor: {latest: 'false'}})).toEqual({
      '1-py1': floating('major', {prefix: '1-py'}),
    })
  })

  test('of the other kinds of version', () => {
    expect(
      linesOf([
        'type=pep440,pattern={{version}}',
        'type=pep440,pattern={{major}}.{{minor}}',
        'type=calver,pattern=YYYY.0M.MICRO,value=2026.11.4',
        'type=match,pattern=v(\\d+)\\.,group=1',
      ]),
    ).toEqual({
      '1.2.3': exact('1.2.3', 'pep440'),
      '1.2': floating('minor', {}, 'pep440'),
      '2026.11.4': exact('2026.11.4', 'calver'),
      '1': {kind: 'newest'},
      latest: floating('all', {}, 'pep440'),
    })
  })

  test('latest of a rule that cuts its text out of the version is about that version', () => {
    expect(linesOf(['type=match,pattern=v(\\d+)\\.,group=1'])).toEqual({'1': {kind: 'newest'}, latest: floating('all')})
  })

  test('a pre-release is exact', () => {
    expect(linesOf(['type=semver,pattern={{major}}.{{minor}}'], {}, pushOf('refs/tags/v1.3.0-rc.1'))).toEqual({
      '1.3.0-rc.1': exact('1.3.0-rc.1'),
    })
  })
})

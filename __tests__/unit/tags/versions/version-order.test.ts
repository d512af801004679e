import {describe, expect, test} from '@jest/globals'
import type {VersionAffixes, VersionLineRole} from '../../../../src/tags/tag-role.ts'
import {highestAbove, lineName, statedVersion} from '../../../../src/tags/versions/version-order.ts'

type LineText = Partial<Omit<VersionLineRole, 'kind' | 'exact'> & VersionAffixes>

function line({prefix = '', suffix = '', ...given}: LineText): VersionLineRole {
  return {kind: 'version-line', scheme: 'semver', version: '1.2.3', level: 'all', ...given, affixes: [{prefix, suffix}]}
}

describe('the highest version above a release', () => {
  const cases: readonly {name: string; line: LineText; tags: readonly string[]; expected: string | undefined}[] = [
    {name: 'none without tags', line: {}, tags: [], expected: undefined},
    {name: 'none in an equal version', line: {}, tags: ['1.2.3', 'v1.2.3'], expected: undefined},
    {name: 'none in lower versions', line: {}, tags: ['1.2.2', '0.9.0'], expected: undefined},
    {name: 'the highest of several', line: {}, tags: ['1.2.4', '1.10.0', '1.9.0'], expected: '1.10.0'},
    {name: 'by number, not by text', line: {version: '1.10.0'}, tags: ['1.9.0'], expected: undefined},
    {name: 'of the same minor line alone', line: {level: 'minor'}, tags: ['1.3.0', '2.0.0'], expected: undefined},
    {name: 'in the same minor line', line: {level: 'minor'}, tags: ['1.2.9', '1.3.0'], expected: '1.2.9'},
    {name: 'of the same major line alone', line: {level: 'major'}, tags: ['2.0.0'], expected: undefined},
    {name: 'in the same major line', line: {level: 'major'}, tags: ['1.3.0', '2.0.0'], expected: '1.3.0'},
    {name: 'no pre-release', line: {}, tags: ['2.0.0-rc.1', '2.0.0-alpine'], expected: undefined},
    {name: 'no floating tag', line: {}, tags: ['2', '2.1', 'latest', 'main'], expected: undefined},
    {name: 'no commit that looks like a number', line: {}, tags: ['sha-9999999', '9999999'], expected: undefined},
    {name: 'none with another suffix', line: {suffix: '-alpine'}, tags: ['1.3.0'], expected: undefined},
    {
      name: 'one with the same suffix',
      line: {suffix: '-alpine'},
      tags: ['1.3.0', '1.3.1-alpine'],
      expected: '1.3.1-alpine',
    },
    {
      name: 'no pre-release before a suffix',
      line: {suffix: '-alpine'},
      tags: ['1.3.0-rc.1-alpine'],
      expected: undefined,
    },
    {name: 'none without the prefix', line: {prefix: 'api-'}, tags: ['1.3.0', 'web-1.3.0'], expected: undefined},
    {name: 'one with the prefix', line: {prefix: 'api-'}, tags: ['api-1.3.0'], expected: 'api-1.3.0'},
    {name: 'one with a v', line: {}, tags: ['v1.3.0'], expected: 'v1.3.0'},
    {name: 'one with a v behind the prefix', line: {prefix: 'api-'}, tags: ['api-v1.3.0'], expected: 'api-v1.3.0'},
    {name: 'one without the v of the prefix', line: {prefix: 'api-v'}, tags: ['api-1.3.0'], expected: 'api-1.3.0'},
    {name: 'one without the v that is the prefix', line: {prefix: 'v'}, tags: ['1.3.0'], expected: '1.3.0'},
    {
      name: 'a v that ends a word is the word',
      line: {prefix: 'dev'},
      tags: ['de1.3.0', 'dev1.3.0'],
      expected: 'dev1.3.0',
    },
    {name: 'a release above a pre-release', line: {version: '1.3.0-rc.1'}, tags: ['1.3.0', '1.2.9'], expected: '1.3.0'},
    {name: 'nothing above a text without a version', line: {version: 'nightly'}, tags: ['1.0.0'], expected: undefined},
    {
      name: 'a version of Python',
      line: {scheme: 'pep440'},
      tags: ['1.2.10', '1.3rc1', '1.2.4.dev1'],
      expected: '1.2.10',
    },
    {
      name: 'no post-release of Python',
      line: {scheme: 'pep440'},
      tags: ['1.2.3.post1', '1.2.4.post1'],
      expected: undefined,
    },
    {name: 'two numbers of Python', line: {scheme: 'pep440', version: '1.2'}, tags: ['1.2.0', '1.3'], expected: '1.3'},
    {name: 'no date among versions of Python', line: {scheme: 'pep440'}, tags: ['20240131'], expected: undefined},
    {
      name: 'a date where versions are such',
      line: {scheme: 'pep440', version: '20240101'},
      tags: ['20240131'],
      expected: '20240131',
    },
    {
      name: 'a calendar version',
      line: {scheme: 'calver', version: '2024.01.9'},
      tags: ['2024.01.10', '2023.12.99'],
      expected: '2024.01.10',
    },
    {
      name: 'a calendar version of the line',
      line: {scheme: 'calver', version: '2024.01.9', level: 'minor'},
      tags: ['2024.02.1', '2024.1.10'],
      expected: '2024.1.10',
    },
    {
      name: 'no calendar version with a modifier',
      line: {scheme: 'calver', version: '2024.01.9'},
      tags: ['2024.02.1-rc1'],
      expected: undefined,
    },
    {
      name: 'above a modifier',
      line: {scheme: 'calver', version: '2024.01.9-rc1'},
      tags: ['2024.01.9'],
      expected: '2024.01.9',
    },
    {
      name: 'no calendar version of another form',
      line: {scheme: 'calver', version: '2024.01.9'},
      tags: ['2025.01', '2025-01-09', '2025.1.1.1'],
      expected: undefined,
    },
    {name: 'no day among versions', line: {}, tags: ['2026.01.02', '20260102', '2026-01-02'], expected: undefined},
    {name: 'no day that has the form of semver', line: {}, tags: ['2026.11.29', '2026.1.2'], expected: undefined},
    {name: 'no version of the calendar beside another', line: {}, tags: ['2026.02.0', '2026.2.0'], expected: undefined},
    {name: 'no day with a suffix', line: {suffix: '-alpine'}, tags: ['2026.01.02-alpine'], expected: undefined},
    {name: 'no four numbers beside three', line: {}, tags: ['1.2.3.4'], expected: undefined},
    {
      name: 'a version of the calendar, written with zeros',
      line: {version: '2026.10.0'},
      tags: ['2027.01.0', '2026.09.1'],
      expected: '2027.01.0',
    },
    {
      name: 'a version of the calendar, written without zeros',
      line: {scheme: 'numeric', version: '2026.02.0'},
      tags: ['2026.10.0', '1.2.3'],
      expected: '2026.10.0',
    },
    {
      name: 'no day among versions of four numbers',
      line: {scheme: 'numeric', version: '1.2.3.4'},
      tags: ['2026.01.02', '1.2.3.5'],
      expected: '1.2.3.5',
    },
    {
      name: 'no day among versions of Python',
      line: {scheme: 'pep440'},
      tags: ['2026.01.02', '2026.11.29'],
      expected: undefined,
    },
    {
      name: 'no day among years of two digits',
      line: {scheme: 'calver', version: '24.04.1'},
      tags: ['2026.01.02', '24.10.1'],
      expected: '24.10.1',
    },
    {
      name: 'numbers that are too large for a double',
      line: {scheme: 'calver', version: '2024.90071992547409921'},
      tags: ['2024.90071992547409922'],
      expected: '2024.90071992547409922',
    },
  ]
  test.each(cases)('$name', ({line: text, tags, expected}) => {
    expect(highestAbove(line(text), tags)?.tag).toBe(expected)
    expect(highestAbove(line(text), [...tags].reverse())?.tag).toBe(expected)
  })

  test('is named by its version, without its affixes', () => {
    expect(highestAbove(line({prefix: 'api-', suffix: '-alpine'}), ['api-v1.3.0-alpine'])?.version).toBe('1.3.0')
  })
})

test.each([
  {level: 'all', scheme: 'semver', version: '1.2.3', expected: ''},
  {level: 'major', scheme: 'semver', version: '1.2.3', expected: '1.x'},
  {level: 'minor', scheme: 'semver', version: 'v1.2.3', expected: '1.2.x'},
  {level: 'minor', scheme: 'pep440', version: '1!2.3.4', expected: '1!2.3.x'},
  {level: 'minor', scheme: 'calver', version: '2024.01.3', expected: '2024.1.x'},
] as const)('$scheme $version gives the $level line "$expected"', ({expected, ...text}) => {
  expect(lineName(line(text))).toBe(expected)
})

describe('the version that an image states', () => {
  test.each<{name: string; line?: LineText; said: string | undefined; expected: object | undefined}>([
    {name: 'a higher one', said: '1.2.10', expected: {version: '1.2.10', order: 1}},
    {name: 'a lower one', said: '1.2.2', expected: {version: '1.2.2', order: -1}},
    {name: 'the same, with a v', said: 'v1.2.3', expected: {version: '1.2.3', order: 0}},
    {name: 'one of another line', line: {level: 'minor'}, said: '2.0.0', expected: {version: '2.0.0', order: 1}},
    {name: 'a pre-release', said: '1.3.0-rc.1', expected: {version: '1.3.0-rc.1', order: 1}},
    {
      name: 'as its tag is written, which may pass for a pre-release',
      line: {suffix: '-slim'},
      said: '1.2.4-slim',
      expected: {version: '1.2.4-slim', order: 1},
    },
    {name: 'as its tag is not written', line: {prefix: '1'}, said: '11.0.0', expected: {version: '11.0.0', order: 1}},
    {name: 'behind a prefix', line: {prefix: 'api-v'}, said: 'api-v1.2.4', expected: {version: '1.2.4', order: 1}},
    {
      name: 'an epoch of Python',
      line: {scheme: 'pep440'},
      said: '1!1.0',
      expected: {version: '1!1.0', order: 1},
    },
    {
      name: 'in two spellings',
      line: {scheme: 'pep440'},
      said: '1.3.0-rc.1,1.3.0rc1',
      expected: {version: '1.3.0-rc.1', order: 1},
    },
    {
      name: 'a local version that semver does not know',
      line: {scheme: 'pep440'},
      said: '1.2.9,pep440:1.2.9+cu118',
      expected: {version: '1.2.9+cu118', order: 1},
    },
    {
      name: 'one of its own kind besides a lower one of another',
      line: {scheme: 'pep440'},
      said: '1.0.0,pep440:1!1.0.0',
      expected: {version: '1!1.0.0', order: 1},
    },
    {
      name: 'one of another kind alone',
      line: {scheme: 'pep440'},
      said: '1.2.4',
      expected: {version: '1.2.4', order: 1},
    },
    {
      name: 'one of numbers alone besides a lower one',
      line: {promise: 'not-lower'},
      said: '1.2.2,numeric:24.04',
      expected: {version: '24.04', order: 1},
    },
    {
      name: 'one of numbers alone besides a lower one, for a tag that a rule names',
      said: '1.2.2,numeric:24.04',
      expected: {version: '1.2.2', order: -1},
    },
    {name: 'a higher version and a lower one', said: '1.2.2,1.2.4', expected: undefined},
    {name: 'two higher versions', said: '1.2.5-rc.1,1.2.5', expected: {version: '1.2.5', order: 1}},
    {name: 'two lower versions', said: '1.2.1,1.2.2', expected: {version: '1.2.2', order: -1}},
    {name: 'no full version', said: '1.2', expected: undefined},
    {name: 'a name', said: 'main', expected: undefined},
    {name: 'nothing', said: undefined, expected: undefined},
  ])('$name', ({line: text = {}, said, expected}) => {
    expect(statedVersion(line(text), said)).toEqual(expected)
  })
})

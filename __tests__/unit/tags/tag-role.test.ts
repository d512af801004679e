import {describe, expect, test} from '@jest/globals'
import type {VersionAffixes, TagRole} from '../../../src/tags/tag-role.ts'
import {propose, pushOf, sha, type ProposalOptions} from '../../../testing/plans.ts'

const release = pushOf('refs/tags/v1.2.3')

/** Roles by tag. */
function linesOf(tags: readonly string[], options: Parameters<typeof propose>[2] = {}, context = release): object {
  const proposed = propose(context, tags, options)
  expect(proposed.problems.all).toEqual([])
  return Object.fromEntries(proposed.tags.map(({tag, role}) => [tag, role]))
}

function exact(version: string, scheme: 'semver' | 'pep440' | 'calver' = 'semver'): TagRole {
  return {kind: 'release', scheme, version}
}

function floating(
  level: 'all' | 'major' | 'minor',
  exact: readonly Partial<VersionAffixes>[] = [{}],
  scheme: 'semver' | 'pep440' | 'calver' = 'semver',
  version = '1.2.3',
): TagRole {
  return {
    kind: 'version-line',
    scheme,
    version,
    level,
    affixes: exact.map((frame) => ({prefix: '', suffix: '', ...frame})),
  }
}

describe('the role of a tag', () => {
  test('in the default strategy', () => {
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
      main: {kind: 'newest-commit'},
      edge: {kind: 'newest-commit'},
      'sha-860c190': {kind: 'commit'},
    })
  })

  test('has affixes from exact tags, whatever its own are', () => {
    const rules = [
      'type=semver,pattern={{version}},suffix=-slim',
      'type=semver,pattern=v{{major}},prefix=api/,suffix=-x',
    ]
    expect(linesOf(rules, {flavor: {latest: 'true'}})).toEqual({
      '1.2.3-slim': exact('1.2.3'),
      'api-v1-x': floating('major', [{suffix: '-slim'}]),
      latest: floating('all', [{suffix: '-slim'}]),
    })
  })

  test.each<{
    name: string
    rules: readonly string[]
    tag: string
    frames: readonly Partial<VersionAffixes>[]
    ref?: string
  }>([
    {
      name: 'text behind the number',
      rules: ['type=semver,pattern={{version}}', 'type=semver,pattern={{major}}.{{minor}}.x'],
      tag: '1.2.x',
      frames: [{}],
    },
    {
      name: 'text around the version in the pattern',
      rules: ['type=semver,pattern=release-{{version}}'],
      tag: 'latest',
      frames: [{prefix: 'release-'}],
    },
    {
      name: 'a prefix that contains the line number',
      rules: ['type=semver,pattern=py1-{{version}}', 'type=semver,pattern=py1-{{major}}'],
      tag: 'py1-1',
      frames: [{prefix: 'py1-'}],
    },
    {
      name: 'three numbers with dots between them',
      rules: ['type=semver,pattern={{major}}.{{minor}}.{{patch}}-x', 'type=semver,pattern={{major}}'],
      tag: '1',
      frames: [{suffix: '-x'}],
    },
    {
      name: 'the same prefix and suffix first',
      rules: ['{{version}}', '{{version}},suffix=-slim', '{{major}},suffix=-slim'].map(
        (pattern) => `type=semver,pattern=${pattern}`,
      ),
      tag: '1-slim',
      frames: [{suffix: '-slim'}],
    },
    {
      name: 'all of them where none has the same prefix and suffix',
      rules: ['{{version}}', '{{version}},suffix=-slim', '{{major}},prefix=stable-'].map(
        (pattern) => `type=semver,pattern=${pattern}`,
      ),
      tag: 'stable-1',
      frames: [{}, {suffix: '-slim'}],
    },
    {
      name: 'the Git tag as it is',
      rules: ['type=ref,event=tag,prefix=app/', 'type=semver,pattern={{major}}'],
      tag: '1',
      frames: [{prefix: 'app-'}],
    },
    {name: 'no exact tag', rules: ['type=semver,pattern={{major}}.{{minor}}'], tag: '1.2', frames: []},
    {
      name: 'numbers that are not written as a version',
      rules: ['type=semver,pattern={{major}}-{{minor}}-{{patch}}', 'type=semver,pattern={{major}}-{{minor}}'],
      tag: '1-2',
      frames: [],
    },
    {
      name: 'an expression besides, which is another one in the next release',
      rules: ['type=semver,pattern={{version}}-{{sha}}', 'type=semver,pattern={{version}},prefix={{tag}}-'],
      tag: 'latest',
      frames: [],
    },
    {
      name: 'a version that no tag can hold',
      rules: ['type=semver,pattern={{raw}}', 'type=semver,pattern={{major}}'],
      tag: '1',
      frames: [],
      ref: 'refs/tags/v1.2.3+b7',
    },
    {
      name: 'a local version of Python',
      rules: ['type=pep440,pattern={{version}}', 'type=pep440,pattern={{major}}'],
      tag: '1',
      frames: [],
      ref: 'refs/tags/v1.2.3+cu118',
    },
    {
      name: 'an epoch of Python',
      rules: ['type=pep440,pattern={{version}}', 'type=pep440,pattern={{major}}'],
      tag: '1',
      frames: [],
      ref: 'refs/tags/1!1.2.3',
    },
    {
      name: 'an exact tag of another version',
      rules: ['type=raw,value=5.0.0', 'type=semver,pattern={{major}}'],
      tag: '1',
      frames: [],
    },
  ])('has affixes from exact tags: $name', ({rules, tag, frames, ref = 'refs/tags/v1.2.3'}) => {
    const line = propose(pushOf(ref), rules).tags.find((one) => one.tag === tag)?.role
    expect(line).toMatchObject({
      kind: 'version-line',
      affixes: frames.map((frame) => ({prefix: '', suffix: '', ...frame})),
    })
  })

  test('a shortened exact tag has no affixes', () => {
    const rules = ['type=semver,pattern=a-long-prefix-{{version}}', 'type=semver,pattern={{major}}']
    expect(linesOf(rules, {maxTagLength: 12})).toMatchObject({1: {affixes: []}})
  })

  test('variant and environment end the exact tags too', () => {
    expect(linesOf([], {variant: 'alpine', isDefaultVariant: true, environment: 'staging'})).toMatchObject({
      '1.2-staging': {affixes: [{prefix: '', suffix: '-staging'}]},
      'latest-staging': {affixes: [{prefix: '', suffix: '-staging'}]},
      '1.2-alpine-staging': {affixes: [{prefix: '', suffix: '-alpine-staging'}]},
      'alpine-staging': {affixes: [{prefix: '', suffix: '-alpine-staging'}]},
    })
  })

  test.each([
    {pattern: '{{major}}.{{minor}}', level: 'minor'},
    {pattern: '{{minor}}.{{major}}', level: 'minor'},
    {pattern: 'v{{ major }}', level: 'major'},
    {pattern: '{{minor}}', level: 'all'},
    {pattern: '{{patch}}', level: 'all'},
    {pattern: '{{major}}{{minor}}', level: 'all'},
    {pattern: '{{major}}0{{minor}}', level: 'all'},
    {pattern: 'stable', level: 'all'},
  ])('of the pattern $pattern is $level', ({pattern, level}) => {
    const [tag] = propose(release, [`type=semver,pattern=${pattern}`]).tags
    expect(tag?.role).toMatchObject({kind: 'version-line', level})
  })

  test.each([
    {rule: 'type=ref,event=branch', branch: '1.2.0', tag: '1.2.0'},
    {rule: 'type=ref,event=branch', branch: 'v1.2.0', tag: 'v1.2.0'},
  ])('a branch that is called $branch floats', ({rule, branch, tag}) => {
    expect(linesOf([rule], {}, pushOf(`refs/heads/${branch}`))).toEqual({[tag]: {kind: 'newest-commit'}})
    const unique = propose(pushOf(`refs/heads/${branch}`), [rule], {uniqueBranchTags: true})
    expect(unique.tags.map(({role}) => role)).toEqual([{kind: 'newest-commit'}])
  })

  test.each<{name: string; pattern: string; ref: string; expected: object}>([
    {name: 'a major number', pattern: 'v(\\d+)', ref: 'v1.2.3', expected: {kind: 'version-line', level: 'major'}},
    {
      name: 'a minor number',
      pattern: '(v\\d+\\.\\d+)',
      ref: 'v1.2.3',
      expected: {kind: 'version-line', level: 'minor'},
    },
    {
      name: 'that of a component',
      pattern: 'v(\\d+)',
      ref: 'api/v1.2.3',
      expected: {kind: 'version-line', level: 'major'},
    },
    {
      name: 'that of a pre-release',
      pattern: 'v(\\d+)',
      ref: 'v1.2.3-rc.1',
      expected: {kind: 'version-line', level: 'major', version: '1.2.3-rc.1'},
    },
    {name: 'the whole version', pattern: 'v(.*)', ref: 'v1.2.3', expected: {kind: 'release', version: '1.2.3'}},
    {
      name: 'another text',
      pattern: '^[a-z]+',
      ref: 'api-v1.2.3',
      expected: {kind: 'version-line', level: 'all', promise: 'not-lower'},
    },
    {
      name: 'a number behind an epoch',
      pattern: '^\\d+',
      ref: '1!1.2.3',
      expected: {kind: 'version-line', scheme: 'pep440', version: '1!1.2.3', level: 'all', promise: 'not-lower'},
    },
    {name: 'a number of no version', pattern: '\\d+', ref: 'build-12', expected: {kind: 'newest-commit'}},
  ])('an expression finds $name', ({pattern, ref, expected}) => {
    const [tag] = propose(pushOf(`refs/tags/${ref}`), [
      `type=match,pattern=${pattern},group=${pattern.includes('(') ? 1 : 0}`,
    ]).tags
    expect(tag?.role).toMatchObject(expected)
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
      '1.2': floating('minor', [{}], 'pep440'),
      '2026.11.4': exact('2026.11.4', 'calver'),
      '1': floating('major'),
      latest: floating('all', [{}], 'pep440'),
    })
  })

  test('latest of a rule that cuts its text out of the version is about that version', () => {
    expect(linesOf(['type=match,pattern=v(\\d+)\\.,group=1'])).toEqual({
      '1': floating('major', []),
      latest: floating('all', []),
    })
  })

  test('a pre-release is exact', () => {
    expect(linesOf(['type=semver,pattern={{major}}.{{minor}}'], {}, pushOf('refs/tags/v1.3.0-rc.1'))).toEqual({
      '1.3.0-rc.1': exact('1.3.0-rc.1'),
    })
  })

  test.each<{
    name: string
    rules: readonly string[]
    tag: string
    expected: object
    ref?: string
    options?: ProposalOptions
  }>([
    {name: 'a literal', rules: ['latest'], tag: 'latest', expected: floating('all')},
    {name: 'raw', rules: ['type=raw,value=stable'], tag: 'stable', expected: floating('all')},
    {
      name: 'with a suffix',
      rules: ['latest-alpine'],
      tag: 'latest-alpine',
      expected: {
        affixes: [
          {prefix: '', suffix: '-alpine'},
          {prefix: 'latest-', suffix: ''},
        ],
      },
    },
    {
      name: 'with an exact suffix',
      rules: ['type=semver,pattern={{version}}', 'type=semver,pattern={{version}}-alpine', 'latest-alpine'],
      tag: 'latest-alpine',
      expected: floating('all', [{suffix: '-alpine'}]),
    },
    {
      name: 'of flavor',
      rules: ['stable'],
      options: {flavor: {latest: 'true'}},
      tag: 'latest',
      expected: floating('all'),
    },
    {name: 'a minor line', rules: ['1.2'], tag: '1.2', expected: {level: 'minor'}},
    {name: 'a major line', rules: ['type=raw,value=v1'], tag: 'v1', expected: {level: 'major'}},
    {name: 'a minor line of a variant', rules: ['v1.2-slim'], tag: 'v1.2-slim', expected: {level: 'minor'}},
    {
      name: 'a number of something else',
      rules: ['jdk-17'],
      tag: 'jdk-17',
      expected: {level: 'all', promise: 'not-lower'},
    },
    {
      name: 'a version of something else',
      rules: ['type=raw,value=8.2'],
      tag: '8.2',
      expected: {level: 'all', promise: 'not-lower'},
    },
    {
      name: 'an environment',
      rules: ['type=env'],
      options: {environment: 'production'},
      tag: 'production',
      expected: {level: 'all', promise: 'not-lower'},
    },
    {
      name: 'with an environment',
      rules: ['stable'],
      options: {environment: 'staging'},
      tag: 'stable-staging',
      expected: {
        affixes: [
          {prefix: '', suffix: '-staging'},
          {prefix: 'stable-', suffix: ''},
        ],
      },
    },
    {
      name: 'with a variant',
      rules: ['stable'],
      options: {variant: 'alpine'},
      tag: 'stable-alpine',
      expected: {promise: 'highest'},
    },
    {
      name: 'by a component',
      rules: ['latest'],
      options: {component: 'api'},
      ref: 'refs/tags/api/v1.2.3',
      tag: 'latest',
      expected: {version: '1.2.3'},
    },
    {
      name: 'by a calendar version',
      rules: ['latest'],
      ref: 'refs/tags/2026.02.0',
      tag: 'latest',
      expected: {scheme: 'numeric', version: '2026.02.0'},
    },
    {
      name: 'by a file',
      rules: ['latest'],
      ref: 'refs/heads/main',
      options: {version: {text: '1.2.3', from: 'a file'}},
      tag: 'latest',
      expected: {version: '1.2.3'},
    },
    {
      name: 'by the exact tag beside it',
      rules: ['1.2.3', '1.2.3-alpine', 'latest'],
      ref: 'refs/heads/main',
      tag: 'latest',
      expected: {version: '1.2.3'},
    },
    {
      name: 'by a mutable version',
      rules: ['1.2.3,mutable=true', 'latest'],
      ref: 'refs/heads/main',
      tag: 'latest',
      expected: {version: '1.2.3'},
    },
  ])('a name of the user follows versions: $name', ({rules, options = {}, ref = 'refs/tags/v1.2.3', tag, expected}) => {
    const line = propose(pushOf(ref), rules, options).tags.find((one) => one.tag === tag)?.role
    expect(line).toMatchObject({kind: 'version-line', ...expected})
  })

  test.each<{name: string; rules: readonly string[]; ref?: string; options?: ProposalOptions}>([
    {name: 'a branch', rules: ['type=ref,event=branch']},
    {name: 'edge', rules: ['type=edge']},
    {name: 'an expression for the branch', rules: ['type=raw,value=latest-{{branch}}']},
    {name: 'a prefix with the branch', rules: ['type=raw,value=latest,prefix={{branch}}-']},
    {name: 'a branch from a workflow expression', rules: ['main-latest']},
    {name: 'a date', rules: ["type=raw,value=nightly-{{date 'YYYYMMDD'}}"]},
    {name: 'the Git tag', rules: ['type=raw,value=build-{{tag}}'], ref: 'refs/tags/v1.2.3'},
    {name: 'the version itself', rules: ['type=raw,value=build-of-v1.2.3'], ref: 'refs/tags/v1.2.3'},
  ])('follows commits, whatever the version: $name', ({rules, ref = 'refs/heads/main'}) => {
    const {tags} = propose(pushOf(ref), rules, {version: {text: '1.2.3', from: 'a file'}})
    expect(tags.map(({role}) => role.kind)).toEqual(['newest-commit'])
  })

  test.each([
    {name: 'the whole commit, as a workflow writes it', rule: sha, kind: 'commit'},
    {name: 'seven digits of it', rule: '860c190', kind: 'commit'},
    {name: 'six digits of it', rule: '860c19', kind: 'newest-commit'},
    {name: 'prefix and suffix', rule: `type=raw,value=${sha},prefix=sha-,suffix=-alpine`, kind: 'commit'},
    {name: 'text around it', rule: 'build_860c1904.slim', kind: 'commit'},
    {name: 'the expression', rule: 'type=raw,value={{branch}}-{{sha}}', kind: 'commit'},
    {name: 'a whole reference', rule: `quay.io/o/app:v-${sha}`, kind: 'commit'},
    {name: 'another commit', rule: sha.replace('8', '9'), kind: 'newest-commit'},
    {name: 'a longer text', rule: `${sha}0`, kind: 'newest-commit'},
    {name: 'a part of a word', rule: `x${sha}`, kind: 'newest-commit'},
    {name: 'a version', rule: '1.2.3-860c190', kind: 'release'},
    {name: 'mutable=true', rule: '860c190,mutable=true', kind: 'newest-commit'},
  ])('names its commit if the text does: $name', ({rule, kind}) => {
    const {tags, references} = propose(pushOf('refs/heads/main'), [rule])
    expect([...tags, ...references].map(({role}) => role.kind)).toEqual([kind])
  })

  test('follows the branch if the branch is named after a commit', () => {
    const {tags} = propose(pushOf('refs/heads/fix-860c190'), ['type=ref,event=branch'])
    expect(tags.map(({role}) => role.kind)).toEqual(['newest-commit'])
  })

  test('a name of the user follows commits without a version, and keeps its promise for a promote', () => {
    expect(linesOf(['latest', 'lts'], {}, pushOf('refs/heads/main'))).toEqual({
      latest: {kind: 'newest-commit', promise: 'highest'},
      lts: {kind: 'newest-commit', promise: 'not-lower'},
    })
  })

  test.each([
    {rule: '1.2.3,mutable=true', ref: 'refs/heads/main'},
    {rule: 'type=raw,value=1.2.3,mutable=true', ref: 'refs/heads/main'},
    {rule: 'type=semver,pattern={{version}},mutable=true', ref: 'refs/tags/v1.2.3'},
    {rule: 'type=pep440,pattern={{version}},mutable=true', ref: 'refs/tags/v1.2.3'},
    {rule: 'type=match,pattern=v(.*),group=1,mutable=true', ref: 'refs/tags/v1.2.3'},
    {rule: 'type=ref,event=tag,mutable=true', ref: 'refs/tags/1.2.3'},
    {rule: 'type=calver,pattern=YY.MM.MICRO,value=1.2.3,mutable=true', ref: 'refs/heads/main'},
  ])('a full version with mutable floats: $rule', ({rule, ref}) => {
    expect(linesOf([rule], {flavor: {latest: 'false'}}, pushOf(ref))).toEqual({'1.2.3': {kind: 'newest-commit'}})
  })

  test.each([
    {rule: '2026.02.0', scheme: 'numeric'},
    {rule: 'type=raw,value=1.2.3.4', scheme: 'numeric'},
    {rule: 'type=raw,value=2026.02.0', scheme: 'numeric'},
  ])('a release in another scheme is exact: $rule', ({rule, scheme}) => {
    const [tag] = propose(pushOf('refs/heads/main'), [rule]).tags
    expect(tag?.role).toMatchObject({kind: 'release', scheme})
  })

  const days = ['2026-01-02T03:04:05Z', '2026-11-29T03:04:05Z']
  const looks = [
    "{{date 'YYYYMMDD'}}",
    "{{date 'YYYY.MM.DD'}}",
    "{{date 'YYYY.M.D'}}",
    "{{date 'YYYY.MM.DD'}}-alpine",
    "{{date 'YYYYMMDD'}}-nightly",
    "{{date 'YYYYMMDD'}}-{{branch}}",
    "{{date 'YYYYMMDD'}}-{{sha}}",
    "{{date 'YYYY.MM.DD.HHmm'}}",
    "{{commit_date 'YYYY.MM.DD'}}",
    '1.2.{{run}}',
    '1.2.3-{{branch}}',
    '1.2.3-{{short_ref_hash}}',
    '1.2.3{{pr}}',
  ]
  const events = [
    {on: 'push', rule: 'type=raw,value=', ref: 'refs/heads/main', changes: {}},
    {on: 'schedule', rule: 'type=schedule,pattern=', ref: 'refs/heads/main', changes: {event: 'schedule'}},
    {on: 'Git tag', rule: 'type=raw,value=', ref: 'refs/tags/v1.2.3', changes: {}},
  ] as const
  const cases = events.flatMap((event) => days.flatMap((day) => looks.map((look) => ({...event, day, look}))))
  test.each(cases)('an expression of the event makes no release: $look on $on at $day', (one) => {
    const {rule, ref, changes, day, look} = one
    const context = pushOf(ref, {...changes, commitDate: day})
    const {tags, problems} = propose(context, [`${rule}${look}`], {now: new Date(day), flavor: {latest: 'true'}})
    expect(problems.all).toEqual([])
    expect(tags.map(({role}) => role.kind)).not.toContain('release')
    // Nor is it the version that `latest` follows.
    const versions = tags.flatMap(({role}) => (role.kind === 'version-line' ? [role.version] : []))
    expect(versions.filter((version) => version !== '1.2.3' || ref === 'refs/heads/main')).toEqual([])
  })

  test.each([
    {name: 'a prefix', rule: "type=raw,value=1.2.3,prefix={{date 'YYYYMMDD'}}-"},
    {name: 'a suffix', rule: 'type=raw,value=1.2.3,suffix=-{{branch}}'},
    {name: 'the value of a match', rule: "type=match,pattern=.*,value={{date 'YYYY.MM.DD'}}"},
    {name: 'a literal', rule: '1.2.3-{{branch}}'},
  ])('nor does $name', ({rule}) => {
    const [tag] = propose(pushOf('refs/heads/main'), [rule]).tags
    expect(tag?.role.kind).not.toBe('release')
  })

  test.each([
    {rule: 'type=raw,value={{tag}}', ref: 'refs/tags/v1.2.3'},
    {rule: 'type=raw,value={{tag}}', ref: 'refs/tags/2026.01.02'},
    {rule: 'type=raw,value={{tag}}-{{sha}}', ref: 'refs/tags/v1.2.3'},
    {rule: 'type=match,pattern=.*', ref: 'refs/tags/2026.01.02'},
    {rule: 'type=match,pattern=.*,value={{tag}}', ref: 'refs/tags/2026.01.02'},
    {rule: 'type=ref,event=tag', ref: 'refs/tags/20260102'},
    {rule: 'type=semver,pattern={{version}}-{{sha}}', ref: 'refs/tags/v1.2.3'},
    {rule: 'type=raw,value=2026.01.02.1200', ref: 'refs/heads/main'},
  ])('a Git tag and a text without expressions do: $rule', ({rule, ref}) => {
    const [tag] = propose(pushOf(ref), [rule]).tags
    expect(tag?.role.kind).toBe('release')
  })

  test('pieces of one pre-release stay beside the whole of another', () => {
    const rules = ['type=semver,pattern={{version}},value=1.3.0-rc.1', 'type=semver,pattern={{major}},value=1.3.0-rc.2']
    expect(propose(pushOf('refs/heads/main'), rules).names).toEqual(['1.3.0-rc.1', '1.3.0-rc.2'])
  })

  test.each([
    {rules: ['docker.io/acme/mirror:stable'], exact: [{prefix: '', suffix: '-alpine'}]},
    {
      rules: ['docker.io/acme/mirror:stable', 'docker.io/acme/mirror:1.2.3'],
      exact: [{prefix: '', suffix: ''}],
    },
  ])('a whole reference is read as the exact tags are written: $rules', ({rules, exact}) => {
    const {references} = propose(release, ['type=semver,pattern={{version}},suffix=-alpine', ...rules])
    expect(references[0]?.role).toMatchObject({kind: 'version-line', version: '1.2.3', affixes: exact})
  })

  test('a schedule takes mutable', () => {
    const context = pushOf('refs/heads/main', {event: 'schedule'})
    expect(linesOf(['type=schedule,pattern=1.2.3,mutable=true'], {}, context)).toEqual({
      '1.2.3': {kind: 'newest-commit'},
    })
  })

  test.each(['24.04', '2026.02.01', '2026.11.29', '2026-02-01', '20260201', '1.2', '1.2.3.x'])(
    'a name that may be a line or a day is not exact beside a branch: %s',
    (name) => {
      const [tag] = propose(pushOf('refs/heads/main'), [`type=raw,value=${name}`]).tags
      expect(tag?.role.kind).toBe('newest-commit')
    },
  )
})

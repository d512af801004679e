import {describe, expect, test} from '@jest/globals'
import {tagKind} from '../../../src/tags/tag-role.ts'
import {formatNotice, formatProblem} from '../../../src/inputs/problem.ts'
import {formatTagRef} from '../../../src/oci/reference.ts'
import type {GitContext} from '../../../src/context/git-context.ts'
import {propose, pushOf, type ProposalOptions} from '../../../testing/plans.ts'

interface Row {
  readonly name: string
  readonly context: GitContext
  readonly tags: readonly string[]
  readonly options?: ProposalOptions
  readonly expected: readonly string[]
}

const release = pushOf('refs/tags/v1.2.3')
const candidate = pushOf('refs/tags/v2.0.0-rc.1')
const branch = pushOf('refs/heads/feature/a')
const main = pushOf('refs/heads/main')
const pull = pushOf('refs/pull/12/merge', {
  event: 'pull_request',
  eventName: 'pull_request',
  ref: {kind: 'pull', name: '12'},
  pull: {number: 12, headSha: undefined, headRef: undefined, baseRef: 'main', fromFork: false},
  baseRef: 'main',
})
const nightly = pushOf('refs/heads/main', {event: 'schedule', eventName: 'schedule'})

const rules: readonly Row[] = [
  {name: 'semver version', context: release, tags: ['type=semver,pattern={{version}}'], expected: ['1.2.3', 'latest']},
  {name: 'semver raw', context: release, tags: ['type=semver,pattern={{raw}}'], expected: ['v1.2.3', 'latest']},
  {
    name: 'semver pieces',
    context: release,
    tags: ['type=semver,pattern={{major}}.{{minor}}.{{patch}}'],
    expected: ['1.2.3', 'latest'],
  },
  {
    name: 'semver for a Git tag of two numbers',
    context: pushOf('refs/tags/v0.29'),
    tags: ['type=semver,pattern={{version}}'],
    expected: [],
  },
  {
    name: 'match for a tag with a #',
    context: pushOf('refs/tags/mkdocs#20250820'),
    tags: ['type=match,pattern=mkdocs#(.*),group=1'],
    expected: ['20250820', 'latest'],
  },
  {name: 'semver on a branch', context: branch, tags: ['type=semver,pattern={{version}}'], expected: []},
  {
    name: 'semver with a value',
    context: branch,
    tags: ['type=semver,pattern={{version}},value=v3.1.0'],
    expected: ['3.1.0', 'latest'],
  },
  {
    name: 'semver pre-release of pieces is the version',
    context: candidate,
    tags: ['type=semver,pattern={{major}}.{{minor}}'],
    expected: ['2.0.0-rc.1'],
  },
  {
    name: 'semver pre-release keeps literal text',
    context: candidate,
    tags: ['type=semver,pattern={{version}}-alpine'],
    expected: ['2.0.0-rc.1-alpine'],
  },
  {
    name: 'semver pre-release raw',
    context: candidate,
    tags: ['type=semver,pattern={{raw}}'],
    expected: ['v2.0.0-rc.1'],
  },
  {
    name: 'build metadata',
    context: pushOf('refs/tags/v1.2.3+7'),
    tags: ['type=semver,pattern={{version}}', 'type=semver,pattern={{raw}}'],
    expected: ['1.2.3-7', 'v1.2.3-7', 'latest'],
  },
  {
    name: 'build metadata that the pattern names by itself',
    context: pushOf('refs/tags/v1.2.3+fork.1'),
    tags: ['type=semver,pattern={{version}}_{{build}}', 'type=semver,pattern={{major}}.{{minor}}.{{patch}}-{{build}}'],
    expected: ['1.2.3_fork.1', '1.2.3-fork.1', 'latest'],
  },
  {
    name: 'a pre-release has one spelling',
    context: candidate,
    tags: ['v{{version}}', 'v{{major}}.{{minor}}', 'v{{major}}'].map((pattern) => `type=semver,pattern=${pattern}`),
    expected: ['v2.0.0-rc.1'],
  },
  {
    name: 'a pre-release has one spelling, whichever rule comes first',
    context: candidate,
    tags: ['{{major}}.{{minor}}-alpine', '{{version}}-alpine'].map((pattern) => `type=semver,pattern=${pattern}`),
    expected: ['2.0.0-rc.1-alpine'],
  },
  {
    name: 'pieces keep their text in a pre-release',
    context: candidate,
    tags: ['v{{major}}.{{minor}}-alpine', 'v{{major}}-latest-alpine'].map(
      (pattern) => `type=semver,pattern=${pattern}`,
    ),
    expected: ['v2.0.0-rc.1-alpine', 'v2.0.0-rc.1-latest-alpine'],
  },
  {
    name: 'pieces of a pre-release of Python keep their text',
    context: pushOf('refs/tags/v2.0.0rc1'),
    tags: ['type=pep440,pattern=v{{major}}.{{minor}}-alpine'],
    expected: ['v2.0.0rc1-alpine'],
  },
  {
    name: 'pieces with a suffix of their own give the pre-release with it',
    context: candidate,
    tags: ['type=semver,pattern={{version}}', 'type=semver,pattern={{major}}.{{minor}},suffix=-alpine'],
    expected: ['2.0.0-rc.1', '2.0.0-rc.1-alpine'],
  },
  {
    name: 'a rule that is switched off gives no pre-release its tag',
    context: candidate,
    tags: ['type=semver,pattern={{version}},enable=false', 'type=semver,pattern=v{{major}}'],
    expected: ['v2.0.0-rc.1'],
  },
  {name: 'ref branch', context: branch, tags: ['type=ref,event=branch'], expected: ['feature-a']},
  {name: 'ref branch on a tag', context: release, tags: ['type=ref,event=branch'], expected: []},
  {name: 'ref tag is latest', context: release, tags: ['type=ref,event=tag'], expected: ['v1.2.3', 'latest']},
  {
    name: 'ref tag, a pre-release too, as documented',
    context: candidate,
    tags: ['type=ref,event=tag'],
    expected: ['v2.0.0-rc.1', 'latest'],
  },
  {name: 'ref pr', context: pull, tags: ['type=ref,event=pr'], expected: ['pr-12']},
  {name: 'ref pr with another prefix', context: pull, tags: ['type=ref,event=pr,prefix=pull-'], expected: ['pull-12']},
  {name: 'ref pr without a prefix', context: pull, tags: ['type=ref,event=pr,prefix='], expected: ['12']},
  {name: 'sha', context: branch, tags: ['type=sha'], expected: ['sha-860c190']},
  {
    name: 'sha long',
    context: branch,
    tags: ['type=sha,format=long,prefix='],
    expected: ['860c1904a1ce19322e91ac35af1ab07466440c37'],
  },
  {
    name: 'sha of another length',
    context: branch,
    tags: ['type=sha'],
    options: {shortShaLength: 12},
    expected: ['sha-860c1904a1ce'],
  },
  {name: 'schedule', context: nightly, tags: ['type=schedule'], expected: ['nightly']},
  {
    name: 'schedule with a date',
    context: nightly,
    tags: ["type=schedule,pattern={{date 'YYYYMMDD'}}"],
    expected: ['20260102'],
  },
  {name: 'schedule elsewhere', context: branch, tags: ['type=schedule'], expected: []},
  {name: 'edge on the default branch', context: main, tags: ['type=edge'], expected: ['edge']},
  {name: 'edge elsewhere', context: branch, tags: ['type=edge'], expected: []},
  {name: 'edge of a branch', context: branch, tags: ['type=edge,branch=feature/a'], expected: ['edge']},
  {name: 'raw', context: branch, tags: ['type=raw,value=stable'], expected: ['stable']},
  {
    name: 'raw with expressions',
    context: branch,
    tags: ['type=raw,value={{branch}}-{{sha}}-{{run}}'],
    expected: ['feature-a-860c190-42'],
  },
  {name: 'env', context: branch, tags: ['type=env'], options: {environment: 'staging'}, expected: ['staging']},
  {name: 'env without an environment', context: branch, tags: ['type=env'], expected: []},
  {name: 'a literal', context: branch, tags: ['stable'], expected: ['stable']},
  {name: 'literals in a line', context: branch, tags: ['stable, v2,next'], expected: ['stable', 'v2', 'next']},
  {name: 'a literal with an expression', context: pull, tags: ['pull-{{pr}}'], expected: ['pull-12']},
]

const python = pushOf('refs/tags/v1.2.3rc2')
const component = pushOf('refs/tags/api/v1.2.3')
const calendar = pushOf('refs/tags/v2024.01.3')

const versions: readonly Row[] = [
  {
    name: 'pep440',
    context: pushOf('refs/tags/1.2.3'),
    tags: ['type=pep440,pattern={{version}}', 'type=pep440,pattern={{major}}.{{minor}}'],
    expected: ['1.2.3', '1.2', 'latest'],
  },
  {
    name: 'pep440 pre-release',
    context: python,
    tags: ['type=pep440,pattern={{major}}.{{minor}}'],
    expected: ['1.2.3rc2'],
  },
  {name: 'pep440 pre-release, raw', context: python, tags: ['type=pep440,pattern={{raw}}'], expected: ['v1.2.3rc2']},
  {
    name: 'match',
    context: pushOf('refs/tags/v2.0.8-beta.67'),
    tags: [String.raw`type=match,pattern=v(\d.\d),group=1`],
    expected: ['2.0', 'latest'],
  },
  {
    name: 'match with slashes in the tag',
    context: pushOf('refs/tags/p1/v1.2.3'),
    tags: [String.raw`type=match,pattern=p1/v(\d.\d.\d),group=1`],
    expected: ['1.2.3', 'latest'],
  },
  {
    name: 'match with a comma in quotes',
    context: pushOf('refs/tags/v12.1'),
    tags: [String.raw`type=match,"pattern=\d{1,3}"`],
    expected: ['12', 'latest'],
  },
  {
    name: 'match between slashes, with a flag',
    context: pushOf('refs/tags/REL-7'),
    tags: [String.raw`type=match,pattern=/rel-(\d+)/i,group=1`],
    expected: ['7', 'latest'],
  },
  {
    name: 'the match of semver',
    context: pushOf('refs/tags/service-v1.4.0'),
    tags: ['type=semver,pattern={{version}},match=-v(.*)'],
    expected: ['1.4.0', 'latest'],
  },
  {
    name: 'the match of semver sees the slashes of the tag',
    context: pushOf('refs/tags/app/v1.2.3'),
    tags: ['type=semver,pattern={{version}},match=app/v(.*)', 'type=pep440,pattern={{raw}},match=app/(.*)'],
    expected: ['1.2.3', 'v1.2.3', 'latest'],
  },
  {
    name: 'the match of semver sees the slashes of a value, and what it finds has none',
    context: branch,
    tags: ['type=semver,pattern={{version}},value=app/v1.2.3-rc/1,match=app/v(.*)'],
    expected: ['1.2.3-rc-1'],
  },
  {
    name: 'calver prefers the Git tag to the version',
    context: calendar,
    tags: ['type=calver,pattern=YYYY.0M.MICRO'],
    options: {version: {text: '1.0.0', from: 'the input `version`'}},
    expected: ['2024.01.3', 'latest'],
  },
  {
    name: 'calver with a Git tag',
    context: calendar,
    tags: ['type=calver,pattern=YYYY.0M.MICRO'],
    expected: ['2024.01.3', 'latest'],
  },
  {
    name: 'calver with date and run',
    context: main,
    tags: ['type=calver,pattern=YYYY.0M.MICRO'],
    expected: ['2026.01.42'],
  },
  {
    name: 'calver in a time zone',
    context: main,
    tags: ['type=calver,pattern=YYYY.MM.DD,tz=Asia/Tokyo'],
    options: {now: new Date('2026-01-02T20:00:00Z')},
    expected: ['2026.1.3'],
  },
  {
    name: 'file',
    context: main,
    tags: ['type=file,path=package.json', 'type=file,path=package.json,pattern={{major}}'],
    options: {files: {'package.json': {ok: true, version: '3.2.1', where: 'package.json, version'}}},
    expected: ['3.2.1', '3', 'latest'],
  },
  {
    name: 'a version from elsewhere',
    context: main,
    tags: ['type=semver,pattern={{version}}', 'type=sha'],
    options: {version: {text: 'v4.5.6', from: 'the Git tag v4.5.6 on the commit'}},
    expected: ['4.5.6', 'sha-860c190', 'latest'],
  },
  {
    name: 'a component, by its own rules',
    context: component,
    tags: ['type=semver,pattern={{version}}'],
    options: {component: 'api'},
    expected: ['1.2.3', 'latest'],
  },
  {
    name: 'a component, by default',
    context: component,
    tags: [],
    options: {component: 'api'},
    expected: ['1.2.3', '1.2', '1', 'sha-860c190', 'latest'],
  },
  {
    name: 'a scoped component',
    context: pushOf('refs/tags/@acme/api@1.2.3-rc.1'),
    tags: [],
    options: {component: 'api'},
    expected: ['1.2.3-rc.1', 'sha-860c190'],
  },
]

const variants: readonly Row[] = [
  {
    name: 'a variant',
    context: release,
    tags: [],
    options: {variant: 'alpine'},
    expected: ['1.2.3-alpine', '1.2-alpine', '1-alpine', 'sha-860c190-alpine', 'alpine'],
  },
  {
    name: 'the default variant',
    context: release,
    tags: ['type=semver,pattern={{version}}'],
    options: {variant: 'alpine', isDefaultVariant: true},
    expected: ['1.2.3', 'latest', '1.2.3-alpine', 'alpine'],
  },
  {
    name: 'a variant in an environment',
    context: release,
    tags: ['type=semver,pattern={{version}}'],
    options: {variant: 'alpine', environment: 'staging'},
    expected: ['1.2.3-alpine-staging', 'alpine-staging'],
  },
  {
    name: 'a variant leaves room for itself',
    context: pushOf(`refs/heads/${'x'.repeat(300)}`),
    tags: ['type=ref,event=branch'],
    options: {variant: 'alpine', maxTagLength: 27},
    expected: ['xxxxxxxxxxxx-0d4e2ca-alpine'],
  },
  {
    name: 'unique branch tags',
    context: branch,
    tags: ['type=ref,event=branch'],
    options: {uniqueBranchTags: true},
    expected: ['feature-a-1901a3a'],
  },
  {
    name: 'unique branch tags of a branch that looks alike',
    context: pushOf('refs/heads/feature-a'),
    tags: ['type=ref,event=branch'],
    options: {uniqueBranchTags: true},
    expected: ['feature-a-9c9c2bb'],
  },
  {
    name: 'unique branch tags of a branch with no usable character',
    context: pushOf('refs/heads/日本語'),
    tags: ['type=ref,event=branch'],
    options: {uniqueBranchTags: true},
    expected: ['ref-ee2257e'],
  },
  {
    name: 'a variant in the place of latest, beside an affix of the same word',
    context: release,
    tags: ['type=semver,pattern={{version}}'],
    options: {variant: 'alpine', flavor: {suffix: '-latest', suffixOnLatest: true}},
    expected: ['1.2.3-latest-alpine', 'alpine-latest'],
  },
  {
    name: 'a raw rule with the hash',
    context: branch,
    tags: ['type=raw,value=b-{{short_ref_hash}}'],
    expected: ['b-1901a3a'],
  },
]

const shaping: readonly Row[] = [
  {
    name: 'order of priority, latest last',
    context: release,
    tags: ['type=sha', 'type=semver,pattern={{version}}', 'type=raw,value=x,priority=2000'],
    expected: ['x', '1.2.3', 'sha-860c190'],
  },
  {
    name: 'the first tag decides about latest',
    context: release,
    tags: ['type=sha', 'type=semver,pattern={{version}}'],
    expected: ['1.2.3', 'sha-860c190', 'latest'],
  },
  {
    name: 'equal priorities keep their order',
    context: branch,
    tags: ['type=raw,value=b', 'type=raw,value=a'],
    expected: ['b', 'a'],
  },
  {name: 'no tag twice', context: branch, tags: ['type=raw,value=a', 'a'], expected: ['a']},
  {
    name: 'latest written by hand is not added again',
    context: release,
    tags: ['type=semver,pattern={{version}}', 'latest'],
    expected: ['1.2.3', 'latest'],
  },
  {
    name: 'flavor latest=true',
    context: branch,
    tags: ['type=ref,event=branch'],
    options: {flavor: {latest: 'true'}},
    expected: ['feature-a', 'latest'],
  },
  {
    name: 'flavor latest=true without any tag',
    context: branch,
    tags: ['type=ref,event=tag'],
    options: {flavor: {latest: 'true'}},
    expected: [],
  },
  {
    name: 'flavor latest=false',
    context: release,
    tags: ['type=semver,pattern={{version}}'],
    options: {flavor: {latest: 'false'}},
    expected: ['1.2.3'],
  },
  {
    name: 'flavor prefix and suffix, not on latest',
    context: release,
    tags: ['type=semver,pattern={{version}}'],
    options: {flavor: {prefix: 'p-', suffix: '-s'}},
    expected: ['p-1.2.3-s', 'latest'],
  },
  {
    name: 'flavor suffix on latest',
    context: release,
    tags: ['type=semver,pattern={{version}}'],
    options: {flavor: {suffix: '-alpine', suffixOnLatest: true}},
    expected: ['1.2.3-alpine', 'latest-alpine'],
  },
  {
    name: 'flavor prefix with an expression, on latest',
    context: main,
    tags: ['type=raw,value=x'],
    options: {flavor: {latest: 'true', prefix: '{{branch}}-', prefixOnLatest: true}},
    expected: ['main-x', 'main-latest'],
  },
  {
    name: "a rule's own suffix replaces the flavor's",
    context: release,
    tags: ['type=semver,pattern={{version}},suffix=-x', 'type=sha,suffix='],
    options: {flavor: {suffix: '-s'}},
    expected: ['1.2.3-x', 'sha-860c190', 'latest'],
  },
  {
    name: 'enable',
    context: main,
    tags: [
      'type=raw,value=a,enable=false',
      'type=raw,value=b,enable={{is_default_branch}}',
      'type=raw,value=c,enable={{is_not_default_branch}}',
    ],
    expected: ['b'],
  },
  {
    name: 'environment',
    context: release,
    tags: [],
    options: {environment: 'staging'},
    expected: ['1.2.3-staging', '1.2-staging', '1-staging', 'sha-860c190-staging', 'latest-staging'],
  },
  {
    name: 'no latest with a prefix that is empty here',
    context: release,
    tags: ['type=raw,value=x,prefix='],
    options: {flavor: {latest: 'true', prefix: '{{branch}}-', prefixOnLatest: true}},
    expected: ['x'],
  },
  {
    name: 'no latest with a suffix that is empty here',
    context: release,
    tags: ['type=semver,pattern={{version}},suffix='],
    options: {flavor: {suffix: '-{{branch}}', suffixOnLatest: true}},
    expected: ['1.2.3'],
  },
  {
    name: 'a branch with a separator',
    context: pushOf('refs/heads/_int'),
    tags: ['type=raw,value={{branch}}{{tag}}', 'type=raw,value=a{{#if tag}}{{tag}}{{else}}{{branch}}{{/if}}_'],
    expected: ['_int', 'a_int_'],
  },
  {
    name: 'conditions as values',
    context: pushOf('refs/heads/_int'),
    tags: ['type=raw,value={{#if tag}}{{tag}}{{else}}{{branch}}{{/if}}'],
    expected: ['_int'],
  },
  {
    name: 'an empty value with a suffix that is a tag by itself',
    context: branch,
    tags: ['type=raw,value={{tag}},suffix=nightly'],
    expected: ['nightly'],
  },
  {
    name: 'the default branch of a schedule whose payload does not name it',
    context: {...nightly, repository: {...nightly.repository, defaultBranch: undefined}},
    tags: ['type=raw,value=x,enable={{is_default_branch}}'],
    expected: ['x'],
  },
  {
    name: 'type=env beside a rule of the same text',
    context: pushOf('refs/heads/staging'),
    tags: ['type=ref,event=branch', 'type=env'],
    options: {environment: 'staging'},
    expected: ['staging-staging', 'staging'],
  },
  {
    name: 'environment and type=env',
    context: release,
    tags: ['type=env', 'type=raw,value=v'],
    options: {environment: 'staging'},
    expected: ['staging', 'v-staging'],
  },
  {
    name: 'an ampersand is not escaped',
    context: pushOf('refs/heads/feat/a&b'),
    tags: ['type=raw,value={{branch}}'],
    expected: ['feat-a-b'],
  },
  {
    name: 'a long branch is cut and stays unique',
    context: pushOf(`refs/heads/${'x'.repeat(300)}`),
    tags: ['type=ref,event=branch'],
    options: {maxTagLength: 20},
    expected: ['xxxxxxxxxxxx-0d4e2ca'],
  },
  {
    name: 'a long branch keeps its environment',
    context: pushOf(`refs/heads/${'x'.repeat(300)}`),
    tags: ['type=ref,event=branch'],
    options: {maxTagLength: 20, environment: 'dev'},
    expected: ['xxxxxxxx-0d4e2ca-dev'],
  },
  {
    name: 'a branch with no usable character',
    context: pushOf('refs/heads/日本語'),
    tags: ['type=ref,event=branch'],
    expected: ['ref-77710ae'],
  },
]

describe.each([
  {title: 'rules', rows: rules},
  {title: 'versions', rows: versions},
  {title: 'variants and unique tags', rows: variants},
  {title: 'flavor, order and environment', rows: shaping},
])('$title', ({rows}) => {
  test.each([...rows])('$name', ({context, tags, options, expected}) => {
    const proposed = propose(context, tags, options)
    expect(proposed.problems.all.map(formatProblem)).toEqual([])
    expect(proposed.names).toEqual(expected)
  })
})

describe('whole references', () => {
  test('are lowered with a notice, all but the tag', () => {
    const {references, problems} = propose(branch, ['x', 'User/App:RC,GHCR.io/o/a:1', 'user/app:RC'])
    expect(references.map(({reference}) => formatTagRef(reference))).toEqual([
      'user/app:RC',
      'ghcr.io/o/a:1',
      'user/app:RC',
    ])
    expect(problems.notices).toMatchObject([
      {line: 2, column: 1, message: expect.stringContaining('user/app:RC')},
      {line: 2, column: 13, message: expect.stringContaining('ghcr.io/o/a:1')},
    ])
  })

  test('may end with a comma, as in a list', () => {
    const {references, problems} = propose(branch, ['a/b:latest,', 'a/b:1,'])
    expect(problems.all.map(formatProblem)).toEqual([])
    expect(references.map(({reference}) => formatTagRef(reference))).toEqual(['a/b:latest', 'a/b:1'])
  })

  test('are separate from the images', () => {
    const {names, references} = propose(branch, ['user/app:1.0', 'ghcr.io/o/a:edge'])
    expect(names).toEqual([])
    expect(references.map(({reference, role}) => ({...reference, role}))).toEqual([
      {
        repository: {host: 'docker.io', path: 'user/app'},
        tag: '1.0',
        role: {kind: 'newest-commit', promise: 'not-lower'},
      },
      {repository: {host: 'ghcr.io', path: 'o/a'}, tag: 'edge', role: {kind: 'newest-commit', promise: 'not-lower'}},
    ])
  })
})

describe('reasons', () => {
  test.each([
    {
      name: 'a rule of another event',
      context: branch,
      tags: ['type=ref,event=tag'],
      reason: {code: 'other-event', wanted: 'tag'},
      level: 'info',
    },
    {
      name: 'switched off',
      context: branch,
      tags: ['type=sha,enable=false'],
      reason: {code: 'disabled', enable: 'false'},
      level: 'info',
    },
    {
      name: 'an empty value',
      context: branch,
      tags: ['type=raw,value='],
      reason: {code: 'empty-attribute', attribute: 'value'},
      level: 'warning',
    },
    {
      name: 'an empty semver value',
      context: branch,
      tags: ['type=semver,pattern={{version}},value='],
      reason: {code: 'empty-attribute', attribute: 'value'},
      level: 'warning',
    },
    {
      name: 'no version',
      context: pushOf('refs/tags/nightly'),
      tags: ['type=semver,pattern={{version}}'],
      reason: {code: 'not-semver', text: 'nightly'},
      level: 'warning',
    },
    {
      name: 'an expression that is empty here',
      context: release,
      tags: ['type=raw,value={{branch}}-x'],
      reason: {code: 'empty-expression', names: ['branch'], text: '-x'},
      level: 'info',
    },
    {
      name: 'a value from an empty expression',
      context: branch,
      tags: ['type=raw,value={{base_ref}}'],
      reason: {code: 'empty-expression', names: ['base_ref'], text: ''},
      level: 'info',
    },
    {
      name: 'a block that comes to nothing',
      context: branch,
      tags: ['type=raw,value={{#if env}}x{{/if}}'],
      reason: {code: 'empty-expression', names: ['env'], text: ''},
      level: 'info',
    },
    {
      name: 'two empty expressions',
      context: branch,
      tags: ['type=raw,value={{base_ref}}{{tag}}'],
      reason: {code: 'empty-expression', names: ['base_ref', 'tag'], text: ''},
      level: 'info',
    },
    {
      name: 'a block that leaves its separator alone',
      context: branch,
      tags: ['type=raw,value=dev-{{#if tag}}x{{/if}}'],
      reason: {code: 'empty-expression', names: ['tag'], text: 'dev-'},
      level: 'info',
    },
    {
      name: 'a version from an empty expression',
      context: branch,
      tags: ['type=semver,pattern={{version}},value={{tag}}'],
      reason: {code: 'empty-expression', names: ['tag'], text: ''},
      level: 'info',
    },
    {
      name: 'an empty pep440 value',
      context: branch,
      tags: ['type=pep440,pattern={{version}},value='],
      reason: {code: 'empty-attribute', attribute: 'value'},
      level: 'warning',
    },
    {
      name: 'an empty match value',
      context: branch,
      tags: ['type=match,pattern=.*,value='],
      reason: {code: 'empty-attribute', attribute: 'value'},
      level: 'warning',
    },
    {
      name: 'an empty calver value',
      context: branch,
      tags: ['type=calver,pattern=YYYY.MM.MICRO,value='],
      reason: {code: 'empty-attribute', attribute: 'value'},
      level: 'warning',
    },
    {
      name: 'two texts, one tag',
      context: branch,
      tags: ['type=ref,event=branch', 'type=raw,value=feature-a'],
      reason: {code: 'same-tag', text: 'feature-a', other: 'feature/a', tag: 'feature-a'},
      level: 'warning',
    },
  ])('$name', ({context, tags, reason, level}) => {
    expect(propose(context, tags).skipped).toMatchObject([{reason, level}])
  })

  describe('a note about missing latest, with a stable version of a later rule', () => {
    const tags = ['type=sha,priority=1000', 'type=semver,pattern={{version}}']
    const expected = {code: 'not-latest', rule: 'type=sha,priority=1000 (tags, line 1)'}

    test.each<{
      name: string
      context: GitContext
      tags: readonly string[]
      options?: ProposalOptions
      isNoted: boolean
    }>([
      {name: 'is added', context: release, tags, isNoted: true},
      {name: 'is not added if latest exists', context: release, tags: [...tags, 'latest'], isNoted: false},
      {name: 'is not added if no rule asks for it', context: candidate, tags, isNoted: false},
      {
        name: 'is not added with latest=false',
        context: release,
        tags,
        options: {flavor: {latest: 'false'}},
        isNoted: false,
      },
    ])('$name', ({context, tags: given, options, isNoted}) => {
      const {skipped, tags: proposed} = propose(context, given, options)
      const notes = proposed.flatMap(({tag, notes: ofTag}) => ofTag.map((note) => ({tag, note})))
      expect(notes).toEqual(isNoted ? [{tag: '1.2.3', note: expected}] : [])
      expect(skipped).toEqual([])
    })

    test('is added only to the first tag whose rule asks for it', () => {
      const {tags: proposed} = propose(release, [...tags, 'type=semver,pattern={{major}}', 'type=ref,event=tag'])
      expect(proposed.map(({notes}) => notes)).toEqual([[], [expected], [], []])
    })
  })

  test.each([
    {tags: ['type=semver,pattern={{version}},value='], context: release, names: ['1.2.3', 'latest']},
    {tags: ['type=pep440,pattern={{version}},value='], context: release, names: ['1.2.3', 'latest']},
    {tags: ['type=match,pattern=v(.*),group=1,value='], context: release, names: ['1.2.3', 'latest']},
  ])(
    'an empty value counts as missing for a Git tag, as in docker/metadata-action: $tags',
    ({tags, context, names}) => {
      const proposed = propose(context, tags)
      expect({names: proposed.names, skipped: proposed.skipped}).toEqual({names, skipped: []})
      expect(proposed.tags[0]?.notes).toEqual([{code: 'empty-value-replaced', from: 'the Git tag v1.2.3'}])
    },
  )

  test('an empty value: the Git tag replaces it, with a note', () => {
    const version = {text: '4.5.6', from: 'package.json, version'}
    const {names, tags} = propose(release, ['type=semver,pattern={{version}},value='], {version})
    expect(names[0]).toBe('4.5.6')
    expect(tags[0]?.notes).toEqual([{code: 'empty-value-replaced', from: 'package.json, version'}])
    // Not for another event, even if the run has a version.
    expect(propose(branch, ['type=semver,pattern={{version}},value='], {version}).names).toEqual([])
  })

  test('the note of a calendar version has the whole Git tag, with the component', () => {
    const {tags} = propose(pushOf('refs/tags/api/v2026.11.7'), ['type=calver,pattern=YYYY.MM.MICRO'], {
      component: 'api',
    })
    expect(tags[0]).toMatchObject({
      tag: '2026.11.7',
      notes: [{code: 'version-from', from: 'the Git tag api/v2026.11.7'}],
    })
  })

  test.each([
    {name: 'x'.repeat(30), tag: /^x{12}-[0-9a-f]{7}$/},
    {name: '日本語', tag: /^ref-77710ae$/},
  ])('a tag that ends in a hash is unique: $name', ({name, tag}) => {
    const [proposed] = propose(pushOf(`refs/heads/${name}`), ['type=ref,event=branch'], {maxTagLength: 20}).tags
    expect(proposed?.tag).toMatch(tag)
    expect(proposed?.notes).toEqual([{code: 'hashed-tag', text: name}])
  })

  test('a unique branch tag has no note about other names', () => {
    const [proposed] = propose(branch, ['type=ref,event=branch'], {uniqueBranchTags: true}).tags
    expect(proposed).toMatchObject({tag: 'feature-a-1901a3a', notes: []})
  })

  test('a note about missing latest, with an empty prefix', () => {
    const flavor = {latest: 'true', prefix: '{{branch}}-', prefixOnLatest: true} as const
    expect(propose(release, ['type=raw,value=x,prefix='], {flavor}).tags.map(({notes}) => notes)).toEqual([
      [{code: 'no-latest', names: ['branch'], text: '-latest'}],
    ])
  })

  test.each([
    {pattern: '{{major}}.{{minor}}.{{patch}}', kind: 'exact'},
    {pattern: 'v{{major}}{{minor}}{{patch}}', kind: 'floating'},
    {pattern: '{{major}}.{{minor}}{{! {{patch and version }}', kind: 'floating'},
    {pattern: '{{#if version}}{{major}}{{/if}}', kind: 'floating'},
  ])('$pattern is $kind', ({pattern, kind}) => {
    const [tag] = propose(release, [`type=semver,pattern=${pattern}`]).tags
    expect(tag && tagKind(tag.role)).toBe(kind)
  })

  test('a changed tag has a note with its text', () => {
    expect(propose(branch, ['type=ref,event=branch']).tags[0]?.notes).toEqual([
      {code: 'shared-tag', text: 'feature/a', tag: 'feature-a'},
    ])
  })
})

describe('problems', () => {
  /** Lines of `tags` with a problem, its column, and texts in its message or remedy. The wording is in messages.test.ts. */
  test.each([
    {name: 'a branch, as ${{ github.ref_name }} writes it', line: 'Feature/x', column: 10, names: ['value=Feature/x']},
    {name: 'an attribute of a whole reference', line: 'user/x:1,prefix=a', column: 10, names: ['"prefix"', 'mutable']},
    {name: 'an unknown type', line: 'type=semvr,pattern={{version}}', column: 6, names: ['"semvr"', '"semver"']},
    {name: 'a mistyped type', line: 'typ=semver,pattern={{version}}', column: 1, names: ['"typ"', '"type"']},
    {name: 'an unknown attribute', line: 'type=semver,patern=x', column: 13, names: ['"patern"', '"pattern"']},
    {name: 'a missing attribute', line: 'type=ref', column: 9, names: ['event=', 'event=branch']},
    {name: 'an unknown value', line: 'type=ref,event=brnch', column: 16, names: ['"brnch"', '"branch"']},
    {name: 'a priority that is a word', line: 'type=sha,priority=high', column: 19, names: ['"high"', 'priority=900']},
    {name: 'enable=yes', line: 'type=sha,enable=yes', column: 17, names: ['"yes"', '{{is_default_branch}}']},
    {
      name: 'an expression for enable that gives another text',
      line: 'type=raw,value={{sha}},enable={{sha}}',
      column: 31,
      names: ['"860c190"', '{{is_default_branch}}'],
    },
    {name: 'an unknown expression', line: 'type=raw,value={{brnch}}-x', column: 16, names: ['"brnch"', '"branch"']},
    {
      name: 'an unknown expression, with the full engine',
      line: "type=raw,value={{date 'YYYY'}}-{{brnch}}",
      column: 32,
      names: ['"brnch"', '"branch"'],
    },
    {name: 'a date without a format', line: 'type=raw,value={{date}}', column: 16, names: ['{{date}}', 'YYYYMMDD']},
    {
      name: 'an unknown time zone',
      line: "type=raw,value={{date 'YYYY' tz='Mars/Base'}}",
      column: 16,
      names: ['"Mars/Base"', 'Europe/Berlin'],
    },
    {
      name: 'a block without a condition',
      line: 'type=raw,value=a{{#if}}b{{/if}}',
      column: 17,
      names: ['{{#if}}', '{{#if tag}}'],
    },
    {
      name: 'a repeated attribute',
      line: 'type=sha,prefix=a,enable=true,Prefix=b',
      column: 31,
      names: ['prefix', '10', '31'],
    },
    {name: 'two types', line: 'type=sha,type=edge', column: 10, names: ['type', '1', '10']},
    {name: 'a value with a comma', line: 'type=raw,value=a,b', column: 18, names: ['"b"', '10', '18', '"value=a,b"']},
    {name: 'a bare word before a value', line: 'type=raw,b,value=a', column: 10, names: ['"b"', '10', '12', '"b,a"']},
    {name: 'two literals with an attribute', line: 'a,b,priority=900', column: 3, names: ['"b"', '1', '3', '"a,b"']},
    {
      name: 'a regular expression with a comma',
      line: String.raw`type=match,pattern=\d{1,3}`,
      column: 25,
      names: ['"3}"', String.raw`"pattern=\d{1,3}"`],
    },
    {name: 'a bare word in a rule without a value', line: 'type=sha,long', column: 10, names: ['"long"']},
    {
      name: 'an unknown argument of a date',
      line: "type=raw,value={{date 'YYYY' zone='UTC'}}",
      column: 16,
      names: ['{{date}}', 'zone='],
    },
    {
      name: 'a second argument of a date',
      line: "type=raw,value={{date 'YYYY' 'UTC'}}",
      column: 16,
      names: ['{{date}}', '"UTC"'],
    },
    {name: 'a literal with a space', line: 'a b', column: 2, names: ['" "', '"type=raw,value=a b"']},
    {name: 'a literal with a leading dash', line: '-a', column: 1, names: ['"-"', '"type=raw,value=-a"']},
    {name: 'a whole reference that is not valid', line: 'user/äpp:1', column: 6, names: ['"äpp"', 'user/app:1.0']},
    {name: 'a URL', line: 'https://ghcr.io/o/a:1', column: 1, names: ['"https://"', 'user/app:1.0']},
    {name: 'mutable=yes', line: '1.2.3,mutable=yes', column: 15, names: ['"yes"', 'true, false']},
    {name: 'mutable of a rule without full versions', line: 'type=sha,mutable=true', column: 10, names: ['"mutable"']},
  ])('$name', ({line, column, names}) => {
    const found = propose(branch, [line]).problems.all
    expect(found.map((problem) => ({line: problem.line, column: problem.column}))).toEqual([{line: 1, column}])
    const text = found.map(formatProblem).join()
    for (const name of names) expect(text).toContain(name)
  })

  test('a pattern of three numbers is refused for a build, unless the tag may move', () => {
    const context = pushOf('refs/tags/v1.2.3+fork.1')
    const rule = 'type=semver,pattern={{major}}.{{minor}}.{{patch}}'
    expect(propose(context, [rule]).problems.all).toMatchObject([
      {
        line: 1,
        column: 21,
        message: expect.stringContaining('"+fork.1"'),
        remedy: expect.stringContaining('-{{build}}'),
      },
    ])
    expect(propose(context, [`${rule},mutable=true`]).problems.all).toEqual([])
  })

  test('a warning names the build that an expression leaves out', () => {
    const context = pushOf('refs/tags/v1.2.3+fork.1')
    for (const rule of ['type=match,pattern=v([\\d.]+),group=1', 'type=semver,pattern={{version}},match=v([\\d.]+)']) {
      const {problems, names} = propose(context, [rule])
      expect(names).toEqual(['1.2.3', 'latest'])
      expect(problems.warnings.map(formatNotice)[0]).toContain('"1.2.3" lacks "+fork.1" of v1.2.3+fork.1')
    }
  })

  test('those of flavor are reported once, with their place', () => {
    const flavor = {
      prefix: '{{brnch}}-',
      prefixPlace: {line: 2, column: 8},
      prefixOnLatest: true,
      suffix: '-{{shaa}}',
      suffixPlace: {line: 3, column: 20},
      latest: 'true',
    } as const
    const {problems} = propose(branch, ['type=sha', 'a', 'b'], {flavor})
    expect(problems.all.map(formatProblem)).toEqual([
      'flavor, line 2, column 8: unknown expression "brnch". Did you mean "branch"?',
      'flavor, line 3, column 21: unknown expression "shaa". Did you mean "sha"?',
    ])
  })

  test('all are reported together', () => {
    const {problems} = propose(branch, ['type=shaa', 'type=ref', 'type=raw,value={{x_y}}'])
    expect(problems.all.map(({line}) => line)).toEqual([1, 2, 3])
  })
})

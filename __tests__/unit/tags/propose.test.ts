import {describe, expect, test} from '@jest/globals'
import {kindOfLine} from '../../../src/tags/tag-role.ts'
import {formatNotice, formatProblem} from '../../../src/inputs/problem.ts'
import {formatTagRef} from '../../../src/oci/reference.ts'
import type {GitContext} from '../../../src/context/git-context.ts'
import {propose, pushOf, type ProposalOptions} from '../../support/plans.ts'

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
    name: 'calver of a Git tag, whatever version is set',
    context: calendar,
    tags: ['type=calver,pattern=YYYY.0M.MICRO'],
    options: {version: {text: '1.0.0', from: 'the input `version`'}},
    expected: ['2024.01.3', 'latest'],
  },
  {
    name: 'calver of a Git tag',
    context: calendar,
    tags: ['type=calver,pattern=YYYY.0M.MICRO'],
    expected: ['2024.01.3', 'latest'],
  },
  {
    name: 'calver of the date and run number',
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
    name: "a hash of the ref in a rule of one's own",
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
    name: 'a separator that is the name of the branch, and no sign of an empty expression',
    context: pushOf('refs/heads/_int'),
    tags: ['type=raw,value={{branch}}{{tag}}', 'type=raw,value=a{{#if tag}}{{tag}}{{else}}{{branch}}{{/if}}_'],
    expected: ['_int', 'a_int_'],
  },
  {
    name: 'a condition is no value',
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
    name: 'the default branch of a schedule, where nobody names it',
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
    expect(problems.notices.map(formatNotice)).toEqual([
      'tags, line 2, column 1: image names are lower case, so user/app:RC is used.',
      'tags, line 2, column 13: image names are lower case, so ghcr.io/o/a:1 is used.',
    ])
  })

  test('stand beside the images', () => {
    const {names, references} = propose(branch, ['user/app:1.0', 'ghcr.io/o/a:edge'])
    expect(names).toEqual([])
    expect(references.map(({reference, line}) => ({...reference, line}))).toEqual([
      {repository: {host: 'docker.io', path: 'user/app'}, tag: '1.0', line: {kind: 'newest', named: 'own'}},
      {repository: {host: 'ghcr.io', path: 'o/a'}, tag: 'edge', line: {kind: 'newest', named: 'own'}},
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
      name: 'a value that is an expression without an answer',
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
      name: 'two expressions without an answer',
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
      name: 'a version that is an expression without an answer',
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

  describe('of no latest, though a later rule gave a stable version', () => {
    const tags = ['type=sha,priority=1000', 'type=semver,pattern={{version}}']
    const expected = {code: 'not-latest', rule: 'type=sha,priority=1000 (tags, line 1)'}

    test.each<{name: string; context: GitContext; tags: readonly string[]; options?: ProposalOptions; told: boolean}>([
      {name: 'is told', context: release, tags, told: true},
      {name: 'not where latest is there', context: release, tags: [...tags, 'latest'], told: false},
      {name: 'not where no rule is for it', context: candidate, tags, told: false},
      {name: 'not where it is switched off', context: release, tags, options: {flavor: {latest: 'false'}}, told: false},
    ])('$name', ({context, tags: given, options, told}) => {
      const {skipped, tags: proposed} = propose(context, given, options)
      const notes = proposed.flatMap(({tag, notes: ofTag}) => ofTag.map((note) => ({tag, note})))
      expect(notes).toEqual(told ? [{tag: '1.2.3', note: expected}] : [])
      expect(skipped).toEqual([])
    })

    test('is told of the first tag alone whose rule is for it', () => {
      const {tags: proposed} = propose(release, [...tags, 'type=semver,pattern={{major}}', 'type=ref,event=tag'])
      expect(proposed.map(({notes}) => notes)).toEqual([[], [expected], [], []])
    })
  })

  test.each([
    {tags: ['type=semver,pattern={{version}},value='], context: release, names: ['1.2.3', 'latest']},
    {tags: ['type=pep440,pattern={{version}},value='], context: release, names: ['1.2.3', 'latest']},
    {tags: ['type=match,pattern=v(.*),group=1,value='], context: release, names: ['1.2.3', 'latest']},
  ])('an empty value counts as none for a Git tag, as in docker/metadata-action: $tags', ({tags, context, names}) => {
    const proposed = propose(context, tags)
    expect({names: proposed.names, skipped: proposed.skipped}).toEqual({names, skipped: []})
    expect(proposed.tags[0]?.notes).toEqual([{code: 'empty-value-replaced', from: 'the Git tag v1.2.3'}])
  })

  test('an empty value takes what the run has for its Git tag, and says so', () => {
    const version = {text: '4.5.6', from: 'package.json, version'}
    const {names, tags} = propose(release, ['type=semver,pattern={{version}},value='], {version})
    expect(names[0]).toBe('4.5.6')
    expect(tags[0]?.notes).toEqual([{code: 'empty-value-replaced', from: 'package.json, version'}])
    // A version of the run alone is no Git tag.
    expect(propose(branch, ['type=semver,pattern={{version}},value='], {version}).names).toEqual([])
  })

  test('a version of the calendar names the Git tag as it is, component and all', () => {
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
  ])('a tag that ends in a hash is shared with no other name: $name', ({name, tag}) => {
    const [proposed] = propose(pushOf(`refs/heads/${name}`), ['type=ref,event=branch'], {maxTagLength: 20}).tags
    expect(proposed?.tag).toMatch(tag)
    expect(proposed?.notes).toEqual([{code: 'hashed-tag', text: name}])
  })

  test('a branch tag that ends in the hash of its ref is shared with nobody', () => {
    const [proposed] = propose(branch, ['type=ref,event=branch'], {uniqueBranchTags: true}).tags
    expect(proposed).toMatchObject({tag: 'feature-a-1901a3a', notes: []})
  })

  test('of no latest, where its prefix is empty here', () => {
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
    expect(tag && kindOfLine(tag.line)).toBe(kind)
  })

  test('a tag that was changed says what it was made from', () => {
    expect(propose(branch, ['type=ref,event=branch']).tags[0]?.notes).toEqual([
      {code: 'shared-tag', text: 'feature/a', tag: 'feature-a'},
    ])
  })
})

describe('problems', () => {
  test.each([
    {
      name: 'a branch by itself, as ${{ github.ref_name }} writes it',
      tags: ['Feature/x'],
      message:
        'tags, line 1, column 10: a whole reference needs a tag: name:tag. A whole reference is written name:tag, such as user/app:1.0; for a tag made from this text, write "type=raw,value=Feature/x".',
    },
    {
      name: 'a value without a type',
      tags: ['value=x,priority=5'],
      message:
        'tags, line 1, column 1: a rule needs type=…, and "value" is something else. Did you mean "type=raw,value=x"?',
    },
    {
      name: 'an attribute of a whole reference',
      tags: ['user/x:1,prefix=a'],
      message: 'tags, line 1, column 10: unknown attribute "prefix". Use one of: enable, mutable.',
    },
    {
      name: 'an enable that says nothing, though its text stands elsewhere too',
      tags: ['type=raw,value={{sha}},enable={{sha}}'],
      message:
        'tags, line 1, column 31: enable is "860c190", which is neither true nor false. Write true, false, or an expression for one of them, such as {{is_default_branch}}.',
    },
    {
      name: 'an unknown type',
      tags: ['type=semvr,pattern={{version}}'],
      message: 'tags, line 1, column 6: unknown rule type "semvr". Did you mean "semver"?',
    },
    {
      name: 'a mistyped type attribute',
      tags: ['typ=semver,pattern={{version}}'],
      message: 'tags, line 1, column 1: a rule needs type=…, and "typ" is something else. Did you mean "type"?',
    },
    {
      name: 'an unknown attribute',
      tags: ['type=semver,patern={{version}}'],
      message: 'tags, line 1, column 13: unknown attribute "patern". Did you mean "pattern"?',
    },
    {
      name: 'a missing attribute',
      tags: ['type=ref'],
      message: 'tags, line 1, column 9: the rule needs event=…. Use one of: event=branch, event=tag, event=pr.',
    },
    {
      name: 'a bad attribute value',
      tags: ['type=ref,event=brnch'],
      message: 'tags, line 1, column 16: unknown event "brnch". Did you mean "branch"?',
    },
    {
      name: 'a bad priority',
      tags: ['type=sha,priority=high'],
      message: 'tags, line 1, column 19: priority "high" is no whole number. Write a number such as priority=900.',
    },
    {
      name: 'a bad enable',
      tags: ['type=sha,enable=yes'],
      message:
        'tags, line 1, column 17: enable is "yes", which is neither true nor false. Write true, false, or an expression for one of them, such as {{is_default_branch}}.',
    },
    {
      name: 'an unknown expression',
      tags: ['type=raw,value={{brnch}}-x'],
      message: 'tags, line 1, column 16: unknown expression "brnch". Did you mean "branch"?',
    },
    {
      name: 'an unknown expression beside one that needs the full engine',
      tags: ["type=raw,value={{date 'YYYY'}}-{{brnch}}"],
      message: 'tags, line 1, column 32: unknown expression "brnch". Did you mean "branch"?',
    },
    {
      name: 'a date without a format',
      tags: ['type=raw,value={{date}}'],
      message:
        'tags, line 1, column 16: {{date}} needs a format, such as {{date \'YYYYMMDD\'}}. Expressions are written {{name}} or {{name "argument"}}.',
    },
    {
      name: 'an unknown time zone',
      tags: ["type=raw,value={{date 'YYYY' tz='Mars/Base'}}"],
      message: 'tags, line 1, column 16: unknown time zone "Mars/Base". Use a name such as Europe/Berlin.',
    },
    {
      name: 'a block without its condition',
      tags: ['type=raw,value=a{{#if}}b{{/if}}'],
      message:
        'tags, line 1, column 17: {{#if}} needs one condition, such as {{#if tag}}. Expressions are written {{name}} or {{name "argument"}}.',
    },
    {
      name: 'an attribute given twice',
      tags: ['type=sha,prefix=a,enable=true,Prefix=b'],
      message: 'tags, line 1, column 31: prefix is given twice (column 10 and 31). Keep one of them.',
    },
    {
      name: 'two types',
      tags: ['type=sha,type=edge'],
      message: 'tags, line 1, column 10: type is given twice (column 1 and 10). Keep one of them.',
    },
    {
      name: 'a value that a comma cuts in two',
      tags: ['type=raw,value=a,b'],
      message:
        'tags, line 1, column 18: "b" has no name, and so is a second value (column 10 and 18). Two tags are two lines. An attribute that holds a comma is written in quotes: "value=a,b".',
    },
    {
      name: 'a bare word before a value',
      tags: ['type=raw,b,value=a'],
      message:
        'tags, line 1, column 10: "b" has no name, and so is a second value (column 10 and 12). Two tags are two lines. An attribute that holds a comma is written in quotes: "b,a".',
    },
    {
      name: 'two literal tags with an attribute',
      tags: ['a,b,priority=900'],
      message:
        'tags, line 1, column 3: "b" has no name, and so is a second value (column 1 and 3). Two tags are two lines. An attribute that holds a comma is written in quotes: "a,b".',
    },
    {
      name: 'an expression that a comma cuts in two',
      tags: [String.raw`type=match,pattern=\d{1,3}`],
      message: String.raw`tags, line 1, column 25: "3}" has no name. Write name=value. An attribute that holds a comma is written in quotes: "pattern=\d{1,3}".`,
    },
    {
      name: 'a bare word where a rule has no value',
      tags: ['type=sha,long'],
      message: 'tags, line 1, column 10: "long" has no name. Write name=value.',
    },
    {
      name: 'an argument that a date does not take',
      tags: ["type=raw,value={{date 'YYYY' zone='UTC'}}"],
      message:
        'tags, line 1, column 16: {{date}} takes a format and tz, and not zone=. Expressions are written {{name}} or {{name "argument"}}.',
    },
    {
      name: 'an argument too many',
      tags: ["type=raw,value={{date 'YYYY' 'UTC'}}"],
      message:
        'tags, line 1, column 16: {{date}} takes a format and tz, and not "UTC". Expressions are written {{name}} or {{name "argument"}}.',
    },
    {
      name: 'a literal that is no tag',
      tags: ['a b'],
      message:
        'tags, line 1, column 2: a tag cannot contain " ". Write the tag as it shall stand in the registry, or "type=raw,value=a b" for one made from this text.',
    },
    {
      name: 'a literal that begins wrong',
      tags: ['-a'],
      message:
        'tags, line 1, column 1: a tag cannot begin with "-". Write the tag as it shall stand in the registry, or "type=raw,value=-a" for one made from this text.',
    },
    {
      name: 'a whole reference that is none',
      tags: ['user/äpp:1'],
      message:
        'tags, line 1, column 6: "äpp" cannot be part of an image name. A whole reference is written name:tag, such as user/app:1.0.',
    },
    {
      name: 'a URL',
      tags: ['https://ghcr.io/o/a:1'],
      message:
        'tags, line 1, column 1: an image name has no scheme; remove "https://". A whole reference is written name:tag, such as user/app:1.0.',
    },
  ])('$name', ({tags, message}) => {
    expect(propose(branch, tags).problems.all.map(formatProblem)).toEqual([message])
  })

  test.each([
    {name: 'no truth', tags: ['1.2.3,mutable=yes'], message: expect.stringContaining('unknown mutable "yes"')},
    {
      name: 'a rule that never gives a full version',
      tags: ['type=sha,mutable=true'],
      message: expect.stringContaining('unknown attribute "mutable"'),
    },
  ])('mutable: $name', ({tags, message}) => {
    expect(propose(branch, tags).problems.all.map(formatProblem)).toEqual([message])
  })

  test('numbers alone would be the tag of every build of a version', () => {
    const context = pushOf('refs/tags/v1.2.3+fork.1')
    const rule = 'type=semver,pattern={{major}}.{{minor}}.{{patch}}'
    expect(propose(context, [rule]).problems.all.map(formatProblem)).toEqual([
      'tags, line 1, column 21: the tag would lack "+fork.1" of v1.2.3+fork.1, and another build of this version would have the same tag. Write {{version}} or {{raw}}, in which a dash takes the place of the plus, add -{{build}}, or add mutable=true to let the tag move.',
    ])
    expect(propose(context, [`${rule},mutable=true`]).problems.all).toEqual([])
  })

  test('an expression that leaves out a build warns of it', () => {
    const context = pushOf('refs/tags/v1.2.3+fork.1')
    for (const rule of ['type=match,pattern=v([\\d.]+),group=1', 'type=semver,pattern={{version}},match=v([\\d.]+)']) {
      const {problems, names} = propose(context, [rule])
      expect(names).toEqual(['1.2.3', 'latest'])
      expect(problems.warnings.map(formatNotice)[0]).toContain('"1.2.3" lacks "+fork.1" of v1.2.3+fork.1')
    }
  })

  test('those of flavor are told once, where they are', () => {
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

  test('all are told at once', () => {
    const {problems} = propose(branch, ['type=shaa', 'type=ref', 'type=raw,value={{x_y}}'])
    expect(problems.all.map(({line}) => line)).toEqual([1, 2, 3])
  })
})

import {describe, expect, test} from '@jest/globals'
import {InputReader} from '../../../../src/inputs/input-reader.ts'
import {Problems} from '../../../../src/inputs/problem.ts'
import type {PruneInputs} from '../../../../src/inputs/prune/policy.ts'
import {pruneSpec} from '../../../../src/inputs/spec/all-inputs.ts'
import {readPruneInputs} from '../../../../src/inputs/prune/prune-inputs.ts'
import {briefProblems} from '../../../../testing/problems.ts'

const day = 86_400_000
const digest = `sha256:${'a'.repeat(64)}`

function read(given: Readonly<Record<string, string>>): {
  readonly inputs: PruneInputs
  readonly problems: readonly string[]
} {
  const problems = new Problems()
  const inputs = readPruneInputs(new InputReader(new Map(Object.entries(given)), problems, pruneSpec))
  return {inputs, problems: briefProblems(problems)}
}

function valid(given: Readonly<Record<string, string>>): PruneInputs {
  const {inputs, problems} = read(given)
  expect(problems).toEqual([])
  return inputs
}

/** Types of the lines of the policy. */
function typesOf({policy}: PruneInputs): readonly string[] {
  return policy.map(({type}) => type)
}

describe('no input', () => {
  const inputs = valid({})

  test('the default policy holds', () => {
    expect(inputs.isDefaultPolicy).toBe(true)
    expect(inputs.policy.map(({type, olderThanMs, isGone}) => [type, (olderThanMs ?? 0) / day, isGone])).toEqual([
      ['pr', 1, true],
      ['branch', 7, true],
      ['cache', 0, true],
      ['untagged', 14, undefined],
      ['orphan', 7, undefined],
    ])
  })

  test('a run deletes nothing younger than a day, and at most half', () => {
    expect(inputs).toMatchObject({olderThanMs: day, maxDeleted: {kind: 'percent', value: 50}})
    expect(inputs).toMatchObject({validate: true, deletePartial: false, untag: 'auto', lifecycle: 'none'})
  })
})

describe('policy', () => {
  test.each([
    {line: 'type=pr,gone=true,older-than=1d', expected: {type: 'pr', isGone: true, olderThanMs: day}},
    {line: 'type=release,older-than=2y,keep=2,per=minor', expected: {olderThanMs: 730 * day, keep: 2, per: 'minor'}},
    {line: 'type=match,pattern=nightly-*,keep=7', expected: {pattern: {kind: 'glob', text: 'nightly-*'}, keep: 7}},
    {line: '"type=match","regex=v\\d{1,3}",keep=0', expected: {pattern: {kind: 'regex', text: 'v\\d{1,3}'}, keep: 0}},
    {line: 'Type=untagged,older-than=2w 1d', expected: {type: 'untagged', olderThanMs: 15 * day}},
    {line: 'type=pr,gone=true,images=ghcr.io/acme/*', expected: {images: ['ghcr.io/acme/*']}},
    {line: 'type=pr,gone=true,images=localhost:5000/a user/b', expected: {images: ['localhost:5000/a', 'user/b']}},
    {line: 'type=orphan', expected: {type: 'orphan'}},
  ])('$line', ({line, expected}) => {
    const {policy, isDefaultPolicy} = valid({policy: `# comment\n${line}`})
    expect(policy).toMatchObject([{line: 2, text: line, ...expected}])
    expect(isDefaultPolicy).toBe(false)
  })

  test.each([
    {policy: 'type=relase,older-than=1y', problems: ['policy 1:6 "relase" "release"']},
    {policy: 'type=pull_request,gone=true', problems: ['policy 1:6 "pull_request" "pr"']},
    {policy: '\n  pr,gone=true', problems: ['policy 2:3 "pr" "type=pr"']},
    {policy: 'older-than=1d', problems: ['policy 1:1']},
    {policy: 'type=pr,oldr-than=1d,gone=true', problems: ['policy 1:9 "oldr-than" "older-than"']},
    {policy: 'type=pr,older-than=3m', problems: ['policy 1:20 "m"']},
    {policy: 'type=pr,older-than=1d,older-than=2d', problems: ['policy 1:23']},
    {policy: 'type=pr,gone=true # why', problems: ['policy 1:19 "gone=…"']},
    {policy: 'type=pr,gone=yes', problems: ['policy 1:14 "yes"']},
    {policy: 'type=commit,gone=true', problems: ['policy 1:18']},
    {policy: 'type=release,per=minor,older-than=1y', problems: ['policy 1:18']},
    {policy: 'type=release,keep=2,per=patch', problems: ['policy 1:25 "patch"']},
    {policy: 'type=commit,keep=2,per=minor', problems: ['policy 1:24']},
    {policy: 'type=commit,keep=-1', problems: ['policy 1:18 "-1"']},
    {policy: 'type=match,older-than=1d', problems: ['policy 1:1']},
    {policy: 'type=keep,pattern=a,older-than=1d', problems: ['policy 1:32']},
    {policy: 'type=untagged,pattern=a*', problems: ['policy 1:23']},
    {policy: 'type=branch', problems: ['policy 1:1']},
    {policy: 'type=match,pattern=a,regex=b', problems: ['policy 1:28']},
    {policy: 'type=match,pattern=v[0-9]', problems: ['policy 1:21 "["']},
    {policy: `type=match,pattern=${digest}`, problems: ['policy 1:20']},
    {policy: 'type=match,pattern=ghcr.io/acme/app:pr-*', problems: ['policy 1:27']},
    {policy: 'type=match,pattern=!v*', problems: ['policy 1:20 "!"']},
    {policy: 'type=match,regex=v(', problems: ['policy 1:18']},
    {policy: 'type=match,pattern=', problems: ['policy 1:12']},
    {policy: 'type=pr,gone=true,images=app:1.0', problems: ['policy 1:26 "app:1.0"']},
    {policy: 'type=pr,"gone=true', problems: ['policy 1:9']},
    {policy: 'type=pr,gone=true,enable=no', problems: ['policy 1:26 "no"']},
  ])('$policy is refused', ({policy, problems}) => {
    expect(read({policy}).problems).toEqual(problems)
  })

  test('every problem is reported', () => {
    const policy = 'type=pr,older-than=x\ntype=pr,keep=y,gone=1'
    expect(read({policy}).problems).toEqual(['policy 1:20 "x"', 'policy 2:14 "y"', 'policy 2:21 "1"'])
  })

  test('a disabled line is checked and not used', () => {
    expect(valid({policy: 'type=pr,gone=true,enable=false\ntype=orphan,enable=true'}).policy).toHaveLength(1)
    expect(read({policy: 'type=pr,gone=no,enable=false'}).problems).toHaveLength(1)
  })

  test('a line that keeps', () => {
    const {policy} = valid({policy: 'type=keep,pattern=customer-?'})
    expect(policy[0]).toMatchObject({type: 'keep', line: 1, pattern: {kind: 'glob', text: 'customer-?'}})
  })

  test('a policy without enabled lines deletes nothing', () => {
    expect(valid({policy: 'type=pr,gone=true,enable=false'})).toMatchObject({policy: [], isDefaultPolicy: false})
  })
})

describe('short forms', () => {
  test.each([
    {given: {'delete-untagged': 'false'}, types: ['pr', 'branch', 'cache', 'orphan']},
    {given: {'delete-orphaned-images': 'false'}, types: ['pr', 'branch', 'cache', 'untagged']},
    {given: {'delete-untagged': 'true'}, types: ['untagged']},
    {given: {'delete-orphaned-images': 'true'}, types: ['orphan']},
    {given: {'delete-tags': 'pr-*'}, types: []},
    {given: {'delete-tags': 'pr-*', 'delete-untagged': 'true'}, types: ['untagged']},
    {given: {policy: 'type=pr,gone=true', 'delete-untagged': 'true'}, types: ['pr', 'untagged']},
    {given: {'exclude-tags': 'v*'}, types: ['pr', 'branch', 'cache', 'untagged', 'orphan']},
    {given: {policy: 'type=keep,pattern=v*'}, types: ['keep', 'pr', 'branch', 'cache', 'untagged', 'orphan']},
    {
      given: {policy: 'type=keep,pattern=v*', 'delete-untagged': 'false'},
      types: ['keep', 'pr', 'branch', 'cache', 'orphan'],
    },
    {given: {policy: 'type=keep,pattern=v*', 'delete-tags': 'a'}, types: ['keep']},
    {given: {policy: 'type=keep,pattern=v*\ntype=orphan'}, types: ['keep', 'orphan']},
    {given: {'keep-n-untagged': '3'}, types: ['pr', 'branch', 'cache', 'untagged', 'orphan']},
  ])('$given', ({given, types}) => {
    expect(typesOf(valid(Object.fromEntries(Object.entries(given))))).toEqual(types)
  })

  test('a line names the input that it is from', () => {
    expect(valid({'delete-untagged': 'true'}).policy).toEqual([{type: 'untagged', text: 'delete-untagged: true'}])
  })

  test.each([
    {given: {policy: 'type=untagged,older-than=1d', 'delete-untagged': 'true'}, problems: ['delete-untagged']},
    {given: {policy: 'type=orphan', 'delete-orphaned-images': 'false'}, problems: ['delete-orphaned-images']},
    {given: {'keep-n-tagged': '3'}, problems: ['keep-n-tagged']},
    {given: {'keep-n-untagged': '3', 'delete-untagged': 'false'}, problems: ['keep-n-untagged']},
    {given: {'keep-n-untagged': '3', 'delete-tags': 'a'}, problems: ['keep-n-untagged']},
    {given: {'delete-untagged': 'yes'}, problems: ['delete-untagged "yes"']},
    {given: {'older-than': 'soon'}, problems: ['older-than "soon"']},
    {given: {'max-deleted': '150%'}, problems: ['max-deleted "150%"']},
    {given: {'max-deleted': 'all'}, problems: ['max-deleted "all"']},
    {given: {'keep-n-tagged': 'two', 'delete-tags': 'a'}, problems: ['keep-n-tagged "two"']},
  ])('$given is refused', ({given, problems}) => {
    expect(read(Object.fromEntries(Object.entries(given))).problems).toEqual(problems)
  })
})

describe('patterns', () => {
  test('globs are separated by lines and commas', () => {
    const {deleteTags, excludeTags} = valid({'delete-tags': 'pr-*, dev-?\nnightly', 'exclude-tags': 'v*'})
    expect(deleteTags.map(({text}) => text)).toEqual(['pr-*', 'dev-?', 'nightly'])
    expect(excludeTags).toEqual([{kind: 'glob', text: 'v*'}])
  })

  test('regular expressions may contain commas', () => {
    const {deleteTags} = valid({'delete-tags': '  v\\d{1,3}\n^dev', 'use-regex': 'true'})
    expect(deleteTags).toEqual([
      {kind: 'regex', text: 'v\\d{1,3}'},
      {kind: 'regex', text: '^dev'},
    ])
  })

  test.each([
    {given: {'delete-tags': '^pr-.*$'}, problems: ['delete-tags 1:1 "^"']},
    {given: {'delete-tags': `a, ${digest}`}, problems: ['delete-tags 1:4']},
    {given: {'exclude-tags': 'a\n  !b'}, problems: ['exclude-tags 2:3 "!"']},
    {given: {'exclude-tags': '*.[', 'use-regex': 'true'}, problems: ['exclude-tags 1:1']},
  ])('$given cannot match', ({given, problems}) => {
    expect(read(Object.fromEntries(Object.entries(given))).problems).toEqual(problems)
  })
})

describe('protect', () => {
  const of = {host: 'ghcr.io', path: 'acme/app'}
  const reference = {kind: 'reference', ...of, tag: '1.2.3'}
  const alone = {kind: 'digest', digest, isAlone: true}

  test.each([
    {text: 'ghcr.io/acme/app:1.2.3', expected: [reference]},
    {text: `ghcr.io/acme/app@${digest}`, expected: [{kind: 'digest', digest, of}]},
    {text: `docker-pullable://ghcr.io/acme/app@${digest}`, expected: [{kind: 'digest', digest, of}]},
    {text: `?@${digest}`, expected: [{kind: 'digest', digest}]},
    {text: digest, expected: [alone]},
    {
      text: 'redis',
      expected: [{kind: 'reference', host: 'docker.io', path: 'library/redis', tag: 'latest', withoutHost: 'redis'}],
    },
    {
      text: 'acme/app:1',
      expected: [{kind: 'reference', host: 'docker.io', path: 'acme/app', tag: '1', withoutHost: 'acme/app:1'}],
    },
    {text: `# cluster\n${digest}\n\nghcr.io/acme/app:1.2.3`, expected: [alone, reference]},
    {text: `["ghcr.io/acme/app:1.2.3", " ${digest} "]`, expected: [reference, alone]},
    {text: '[]', expected: []},
  ])('$text', ({text, expected}) => {
    expect(valid({protect: text}).protected).toEqual(expected)
  })

  test.each([
    {text: 'sha256:1af018985c25', problems: ['protect 1:1 "sha256:1af018985c25"']},
    {text: 'a, ghcr.io/acme/app@sha256:1af0', problems: ['protect 1:4 "ghcr.io/acme/app@sha256:1af0"']},
    {text: 'a\n https://x', problems: ['protect 2:2 "https://x"']},
    {text: '[1]', problems: ['protect "ghcr.io/owner/app:1.2.3"']},
    {text: '["a', problems: ['protect "ghcr.io/owner/app:1.2.3"']},
    {text: '{"image": "a"}', problems: ['protect "ghcr.io/owner/app:1.2.3"']},
  ])('$text is refused', ({text, problems}) => {
    expect(read({protect: text}).problems).toEqual(problems)
  })
})

test('a share above 100%', () => {
  const problems = new Problems()
  readPruneInputs(new InputReader(new Map([['max-deleted', '150%']]), problems, pruneSpec))
  expect(problems.all).toMatchObject([
    {message: expect.stringMatching(/"150%" is more than/), remedy: expect.stringContaining('100%')},
  ])
})

test('limits and choices are read', () => {
  const given = {'max-deleted': '200', 'keep-n-tagged': '3', 'delete-tags': 'a', 'older-than': '0'}
  expect(valid({...given, lifecycle: 'ecr', untag: 'never', 'keep-deployed': 'true'})).toMatchObject({
    maxDeleted: {kind: 'count', value: 200},
    keepTagged: 3,
    olderThanMs: 0,
    lifecycle: 'ecr',
    untag: 'never',
    keepDeployed: 'true',
  })
})

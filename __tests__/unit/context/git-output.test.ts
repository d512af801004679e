import {describe, expect, test} from '@jest/globals'
import {chooseRef, parseCommit, parseRefs, tagNames} from '../../../src/context/git-output.ts'
import {versionTags} from '../../../src/context/version-tags.ts'
import type {GitContext} from '../../../src/context/git-context.ts'
import {contextOf} from '../../../testing/reports.ts'
import {pushOf, sha} from '../../../testing/plans.ts'

const other = 'b'.repeat(40)
const main = pushOf('refs/heads/main')

describe('parseCommit', () => {
  test.each([
    {
      name: 'a commit and its date',
      given: `${sha}\n2026-01-02T03:04:05+01:00\n`,
      expected: {sha, commitDate: '2026-01-02T03:04:05+01:00'},
    },
    {
      name: 'a commit of a SHA-256 repository, and CRLF',
      given: `${'c'.repeat(64)}\r\n2026-01-02T03:04:05Z\r\n`,
      expected: {sha: 'c'.repeat(64), commitDate: '2026-01-02T03:04:05Z'},
    },
    {
      name: 'an invalid date',
      given: `${sha}\nyesterday, perhaps\n`,
      expected: {sha, commitDate: undefined},
    },
    {name: 'no date', given: sha, expected: {sha, commitDate: undefined}},
    {name: 'nothing', given: '', expected: undefined},
    {name: 'something else', given: 'gpg: Signature made\n', expected: undefined},
    {name: 'the zero commit', given: '0'.repeat(40), expected: undefined},
  ])('$name', ({given, expected}) => {
    expect(parseCommit(given)).toEqual(expected)
  })
})

describe('parseRefs', () => {
  test.each([
    {name: 'nothing', given: '', expected: []},
    {name: 'a tag', given: 'refs/tags/v1.2.3\n', expected: ['refs/tags/v1.2.3']},
    {name: 'a local branch', given: 'refs/heads/feature/a\n', expected: ['refs/heads/feature/a']},
    {name: 'a remote branch', given: 'refs/remotes/origin/main\n', expected: ['refs/heads/main']},
    {
      name: 'a remote branch with slashes',
      given: 'refs/remotes/up/feature/a/b\n',
      expected: ['refs/heads/feature/a/b'],
    },
    {
      name: 'a local branch and the same branch of the remote',
      given: 'refs/heads/main\nrefs/remotes/origin/main\n',
      expected: ['refs/heads/main'],
    },
    {
      name: 'HEAD of the remote',
      given: 'refs/remotes/origin/HEAD\nrefs/remotes/origin/main\n',
      expected: ['refs/heads/main'],
    },
    {name: 'a pull request', given: 'refs/remotes/pull/12/merge\n', expected: ['refs/pull/12/merge']},
    {name: 'a pull request head', given: 'refs/remotes/pull/12/head\n', expected: ['refs/pull/12/head']},
    {name: 'a pull request of a mirror', given: 'refs/pull/12/merge\n', expected: ['refs/pull/12/merge']},
    {name: 'a branch of a remote named pull', given: 'refs/remotes/pull/main\n', expected: ['refs/heads/main']},
    {name: 'other refs', given: 'refs/stash\nrefs/notes/commits\nrefs/remotes/origin\n', expected: []},
    {name: 'CRLF', given: 'refs/tags/a\r\nrefs/tags/b\r\n', expected: ['refs/tags/a', 'refs/tags/b']},
  ])('$name', ({given, expected}) => {
    expect(parseRefs(given)).toEqual(expected)
  })
})

describe('versionTags', () => {
  test.each([
    {
      name: 'in numeric order',
      given: ['v1.9.0', 'v1.10.0', 'v1.2.3'],
      expected: ['v1.10.0', 'v1.9.0', 'v1.2.3'],
    },
    {
      name: 'a release before its pre-releases',
      given: ['v1.0.0-rc.2', 'v1.0.0-rc.10', 'v1.0.0', 'v1.0.0-alpha'],
      expected: ['v1.0.0', 'v1.0.0-rc.10', 'v1.0.0-rc.2', 'v1.0.0-alpha'],
    },
    {name: 'without the v', given: ['1.0.0', 'v2.0.0'], expected: ['v2.0.0', '1.0.0']},
    {name: 'without partial versions', given: ['v1', 'v1.2', 'latest', 'api/v1.2.3', 'x'], expected: []},
  ])('$name', ({given, expected}) => {
    expect(versionTags(given)).toEqual(expected)
    expect(versionTags([...given].reverse())).toEqual(expected)
  })

  test('tagNames returns the tags only', () => {
    expect(tagNames(['refs/tags/v1', 'refs/heads/main', 'refs/tags/api/v1', 'x'])).toEqual(['v1', 'api/v1'])
  })
})

interface Row {
  readonly name: string
  readonly refs: readonly string[]
  readonly context?: GitContext
  readonly sha?: string
  readonly tagPrefix?: string
  readonly expected: string
  readonly hasNote?: true
}

const rows: readonly Row[] = [
  {name: 'a tag', refs: ['refs/tags/v1.2.3'], expected: 'refs/tags/v1.2.3'},
  {
    name: 'a tag before a pull request and the branch of the event',
    refs: ['refs/heads/main', 'refs/pull/12/merge', 'refs/tags/v1.2.3'],
    expected: 'refs/tags/v1.2.3',
  },
  {
    name: 'a pull request before a branch',
    refs: ['refs/heads/main', 'refs/pull/12/merge'],
    expected: 'refs/pull/12/merge',
  },
  {
    name: 'the highest version of several tags',
    refs: ['refs/tags/v1.9.0', 'refs/tags/v1.10.0', 'refs/tags/v1', 'refs/tags/stable'],
    expected: 'refs/tags/v1.10.0',
    hasNote: true,
  },
  {
    name: 'a release before its candidate',
    refs: ['refs/tags/v1.0.0-rc.1', 'refs/tags/v1.0.0'],
    expected: 'refs/tags/v1.0.0',
    hasNote: true,
  },
  {
    name: 'otherwise the highest number',
    refs: ['refs/tags/build-9', 'refs/tags/build-10'],
    expected: 'refs/tags/build-10',
    hasNote: true,
  },
  {
    name: 'the tag of the event before a higher one',
    refs: ['refs/tags/v1.9.0', 'refs/tags/v1.10.0'],
    context: pushOf('refs/tags/v1.9.0'),
    expected: 'refs/tags/v1.9.0',
    hasNote: true,
  },
  {
    name: 'an own tag before a higher one of another component',
    refs: ['refs/tags/api/v1.2.3', 'refs/tags/api/v1.10.0', 'refs/tags/web/v2.0.0'],
    tagPrefix: 'api/',
    expected: 'refs/tags/api/v1.10.0',
    hasNote: true,
  },
  {
    name: 'the default branch of several',
    refs: ['refs/heads/zebra', 'refs/heads/main', 'refs/heads/alpha'],
    context: pushOf('refs/heads/gone'),
    expected: 'refs/heads/main',
    hasNote: true,
  },
  {
    name: 'the event, then the default branch',
    refs: ['refs/heads/main', 'refs/heads/feature/a'],
    context: pushOf('refs/heads/feature/a'),
    expected: 'refs/heads/feature/a',
    hasNote: true,
  },
  {
    name: "only the event's commit",
    refs: [],
    expected: 'refs/heads/main',
    hasNote: true,
  },
  {
    name: 'no refs, and another commit',
    refs: [],
    sha: other,
    expected: '',
    hasNote: true,
  },
]

describe('chooseRef', () => {
  test.each(rows)('$name', ({refs, context = main, sha: commit = sha, tagPrefix, expected, hasNote = false}) => {
    const local = {sha: commit, commitDate: undefined, branch: undefined, refs}
    const prefersTag = tagPrefix === undefined ? undefined : (name: string) => name.startsWith(tagPrefix)
    const {fullRef, note} = chooseRef(local, context, prefersTag)
    expect({fullRef, hasNote: note !== undefined}).toEqual({fullRef: expected, hasNote})
  })

  test('a checked-out branch before a tag', () => {
    const local = {sha, commitDate: undefined, branch: 'refs/heads/dev', refs: ['refs/tags/v1.2.3']}
    expect(chooseRef(local, main)).toEqual({fullRef: 'refs/heads/dev', note: undefined})
  })

  test('the pull request head commit', () => {
    const context = contextOf('pull-request')
    const local = {sha: context.pull?.headSha ?? '', commitDate: undefined, branch: undefined, refs: []}
    expect(local.sha).not.toBe(context.sha)
    expect(chooseRef(local, context).fullRef).toBe(context.fullRef)
  })

  test('the base branch on pull_request_target', () => {
    const context = contextOf('pull-request-target')
    const local = {sha: context.sha, commitDate: undefined, branch: undefined, refs: []}
    expect(context.fullRef).toMatch(/^refs\/pull\//)
    expect(chooseRef(local, context).fullRef).toBe('')
  })

  test('no refs, and an event without a ref', () => {
    const local = {sha, commitDate: undefined, branch: undefined, refs: []}
    expect(chooseRef(local, {...main, ref: {kind: 'none'}, fullRef: ''}).fullRef).toBe('')
  })
})

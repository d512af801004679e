import {describe, expect, test} from '@jest/globals'
import {formatWith} from '../../../../src/reasons/reason-table.ts'
import {retentionReasons} from '../../../../src/reasons/retention-reasons.ts'
import type {RetentionRequest} from '../../../../src/retention/decide/decide.ts'
import type {RetentionDecision} from '../../../../src/retention/tag-decision.ts'
import {daysAgo, decideOn} from '../../../../testing/retention-policy.ts'
import {named, tagFor, testContent, type TestManifest, type TestRepository} from '../../../../testing/retention.ts'

type Inputs = Readonly<Record<string, string>>

/** Images by tag, with their age in days; each tag has an image of its own. */
function images(ages: Readonly<Record<string, number | undefined>>): TestRepository {
  const pushed = Object.entries(ages).flatMap(([tag, days]): [string, Date][] =>
    days === undefined ? [] : [[tag, daysAgo(days)]],
  )
  return {
    manifests: Object.fromEntries(Object.keys(ages).map((tag): [string, TestManifest] => [tag, {}])),
    tags: Object.fromEntries(Object.keys(ages).map((tag) => [tag, tag])),
    pushedAt: Object.fromEntries(pushed),
  }
}

function nameOf({tag, digest}: RetentionDecision, repository: TestRepository): string {
  return tag ?? Object.keys(repository.manifests).find((name) => named(name) === digest) ?? digest
}

/** Reason code of each decision by tag, or by the name of the manifest; deletions begin with a minus. */
async function codes(
  repository: TestRepository,
  inputs: Inputs = {},
  changes: Partial<RetentionRequest> = {},
): Promise<Readonly<Record<string, string>>> {
  const {decisions} = await decideOn(testContent(repository), inputs, changes)
  const entries = decisions.map((one): [string, string] => [
    nameOf(one, repository),
    `${one.verdict === 'delete' ? '-' : ''}${one.reason.code}`,
  ])
  return Object.fromEntries(entries)
}

/** Tags and manifests that are deleted. */
async function deleted(
  repository: TestRepository,
  inputs: Inputs = {},
  changes: Partial<RetentionRequest> = {},
): Promise<readonly string[]> {
  const found = await codes(repository, inputs, changes)
  return Object.keys(found).filter((name) => found[name]?.startsWith('-') === true)
}

describe('the default policy', () => {
  test('deletes what is left of pull requests and branches', async () => {
    const repository: TestRepository = {
      manifests: {
        'pr-1': {},
        'pr-2': {},
        'pr-267': {},
        young: {},
        old: {facts: {ref: 'refs/heads/old'}},
        recent: {facts: {ref: 'refs/heads/recent'}},
        main: {facts: {ref: 'refs/heads/main'}},
        cache: {},
        used: {},
        other: {},
      },
      tags: {
        'pr-1': 'pr-1',
        'pr-2': 'pr-2',
        'pr-267': 'pr-267',
        'pr-9': 'young',
        old: 'old',
        recent: 'recent',
        main: 'main',
        'buildcache-gone-amd64-1a2b3c4': 'cache',
        'buildcache-main-amd64-1a2b3c4': 'used',
        other: 'other',
      },
      pushedAt: {
        'pr-1': daysAgo(2),
        'pr-2': daysAgo(2),
        'pr-267': daysAgo(2),
        young: daysAgo(0.5),
        old: daysAgo(8),
        recent: daysAgo(6),
        main: daysAgo(100),
        cache: daysAgo(2),
        used: daysAgo(200),
        other: daysAgo(1000),
      },
    }
    const refs = {defaultBranch: 'main', branches: new Set(['main']), openPulls: new Set([267])}
    expect(await codes(repository, {}, {refs})).toEqual({
      'pr-1': '-pull-closed',
      'pr-2': '-pull-closed',
      'pr-267': 'pull-open',
      'pr-9': 'too-young',
      old: '-branch-gone',
      recent: 'too-young',
      main: 'default-branch',
      'buildcache-gone-amd64-1a2b3c4': '-cache-unused',
      'buildcache-main-amd64-1a2b3c4': 'cache-in-use',
      other: 'no-rule',
    })
  })

  test('keeps everything of refs that are not known', async () => {
    const refs = {defaultBranch: 'main', branches: undefined, openPulls: undefined}
    const found = await codes(images({'pr-1': 9, 'buildcache-x-1a2b3c4': 9}), {}, {refs})
    expect(found).toEqual({'pr-1': 'refs-unknown', 'buildcache-x-1a2b3c4': 'refs-unknown'})
    const pulls = {...refs, openPulls: new Set([2])}
    const stated = {
      manifests: {a: {facts: {ref: 'refs/pull/1/merge'}}, b: {}},
      tags: {'pr-1': 'a', 'pr-3': 'b'},
      pushedAt: {a: daysAgo(9), b: daysAgo(9)},
    }
    expect(await codes(stated, {}, {refs: pulls})).toEqual({'pr-1': '-pull-closed', 'pr-3': 'refs-unknown'})
  })

  test.each([
    {source: 'https://github.com/acme/app', code: '-pull-closed'},
    {source: 'https://github.com/Acme/App.git', code: '-pull-closed'},
    {source: 'https://github.com/acme/other', code: 'other-source'},
    {source: 'https://github.com/acme/app/tree/main/api', code: '-pull-closed'},
    {source: 'https://github.com/acme/app-two', code: 'other-source'},
    {source: 'https://github.example/acme/app', code: 'other-source'},
    {source: 'https://gitlab.example/acme/group/app', code: 'other-source'},
    {source: 'the source', code: '-pull-closed'},
  ])('knows the refs of one repository only: $source', async ({source, code}) => {
    const repository = {manifests: {a: {facts: {source}}}, tags: {'pr-1': 'a'}, pushedAt: {a: daysAgo(9)}}
    expect(await codes(repository)).toEqual({'pr-1': code})
  })

  test('deletes what nothing needs after two weeks', async () => {
    const repository: TestRepository = {
      manifests: {
        index: {children: ['child']},
        child: {},
        old: {},
        young: {},
        unreadable: 'unreadable',
        signature: {subject: 'index'},
        lost: {subject: 'gone'},
        fresh: {subject: 'gone'},
        gone: 'missing',
      },
      tags: {latest: 'index'},
      pushedAt: {old: daysAgo(15), young: daysAgo(13), lost: daysAgo(8), fresh: daysAgo(6), child: daysAgo(99)},
    }
    expect(await codes(repository)).toEqual({
      latest: 'floating',
      old: '-unused',
      young: 'too-young',
      lost: '-subject-gone',
      fresh: 'too-young',
    })
  })

  test('keeps untagged images where they are not listed', async () => {
    const repository = {manifests: {app: {}, old: {}}, tags: {a: 'app'}, pushedAt: {old: daysAgo(99)}}
    expect(await codes({...repository, isComplete: false})).toEqual({a: 'no-rule'})
  })

  test('foreign signatures', async () => {
    const repository: TestRepository = {
      manifests: {sig: {}, gone: 'missing'},
      tags: {'<gone>': 'sig'},
      pushedAt: {sig: daysAgo(99)},
    }
    const {decisions, notices} = await decideOn(testContent(repository))
    expect(decisions.map(({verdict, reason}) => [verdict, reason.code])).toEqual([['keep', 'no-rule']])
    expect(notices).toEqual([{code: 'orphans-kept', count: 1}])
    expect(await deleted(repository, {policy: 'type=orphan'})).toEqual([tagFor('gone')])
  })

  test.each([
    {artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json', isKept: true},
    {artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json', isKept: true},
    {artifactType: 'application/vnd.cncf.notary.signature', isKept: false},
    {artifactType: undefined, isKept: false},
  ])('a referrer of $artifactType whose subject is elsewhere stays: $isKept', async ({artifactType, isKept}) => {
    const repository: TestRepository = {
      manifests: {sig: {subject: 'gone', ...(artifactType !== undefined && {artifactType})}, gone: 'missing'},
      pushedAt: {sig: daysAgo(99)},
    }
    const {decisions, notices} = await decideOn(testContent(repository))
    expect(decisions.map(({verdict}) => verdict)).toEqual([isKept ? 'keep' : 'delete'])
    expect(notices).toEqual(isKept ? [{code: 'orphans-kept', count: 1}] : [])
    expect(await deleted(repository, {policy: 'type=orphan'})).toEqual(['sig'])
  })

  test('each decision names its class and its line', async () => {
    const content = testContent(images({'pr-1': 9, '1.2.3': 9, x: 9}))
    const {decisions} = await decideOn(content)
    expect(decisions.map(({class: name, line}) => [name, line])).toEqual([
      ['pr', 1],
      ['release', undefined],
      ['other', undefined],
    ])
  })
})

describe('what never goes', () => {
  const policy = [
    'type=release,older-than=1d',
    'type=prerelease,older-than=1d',
    'type=branch,older-than=1d',
    'type=pr,older-than=1d',
    'type=commit,older-than=1d',
    'type=schedule,older-than=1d',
    'type=cache,older-than=1d',
    'type=match,pattern=*',
    'type=untagged',
    'type=orphan',
  ].join('\n')

  test('newest versions', async () => {
    const tags = ['1.0.0', '1.0.1', '1.1.0', '2.0.0', '2.1.0-rc.1', '2.1.0-rc.2', '2.0.0-rc.1', '1.0.1-alpine']
    const found = await codes(images(Object.fromEntries(tags.map((tag) => [tag, 500]))), {policy})
    expect(found).toEqual({
      '1.0.0': '-old-enough',
      '1.0.1': 'newest-version',
      '1.1.0': 'newest-version',
      '2.0.0': 'newest-version',
      '2.1.0-rc.1': '-old-enough',
      '2.1.0-rc.2': 'newest-prerelease',
      '2.0.0-rc.1': '-old-enough',
      '1.0.1-alpine': 'newest-version',
    })
  })

  test('whole versions', async () => {
    const repository: TestRepository = {
      manifests: {old: {}, whole: {}, broken: {children: ['gone']}, gone: 'missing', unreadable: 'unreadable'},
      tags: {'1.2.1': 'old', '1.2.2': 'whole', '1.2.3': 'broken', '1.2.4': 'unreadable'},
      pushedAt: Object.fromEntries(['old', 'whole', 'broken', 'unreadable'].map((name) => [name, daysAgo(9)])),
    }
    const expected = {'1.2.2': 'newest-version', '1.2.3': 'partial', '1.2.4': 'unreadable-image'}
    expect(await codes(repository, {policy})).toEqual({'1.2.1': '-old-enough', ...expected})
    const two = {policy: 'type=release,keep=2'}
    expect(await codes(repository, two)).toEqual({'1.2.1': 'among-newest', ...expected})
  })

  test('a pattern takes pre-releases', async () => {
    const ages = {'1.2.0': 9, '1.2.1': 9, '1.2.1-rc.1': 9, '1.3.0-rc.1': 9, '1.3.0-rc.2': 9}
    const expected = {
      '1.2.0': 'version-tag',
      '1.2.1': 'newest-version',
      '1.2.1-rc.1': '-named-by-pattern',
      '1.3.0-rc.1': '-named-by-pattern',
      '1.3.0-rc.2': 'newest-prerelease',
    }
    expect(await codes(images(ages), {'delete-tags': '*'})).toEqual(expected)
    expect(await codes(images(ages), {policy: 'type=match,pattern=1.*'})).toEqual(expected)
    expect(formatWith(retentionReasons, {code: 'version-tag'})).toMatch(/^it is a release, /)
  })

  test('a version with two tags counts once', async () => {
    const found = await codes(images({'1.0.0': 9, 'v1.0.0': 9, '0.9.0': 9, '0.9.1': 9}), {policy})
    expect(found).toMatchObject({'1.0.0': 'newest-version', 'v1.0.0': 'newest-version', '0.9.0': '-old-enough'})
  })

  test('lines of two numbers and of one', async () => {
    const ages = {'24.04': 9, '24.05': 9, '25.04': 9, '2026.02.03': 9, '2026.02.04': 9}
    expect(await deleted(images(ages), {policy})).toEqual(['24.04', '2026.02.03'])
  })

  test('floating tags, the default branch, and what is named', async () => {
    const ages = {latest: 9, '1.2': 9, '1': 9, edge: 9, nightly: 9, main: 9, 'mq-main': 9, 'keep-me': 9, stay: 9, go: 9}
    const found = await codes(images(ages), {policy: `${policy}\ntype=keep,pattern=stay`, 'exclude-tags': 'keep-*'})
    expect(found).toEqual({
      latest: 'floating',
      '1.2': 'floating',
      '1': 'floating',
      edge: 'floating',
      nightly: 'floating',
      main: 'default-branch',
      'mq-main': 'floating',
      'keep-me': 'excluded',
      stay: 'kept-by-line',
      go: '-named-by-pattern',
    })
  })

  test('a branch, if the default branch is unknown', async () => {
    const repository: TestRepository = {
      manifests: {x: {facts: {ref: 'refs/heads/x'}}, edge: {}},
      tags: {x: 'x', edge: 'edge'},
      pushedAt: {x: daysAgo(9), edge: daysAgo(9)},
    }
    const refs = {defaultBranch: undefined, branches: new Set<string>(), openPulls: new Set<number>()}
    const found = await codes(repository, {policy: 'type=branch,gone=true\ntype=match,pattern=*'}, {refs})
    expect(found).toEqual({x: 'default-branch-unknown', edge: 'default-branch-unknown'})
  })

  test('what is protected, with each of its tags', async () => {
    const repository: TestRepository = {
      manifests: {a: {children: ['part']}, part: {}, b: {}, c: {}, d: {}},
      tags: {'pr-1': 'a', 'pr-2': 'a', 'pr-3': 'b', 'pr-4': 'c'},
      pushedAt: {a: daysAgo(9), b: daysAgo(9), c: daysAgo(9), d: daysAgo(99)},
    }
    const protect = [
      'registry.example/acme/app:pr-1',
      'registry.example/acme/other:pr-3',
      `x@${named('c')}`,
      named('d'),
      named('part'),
    ].join('\n')
    expect(await codes(repository, {protect})).toEqual({
      'pr-1': 'protected',
      'pr-2': 'protected',
      'pr-3': '-pull-closed',
      'pr-4': 'protected',
      d: 'protected',
      part: 'protected',
    })
  })

  test('what a deployment runs', async () => {
    const [sha, other] = ['a'.repeat(40), 'b'.repeat(40)]
    const repository: TestRepository = {
      manifests: {a: {facts: {revision: sha}}, b: {facts: {revision: other}}, c: {}, d: {facts: {revision: sha}}},
      tags: {'pr-1': 'a', 'pr-2': 'b', 'sha-aaaaaaa': 'c', 'sha-bbbbbbb': 'c'},
      pushedAt: {a: daysAgo(9), b: daysAgo(9), c: daysAgo(9), d: daysAgo(99)},
    }
    const found = await codes(
      repository,
      {policy: 'type=pr,gone=true\ntype=commit,older-than=1d\ntype=untagged'},
      {deployed: new Set([sha])},
    )
    expect(found).toEqual({
      'pr-1': 'deployed',
      'pr-2': '-pull-closed',
      'sha-aaaaaaa': 'deployed',
      'sha-bbbbbbb': '-old-enough',
      d: 'deployed',
    })
  })

  test('what the registry protects, and what is not whole', async () => {
    const repository: TestRepository = {
      manifests: {locked: {}, broken: {children: ['gone']}, gone: 'missing', unreadable: 'unreadable', whole: {}},
      tags: {'pr-1': 'locked', 'pr-2': 'broken', 'pr-3': 'unreadable', 'pr-4': 'gone', 'pr-5': 'whole'},
      locked: ['locked'],
      pushedAt: Object.fromEntries(
        ['locked', 'broken', 'unreadable', 'gone', 'whole'].map((name) => [name, daysAgo(9)]),
      ),
    }
    expect(await codes(repository)).toEqual({
      'pr-1': 'locked',
      'pr-2': 'partial',
      'pr-3': 'unreadable-image',
      'pr-4': 'missing-image',
      'pr-5': '-pull-closed',
    })
    expect(await deleted(repository, {'delete-partial-images': 'true'})).toEqual(['pr-2', 'pr-5'])
  })

  test('what has no known age, and what is younger than the input', async () => {
    const inputs = {'delete-tags': 'a?'}
    expect(await codes(images({a1: undefined, a2: 0.5, a3: 2}), inputs)).toEqual({
      a1: 'age-unknown',
      a2: 'too-young',
      a3: '-named-by-pattern',
    })
    expect(await deleted(images({a1: undefined, a2: 0.5}), {...inputs, 'older-than': '0'})).toEqual(['a1', 'a2'])
  })

  test('a version by a pattern alone', async () => {
    const found = await codes(images({'1.2.3': 9, '1.2.4': 9, '1.2.3-rc.1': 9, 'v3.0.0': 9}), {'delete-tags': '*'})
    expect(found).toEqual({
      '1.2.3': 'version-tag',
      '1.2.4': 'newest-version',
      '1.2.3-rc.1': '-named-by-pattern',
      'v3.0.0': 'newest-version',
    })
  })

  test('lone referrer tags', async () => {
    const repository: TestRepository = {
      manifests: {app: {}, sig: {}, lost: {}, gone: 'missing'},
      tags: {'pr-1': 'app', '<app>': 'sig', '<gone>': 'lost'},
      pushedAt: {app: daysAgo(2), sig: daysAgo(99), lost: daysAgo(99)},
    }
    const found = await codes(repository, {policy, 'exclude-tags': 'sha256-*'})
    expect(found).toEqual({
      'pr-1': '-old-enough',
      [tagFor('app')]: 'follows-subject',
      [tagFor('gone')]: 'excluded',
    })
    expect(await deleted(repository, {policy: 'type=orphan'})).toEqual([tagFor('gone')])
  })

  test('a referrer tag of an image that may exist', async () => {
    const repository = {manifests: {sig: {}}, tags: {'<app>': 'sig'}, pushedAt: {sig: daysAgo(99)}}
    for (const isComplete of [true, false]) {
      const found = await codes({...repository, isComplete}, {policy: 'type=orphan'})
      expect(found).toEqual({[tagFor('app')]: 'subject-unknown'})
    }
  })

  test('a push in progress, and a staged image', async () => {
    const staged = {facts: {runId: '1'}}
    const repository: TestRepository = {
      manifests: {pushing: {}, other: {}, staged, old: staged, orphan: {subject: 'gone'}, gone: 'missing'},
      pushedAt: {
        pushing: daysAgo(0.01),
        other: daysAgo(0.1),
        staged: daysAgo(3),
        old: daysAgo(15),
        orphan: daysAgo(0.01),
      },
    }
    const inputs = {'delete-untagged': 'true', 'delete-orphaned-images': 'true', 'older-than': '0'}
    expect(await deleted(repository, inputs)).toEqual(['other', 'old'])
    const temporary = images({'tagboat-stage-0123456789ab': 10, 'tagboat-stage-0123456789ac': 15})
    expect(await deleted(temporary, {'delete-tags': '*'})).toEqual(['tagboat-stage-0123456789ac'])
    const shorter = {policy: 'type=untagged,older-than=2d', 'older-than': '0'}
    expect(await deleted(repository, shorter)).toEqual(['staged', 'old'])
  })
})

describe('a tag on a copy that removes it', () => {
  const repository = (copiedFor: string): TestRepository => ({
    manifests: {copy: {copiedFor}, one: {}, two: {}},
    tags: {'pr-12': 'copy', 'pr-13': 'one', 'pr-14': 'two'},
    pushedAt: {copy: daysAgo(0), one: daysAgo(40), two: daysAgo(50)},
  })
  const keepOne = {policy: 'type=pr,older-than=30d,keep=1'}

  test('goes at any age, and is not one of the newest', async () => {
    expect(await codes(repository('pr-12'), keepOne)).toMatchObject({
      'pr-12': '-removal-begun',
      'pr-13': 'among-newest',
      'pr-14': '-superseded',
    })
  })

  test('reopened', async () => {
    const refs = {defaultBranch: 'main', branches: new Set(['main']), openPulls: new Set([12])}
    expect(await codes(repository('pr-12'), {}, {refs})).toMatchObject({'pr-12': 'pull-open'})
    expect(await codes(repository('pr-12'), {'delete-tags': 'pr-*'}, {refs})).toMatchObject({'pr-12': '-removal-begun'})
    const unknown = {...refs, openPulls: undefined}
    expect(await codes(repository('pr-12'), {}, {refs: unknown})).toMatchObject({'pr-12': 'refs-unknown'})
  })

  test.each(['feature-a', 'buildcache-b-1a2b3c4'])('stays while the branch of %s may exist', async (tag) => {
    const of: TestRepository = {manifests: {copy: {copiedFor: tag}}, tags: {[tag]: 'copy'}}
    const refs = {defaultBranch: 'main', branches: undefined, openPulls: undefined}
    expect(await codes(of, {}, {refs})).toEqual({[tag]: 'refs-unknown'})
    expect(await codes(of, {'delete-tags': '*'}, {refs})).toEqual({[tag]: '-removal-begun'})
    expect(await codes(of)).toEqual({[tag]: '-removal-begun'})
  })

  test('stays if an input keeps it, or if the copy is for another tag', async () => {
    const excluded = {...keepOne, 'exclude-tags': 'pr-12'}
    expect(await codes(repository('pr-12'), excluded)).toMatchObject({'pr-12': 'excluded'})
    expect(await codes(repository('pr-99'), keepOne)).toMatchObject({'pr-12': 'among-newest'})
  })
})

describe('the newest of a line', () => {
  test('are counted with those that stay anyway', async () => {
    const ages = {'sha-0000001': 1.5, 'sha-0000002': 20, 'sha-0000003': 30, 'sha-0000004': 40, 'sha-0000005': 0.5}
    const policy = 'type=commit,older-than=10d,keep=3'
    expect(await codes(images(ages), {policy})).toEqual({
      'sha-0000001': 'among-newest',
      'sha-0000002': 'among-newest',
      'sha-0000003': '-superseded',
      'sha-0000004': '-superseded',
      'sha-0000005': 'among-newest',
    })
    const excluding = {policy, 'exclude-tags': 'sha-0000003, sha-0000002'}
    expect(await deleted(images(ages), excluding)).toEqual(['sha-0000004'])
  })

  test('are images, however many tags they have', async () => {
    const repository: TestRepository = {
      manifests: {a: {}, b: {}, c: {}},
      tags: {n1: 'a', n2: 'a', n3: 'b', n4: 'c'},
      pushedAt: {a: daysAgo(5), b: daysAgo(6), c: daysAgo(7)},
    }
    expect(await deleted(repository, {policy: 'type=match,pattern=n*,keep=2'})).toEqual(['n4'])
  })

  test('include those of an unknown age', async () => {
    const ages = {n1: undefined, n2: 3, n3: 4}
    expect(await deleted(images(ages), {policy: 'type=match,pattern=n*,keep=2'})).toEqual(['n3'])
  })

  test('are versions by their order, not by age', async () => {
    const ages = {'1.0.0': 2, '1.0.1': 300, '1.0.2': 200, '1.0.10': 400, '1.1.0': 500, '1.1.1': 2, '1.1.2': 600}
    const policy = 'type=release,older-than=1d,keep=2'
    expect(await deleted(images(ages), {policy: `${policy},per=minor`})).toEqual(['1.0.0', '1.0.1', '1.1.0'])
    expect(await deleted(images(ages), {policy: `${policy},per=major`})).toEqual(['1.0.0', '1.0.1', '1.0.2', '1.1.0'])
    expect(await deleted(images(ages), {policy})).toEqual(['1.0.0', '1.0.1', '1.0.2', '1.1.0'])
  })

  test('are of each variant or component', async () => {
    const tags = ['1.0.0', '1.0.1', '1.0.2', '1.0.0-alpine', '1.0.1-alpine', '0.1.0-slim', '0.1.1-slim']
    const repository = images(Object.fromEntries(tags.map((tag) => [tag, 500])))
    const policy = 'type=release,older-than=1d,keep=2'
    expect(await deleted(repository, {policy})).toEqual(['1.0.0', '1.0.0-alpine', '0.1.0-slim'])
    expect(await deleted(repository, {policy: `${policy},per=variant`})).toEqual(['1.0.0'])
    expect(await deleted(repository, {policy: `${policy},per=component`})).toEqual([
      '1.0.0',
      '1.0.0-alpine',
      '0.1.0-slim',
    ])
  })

  test('of similar actions stay beside the young ones', async () => {
    const ages = {a1: 0.1, a2: 2, a3: 3, a4: 4}
    expect(await deleted(images(ages), {'delete-tags': 'a*', 'keep-n-tagged': '2'})).toEqual(['a4'])
    const untagged = {
      manifests: {u1: {}, u2: {}, u3: {}},
      pushedAt: {u1: daysAgo(0.1), u2: daysAgo(20), u3: daysAgo(30)},
    }
    expect(await deleted(untagged, {'delete-untagged': 'true', 'keep-n-untagged': '1'})).toEqual(['u3'])
  })
})

describe('lines', () => {
  test('with globs of images', async () => {
    const repository = images({'pr-1': 9})
    expect(await deleted(repository, {policy: 'type=pr,gone=true,images=registry.example/acme/*'})).toEqual(['pr-1'])
    expect(await deleted(repository, {policy: 'type=pr,gone=true,images=registry.example/other'})).toEqual([])
  })

  test('name tags of a class by a pattern for whole tags', async () => {
    const repository = images({'pr-1': 9, 'pr-12': 9, 'sha-0000001': 9, 'sha-1111111': 9})
    expect(await deleted(repository, {policy: 'type=pr,pattern=pr-1'})).toEqual(['pr-1'])
    expect(await deleted(repository, {policy: 'type=commit,regex=sha-0'})).toEqual([])
    expect(await deleted(repository, {policy: 'type=commit,regex=sha-0+1'})).toEqual(['sha-0000001'])
    expect(await deleted(repository, {'delete-tags': '^pr-1', 'use-regex': 'true'})).toEqual(['pr-1'])
    const excluded = {'delete-tags': 'pr-.*', 'exclude-tags': '2$', 'use-regex': 'true'}
    expect(await deleted(repository, excluded)).toEqual(['pr-1'])
  })

  test('never match a digest', async () => {
    const repository = {manifests: {app: {}}, pushedAt: {app: daysAgo(99)}}
    expect(await deleted(repository, {'delete-tags': '*'})).toEqual([])
    expect(await deleted(repository, {policy: 'type=match,regex=.*'})).toEqual([])
  })

  test('delete together', async () => {
    const policy = 'type=commit,older-than=90d,keep=1\ntype=match,pattern=sha-*,older-than=30d'
    const found = await codes(images({'sha-0000001': 20, 'sha-0000002': 40, 'sha-0000003': 100}), {policy})
    expect(found).toEqual({
      'sha-0000001': 'among-newest',
      'sha-0000002': '-named-by-pattern',
      'sha-0000003': '-superseded',
    })
  })

  test('count tags without a known ref as those of branches', async () => {
    const repository: TestRepository = {
      manifests: {a: {}, b: {facts: {ref: 'refs/tags/x'}}, c: {}, d: {}, e: {}, f: {}},
      tags: {
        'feature-a': 'a',
        'feature-b': 'b',
        'feature-c': 'c',
        '1.0.0': 'd',
        'feature-c-alpine': 'e',
        'feature-cd': 'f',
      },
      pushedAt: Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, daysAgo(9)])),
    }
    const refs = {defaultBranch: 'main', branches: new Set(['main', 'feature/c']), openPulls: new Set<number>()}
    const found = await codes(repository, {policy: 'type=branch,gone=true,pattern=*'}, {refs})
    expect(found).toEqual({
      'feature-a': '-branch-gone',
      'feature-b': 'no-rule',
      'feature-c': 'branch-exists',
      'feature-c-alpine': 'branch-exists',
      'feature-cd': '-branch-gone',
      '1.0.0': 'newest-version',
    })
  })

  test('refuse an expression that does not end', async () => {
    const ages = {[`${'a'.repeat(100)}_`]: 9}
    await expect(decideOn(testContent(images(ages)), {policy: 'type=match,regex=(a+)+'})).rejects.toMatchObject({
      code: 'input-invalid',
    })
  })
})

test('unknown branches: a pattern keeps what may be the default one', async () => {
  const refs = {defaultBranch: 'main', branches: undefined, openPulls: undefined}
  const found = await codes(
    images({'main-alpine': 40, 'other-alpine': 40}),
    {policy: 'type=branch,pattern=*-alpine'},
    {refs},
  )
  expect(found).toEqual({'main-alpine': 'default-branch', 'other-alpine': '-old-enough'})
})

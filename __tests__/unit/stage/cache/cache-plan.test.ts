import {describe, expect, test} from '@jest/globals'
import {readContext} from '../../../../src/context/event.ts'
import type {GitContext} from '../../../../src/context/git-context.ts'
import type {BuildInputs} from '../../../../src/inputs/inputs.ts'
import {parsePlatform, type Platform} from '../../../../src/oci/platform.ts'
import {
  cacheLine,
  planCache,
  type CacheDecision,
  type CacheFacts,
  type CachePlan,
} from '../../../../src/stage/cache/cache-plan.ts'
import {decideFloating} from '../../../../src/promote/decide/decide-floating.ts'
import {cacheTag} from '../../../../src/stage/cache/cache-scope.ts'
import type {CacheReason} from '../../../../src/reasons/cache-reasons.ts'
import {highestAbove} from '../../../../src/tags/versions/version-order.ts'
import {loadEvent} from '../../../../testing/events.ts'
import {pushOf} from '../../../../testing/plans.ts'
import {releaseTags} from '../../../../testing/promotions.ts'
import {runFacts, repository, state} from '../../../../testing/states.ts'

const app = repository('ghcr.io/team/app')

function platforms(...names: readonly string[]): readonly Platform[] {
  return names.flatMap((name) => parsePlatform(name) ?? [])
}

const one = platforms('linux/amd64')
const two = platforms('linux/amd64', 'linux/arm64')

interface Given {
  readonly cache: BuildInputs['cache']
  readonly event?: string
  readonly context?: GitContext
  readonly changes?: Partial<GitContext>
  readonly facts?: Partial<CacheFacts>
  readonly platforms?: readonly Platform[]
  readonly inputs?: Partial<Pick<BuildInputs, 'noCache' | 'call'>>
  readonly hasImage?: boolean
}

function plan({cache, event = 'push-default-branch', context, changes, facts, inputs, ...given}: Given): CachePlan {
  const {environment, payload} = loadEvent(event)
  return planCache({
    inputs: {cache, noCache: false, call: undefined, ...inputs},
    context: {...(context ?? readContext(environment, payload)), ...changes},
    scope: {
      repository: given.hasImage === false ? undefined : app,
      target: undefined,
      platforms: given.platforms ?? one,
      variant: undefined,
    },
    facts: {canExport: true, hasActionsCache: true, canPush: true, ...facts},
  })
}

/** Names of caches in flags, without the constant part. */
function names({from, to}: CachePlan): {readonly from: readonly string[]; readonly to: readonly string[]} {
  const name = (flag: string): string =>
    flag
      .replace(/^type=(?:registry,ref=ghcr\.io\/team\/app:buildcache|gha,scope=tagboat)-/, '')
      .replace(/-[0-9a-f]{7}(?:,.*)?$/, '')
  return {from: from.map(name), to: to.map(name)}
}

describe('the flags', () => {
  test('of a registry cache', () => {
    const {from, to, decision} = plan({cache: 'registry'})
    const [ref = ''] = from
    expect(ref).toMatch(/^type=registry,ref=ghcr\.io\/team\/app:buildcache-master-amd64-[0-9a-f]{7}$/)
    expect(from).toEqual([ref])
    expect(to).toEqual([`${ref},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true`])
    const tag = ref.slice(ref.lastIndexOf(':') + 1)
    expect(decision).toMatchObject({
      kind: 'registry',
      repository: 'ghcr.io/team/app',
      reason: undefined,
      reads: [tag],
      writes: [tag],
    })
  })

  test('of the Actions cache, without address and token', () => {
    const {from, to, decision} = plan({cache: 'gha'})
    const [, scope = ''] = /scope=([^,]+)/.exec(from[0] ?? '') ?? []
    expect(scope).toMatch(/^tagboat-ghcr\.io-team-app-amd64-[0-9a-f]{7}$/)
    expect(from).toEqual([`type=gha,scope=${scope},timeout=10m`])
    expect(to).toEqual([`type=gha,scope=${scope},mode=max,ignore-error=true,timeout=10m`])
    expect(decision).toMatchObject({kind: 'gha', reason: undefined, reads: [scope], writes: [scope]})
  })
})

describe('the registry caches that a run reads and writes', () => {
  const both = (name: string): object => ({from: [name], to: [name]})
  test.each<Given & {readonly name: string; readonly expected: object; readonly says?: object}>([
    {name: 'push to the default branch', cache: 'registry', expected: both('master-amd64')},
    {
      name: 'push to another branch',
      cache: 'registry',
      event: 'push-branch',
      expected: {from: ['feature-login-amd64', 'master-amd64'], to: ['feature-login-amd64']},
    },
    {
      name: 'pull request of the same repository: its source branch',
      cache: 'registry',
      event: 'pull-request',
      expected: {from: ['changes-amd64', 'master-amd64'], to: ['changes-amd64']},
    },
    {
      name: 'pull request to a branch other than the default one',
      cache: 'registry',
      event: 'pull-request',
      changes: {baseRef: 'release/1.x'},
      expected: {from: ['changes-amd64', 'release-1.x-amd64', 'master-amd64'], to: ['changes-amd64']},
    },
    {
      name: 'pull request with an unknown branch',
      cache: 'registry',
      event: 'pull-request',
      changes: {pull: {number: 2, headSha: undefined, headRef: undefined, baseRef: 'master', fromFork: false}},
      expected: {from: ['master-amd64'], to: []},
      says: {readOnly: {code: 'cache-no-branch'}},
    },
    {
      name: 'pull request of a fork',
      cache: 'registry',
      event: 'pull-request-fork',
      expected: {from: ['master-amd64'], to: []},
      says: {readOnly: {code: 'cache-fork'}},
    },
    {
      name: 'pull_request_target of a fork, which has secrets',
      cache: 'registry',
      event: 'pull-request-target',
      changes: {pull: {number: 2, headSha: undefined, headRef: 'master', baseRef: 'master', fromFork: true}},
      expected: {from: ['master-amd64'], to: []},
      says: {readOnly: {code: 'cache-fork'}},
    },
    {
      name: 'pull_request_target of the same repository: its source branch',
      cache: 'registry',
      event: 'pull-request-target',
      changes: {pull: {number: 2, headSha: undefined, headRef: 'changes', baseRef: 'master', fromFork: false}},
      expected: {from: ['changes-amd64', 'master-amd64'], to: ['changes-amd64']},
    },
    {
      name: 'Dependabot',
      cache: 'registry',
      event: 'pull-request-dependabot',
      changes: {byDependabot: true},
      expected: {from: ['dependabot-docker-node-24-amd64', 'master-amd64'], to: []},
      says: {readOnly: {code: 'cache-dependabot'}},
    },
    {
      name: 'workflow_run after a pull request',
      cache: 'registry',
      event: 'workflow-run-fork',
      expected: {from: ['master-amd64'], to: []},
      says: {readOnly: {code: 'cache-after-pull-request'}},
    },
    {
      name: 'merge queue, whose branch is temporary',
      cache: 'registry',
      event: 'merge-group',
      expected: {from: ['main-amd64'], to: []},
      says: {readOnly: {code: 'cache-merge-queue'}},
    },
    {
      name: 'tags share one cache',
      cache: 'registry',
      context: pushOf('refs/tags/v1.2.3'),
      expected: {from: ['tags-amd64', 'main-amd64'], to: ['tags-amd64']},
    },
    {
      name: 'tag that was pushed from a branch',
      cache: 'registry',
      context: pushOf('refs/tags/v1.2.3', {baseRef: 'release'}),
      expected: {from: ['tags-amd64', 'release-amd64', 'main-amd64'], to: ['tags-amd64']},
    },
    {name: 'schedule', cache: 'registry', event: 'schedule', expected: both('main-amd64')},
    {
      name: 'no login',
      cache: 'registry',
      facts: {canPush: false},
      expected: {from: ['master-amd64'], to: []},
      says: {readOnly: {code: 'cache-no-login', host: 'ghcr.io'}},
    },
    {
      name: 'no-cache: only written',
      cache: 'registry',
      inputs: {noCache: true},
      expected: {from: [], to: ['master-amd64']},
      says: {reads: [], noCache: true},
    },
  ])('$name', ({expected, says, ...given}) => {
    const made = plan(given)
    expect(names(made)).toEqual(expected)
    expect(made.decision).toMatchObject({kind: 'registry', ...says})
  })

  test('a branch named tags does not share the cache of tags', () => {
    const [ofTags] = plan({cache: 'registry', context: pushOf('refs/tags/v1')}).to
    const [ofBranch] = plan({cache: 'registry', context: pushOf('refs/heads/tags')}).to
    expect(ofTags).not.toBe(ofBranch)
  })
})

describe('the Actions cache', () => {
  const image = 'ghcr.io-team-app-amd64'
  test.each<Given & {readonly name: string; readonly writes: boolean}>([
    {name: 'push to a branch', cache: 'gha', event: 'push-branch', writes: true},
    {name: 'pull request', cache: 'gha', event: 'pull-request', writes: true},
    {name: 'pull request of a fork', cache: 'gha', event: 'pull-request-fork', writes: false},
    {
      name: 'pull_request_target: its cache is that of the base branch',
      cache: 'gha',
      event: 'pull-request-target',
      changes: {pull: {number: 2, headSha: undefined, headRef: 'changes', baseRef: 'master', fromFork: false}},
      writes: false,
    },
    {name: 'tag: other refs cannot read its cache on GitHub', cache: 'gha', event: 'push-tag', writes: false},
    {name: 'without a login for the registry', cache: 'gha', facts: {canPush: false}, writes: true},
    {name: 'without an image', cache: 'gha', hasImage: false, writes: true},
  ])('$name', ({writes, ...given}) => {
    const {from, to} = names(plan(given))
    const expected = given.hasImage === false ? 'amd64' : image
    expect(from).toEqual([expected])
    expect(to).toEqual(writes ? [expected] : [])
  })
})

describe('auto', () => {
  const yes = {hasActionsCache: true, canPush: true}
  test.each<Given & {readonly name: string; readonly says: object; readonly to: number}>([
    {name: 'one platform', cache: 'auto', facts: yes, says: {kind: 'gha', reason: {code: 'cache-one-platform'}}, to: 1},
    {
      name: 'the default platform',
      cache: 'auto',
      platforms: [],
      says: {kind: 'gha', reason: {code: 'cache-one-platform'}},
      to: 1,
    },
    {
      name: 'several platforms',
      cache: 'auto',
      platforms: two,
      says: {kind: 'registry', repository: 'ghcr.io/team/app', reason: {code: 'cache-several-platforms'}},
      to: 1,
    },
    {
      name: 'several platforms without a login',
      cache: 'auto',
      platforms: two,
      facts: {canPush: false},
      says: {kind: 'gha', reason: {code: 'cache-registry-unwritable'}},
      to: 1,
    },
    {
      name: 'several platforms in a fork: reads the cache that the others write',
      cache: 'auto',
      event: 'pull-request-fork',
      platforms: two,
      facts: {canPush: false},
      says: {kind: 'registry', repository: 'ghcr.io/team/app', readOnly: {code: 'cache-fork'}},
      to: 0,
    },
    {
      name: 'one platform without the Actions cache',
      cache: 'auto',
      facts: {hasActionsCache: false},
      says: {kind: 'registry', repository: 'ghcr.io/team/app', reason: {code: 'cache-actions-unavailable'}},
      to: 1,
    },
    {
      name: 'neither that nor a login: only reads',
      cache: 'auto',
      facts: {hasActionsCache: false, canPush: false},
      says: {readOnly: {code: 'cache-no-login', host: 'ghcr.io'}},
      to: 0,
    },
  ])('$name', ({says, to, ...given}) => {
    const made = plan(given)
    expect(made.decision).toMatchObject({requested: 'auto', ...says})
    expect(made.to).toHaveLength(to)
    expect(made.from).not.toEqual([])
  })
})

describe('no cache', () => {
  test.each<Given & {readonly name: string}>([
    {name: 'not requested', cache: 'off'},
    {name: 'a call other than build', cache: 'auto', inputs: {call: 'check'}},
  ])('without a log line: $name', (given) => {
    expect(plan(given)).toEqual({from: [], to: [], decision: undefined})
  })

  test.each<Given & {readonly name: string; readonly reason: CacheReason}>([
    {
      name: 'an engine with the older store',
      cache: 'auto',
      facts: {canExport: false},
      reason: {code: 'cache-no-export'},
    },
    {
      name: 'a runner without the Actions cache',
      cache: 'gha',
      facts: {hasActionsCache: false},
      reason: {code: 'cache-no-actions'},
    },
    {name: 'no image', cache: 'registry', hasImage: false, reason: {code: 'cache-no-image'}},
    {
      name: 'neither cache available',
      cache: 'auto',
      hasImage: false,
      facts: {hasActionsCache: false},
      reason: {code: 'cache-nowhere'},
    },
    {
      name: 'no-cache in a run that must not write',
      cache: 'registry',
      event: 'pull-request-fork',
      inputs: {noCache: true},
      reason: {code: 'cache-fork'},
    },
  ])('with a reason: $name', ({reason, ...given}) => {
    expect(plan(given)).toEqual({from: [], to: [], decision: {kind: 'none', requested: given.cache, reason}})
  })
})

describe('the log line', () => {
  const used = {kind: 'registry', requested: 'registry', repository: 'ghcr.io/o/app', reason: undefined} as const
  const names = {reads: ['a', 'b'], writes: ['a'], readOnly: undefined, noCache: false}
  test.each<{decision: CacheDecision; expected: string}>([
    {decision: {...used, ...names}, expected: 'Cache: ghcr.io/o/app (cache: registry), reads a, b, writes a'},
    {
      decision: {...used, ...names, kind: 'gha', requested: 'auto', reason: {code: 'no-cache'}, writes: []},
      expected: 'Cache: cache of GitHub Actions (cache: auto: no-cache), reads a, b, writes nothing',
    },
    {
      decision: {...used, ...names, noCache: true},
      expected: 'Cache: ghcr.io/o/app (cache: registry), reads nothing (no-cache), writes a',
    },
    {
      decision: {...used, ...names, readOnly: {code: 'no-cache'}},
      expected: 'Cache: ghcr.io/o/app (cache: registry), reads a, b, writes nothing: no-cache',
    },
    {
      decision: {kind: 'none', requested: 'gha', reason: {code: 'no-cache'}},
      expected: 'Cache: none, although `cache: gha` is set: no-cache',
    },
  ])('$expected', ({decision, expected}) => {
    expect(cacheLine(decision)).toBe(expected)
  })
})

describe('cache tags', () => {
  const scope = {repository: app, target: undefined, platforms: one, variant: undefined}
  const caches = ['v9.9.9', '9.9.9', '2099.12.31', '9!9.9', 'latest'].map((name) =>
    cacheTag(scope, {kind: 'branch', name}),
  )

  test('do not affect the decision on floating tags', () => {
    const decide = (listed: readonly string[]): unknown =>
      decideFloating({
        tags: releaseTags('ghcr.io/team/app', '1.2.3'),
        states: [state('ghcr.io/team/app', {}, {tags: listed})],
        thisRun: runFacts,
        policy: {floating: 'auto', ifExists: 'verify', onStale: 'fail'},
        target: () => undefined,
      })
    const tags = ['1.2.2', '1.2', 'latest']
    expect(decide([...tags, ...caches])).toEqual(decide(tags))
  })

  test.each(['semver', 'pep440', 'calver'] as const)('are not versions of %s', (scheme) => {
    const version = scheme === 'calver' ? '2024.01.02' : '1.2.3'
    for (const prefix of ['', 'v']) {
      expect(
        highestAbove({kind: 'version-line', scheme, version, level: 'all', affixes: [{prefix, suffix: ''}]}, caches),
      ).toBeUndefined()
    }
  })
})

import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../../src/errors/error.ts'
import {renderError} from '../../../../src/errors/render-error.ts'
import type {Digest} from '../../../../src/oci/digest.ts'
import {decideFloating, type FloatingRequest} from '../../../../src/promote/decide/decide-floating.ts'
import {orderOfRuns} from '../../../../src/promote/decide/compare-versions.ts'
import type {RunFacts, TagDecision} from '../../../../src/promote/decide/tag-decision.ts'
import type {DecisionReason} from '../../../../src/reasons/promote-reasons.ts'
import {formatReason} from '../../../../src/reasons/reason.ts'
import type {VersionLineRole} from '../../../../src/tags/tag-role.ts'
import {branchTag, targetTag, releaseTags} from '../../../../testing/promotions.ts'
import {digest, runRevision, runFacts, state, type TagStates} from '../../../../testing/states.ts'

const app = 'ghcr.io/o/app'
const latest = targetTag(`${app}:latest`, {
  kind: 'version-line',
  scheme: 'semver',
  version: '1.2.3',
  level: 'all',
  affixes: [{prefix: '', suffix: ''}],
})
const main = branchTag(app, 'main')
const other = {digest: digest('b'), revision: 'f'.repeat(40)}

interface Given {
  readonly current?: TagStates
  readonly tags?: readonly string[] | undefined
  readonly policy?: Partial<FloatingRequest['policy']>
  readonly target?: Digest
  readonly thisRun?: RunFacts
}

function decide(
  tag: typeof main,
  {current = {}, policy, target, thisRun: facts = runFacts, ...listed}: Given,
): TagDecision | undefined {
  const states = [state(app, current, listed)]
  const [decision] = decideFloating({
    tags: [tag],
    states,
    thisRun: facts,
    policy: {floating: 'auto', ifExists: 'verify', onStale: 'skip', ...policy},
    target: () => target,
  })
  return decision
}

interface Row extends Given {
  readonly name: string
  readonly action: string
  readonly reason: DecisionReason
  readonly level?: string
  readonly higher?: string
}

describe('a version tag', () => {
  test.each<Row>([
    {name: 'is created', action: 'put', reason: {code: 'highest-version', version: '1.2.3', line: ''}},
    {
      name: 'moves to the highest',
      current: {latest: other},
      tags: ['1.2.2', 'latest'],
      action: 'put',
      reason: {code: 'highest-version', version: '1.2.3', line: ''},
    },
    {
      name: 'stays below a higher one',
      current: {latest: other},
      tags: ['1.2.9'],
      action: 'keep',
      reason: {code: 'higher-version', higher: '1.2.9', version: '1.2.3'},
      level: 'notice',
    },
    {
      name: 'is not created below a higher one',
      tags: ['1.2.9'],
      action: 'keep',
      reason: {code: 'higher-version', higher: '1.2.9', version: '1.2.3'},
      level: 'notice',
    },
    {
      name: 'moves back with on-stale: overwrite',
      current: {latest: other},
      tags: ['1.2.9'],
      policy: {onStale: 'overwrite'},
      action: 'put',
      reason: {code: 'on-stale-overwrite', because: {code: 'higher-version', higher: '1.2.9', version: '1.2.3'}},
      level: 'notice',
    },
    {
      name: 'that is up to date is kept',
      current: {latest: other},
      target: other.digest,
      action: 'keep',
      reason: {code: 'up-to-date'},
    },
    {
      name: 'is kept with floating: never',
      policy: {floating: 'never'},
      action: 'keep',
      reason: {code: 'floating-never'},
    },
    {
      name: 'moves with floating: always',
      current: {latest: other},
      tags: undefined,
      policy: {floating: 'always'},
      action: 'put',
      reason: {code: 'floating-always'},
    },
    {
      name: 'that is up to date is kept with floating: always',
      current: {latest: other},
      policy: {floating: 'always'},
      target: other.digest,
      action: 'keep',
      reason: {code: 'up-to-date'},
    },
    {
      name: 'that is unchanged is not stale, but below the highest version',
      current: {latest: other},
      tags: ['1.2.9'],
      target: other.digest,
      action: 'keep',
      reason: {code: 'higher-version', higher: '1.2.9', version: '1.2.3'},
      level: 'notice',
      higher: '1.2.9',
    },
    {
      name: 'below a published version should point to that version',
      current: {latest: {...other, version: '1.2.2'}},
      tags: ['1.2.3', '1.2.9', 'latest'],
      action: 'keep',
      reason: {code: 'higher-version', higher: '1.2.9', version: '1.2.3'},
      level: 'notice',
      higher: '1.2.9',
    },
    {
      name: 'at the highest version is kept',
      current: {latest: {...other, version: '1.2.9'}},
      tags: ['1.2.3', '1.2.9', 'latest'],
      action: 'keep',
      reason: {code: 'higher-version', higher: '1.2.9', version: '1.2.3'},
      level: 'notice',
    },
    {
      name: 'at an unversioned image is kept',
      current: {latest: other},
      tags: ['1.2.3', '1.2.9', 'latest'],
      action: 'keep',
      reason: {code: 'higher-version', higher: '1.2.9', version: '1.2.3'},
      level: 'notice',
    },
    {
      name: 'that is up to date is kept with on-stale: overwrite',
      current: {latest: other},
      tags: ['1.2.9'],
      policy: {onStale: 'overwrite'},
      target: other.digest,
      action: 'keep',
      reason: {code: 'higher-version', higher: '1.2.9', version: '1.2.3'},
      level: 'notice',
    },
    {
      name: 'stays at an image that states a higher version, even if the list lacks it',
      current: {latest: {...other, version: '1.2.9'}},
      tags: ['1.2.3', 'latest'],
      action: 'keep',
      reason: {code: 'points-to-higher-version', higher: '1.2.9', version: '1.2.3'},
      level: 'notice',
    },
    {
      name: 'stays at an image that states a higher version if tags are not listed',
      current: {latest: {...other, version: '1.2.9'}},
      tags: undefined,
      action: 'keep',
      reason: {code: 'points-to-higher-version', higher: '1.2.9', version: '1.2.3'},
      level: 'notice',
    },
    {
      name: 'that is up to date needs no list',
      current: {latest: other},
      tags: undefined,
      target: other.digest,
      action: 'keep',
      reason: {code: 'up-to-date'},
    },
  ])('$name', ({action, reason, level = 'info', higher, ...given}) => {
    const decision = decide(latest, given)
    expect(decision).toMatchObject({action, reason, level})
    expect(decision?.before).toBe(given.current?.['latest']?.digest)
    expect(decision?.higher?.version).toBe(higher)
  })

  const alone: typeof latest = {
    reference: latest.reference,
    role: {kind: 'version-line', scheme: 'semver', version: '1.2.3', level: 'all', affixes: []},
    source: {origin: 'tags', line: 2, text: 'type=semver,pattern={{major}}'},
  }

  test.each<Row>([
    {name: 'is created', tags: ['1.2.9'], action: 'put', reason: {code: 'new-tag'}},
    {
      name: 'moves from a lower version that the image states',
      current: {latest: {...other, version: '1.2.2'}},
      tags: undefined,
      action: 'put',
      reason: {code: 'points-to-lower-version', lower: '1.2.2', version: '1.2.3'},
    },
    {
      name: 'moves to other builds of it',
      current: {latest: {...other, version: '1.2.3'}},
      action: 'put',
      reason: {code: 'another-build', version: '1.2.3'},
    },
    {
      name: 'stays at a higher version that the image states',
      current: {latest: {...other, version: '1.2.4'}},
      action: 'keep',
      reason: {code: 'points-to-higher-version', higher: '1.2.4', version: '1.2.3'},
      level: 'notice',
    },
    {
      name: 'stays if the version is unknown, with the rule and the remedy',
      current: {latest: other},
      action: 'keep',
      reason: {
        code: 'version-unknown',
        rule: 'type=semver,pattern={{major}} (tags, line 2)',
        exactRule: 'type=semver,pattern={{version}}',
      },
      level: 'warning',
    },
  ])('without an exact tag of its version line $name', ({action, reason, level = 'info', ...given}) => {
    expect(decide(alone, given)).toMatchObject({action, reason, level})
  })

  test('is kept if tags are not listed, with a warning', () => {
    const decision = decide(latest, {tags: undefined})
    expect(decision).toMatchObject({action: 'keep', level: 'warning', reason: {code: 'tags-unlisted'}})
  })
})

describe('a tag that the user named', () => {
  const named = (tag: string, changes: Partial<VersionLineRole> = {}): typeof main =>
    targetTag(`${app}:${tag}`, {
      kind: 'version-line',
      scheme: 'semver',
      version: '1.2.9',
      level: 'all',
      affixes: [{prefix: '', suffix: ''}],
      promise: 'highest',
      ...changes,
    })
  const stable = named('stable')
  const lts = named('lts', {promise: 'not-lower'})
  const calendar = named('stable', {scheme: 'numeric', version: '2026.02.0'})

  test.each<Row & {readonly tag: typeof main}>([
    {
      name: 'stays at a higher version that the image states, whatever the commits',
      tag: stable,
      current: {stable: {...other, version: '2.0.0', relation: 'ahead'}},
      action: 'keep',
      reason: {code: 'named-tag-stale', because: {code: 'points-to-higher-version', higher: '2.0.0', version: '1.2.9'}},
      level: 'notice',
    },
    {
      name: 'stays if a higher version is listed, and the image states none',
      tag: stable,
      current: {stable: {...other, relation: 'ahead'}},
      tags: ['2.0.0', 'stable'],
      action: 'keep',
      reason: {code: 'named-tag-stale', because: {code: 'higher-version', higher: '2.0.0', version: '1.2.9'}},
      level: 'notice',
    },
    {
      name: 'moves back with on-stale: overwrite',
      tag: stable,
      current: {stable: {...other, version: '2.0.0'}},
      policy: {onStale: 'overwrite'},
      action: 'put',
      reason: {
        code: 'on-stale-overwrite',
        because: {code: 'points-to-higher-version', higher: '2.0.0', version: '1.2.9'},
      },
      level: 'notice',
    },
    {
      name: 'moves to higher versions for any commits',
      tag: stable,
      current: {stable: {...other, version: '1.2.8', relation: 'behind'}},
      action: 'put',
      reason: {code: 'points-to-lower-version', lower: '1.2.8', version: '1.2.9'},
    },
    {
      name: 'moves if tags are not listed and the image states a lower version',
      tag: stable,
      current: {stable: {...other, version: '1.2.8'}},
      tags: undefined,
      action: 'put',
      reason: {code: 'points-to-lower-version', lower: '1.2.8', version: '1.2.9'},
    },
    {
      name: 'is created if tags are not listed',
      tag: stable,
      tags: undefined,
      action: 'put',
      reason: {code: 'new-tag'},
    },
    {
      name: 'follows commits if neither image nor list has a version',
      tag: stable,
      current: {stable: {...other, relation: 'ahead'}},
      tags: undefined,
      action: 'put',
      reason: {code: 'commit-ahead', of: other.revision},
    },
    {
      name: 'stays at a newer commit if neither image nor list has a version',
      tag: stable,
      current: {stable: {...other, relation: 'behind'}},
      tags: ['1.2.8', 'stable'],
      action: 'keep',
      reason: {code: 'named-tag-stale', because: {code: 'commit-behind', of: other.revision}},
      level: 'notice',
    },
    {
      name: 'moves to a later build of its version',
      tag: stable,
      current: {stable: {...other, version: '1.2.9', relation: 'ahead'}},
      action: 'put',
      reason: {code: 'another-build', version: '1.2.9'},
    },
    {
      name: 'stays at a later build of its version',
      tag: stable,
      current: {stable: {...other, version: '1.2.9', relation: 'behind'}},
      action: 'keep',
      reason: {code: 'named-tag-stale', because: {code: 'commit-behind', of: other.revision}},
      level: 'notice',
    },
    {
      name: 'other than latest moves forwards, whatever else is published',
      tag: lts,
      current: {lts: {...other, version: '1.2.8'}},
      tags: ['2.0.0', 'lts'],
      action: 'put',
      reason: {code: 'points-to-lower-version', lower: '1.2.8', version: '1.2.9'},
    },
    {
      name: 'other than latest is created, whatever else is published',
      tag: lts,
      tags: ['2.0.0'],
      action: 'put',
      reason: {code: 'new-tag'},
    },
    {
      name: 'other than latest stays at a higher version',
      tag: lts,
      current: {lts: {...other, version: '2.0.0'}},
      tags: undefined,
      action: 'keep',
      reason: {code: 'named-tag-stale', because: {code: 'points-to-higher-version', higher: '2.0.0', version: '1.2.9'}},
      level: 'notice',
    },
    {
      name: 'other than latest stays if a higher version is listed, and the image states none',
      tag: lts,
      current: {lts: {...other, relation: 'ahead'}},
      tags: ['2.0.0', 'lts'],
      action: 'keep',
      reason: {code: 'named-tag-stale', because: {code: 'higher-version', higher: '2.0.0', version: '1.2.9'}},
      level: 'notice',
    },
    {
      name: 'stays at a higher calendar version',
      tag: calendar,
      current: {stable: {...other, version: 'numeric:2026.10.0'}},
      tags: undefined,
      action: 'keep',
      reason: {
        code: 'named-tag-stale',
        because: {code: 'points-to-higher-version', higher: '2026.10.0', version: '2026.02.0'},
      },
      level: 'notice',
    },
    {
      name: 'stays if a higher calendar version is listed',
      tag: calendar,
      current: {stable: other},
      tags: ['v2026.10.0', 'stable'],
      action: 'keep',
      reason: {code: 'named-tag-stale', because: {code: 'higher-version', higher: '2026.10.0', version: '2026.02.0'}},
      level: 'notice',
    },
  ])('$name', ({tag, action, reason, level = 'info', ...given}) => {
    expect(decide(tag, given)).toMatchObject({action, reason, level})
  })

  test('fails with on-stale: fail', () => {
    const current = {stable: {...other, version: '2.0.0'}}
    expect(() => decide(stable, {current, policy: {onStale: 'fail'}})).toThrow(TagboatError)
  })
})

describe('another image of both', () => {
  const image = {...other, revision: runRevision, version: '1.2.3', build: 'context=. file=Dockerfile target=default'}
  const facts: RunFacts = {...runFacts, build: 'context=. file=Dockerfile target=alpine'}
  const named = targetTag(`${app}:latest`, {
    kind: 'version-line',
    scheme: 'semver',
    version: '1.2.3',
    level: 'all',
    affixes: [{prefix: '', suffix: ''}],
    promise: 'highest',
  })
  const minor = releaseTags(app, '1.2.3').find(({reference}) => reference.tag === '1.2') ?? latest
  const made = {current: ['target default'], thisRun: ['target alpine']}

  test.each<
    Given & {
      readonly name: string
      readonly tag: typeof latest
      readonly thisRun?: RunFacts
      readonly isLatest: boolean
    }
  >([
    {name: 'of a rule', tag: latest, isLatest: true},
    {name: 'of a name that the user wrote', tag: named, isLatest: true},
    {name: 'of a version line', tag: minor, isLatest: false},
    {name: 'if tags are not listed', tag: latest, tags: undefined, isLatest: true},
  ])('keeps the tag $name, with the difference', ({tag, isLatest, ...given}) => {
    const decision = decide(tag, {...given, current: {[tag.reference.tag]: image}, thisRun: facts})
    const reason = {code: 'two-images', ...made, isLatest}
    expect(decision).toMatchObject({action: 'keep', level: 'warning', reason})
  })

  test.each<Given & {readonly name: string; readonly is?: object}>([
    {name: 'with if-exists: overwrite', policy: {ifExists: 'overwrite'}},
    {name: 'with on-stale: overwrite', policy: {onStale: 'overwrite'}},
    {name: 'with floating: always', policy: {floating: 'always'}},
    {name: 'if it is of another commit', is: {revision: other.revision}},
    {name: 'if it is of a lower version', is: {version: '1.2.2'}},
    {name: 'if it does not state a build definition', is: {build: undefined}},
    {name: 'if it has the same build definition', is: {build: facts.build}},
  ])('is replaced $name', ({is, ...given}) => {
    expect(decide(latest, {...given, current: {latest: {...image, ...is}}, thisRun: facts})).toMatchObject({
      action: 'put',
    })
  })

  test('is kept if it is the image of this run', () => {
    const decision = decide(latest, {current: {latest: image}, thisRun: facts, target: image.digest})
    expect(decision).toMatchObject({action: 'keep', level: 'info'})
  })

  test('is not replaced if another run has pushed it meanwhile', () => {
    const current = state(app, {latest: image}).tagStates.get('latest')
    if (current === undefined || latest.role.kind !== 'version-line') throw new Error('no line')
    const {order, because} = orderOfRuns(latest.role, {current, thisRun: facts, isListed: true})
    expect(order).toBe('same')
    expect(because).toEqual({code: 'other-image', ...made, isSkipped: false})
  })
})

test('two builds of one version are distinguished by their commits', () => {
  const fork = targetTag(`${app}:latest`, {
    kind: 'version-line',
    scheme: 'semver',
    version: '1.2.3+fork.1',
    level: 'all',
    affixes: [],
  })
  const current = (relation: 'ahead' | 'behind'): TagStates => ({latest: {...other, version: '1.2.3+fork.2', relation}})
  expect(decide(fork, {current: current('behind')})).toMatchObject({action: 'keep'})
  expect(decide(fork, {current: current('ahead')})).toMatchObject({action: 'put'})
})

describe('a branch tag', () => {
  test.each<Row>([
    {name: 'is created', action: 'put', reason: {code: 'new-tag'}},
    {
      name: 'moves forward',
      current: {main: {...other, relation: 'ahead'}},
      action: 'put',
      reason: {code: 'commit-ahead', of: other.revision},
    },
    {
      name: 'stays at a newer commit',
      current: {main: {...other, relation: 'behind'}},
      action: 'keep',
      reason: {code: 'commit-behind', of: other.revision},
      level: 'notice',
    },
    {
      name: 'moves back with on-stale: overwrite',
      current: {main: {...other, relation: 'behind'}},
      policy: {onStale: 'overwrite'},
      action: 'put',
      reason: {code: 'on-stale-overwrite', because: {code: 'commit-behind', of: other.revision}},
      level: 'notice',
    },
    {
      name: 'prefers other builds',
      current: {main: {...other, revision: runRevision}},
      action: 'put',
      reason: {code: 'same-commit'},
    },
    {
      name: 'is kept at the same digest',
      current: {main: {...other, relation: 'behind'}},
      target: other.digest,
      action: 'keep',
      reason: {code: 'up-to-date'},
    },
    {
      name: 'moves to a later run after a forced push',
      current: {main: {...other, relation: 'diverged', runId: '999'}},
      action: 'put',
      reason: {code: 'run-order', run: '1000', otherRun: '999', isLater: true},
    },
    {
      name: 'moves if the order is unknown, with a notice',
      current: {main: {digest: other.digest}},
      action: 'put',
      reason: {code: 'commit-order-unknown'},
      level: 'notice',
    },
    {
      name: 'needs no list of tags',
      current: {main: {...other, relation: 'ahead'}},
      tags: undefined,
      action: 'put',
      reason: {code: 'commit-ahead', of: other.revision},
    },
  ])('$name', ({action, reason, level = 'info', ...given}) => {
    expect(decide(main, given)).toMatchObject({action, reason, level})
  })
})

test('stale tags are refused together', () => {
  const states = [state(app, {main: {...other, relation: 'behind'}}, {tags: ['1.2.9', '2.0.0']})]
  const tags = [...releaseTags(app, '1.2.3'), main]
  const decideAll = (): unknown =>
    decideFloating({
      tags,
      states,
      thisRun: runFacts,
      policy: {floating: 'auto', ifExists: 'verify', onStale: 'fail'},
      target: () => undefined,
    })
  expect(decideAll).toThrow(TagboatError)
  try {
    decideAll()
  } catch (error) {
    const text = error instanceof TagboatError ? renderError(error) : ''
    expect(text).toContain('[tag-stale]')
    const higher = (version: string): string =>
      formatReason({code: 'higher-version', higher: version, version: '1.2.3'})
    expect(text).toContain(`ghcr.io/o/app:1.2: ${higher('1.2.9')}`)
    expect(text).toContain(`ghcr.io/o/app:1: ${higher('1.2.9')}`)
    expect(text).toContain(`ghcr.io/o/app:latest: ${higher('2.0.0')}`)
    expect(text).toContain(`ghcr.io/o/app:main: ${formatReason({code: 'commit-behind', of: other.revision})}`)
    expect(text).toContain('on-stale: overwrite')
  }
})

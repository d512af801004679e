import {describe, expect, test} from '@jest/globals'
import {renderError, TagboatError} from '../../../src/errors/error.ts'
import type {Digest} from '../../../src/oci/digest.ts'
import {decideFloating, type FloatingRequest} from '../../../src/plan/decide-floating.ts'
import type {TagDecision} from '../../../src/plan/tag-decision.ts'
import {branchTag, lined, releaseTags} from '../../support/promotions.ts'
import {digest, ourRevision, own, state, type Held} from '../../support/states.ts'

const app = 'ghcr.io/o/app'
const latest = lined(`${app}:latest`, {
  kind: 'version',
  scheme: 'semver',
  version: '1.2.3',
  level: 'all',
  exact: [{prefix: '', suffix: ''}],
})
const main = branchTag(app, 'main')
const other = {digest: digest('b'), revision: 'f'.repeat(40)}

interface Given {
  readonly held?: Held
  readonly tags?: readonly string[] | undefined
  readonly policy?: Partial<FloatingRequest['policy']>
  readonly target?: Digest
}

function decide(tag: typeof main, {held = {}, policy, target, ...listed}: Given): TagDecision | undefined {
  const states = [state(app, held, listed)]
  const [decision] = decideFloating({
    tags: [tag],
    states,
    own,
    policy: {floating: 'auto', onStale: 'skip', ...policy},
    target: () => target,
  })
  return decision
}

type Row = Given & {readonly name: string; readonly action: string; readonly reason: string; readonly level?: string}

describe('a version tag', () => {
  test.each<Row>([
    {name: 'is made', action: 'put', reason: 'latest is new: 1.2.3 is the highest version'},
    {
      name: 'moves to the highest',
      held: {latest: other},
      tags: ['1.2.2', 'latest'],
      action: 'put',
      reason: 'latest moves from sha256:bbbbbbbbbbbb: 1.2.3 is the highest version',
    },
    {
      name: 'stays below a higher one',
      held: {latest: other},
      tags: ['1.2.9'],
      action: 'keep',
      reason: 'latest stays at sha256:bbbbbbbbbbbb: 1.2.9 is higher than 1.2.3',
      level: 'notice',
    },
    {
      name: 'is not made below a higher one',
      tags: ['1.2.9'],
      action: 'keep',
      reason: 'latest is not made: 1.2.9 is higher than 1.2.3',
      level: 'notice',
    },
    {
      name: 'moves back where that is asked for',
      held: {latest: other},
      tags: ['1.2.9'],
      policy: {onStale: 'overwrite'},
      action: 'put',
      reason: 'latest moves from sha256:bbbbbbbbbbbb, although 1.2.9 is higher than 1.2.3: on-stale: overwrite',
      level: 'notice',
    },
    {
      name: 'that holds it already is left',
      held: {latest: other},
      target: other.digest,
      action: 'keep',
      reason: 'latest stays at sha256:bbbbbbbbbbbb: that is what it shall hold',
    },
    {
      name: 'is left with floating: never',
      policy: {floating: 'never'},
      action: 'keep',
      reason: 'latest is not made: floating: never',
    },
    {
      name: 'moves with floating: always',
      held: {latest: other},
      tags: undefined,
      policy: {floating: 'always'},
      action: 'put',
      reason: 'latest moves from sha256:bbbbbbbbbbbb: floating: always',
    },
    {
      name: 'that holds it already is left with floating: always',
      held: {latest: other},
      policy: {floating: 'always'},
      target: other.digest,
      action: 'keep',
      reason: 'latest stays at sha256:bbbbbbbbbbbb: that is what it shall hold',
    },
    {
      name: 'that holds it already is no stale one, whatever is there besides',
      held: {latest: other},
      tags: ['1.2.9'],
      policy: {onStale: 'fail'},
      target: other.digest,
      action: 'keep',
      reason:
        'latest stays at sha256:bbbbbbbbbbbb: it holds 1.2.3 already, though 1.2.9 is published too; a run of that release moves it there',
      level: 'notice',
    },
    {
      name: 'stays at an image that says a higher version, whatever the list lacks',
      held: {latest: {...other, version: '1.2.9'}},
      tags: ['1.2.3', 'latest'],
      action: 'keep',
      reason: 'latest stays at sha256:bbbbbbbbbbbb: it holds 1.2.9, which is higher than 1.2.3',
      level: 'notice',
    },
    {
      name: 'stays at an image that says a higher version, where nothing is listed',
      held: {latest: {...other, version: '1.2.9'}},
      tags: undefined,
      action: 'keep',
      reason: 'latest stays at sha256:bbbbbbbbbbbb: it holds 1.2.9, which is higher than 1.2.3',
      level: 'notice',
    },
    {
      name: 'that holds it already needs no list',
      held: {latest: other},
      tags: undefined,
      target: other.digest,
      action: 'keep',
      reason: 'latest stays at sha256:bbbbbbbbbbbb: that is what it shall hold',
    },
  ])('$name', ({action, reason, level = 'info', ...given}) => {
    expect(decide(latest, given)).toMatchObject({action, reason, level})
  })

  const alone: typeof latest = {
    reference: latest.reference,
    line: {kind: 'version', scheme: 'semver', version: '1.2.3', level: 'all', exact: []},
    source: {origin: 'tags', line: 2, text: 'type=semver,pattern={{major}}'},
  }

  test.each<Row>([
    {name: 'is made', tags: ['1.2.9'], action: 'put', reason: 'latest is new: nothing was there'},
    {
      name: 'moves from a lower version that the image says',
      held: {latest: {...other, version: '1.2.2'}},
      tags: undefined,
      action: 'put',
      reason: 'latest moves from sha256:bbbbbbbbbbbb: it holds 1.2.2, and 1.2.3 is higher',
    },
    {
      name: 'moves to another build of the version',
      held: {latest: {...other, version: '1.2.3'}},
      action: 'put',
      reason: 'latest moves from sha256:bbbbbbbbbbbb: it holds another build of 1.2.3',
    },
    {
      name: 'stays at a higher version that the image says',
      held: {latest: {...other, version: '1.2.4'}},
      action: 'keep',
      reason: 'latest stays at sha256:bbbbbbbbbbbb: it holds 1.2.4, which is higher than 1.2.3',
      level: 'notice',
    },
    {
      name: 'stays where nothing says a version, and rule and remedy are named',
      held: {latest: other},
      action: 'keep',
      reason:
        "latest stays at sha256:bbbbbbbbbbbb: whether it holds a higher version cannot be seen. The image does not say its version, and none of this run's exact tags shows the version of type=semver,pattern={{major}} (tags, line 2). Add `type=semver,pattern={{version}}` to `tags`, with the prefix and suffix of that rule but no expression in them, or set `floating: always` to move floating tags without looking.",
      level: 'warning',
    },
  ])('without an exact tag of its line $name', ({action, reason, level = 'info', ...given}) => {
    expect(decide(alone, given)).toMatchObject({action, reason, level})
  })

  test('is kept back where tags are not listed, and the remedy is named', () => {
    const decision = decide(latest, {tags: undefined})
    expect(decision).toMatchObject({action: 'keep', level: 'warning'})
    expect(decision?.reason).toMatch(/cannot be seen\. .*`floating: always`/)
  })
})

describe('a branch tag', () => {
  test.each<Row>([
    {name: 'is made', action: 'put', reason: 'main is new: nothing was there'},
    {
      name: 'moves forward',
      held: {main: {...other, relation: 'ahead'}},
      action: 'put',
      reason: 'main moves from sha256:bbbbbbbbbbbb: this commit is ahead of ffffffffffff',
    },
    {
      name: 'stays at a newer commit',
      held: {main: {...other, relation: 'behind'}},
      action: 'keep',
      reason: 'main stays at sha256:bbbbbbbbbbbb: this commit is behind ffffffffffff',
      level: 'notice',
    },
    {
      name: 'moves back where that is asked for',
      held: {main: {...other, relation: 'behind'}},
      policy: {onStale: 'overwrite'},
      action: 'put',
      reason: 'main moves from sha256:bbbbbbbbbbbb, although this commit is behind ffffffffffff: on-stale: overwrite',
      level: 'notice',
    },
    {
      name: 'moves to another build of the commit',
      held: {main: {...other, revision: ourRevision}},
      action: 'put',
      reason: 'main moves from sha256:bbbbbbbbbbbb: it is the same commit',
    },
    {
      name: 'is left at the same digest',
      held: {main: {...other, relation: 'behind'}},
      target: other.digest,
      action: 'keep',
      reason: 'main stays at sha256:bbbbbbbbbbbb: that is what it shall hold',
    },
    {
      name: 'moves to a later run after a forced push',
      held: {main: {...other, relation: 'diverged', runId: '999'}},
      action: 'put',
      reason: 'main moves from sha256:bbbbbbbbbbbb: run 1000 was started after run 999',
    },
    {
      name: 'moves where nothing says otherwise, with a notice',
      held: {main: {digest: other.digest}},
      action: 'put',
      reason: 'main moves from sha256:bbbbbbbbbbbb: nothing says which commit is newer',
      level: 'notice',
    },
    {
      name: 'needs no list of tags',
      held: {main: {...other, relation: 'ahead'}},
      tags: undefined,
      action: 'put',
      reason: 'main moves from sha256:bbbbbbbbbbbb: this commit is ahead of ffffffffffff',
    },
  ])('$name', ({action, reason, level = 'info', ...given}) => {
    expect(decide(main, given)).toMatchObject({action, reason, level})
  })
})

test('stale tags are refused together, with the remedy', () => {
  const states = [state(app, {main: {...other, relation: 'behind'}}, {tags: ['1.2.9', '2.0.0']})]
  const tags = [...releaseTags(app, '1.2.3'), main]
  const decideAll = (): unknown =>
    decideFloating({tags, states, own, policy: {floating: 'auto', onStale: 'fail'}, target: () => undefined})
  expect(decideAll).toThrow(TagboatError)
  try {
    decideAll()
  } catch (error) {
    const text = error instanceof TagboatError ? renderError(error) : ''
    expect(text).toContain('[tag-stale]')
    expect(text).toContain('ghcr.io/o/app:1.2: 1.2.9 is higher than 1.2.3')
    expect(text).toContain('ghcr.io/o/app:1: 1.2.9 is higher than 1.2.3')
    expect(text).toContain('ghcr.io/o/app:latest: 2.0.0 is higher than 1.2.3')
    expect(text).toContain('ghcr.io/o/app:main: this commit is behind ffffffffffff')
    expect(text).toContain('on-stale: overwrite')
  }
})

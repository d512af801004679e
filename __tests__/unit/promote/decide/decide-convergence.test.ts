import {describe, expect, test} from '@jest/globals'
import {noFacts} from '../../../../src/oci/image-facts.ts'
import {
  decideBelow,
  decideConvergence,
  listedAbove,
  newerImage,
  orderAgainst,
  type Convergence,
  type ConvergenceRun,
  type ReadBackTag,
} from '../../../../src/promote/decide/decide-convergence.ts'
import type {TagState} from '../../../../src/promote/decide/registry-state.ts'
import {newJournal, type Entry} from '../../../../src/promote/journal.ts'
import {branchTag, releaseTags, targetTag} from '../../../../testing/promotions.ts'
import {digest, runFacts, state} from '../../../../testing/states.ts'

const app = 'ghcr.io/o/app'
const latest = targetTag(`${app}:latest`, {
  kind: 'version-line',
  scheme: 'semver',
  version: '1.2.3',
  level: 'all',
  affixes: [{prefix: '', suffix: ''}],
})
const [main, edge] = [branchTag(app, 'main'), branchTag(app, 'edge')]
const [before, target, other, higher] = [digest('b'), digest('c'), digest('d'), digest('e')]

function entryWith(changes: Partial<Entry> = {}, tag = latest): Entry {
  const [entry] = newJournal([tag])
  if (entry === undefined) throw new Error('no entry')
  return {...entry, before, pushed: new Set([target]), ...changes}
}

function pointingTo(to: TagState['digest']): TagState {
  return {reference: latest.reference, digest: to, ...noFacts, relation: 'unknown'}
}

interface Row extends Partial<Omit<ReadBackTag, 'entry' | 'current'>> {
  readonly name: string
  readonly entry?: Partial<Entry>
  /** Digest of the tag; undefined if it does not exist. */
  readonly to: TagState['digest'] | undefined
  readonly expected: Convergence
}

const older = {order: 'older', because: {code: 'points-to-higher-version', higher: '1.3.0', version: '1.2.3'}} as const
const newer = {order: 'newer', because: {code: 'highest-version', version: '1.2.3', line: ''}} as const

describe('a tag that was read back', () => {
  test.each<Row>([
    {name: 'is verified at the target', to: target, expected: {action: 'verified', digest: target}},
    {name: 'is pushed if absent', to: undefined, expected: {action: 'put', digest: target}},
    {
      name: 'is pushed if it points to its previous digest',
      to: before,
      order: older,
      expected: {action: 'put', digest: target},
    },
    {
      name: 'is pushed if this run is newer than the one that moved it',
      to: other,
      order: newer,
      expected: {action: 'put', digest: target},
    },
    {
      name: 'is kept if this run is older than the one that moved it',
      to: other,
      order: older,
      expected: {action: 'keep', reason: {code: 'moved-by-other-run', because: older.because}},
    },
    {
      name: 'is kept if the order of the runs is unclear',
      to: other,
      order: {order: 'unclear', because: {code: 'floating-always'}},
      expected: {action: 'keep', reason: {code: 'moved-by-other-run', because: {code: 'floating-always'}}},
    },
    {
      name: 'moves to the newer commit',
      to: target,
      newer: other,
      expected: {action: 'put', digest: other},
    },
    {
      name: 'is verified if the target is the image of the newer commit',
      to: target,
      newer: target,
      expected: {action: 'verified', digest: target},
    },
    {
      name: 'stays at the newer commit',
      to: other,
      entry: {overtakenBy: other},
      order: newer,
      expected: {action: 'keep', reason: {code: 'moved-by-newer-commit'}},
    },
    {
      name: 'yields to higher versions, even at the target',
      to: target,
      higher: {version: '1.3.0', release: higher},
      expected: {action: 'put', digest: higher},
    },
  ])('$name', ({to, entry, expected, ...given}) => {
    const tag = {
      entry: entryWith(entry),
      current: to === undefined ? undefined : pointingTo(to),
      target,
      higher: undefined,
      newer: undefined,
      order: undefined,
    }
    expect(decideConvergence({...tag, ...given})).toEqual(expected)
  })
})

describe('a tag below a higher version', () => {
  const release = {version: '1.3.0', release: higher}
  const published: Convergence = {action: 'keep', reason: {code: 'published-meanwhile', version: '1.3.0'}}
  test.each<Omit<Row, 'higher'> & {higher?: ReadBackTag['higher']}>([
    {name: 'is moved to it from the image of this run', to: target, expected: {action: 'put', digest: higher}},
    {
      name: 'is moved back after a deletion',
      to: undefined,
      entry: {removed: true},
      expected: {action: 'put', digest: higher},
    },
    {name: 'is not recreated if another run deleted it', to: undefined, expected: published},
    {name: 'stays at that of another run', to: other, expected: published},
    {name: 'is kept at the higher version', to: higher, expected: published},
    {
      name: 'is kept if the exact tag states another version',
      to: target,
      higher: {version: '1.3.0', release: undefined},
      expected: published,
    },
    {
      name: 'is verified if this run has moved it there',
      to: higher,
      entry: {movedToHighest: true, pushed: new Set([higher])},
      expected: {action: 'verified', digest: higher},
    },
  ])('$name', ({to, entry, expected, higher: given = release}) => {
    const current = to === undefined ? undefined : pointingTo(to)
    expect(decideBelow(given, {entry: entryWith(entry), current})).toEqual(expected)
  })
})

function runWith(journal: readonly Entry[], policy: Partial<ConvergenceRun['policy']> = {}): ConvergenceRun {
  return {thisRun: runFacts, policy: {floating: 'auto', onStale: 'skip', ...policy}, journal}
}

describe('the highest listed version', () => {
  const named = targetTag(`${app}:lts`, {...versionLine(), promise: 'not-lower'})
  function versionLine(): Extract<typeof latest.role, {kind: 'version-line'}> {
    if (latest.role.kind !== 'version-line') throw new Error('no version line')
    return latest.role
  }
  test.each([
    {name: 'comes from an exact tag', tag: latest, policy: {}, to: target, expected: '1.3.0'},
    {name: 'does not apply to a branch', tag: main, policy: {}, to: target, expected: undefined},
    {name: 'ignores names such as lts', tag: named, policy: {}, to: target, expected: undefined},
    {
      name: 'does not apply with floating: always',
      tag: latest,
      policy: {floating: 'always'} as const,
      to: target,
      expected: undefined,
    },
    {
      name: 'does not apply at the target with on-stale: overwrite',
      tag: latest,
      policy: {onStale: 'overwrite'} as const,
      to: target,
      expected: undefined,
    },
    {
      name: 'applies with on-stale: overwrite if another run has moved the tag',
      tag: latest,
      policy: {onStale: 'overwrite'} as const,
      to: other,
      expected: '1.3.0',
    },
  ])('$name', ({tag, policy, to, expected}) => {
    const states = [state(app, {[tag.reference.tag]: {digest: to}}, {tags: ['1.2.3', '1.3.0', tag.reference.tag]})]
    const listed = listedAbove({tag}, states, {...runWith([], policy), target})
    expect(listed?.version).toBe(expected)
  })
})

describe('a newer commit', () => {
  const newerFacts = {revision: 'f'.repeat(40), relation: 'behind', floating: 'edge,main'} as const
  test.each([
    {name: 'is one that the tag has pointed to', entry: {newerCommit: higher}, sibling: {}, expected: higher},
    {name: 'is the target of another tag', sibling: {digest: other, ...newerFacts}, expected: other},
    {
      name: 'is not one that was published without this tag',
      sibling: {digest: other, ...newerFacts, floating: 'edge'},
      expected: undefined,
    },
    {
      name: 'is not one of an older commit',
      sibling: {digest: other, ...newerFacts, relation: 'ahead' as const},
      expected: undefined,
    },
    {name: 'is not the previous image of the other tag', sibling: {digest: before, ...newerFacts}, expected: undefined},
    {name: 'is not the image of this run', sibling: {digest: target, ...newerFacts}, expected: undefined},
    {
      name: 'is not looked for if this run has not pushed the tag',
      entry: {pushed: new Set<typeof target>()},
      sibling: {digest: other, ...newerFacts},
      expected: undefined,
    },
    {
      name: 'is not looked for with floating: always',
      policy: {floating: 'always'} as const,
      sibling: {digest: other, ...newerFacts},
      expected: undefined,
    },
  ])('$name', ({entry = {}, sibling, policy = {}, expected}) => {
    const journal = [entryWith(entry, main), entryWith({}, edge)]
    const states = [state(app, {main: {digest: target}, edge: {digest: target, ...sibling}})]
    const [first] = journal
    if (first === undefined) throw new Error('no entry')
    expect(newerImage(first, states, runWith(journal, policy))).toBe(expected)
  })
})

describe('the order of two runs', () => {
  const current = {...pointingTo(other), version: '1.2.2'}
  test.each([
    {name: 'is unclear with floating: always', tag: latest, policy: {floating: 'always'} as const, order: 'unclear'},
    {name: 'follows versions', tag: latest, policy: {}, order: 'newer'},
    {name: 'follows commits for a branch', tag: main, policy: {}, order: 'unclear'},
  ])('$name', ({tag, policy, order}) => {
    const states = [state(app, {}, {tags: releaseTags(app, '1.2.3').map(({reference}) => reference.tag)})]
    expect(orderAgainst(current, {tag}, {states, run: runWith([], policy)}).order).toBe(order)
  })
})

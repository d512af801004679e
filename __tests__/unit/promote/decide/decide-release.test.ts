import {describe, expect, test} from '@jest/globals'
import {renderError, TagboatError} from '../../../../src/errors/error.ts'
import {
  decideRelease,
  type ReleaseDecision,
  type ReleaseRequest,
} from '../../../../src/promote/decide/decide-release.ts'
import {formatTagRef} from '../../../../src/oci/reference.ts'
import type {TargetTag, RunFacts} from '../../../../src/promote/decide/tag-decision.ts'
import {branchTag, commitTag, targetTag, releaseTags} from '../../../../testing/promotions.ts'
import {digest, runRevision, runFacts, state, type TagStates} from '../../../../testing/states.ts'

const app = 'ghcr.io/o/app'
const mirror = 'quay.io/o/app'
const release = (name: string, tag = '1.2.3'): TargetTag =>
  targetTag(`${name}:${tag}`, {kind: 'release', scheme: 'semver', version: '1.2.3'})
const thisCommit = {digest: digest('a'), revision: runRevision}
const otherCommit = {digest: digest('b'), revision: 'f'.repeat(40), created: '2025-12-31T00:00:00Z'}
const unlabelled = {digest: digest('c')}

interface Case {
  readonly name: string
  readonly tags: readonly TargetTag[]
  readonly app?: TagStates
  readonly mirror?: TagStates
  readonly ifExists?: ReleaseRequest['policy']['ifExists']
  readonly floating?: 'never'
  readonly thisRun?: Partial<RunFacts>
}

function decide({tags, app: there = {}, mirror: other = {}, ...rest}: Omit<Case, 'name'>): ReleaseDecision {
  return decideRelease({
    tags,
    states: [state(app, there), state(mirror, other)],
    thisRun: {...runFacts, ...rest.thisRun},
    policy: {ifExists: rest.ifExists ?? 'verify', floating: rest.floating ?? 'auto'},
  })
}

function refusal(given: Omit<Case, 'name'>): TagboatError {
  try {
    decide(given)
  } catch (error) {
    if (error instanceof TagboatError) return error
  }
  throw new Error('it was not refused')
}

describe('exact tags', () => {
  const both = [release(app), release(mirror)]
  const pair = [release(app), commitTag(app, 'sha-860c190')]
  test.each<Case & {readonly expected: readonly string[]; readonly existing: string | undefined}>([
    {name: 'are put where nothing is', tags: both, expected: ['put', 'put'], existing: undefined},
    {
      name: 'are kept as this release, and missing ones completed',
      tags: both,
      mirror: {'1.2.3': thisCommit},
      expected: ['put', 'keep'],
      existing: 'a',
    },
    {
      name: 'are all kept when the release is whole',
      tags: both,
      app: {'1.2.3': thisCommit},
      mirror: {'1.2.3': thisCommit},
      expected: ['keep', 'keep'],
      existing: 'a',
    },
    {
      name: 'are kept each where builds of the commit differ',
      tags: both,
      app: {'1.2.3': thisCommit},
      mirror: {'1.2.3': {...thisCommit, digest: digest('d')}},
      expected: ['keep', 'keep'],
      existing: 'a',
    },
    {
      name: 'that hold the digest of a promote are this release',
      tags: [release(app)],
      app: {'1.2.3': unlabelled},
      thisRun: {digest: unlabelled.digest, revision: undefined},
      expected: ['keep'],
      existing: 'c',
    },
    {
      name: 'of this commit are kept, whatever build they hold',
      tags: pair,
      app: {'sha-860c190': {...thisCommit, digest: digest('d')}},
      expected: ['put', 'keep'],
      existing: undefined,
    },
    {
      name: 'of a commit are kept when they do not say what they hold',
      tags: pair,
      app: {'sha-860c190': unlabelled},
      expected: ['put', 'keep'],
      existing: undefined,
    },
    {
      name: 'without a release leave the build to be made',
      tags: [commitTag(app, 'sha-860c190'), branchTag(app, 'main')],
      app: {'sha-860c190': thisCommit},
      expected: ['keep'],
      existing: undefined,
    },
    {
      name: 'are kept with skip, whatever they hold',
      tags: [release(app)],
      ifExists: 'skip',
      app: {'1.2.3': otherCommit},
      expected: ['keep'],
      existing: 'b',
    },
    {
      name: 'are built with skip where one is missing',
      tags: both,
      ifExists: 'skip',
      app: {'1.2.3': otherCommit},
      expected: ['keep', 'put'],
      existing: undefined,
    },
    {
      name: 'are not built with skip for a branch',
      tags: [release(app), branchTag(app, 'main')],
      ifExists: 'skip',
      app: {'1.2.3': otherCommit},
      expected: ['keep'],
      existing: 'b',
    },
    {
      name: 'are not built with skip for a branch that is not moved',
      tags: [release(app), branchTag(app, 'main')],
      ifExists: 'skip',
      floating: 'never',
      app: {'1.2.3': otherCommit},
      expected: ['keep'],
      existing: 'b',
    },
    {
      name: 'that name this commit are not made of another one with skip',
      tags: pair,
      ifExists: 'skip',
      app: {'1.2.3': otherCommit},
      expected: ['keep', 'keep'],
      existing: 'b',
    },
    {
      name: 'that name this commit get what a promote was given, with skip',
      tags: pair,
      ifExists: 'skip',
      app: {'1.2.3': otherCommit},
      thisRun: {digest: digest('e')},
      expected: ['keep', 'put'],
      existing: 'b',
    },
    {
      name: 'that name this commit complete its release with skip',
      tags: pair,
      ifExists: 'skip',
      app: {'1.2.3': thisCommit},
      expected: ['keep', 'put'],
      existing: 'a',
    },
    {
      name: 'of another commit are kept with skip',
      tags: [commitTag(app, 'sha-860c190')],
      ifExists: 'skip',
      app: {'sha-860c190': otherCommit},
      expected: ['keep'],
      existing: undefined,
    },
    {
      name: 'are put with fail where nothing is',
      tags: pair,
      ifExists: 'fail',
      expected: ['put', 'put'],
      existing: undefined,
    },
    {
      name: 'of this commit are kept with fail',
      tags: pair,
      ifExists: 'fail',
      app: {'sha-860c190': thisCommit},
      expected: ['put', 'keep'],
      existing: undefined,
    },
    {
      name: 'are replaced with overwrite',
      tags: pair,
      ifExists: 'overwrite',
      app: {'1.2.3': otherCommit, 'sha-860c190': thisCommit},
      expected: ['put', 'put'],
      existing: undefined,
    },
  ])('$name', ({expected, existing, ...given}) => {
    const decision = decide(given)
    expect(decision.decisions.map(({action}) => action)).toEqual(expected)
    expect(decision.existing?.digest).toBe(existing === undefined ? undefined : digest(existing))
  })

  test('that differ between registries say so, and each registry goes on with its own', () => {
    const other = {...thisCommit, digest: digest('d')}
    const {decisions, existing} = decide({tags: both, app: {'1.2.3': thisCommit}, mirror: {'1.2.3': other}})
    expect(decisions.map(({reason}) => reason)).toEqual([
      {code: 'up-to-date'},
      {code: 'other-build', digest: thisCommit.digest, repository: app},
    ])
    expect(decisions.map(({before}) => before)).toEqual([thisCommit.digest, other.digest])
    expect(decisions.map(({level}) => level)).toEqual(['info', 'notice'])
    expect(existing?.byRepository).toEqual(
      new Map([
        [app, thisCommit.digest],
        [mirror, other.digest],
      ]),
    )
  })

  test('say with skip whose commit the release is of, and what is not made of it', () => {
    const {decisions, existing} = decide({
      tags: [release(app), commitTag(app, 'sha-860c190'), commitTag(mirror, 'sha-860c190')],
      ifExists: 'skip',
      app: {'1.2.3': otherCommit},
    })
    const withheld = {reason: {code: 'other-release', tag: '1.2.3', is: 'other-commit'}, level: 'notice'}
    expect(decisions).toMatchObject([{reason: {code: 'if-exists-skip'}, level: 'info'}, withheld, withheld])
    expect(existing?.others).toEqual(new Map([[app, {tag: '1.2.3', is: 'other-commit'}]]))
  })

  test('leave floating ones to others', () => {
    expect(decide({tags: releaseTags(app, '1.2.3')}).decisions.map(({tag}) => formatTagRef(tag.reference))).toEqual([
      'ghcr.io/o/app:1.2.3',
    ])
  })
})

describe('a release is refused', () => {
  test.each<Case & {readonly code: string; readonly says: readonly string[]}>([
    {
      name: 'when its tag holds another commit',
      tags: [release(app)],
      app: {'1.2.3': otherCommit},
      code: 'tag-taken',
      says: [
        'ghcr.io/o/app:1.2.3',
        otherCommit.digest,
        otherCommit.revision,
        otherCommit.created,
        runRevision,
        'if-exists',
      ],
    },
    {
      name: 'when its tag does not say its commit',
      tags: [release(app)],
      app: {'1.2.3': unlabelled},
      code: 'tag-taken',
      says: [unlabelled.digest, 'that it does not say'],
    },
    {
      name: 'when this run does not say its own',
      tags: [release(app)],
      app: {'1.2.3': thisCommit},
      thisRun: {revision: undefined},
      code: 'tag-taken',
      says: ['does not say its revision'],
    },
    {
      name: 'when one of two registries holds another',
      tags: [release(app), release(mirror)],
      app: {'1.2.3': thisCommit},
      mirror: {'1.2.3': otherCommit},
      code: 'tag-taken',
      says: ['quay.io/o/app:1.2.3'],
    },
    {
      name: 'when a short commit names another one',
      tags: [commitTag(app, 'sha-860c190')],
      app: {'sha-860c190': otherCommit},
      code: 'tag-taken',
      says: ['sha-860c190', 'format=long'],
    },
    {
      name: 'with fail, also when it is the same',
      tags: [release(app)],
      ifExists: 'fail',
      app: {'1.2.3': thisCommit},
      code: 'tag-exists',
      says: ['1.2.3 holds', 'if-exists: verify'],
    },
  ])('$name', ({code, says, ...given}) => {
    const error = refusal(given)
    expect(error.code).toBe(code)
    for (const text of says) expect(renderError(error)).toContain(text)
  })

  test('with a line for each tag', () => {
    const {evidence} = refusal({
      tags: [release(app), release(mirror)],
      app: {'1.2.3': otherCommit},
      mirror: {'1.2.3': unlabelled},
    })
    expect(evidence).toHaveLength(3)
  })
})

describe('a release of this commit', () => {
  const standard = 'context=. file=Dockerfile target=standard'
  const rootless = 'context=. file=Dockerfile target=rootless'
  const alpine = [release(app, '1.2.3-alpine'), release(app)]
  const names = '1.2.3,1.2.3-alpine'
  const imageOf = (build: string | undefined, tags?: string): TagStates[string] => ({...thisCommit, build, tags})

  test.each<Case & {readonly expected: readonly string[]; readonly existing: string | undefined}>([
    {
      name: 'made from the same, for the same tags, is completed',
      tags: alpine,
      app: {'1.2.3': imageOf(standard, names)},
      thisRun: {build: standard, tags: names},
      expected: ['put', 'keep'],
      existing: 'a',
    },
    {
      name: 'made from the same gets a tag that was added to the rules',
      tags: alpine,
      app: {'1.2.3': imageOf(standard, '1.2.3')},
      thisRun: {build: standard, tags: names},
      expected: ['put', 'keep'],
      existing: 'a',
    },
    {
      name: 'made from the same goes to another registry',
      tags: [release(app), release(mirror)],
      app: {'1.2.3': imageOf(standard, '1.2.3')},
      thisRun: {build: standard, tags: '1.2.3'},
      expected: ['keep', 'put'],
      existing: 'a',
    },
    {
      name: 'made for an environment before it was promoted is the release where its tags hold it',
      tags: [release(app), release(mirror)],
      app: {'1.2.3': imageOf(standard, '1.2.3-staging')},
      thisRun: {build: standard, tags: '1.2.3'},
      expected: ['keep', 'put'],
      existing: 'a',
    },
    {
      name: 'that does not say what it was made from is the release where all tags hold it',
      tags: alpine,
      app: {'1.2.3': thisCommit, '1.2.3-alpine': thisCommit},
      thisRun: {build: standard, tags: names},
      expected: ['keep', 'keep'],
      existing: 'a',
    },
    {
      name: 'that does not say it goes to another registry, where one has it whole',
      tags: [...alpine, release(mirror), release(mirror, '1.2.3-alpine')],
      app: {'1.2.3': thisCommit, '1.2.3-alpine': thisCommit},
      thisRun: {build: standard, tags: names},
      expected: ['keep', 'keep', 'put', 'put'],
      existing: 'a',
    },
    {
      name: 'made from something else is left alone with skip, and what is missing is built',
      tags: alpine,
      ifExists: 'skip',
      app: {'1.2.3': imageOf(rootless)},
      thisRun: {build: standard},
      expected: ['put', 'keep'],
      existing: undefined,
    },
    {
      name: 'made from something else is replaced with overwrite',
      tags: alpine,
      ifExists: 'overwrite',
      app: {'1.2.3': imageOf(rootless)},
      thisRun: {build: standard},
      expected: ['put', 'put'],
      existing: undefined,
    },
    {
      name: 'that lacks a platform is left to the gate',
      tags: alpine,
      app: {'1.2.3': imageOf(`${standard} platforms=linux/amd64`)},
      thisRun: {build: `${standard} platforms=linux/amd64,linux/arm64`},
      expected: ['put', 'keep'],
      existing: 'a',
    },
    {
      name: 'whose platforms one side does not say is made from the same',
      tags: alpine,
      app: {'1.2.3': imageOf(`${standard} platform=linux/amd64`)},
      thisRun: {build: standard},
      expected: ['put', 'keep'],
      existing: 'a',
    },
    {
      name: 'whose platform was not named is made from the same as one whose was',
      tags: alpine,
      app: {'1.2.3': imageOf(`${standard} platform=linux/amd64`)},
      thisRun: {build: `${standard} platforms=linux/amd64`},
      expected: ['put', 'keep'],
      existing: 'a',
    },
    {
      name: 'with the digest of a promote is the release, whatever it was made for',
      tags: alpine,
      app: {'1.2.3': imageOf(rootless, '1.2.3-rootless')},
      thisRun: {build: standard, digest: thisCommit.digest},
      expected: ['put', 'keep'],
      existing: 'a',
    },
  ])('$name', ({expected, existing, ...given}) => {
    const decision = decide(given)
    expect(decision.decisions.map(({action}) => action)).toEqual(expected)
    expect(decision.existing?.digest).toBe(existing === undefined ? undefined : digest(existing))
  })

  test('that are kept with skip say how the image there differs', () => {
    const {decisions} = decide({
      tags: alpine,
      ifExists: 'skip',
      app: {'1.2.3': imageOf(rootless, '1.2.3'), '1.2.3-alpine': imageOf(rootless, '1.2.3')},
      thisRun: {build: standard, tags: names},
    })
    const reason = {
      code: 'other-image',
      current: ['target rootless'],
      thisRun: ['target standard'],
      isSkipped: true,
    }
    expect(decisions.map((one) => one.reason)).toEqual([reason, reason])
  })

  test.each<Case & {readonly says: readonly string[]}>([
    {
      name: 'of another target',
      tags: alpine,
      app: {'1.2.3': imageOf(rootless, '1.2.3,1.2.3-rootless')},
      thisRun: {build: standard, tags: names},
      says: [
        `1.2.3 holds ${thisCommit.digest}, revision ${runRevision}, made for 1.2.3, 1.2.3-rootless, made from target rootless`,
        'made for 1.2.3, 1.2.3-alpine, made from target standard',
        'another image of this commit',
        'if-exists: skip',
        'if-exists: overwrite',
      ],
    },
    {
      name: 'without a target',
      tags: alpine,
      app: {'1.2.3': imageOf('context=. file=Dockerfile')},
      thisRun: {build: standard},
      says: ['made from no target (the last stage)', 'made from target standard'],
    },
    {
      name: 'of another file, context and variant',
      tags: alpine,
      app: {'1.2.3': imageOf('context=a file=a/Dockerfile variant=slim')},
      thisRun: {build: 'context=b file=b/Dockerfile'},
      says: ['context a, file a/Dockerfile, variant slim', 'context b, file b/Dockerfile, no variant'],
    },
    {
      name: 'of another build argument',
      tags: [release(app)],
      app: {'1.2.3': imageOf('arg:DATE=~11111111 arg:SAME=~33333333 context=.')},
      thisRun: {build: 'arg:DATE=~22222222 arg:SAME=~33333333 context=.'},
      says: [
        'build argument DATE (value ~11111111)',
        'build argument DATE (value ~22222222)',
        'give DATE the same value',
      ],
    },
    {
      name: 'of another build context',
      tags: [release(app)],
      app: {'1.2.3': imageOf('context:base=docker-image://alpine:3.20')},
      thisRun: {build: 'context:base=docker-image://debian:12'},
      says: ['build context base (docker-image://alpine:3.20)', 'build context base (docker-image://debian:12)'],
    },
    {
      name: 'of more platforms',
      tags: [release(app)],
      app: {'1.2.3': imageOf(`${standard} platforms=linux/amd64,linux/arm64`)},
      thisRun: {build: `${standard} platforms=linux/amd64`},
      says: ['made from platforms linux/amd64, linux/arm64', 'made from platform linux/amd64'],
    },
    {
      name: 'of fewer platforms than a promote brings',
      tags: [release(app)],
      app: {'1.2.3': imageOf(`${standard} platforms=linux/amd64`)},
      thisRun: {build: `${standard} platforms=linux/amd64,linux/arm64`, digest: digest('e')},
      says: ['made from platform linux/amd64', 'made from platforms linux/amd64, linux/arm64'],
    },
    {
      name: 'of the platform of another machine, where none was asked for',
      tags: [release(app)],
      app: {'1.2.3': imageOf(`${standard} platform=linux/amd64`)},
      thisRun: {build: `${standard} platform=linux/arm64`},
      says: ['made from platform linux/amd64', 'made from platform linux/arm64'],
    },
    {
      name: 'made from the same for other tags, of which it lacks some',
      tags: alpine,
      app: {'1.2.3': imageOf(standard, '1.2.3,1.2.3-community')},
      thisRun: {build: standard, tags: names},
      says: ['made for 1.2.3, 1.2.3-community', 'made for 1.2.3, 1.2.3-alpine'],
    },
    {
      name: 'that does not say what it was made from, and lacks a tag',
      tags: alpine,
      app: {'1.2.3': thisCommit},
      thisRun: {build: standard, tags: names},
      says: ['does not say what it was made from', 'new version', 'if-exists: overwrite'],
    },
    {
      name: 'in another registry under fewer names, without saying what it was made from',
      tags: [release(mirror), ...alpine],
      app: {'1.2.3': thisCommit},
      mirror: {'1.2.3': thisCommit},
      thisRun: {build: standard, tags: names},
      says: ['does not say what it was made from'],
    },
  ])('is refused: $name', ({says, ...given}) => {
    const error = refusal(given)
    expect(error.code).toBe('tag-taken')
    for (const text of says) expect(renderError(error)).toContain(text)
  })

  test('leaves a commit tag to the image that has it, and says what that is', () => {
    const [decision] = decide({
      tags: [commitTag(app, 'sha-860c190')],
      app: {'sha-860c190': imageOf(rootless)},
      thisRun: {build: standard},
    }).decisions
    const reason = {
      code: 'other-image',
      current: ['target rootless'],
      thisRun: ['target standard'],
      isSkipped: false,
    }
    expect(decision).toMatchObject({action: 'keep', level: 'notice', reason})
  })

  test('is not made of another image with skip where nothing is built', () => {
    const {decisions, existing} = decide({
      tags: [release(app), commitTag(app, 'sha-860c190')],
      ifExists: 'skip',
      app: {'1.2.3': imageOf(rootless)},
      thisRun: {build: standard},
    })
    expect(existing?.others).toEqual(new Map([[app, {tag: '1.2.3', is: 'other-image'}]]))
    expect(decisions.map(({action}) => action)).toEqual(['keep', 'keep'])
  })
})

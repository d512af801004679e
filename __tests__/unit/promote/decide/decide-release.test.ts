import {describe, expect, test} from '@jest/globals'
import {causes, type ErrorCode} from '../../../../src/errors/causes.ts'
import type {TagboatError} from '../../../../src/errors/error.ts'
import {
  decideRelease,
  type ReleaseDecision,
  type ReleaseRequest,
} from '../../../../src/promote/decide/decide-release.ts'
import {refusalError} from '../../../../src/promote/decide/taken-tags.ts'
import {formatTagRef} from '../../../../src/oci/reference.ts'
import type {TargetTag, RunFacts} from '../../../../src/promote/decide/tag-decision.ts'
import {takenTexts, type TakenReason} from '../../../../src/reasons/taken-reasons.ts'
import {branchTag, commitTag, targetTag, releaseTags} from '../../../../testing/promotions.ts'
import {digest, runRevision, runFacts, state, type TagStates} from '../../../../testing/states.ts'

const app = 'ghcr.io/o/app'
const mirror = 'quay.io/o/app'
const release = (name: string, tag = '1.2.3'): TargetTag =>
  targetTag(`${name}:${tag}`, {kind: 'release', scheme: 'semver', version: '1.2.3'})
const thisCommit = {digest: digest('a'), revision: runRevision}
const otherCommit = {digest: digest('b'), revision: 'f'.repeat(40), created: '2025-12-31T00:00:00Z'}
const withoutRevision = {digest: digest('c')}

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
  const {refusal: refused} = decide(given)
  if (refused === undefined) throw new Error('it was not refused')
  return refusalError(refused, {...runFacts, ...given.thisRun})
}

/** Expects the message and the remedy of a reason. */
function expectReason({message, remedy}: TagboatError, reason: TakenReason): void {
  expect({message, remedy}).toEqual({message: causes['tag-taken'], remedy: undefined, ...takenTexts(reason)})
}

describe('exact tags', () => {
  const both = [release(app), release(mirror)]
  const pair = [release(app), commitTag(app, 'sha-860c190')]
  test.each<Case & {readonly expected: readonly string[]; readonly existing: string | undefined}>([
    {name: 'are pushed if they do not exist', tags: both, expected: ['put', 'put'], existing: undefined},
    {
      name: 'of this release are kept, and missing ones are pushed',
      tags: both,
      mirror: {'1.2.3': thisCommit},
      expected: ['put', 'keep'],
      existing: 'a',
    },
    {
      name: 'are all kept if the release is complete',
      tags: both,
      app: {'1.2.3': thisCommit},
      mirror: {'1.2.3': thisCommit},
      expected: ['keep', 'keep'],
      existing: 'a',
    },
    {
      name: 'are each kept if the builds of the commit differ',
      tags: both,
      app: {'1.2.3': thisCommit},
      mirror: {'1.2.3': {...thisCommit, digest: digest('d')}},
      expected: ['keep', 'keep'],
      existing: 'a',
    },
    {
      name: 'that point to the digest of a promote are of this release',
      tags: [release(app)],
      app: {'1.2.3': withoutRevision},
      thisRun: {digest: withoutRevision.digest, revision: undefined},
      expected: ['keep'],
      existing: 'c',
    },
    {
      name: 'for this commit are kept at any of its builds',
      tags: pair,
      app: {'sha-860c190': {...thisCommit, digest: digest('d')}},
      expected: ['put', 'keep'],
      existing: undefined,
    },
    {
      name: 'for a commit are kept without a stated revision',
      tags: pair,
      app: {'sha-860c190': withoutRevision},
      expected: ['put', 'keep'],
      existing: undefined,
    },
    {
      name: 'without a release tag need a build',
      tags: [commitTag(app, 'sha-860c190'), branchTag(app, 'main')],
      app: {'sha-860c190': thisCommit},
      expected: ['keep'],
      existing: undefined,
    },
    {
      name: 'for this commit alone need no build',
      tags: [commitTag(app, 'sha-860c190'), commitTag(app, '860c190-alpine'), commitTag(mirror, 'sha-860c190')],
      app: {'sha-860c190': {...thisCommit, build: 'context=context'}},
      thisRun: {build: 'context=context'},
      expected: ['keep', 'put', 'put'],
      existing: 'a',
    },
    {
      name: 'for this commit alone need a build for another build definition',
      tags: [commitTag(app, 'sha-860c190')],
      app: {'sha-860c190': {...thisCommit, build: 'context=other'}},
      thisRun: {build: 'context=context'},
      expected: ['keep'],
      existing: undefined,
    },
    {
      name: 'for this commit alone are kept with skip, with any image of the commit',
      tags: [commitTag(app, 'sha-860c190')],
      ifExists: 'skip',
      app: {'sha-860c190': {...thisCommit, build: 'context=other'}},
      thisRun: {build: 'context=context'},
      expected: ['keep'],
      existing: 'a',
    },
    {
      name: 'for this commit alone are replaced with overwrite',
      tags: [commitTag(app, 'sha-860c190')],
      ifExists: 'overwrite',
      app: {'sha-860c190': thisCommit},
      expected: ['put'],
      existing: undefined,
    },
    {
      name: 'are kept with skip, whatever they point to',
      tags: [release(app)],
      ifExists: 'skip',
      app: {'1.2.3': otherCommit},
      expected: ['keep'],
      existing: 'b',
    },
    {
      name: 'need a build with skip if one is missing',
      tags: both,
      ifExists: 'skip',
      app: {'1.2.3': otherCommit},
      expected: ['keep', 'put'],
      existing: undefined,
    },
    {
      name: 'need no build with skip for a branch',
      tags: [release(app), branchTag(app, 'main')],
      ifExists: 'skip',
      app: {'1.2.3': otherCommit},
      expected: ['keep'],
      existing: 'b',
    },
    {
      name: 'need no build with skip for a branch that does not move',
      tags: [release(app), branchTag(app, 'main')],
      ifExists: 'skip',
      floating: 'never',
      app: {'1.2.3': otherCommit},
      expected: ['keep'],
      existing: 'b',
    },
    {
      name: 'for this commit do not get the image of another one with skip',
      tags: pair,
      ifExists: 'skip',
      app: {'1.2.3': otherCommit},
      expected: ['keep', 'keep'],
      existing: 'b',
    },
    {
      name: 'for this commit get the image of a promote with skip',
      tags: pair,
      ifExists: 'skip',
      app: {'1.2.3': otherCommit},
      thisRun: {digest: digest('e')},
      expected: ['keep', 'put'],
      existing: 'b',
    },
    {
      name: 'for this commit complete its release with skip',
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
      name: 'are pushed with fail if they do not exist',
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

  test('that differ between registries stay at the build of each registry, with a notice', () => {
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

  test('for this commit are withheld with skip if the release is of another commit', () => {
    const {decisions, existing} = decide({
      tags: [release(app), commitTag(app, 'sha-860c190'), commitTag(mirror, 'sha-860c190')],
      ifExists: 'skip',
      app: {'1.2.3': otherCommit},
    })
    const withheld = {reason: {code: 'other-release', tag: '1.2.3', is: 'other-commit'}, level: 'notice'}
    expect(decisions).toMatchObject([{reason: {code: 'if-exists-skip'}, level: 'info'}, withheld, withheld])
    expect(existing?.others).toEqual(new Map([[app, {tag: '1.2.3', is: 'other-commit'}]]))
  })

  test('are the only ones with a decision', () => {
    expect(decide({tags: releaseTags(app, '1.2.3')}).decisions.map(({tag}) => formatTagRef(tag.reference))).toEqual([
      'ghcr.io/o/app:1.2.3',
    ])
  })
})

describe('a release is refused', () => {
  test.each<Case & {readonly code: ErrorCode; readonly evidence: readonly string[]; readonly reason?: TakenReason}>([
    {
      name: 'if its tag points to another commit',
      tags: [release(app)],
      app: {'1.2.3': otherCommit},
      code: 'tag-taken',
      evidence: [
        `${app}:1.2.3 points to ${otherCommit.digest}, created ${otherCommit.created}, revision ${otherCommit.revision}`,
        `this run publishes revision ${runRevision}`,
      ],
      reason: {code: 'other-commit'},
    },
    {
      name: 'if the image of its tag does not state a revision',
      tags: [release(app)],
      app: {'1.2.3': withoutRevision},
      code: 'tag-taken',
      evidence: [
        `${app}:1.2.3 points to ${withoutRevision.digest}, revision unknown`,
        `this run publishes revision ${runRevision}`,
      ],
      reason: {code: 'other-commit'},
    },
    {
      name: 'without a revision of this run',
      tags: [release(app)],
      app: {'1.2.3': thisCommit},
      thisRun: {revision: undefined},
      code: 'tag-taken',
      evidence: [
        `${app}:1.2.3 points to ${thisCommit.digest}, revision ${runRevision}`,
        'this run publishes an image without a revision',
      ],
      reason: {code: 'other-commit'},
    },
    {
      name: 'if the tag of one registry points to another commit',
      tags: [release(app), release(mirror)],
      app: {'1.2.3': thisCommit},
      mirror: {'1.2.3': otherCommit},
      code: 'tag-taken',
      evidence: [
        `${mirror}:1.2.3 points to ${otherCommit.digest}, created ${otherCommit.created}, revision ${otherCommit.revision}`,
        `this run publishes revision ${runRevision}`,
      ],
      reason: {code: 'other-commit'},
    },
    {
      name: 'if a short hash names another commit',
      tags: [commitTag(app, 'sha-860c190')],
      app: {'sha-860c190': otherCommit},
      code: 'tag-taken',
      evidence: [
        `${app}:sha-860c190 points to ${otherCommit.digest}, created ${otherCommit.created}, revision ${otherCommit.revision}`,
        `this run publishes revision ${runRevision}`,
      ],
      reason: {code: 'short-hash'},
    },
    {
      name: 'with fail, even if it is the same release',
      tags: [release(app)],
      ifExists: 'fail',
      app: {'1.2.3': thisCommit},
      code: 'tag-exists',
      evidence: [`${app}:1.2.3 points to ${thisCommit.digest}, revision ${runRevision}`],
    },
  ])('$name', ({code, evidence, reason, ...given}) => {
    const error = refusal(given)
    expect(error).toMatchObject({code, evidence})
    if (reason !== undefined) expectReason(error, reason)
  })

  test('with one line of evidence per tag', () => {
    const {evidence} = refusal({
      tags: [release(app), release(mirror)],
      app: {'1.2.3': otherCommit},
      mirror: {'1.2.3': withoutRevision},
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
      name: 'with the same definition and tags is completed',
      tags: alpine,
      app: {'1.2.3': imageOf(standard, names)},
      thisRun: {build: standard, tags: names},
      expected: ['put', 'keep'],
      existing: 'a',
    },
    {
      name: 'with the same definition gets a tag that was added to the rules',
      tags: alpine,
      app: {'1.2.3': imageOf(standard, '1.2.3')},
      thisRun: {build: standard, tags: names},
      expected: ['put', 'keep'],
      existing: 'a',
    },
    {
      name: 'with the same definition is copied to another registry',
      tags: [release(app), release(mirror)],
      app: {'1.2.3': imageOf(standard, '1.2.3')},
      thisRun: {build: standard, tags: '1.2.3'},
      expected: ['keep', 'put'],
      existing: 'a',
    },
    {
      name: 'built for the tags of an environment is the release if the tags point to it',
      tags: [release(app), release(mirror)],
      app: {'1.2.3': imageOf(standard, '1.2.3-staging')},
      thisRun: {build: standard, tags: '1.2.3'},
      expected: ['keep', 'put'],
      existing: 'a',
    },
    {
      name: 'without a definition is the release if all tags point to it',
      tags: alpine,
      app: {'1.2.3': thisCommit, '1.2.3-alpine': thisCommit},
      thisRun: {build: standard, tags: names},
      expected: ['keep', 'keep'],
      existing: 'a',
    },
    {
      name: 'without a definition is copied to another registry if one registry has all tags',
      tags: [...alpine, release(mirror), release(mirror, '1.2.3-alpine')],
      app: {'1.2.3': thisCommit, '1.2.3-alpine': thisCommit},
      thisRun: {build: standard, tags: names},
      expected: ['keep', 'keep', 'put', 'put'],
      existing: 'a',
    },
    {
      name: 'with another definition is kept with skip, and the missing tags need a build',
      tags: alpine,
      ifExists: 'skip',
      app: {'1.2.3': imageOf(rootless)},
      thisRun: {build: standard},
      expected: ['put', 'keep'],
      existing: undefined,
    },
    {
      name: 'with another definition is replaced with overwrite',
      tags: alpine,
      ifExists: 'overwrite',
      app: {'1.2.3': imageOf(rootless)},
      thisRun: {build: standard},
      expected: ['put', 'put'],
      existing: undefined,
    },
    {
      name: 'that lacks a platform is left to the platform gate',
      tags: alpine,
      app: {'1.2.3': imageOf(`${standard} platforms=linux/amd64`)},
      thisRun: {build: `${standard} platforms=linux/amd64,linux/arm64`},
      expected: ['put', 'keep'],
      existing: 'a',
    },
    {
      name: 'has the same definition if one side does not state platforms',
      tags: alpine,
      app: {'1.2.3': imageOf(`${standard} platform=linux/amd64`)},
      thisRun: {build: standard},
      expected: ['put', 'keep'],
      existing: 'a',
    },
    {
      name: 'has the same definition if only one side was requested by platform',
      tags: alpine,
      app: {'1.2.3': imageOf(`${standard} platform=linux/amd64`)},
      thisRun: {build: `${standard} platforms=linux/amd64`},
      expected: ['put', 'keep'],
      existing: 'a',
    },
    {
      name: 'with an equal digest is the release for any definition',
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

  test('is kept with skip, with the difference as the reason', () => {
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

  test.each<Case & {readonly parts: readonly [current: string, thisRun: string]; readonly reason: TakenReason}>([
    {
      name: 'of another target',
      tags: alpine,
      app: {'1.2.3': imageOf(rootless, '1.2.3,1.2.3-rootless')},
      thisRun: {build: standard, tags: names},
      parts: [
        ', built for 1.2.3, 1.2.3-rootless, built from target rootless',
        ', built for 1.2.3, 1.2.3-alpine, built from target standard',
      ],
      reason: {code: 'build-definition'},
    },
    {
      name: 'without a target',
      tags: alpine,
      app: {'1.2.3': imageOf('context=. file=Dockerfile')},
      thisRun: {build: standard},
      parts: [', built from no target (the last stage)', ', built from target standard'],
      reason: {code: 'build-definition'},
    },
    {
      name: 'of another file, context and variant',
      tags: alpine,
      app: {'1.2.3': imageOf('context=a file=a/Dockerfile variant=slim')},
      thisRun: {build: 'context=b file=b/Dockerfile'},
      parts: [
        ', built from context a, file a/Dockerfile, variant slim',
        ', built from context b, file b/Dockerfile, no variant',
      ],
      reason: {code: 'build-definition'},
    },
    {
      name: 'of another build argument',
      tags: [release(app)],
      app: {'1.2.3': imageOf('arg:DATE=~11111111 arg:SAME=~33333333 context=.')},
      thisRun: {build: 'arg:DATE=~22222222 arg:SAME=~33333333 context=.'},
      parts: [
        ', built from build argument DATE (value ~11111111)',
        ', built from build argument DATE (value ~22222222)',
      ],
      reason: {code: 'build-arguments', names: ['DATE']},
    },
    {
      name: 'of another build context',
      tags: [release(app)],
      app: {'1.2.3': imageOf('context:base=docker-image://alpine:3.20')},
      thisRun: {build: 'context:base=docker-image://debian:12'},
      parts: [
        ', built from build context base (docker-image://alpine:3.20)',
        ', built from build context base (docker-image://debian:12)',
      ],
      reason: {code: 'build-definition'},
    },
    {
      name: 'with more platforms',
      tags: [release(app)],
      app: {'1.2.3': imageOf(`${standard} platforms=linux/amd64,linux/arm64`)},
      thisRun: {build: `${standard} platforms=linux/amd64`},
      parts: [', built from platforms linux/amd64, linux/arm64', ', built from platform linux/amd64'],
      reason: {code: 'build-definition'},
    },
    {
      name: 'with fewer platforms than the image of a promote',
      tags: [release(app)],
      app: {'1.2.3': imageOf(`${standard} platforms=linux/amd64`)},
      thisRun: {build: `${standard} platforms=linux/amd64,linux/arm64`, digest: digest('e')},
      parts: [', built from platform linux/amd64', ', built from platforms linux/amd64, linux/arm64'],
      reason: {code: 'build-definition'},
    },
    {
      name: 'for the platform of another machine, if none was requested',
      tags: [release(app)],
      app: {'1.2.3': imageOf(`${standard} platform=linux/amd64`)},
      thisRun: {build: `${standard} platform=linux/arm64`},
      parts: [', built from platform linux/amd64', ', built from platform linux/arm64'],
      reason: {code: 'build-definition'},
    },
    {
      name: 'with the same definition, for other tags',
      tags: alpine,
      app: {'1.2.3': imageOf(standard, '1.2.3,1.2.3-community')},
      thisRun: {build: standard, tags: names},
      parts: [', built for 1.2.3, 1.2.3-community', ', built for 1.2.3, 1.2.3-alpine'],
      reason: {code: 'build-definition'},
    },
    {
      name: 'without a definition, if a tag is missing',
      tags: alpine,
      app: {'1.2.3': thisCommit},
      thisRun: {build: standard, tags: names},
      parts: [', without a build definition', ''],
      reason: {code: 'no-build-definition'},
    },
    {
      name: 'without a definition, if the tags of another registry are incomplete',
      tags: [release(mirror), ...alpine],
      app: {'1.2.3': thisCommit},
      mirror: {'1.2.3': thisCommit},
      thisRun: {build: standard, tags: names},
      parts: [', without a build definition', ''],
      reason: {code: 'no-build-definition'},
    },
    {
      name: 'of another packaging',
      tags: [release(app)],
      app: {'1.2.3': imageOf('around=a')},
      thisRun: {build: 'around=b'},
      parts: [', built from packaging commit a', ', built from packaging commit b'],
      reason: {code: 'packaging-commit'},
    },
  ])('is refused: $name', ({parts: [current, thisRun], reason, ...given}) => {
    const error = refusal(given)
    expect(error.code).toBe('tag-taken')
    expect(error.evidence[0]?.split(':1.2.3 ')[1]).toBe(
      `points to ${thisCommit.digest}, revision ${runRevision}${current}`,
    )
    expect(error.evidence.at(-1)).toBe(`this run publishes revision ${runRevision}${thisRun}`)
    expectReason(error, reason)
  })

  test('keeps a commit tag at another image, with the difference as the reason', () => {
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

  test('of another image does not complete the tags with skip', () => {
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

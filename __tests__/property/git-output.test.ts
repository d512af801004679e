import {describe, expect, test} from '@jest/globals'
import {parseRef} from '../../src/context/event-ref.ts'
import {chooseRef, parseCommit, parseRefs} from '../../src/context/git-output.ts'
import {versionTags} from '../../src/context/version-tags.ts'
import {withLocalGit} from '../../src/context/local-git.ts'
import {pushOf, sha} from '../../testing/plans.ts'
import fc from '../../testing/properties.ts'

const piece = fc.oneof(
  fc.constantFrom(
    'refs',
    'heads',
    'tags',
    'remotes',
    'origin',
    'pull',
    '12',
    'merge',
    'HEAD',
    'main',
    'v1.2.3',
    'v1.10.0',
  ),
  fc.string({unit: 'binary', maxLength: 8}),
)
const name = fc.array(piece, {maxLength: 6}).map((pieces) => pieces.join('/'))
const output = fc.array(fc.oneof(name, fc.string({unit: 'binary'})), {maxLength: 8}).map((lines) => lines.join('\n'))
const context = fc.constantFrom(
  pushOf('refs/heads/main'),
  pushOf('refs/tags/v1.2.3'),
  pushOf('refs/pull/12/merge'),
  pushOf('', {ref: {kind: 'none'}, fullRef: ''}),
)
const version = fc
  .tuple(fc.nat({max: 20}), fc.nat({max: 20}), fc.nat({max: 20}), fc.constantFrom('', '-rc.1', '-rc.10', '-alpha'))
  .map(([major, minor, patch, rest]) => `v${major}.${minor}.${patch}${rest}`)

describe('output of Git', () => {
  test('results in refs of the remote, without duplicates', () => {
    fc.assert(
      fc.property(output, (text) => {
        const refs = parseRefs(text)
        expect(refs.filter((ref) => parseRef(ref).kind === 'none')).toEqual([])
        expect(new Set(refs).size).toBe(refs.length)
        expect(parseRefs(refs.join('\n'))).toEqual(refs)
      }),
    )
  })

  test('results in a valid context for any order', () => {
    fc.assert(
      fc.property(output, context, fc.constantFrom(sha, 'b'.repeat(40)), (text, event, commit) => {
        const refs = parseRefs(text)
        const local = {sha: commit, commitDate: undefined, branch: undefined, refs}
        const {ref, fullRef} = withLocalGit(event, local)
        expect(parseRef(fullRef)).toEqual(ref)
        if (refs.length > 0) expect(refs).toContain(fullRef)
        expect(chooseRef({...local, refs: refs.toReversed()}, event).fullRef).toBe(fullRef)
      }),
    )
  })

  test('results in a commit or undefined', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), (text) => {
        const commit = parseCommit(text)
        if (commit !== undefined) expect(commit.sha).toMatch(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/)
      }),
    )
  })

  test('results in the same order of versions', () => {
    fc.assert(
      fc.property(fc.uniqueArray(version, {maxLength: 8}), (names) => {
        expect(versionTags(names.toReversed())).toEqual(versionTags(names))
        expect(versionTags(names).toSorted()).toEqual(names.toSorted())
      }),
    )
  })
})

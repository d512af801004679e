import {describe, expect, test} from '@jest/globals'
import type {DeletionStep} from '../../src/retention/deletion-step.ts'
import {planDeletion} from '../../src/retention/plan-deletion.ts'
import type {RepositoryContent} from '../../src/retention/repository-content.ts'
import type {StoredManifest} from '../../src/retention/stored-manifest.ts'
import fc from '../../testing/properties.ts'
import {randomRepositories, type RandomRepository} from '../../testing/random-repository.ts'

const real = randomRepositories({forged: false})
const forged = randomRepositories({forged: true})

/** Existing manifests that this one contains, at any depth, with itself. */
function partsOf(digest: string, {manifests}: RepositoryContent): ReadonlySet<string> {
  const found = new Set([digest])
  for (const one of found) for (const child of readIn(manifests, one)?.children ?? []) found.add(child)
  return existing(found, manifests)
}

/** Existing manifests that belong to this one: its parts, their referrers, and everything under the tags of these. */
function closureOf(digest: string, {manifests, tags}: RepositoryContent, withSubjects: boolean): ReadonlySet<string> {
  const found = new Set([digest])
  for (const one of found) {
    if (manifests.get(one)?.kind === 'missing') continue
    const manifest = readIn(manifests, one)
    const referrers = [...manifests.keys()].filter((other) => readIn(manifests, other)?.subject === one)
    const tagged = [...tags].filter(([tag]) => tag.startsWith(one.replace(':', '-')))
    const subject = withSubjects ? manifest?.subject : undefined
    const all = [...(manifest?.children ?? []), ...referrers, ...tagged.map(([, target]) => target)]
    for (const next of subject === undefined ? all : [...all, subject]) found.add(next)
  }
  return existing(found, manifests)
}

function readIn(manifests: RepositoryContent['manifests'], digest: string): StoredManifest | undefined {
  const read = manifests.get(digest)
  return read?.kind === 'read' ? read.manifest : undefined
}

function existing(digests: ReadonlySet<string>, manifests: RepositoryContent['manifests']): ReadonlySet<string> {
  return new Set([...digests].filter((digest) => ['read', 'unreadable'].includes(manifests.get(digest)?.kind ?? '')))
}

/** Repository after these steps. */
function after(content: RepositoryContent, steps: readonly DeletionStep[]): RepositoryContent {
  const manifests = new Map(content.manifests)
  const tags = new Map(content.tags)
  for (const step of steps) {
    if (step.kind === 'tag') tags.delete(step.tag)
    else {
      manifests.delete(step.digest)
      for (const [tag, digest] of tags) if (digest === step.digest) tags.delete(tag)
    }
  }
  return {...content, manifests, tags}
}

function deletedBy(steps: readonly DeletionStep[]): readonly string[] {
  return steps.flatMap((step) => (step.kind === 'image' ? [step.digest] : []))
}

/** Digests that must stay, from the decisions alone. */
function keptOf({content, decisions, keptBesides}: RandomRepository): readonly string[] {
  const kept = decisions.filter(({verdict, reason}) => verdict === 'keep' && reason.code !== 'follows-subject')
  const untagged = kept.filter(({tag, digest}) => tag !== undefined || ![...content.tags.values()].includes(digest))
  const all = new Set([...untagged.map(({digest}) => digest), ...keptBesides, ...content.locked])
  return [...existing(all, content.manifests)]
}

/** Reports whether a tag for referrers holds a manifest that contains the subject: no order leaves both whole. */
function isTwisted(content: RepositoryContent): boolean {
  return [...content.manifests.keys()].some((digest) =>
    [...content.manifests.keys()].some(
      (other) =>
        other !== digest &&
        closureOf(digest, content, false).has(other) &&
        closureOf(other, content, false).has(digest),
    ),
  )
}

describe('planDeletion', () => {
  test('deletes nothing that a kept image needs', () => {
    fc.assert(
      fc.property(fc.oneof(real, forged), (repository) => {
        const deleted = new Set(deletedBy(planDeletion(repository).steps))
        const needed = keptOf(repository).flatMap((digest) => [...closureOf(digest, repository.content, true)])
        expect(needed.filter((digest) => deleted.has(digest))).toEqual([])
      }),
    )
  })

  test('deletes only what belongs to something that was decided', () => {
    fc.assert(
      fc.property(fc.oneof(real, forged), (repository) => {
        const {content, decisions} = repository
        const decided = decisions.filter(({verdict}) => verdict === 'delete').map(({digest}) => digest)
        const below = new Set(decided.flatMap((digest) => [...closureOf(digest, content, false)]))
        expect(deletedBy(planDeletion(repository).steps).filter((digest) => !below.has(digest))).toEqual([])
      }),
    )
  })

  test('leaves each remaining tag whole after every step', () => {
    fc.assert(
      fc.property(real, (repository) => {
        const {content} = repository
        const {steps} = planDeletion(repository)
        const belonging = isTwisted(content) ? partsOf : (digest: string) => closureOf(digest, content, false)
        for (const count of steps.keys()) {
          const {manifests, tags} = after(content, steps.slice(0, count + 1))
          const resolving = existing(new Set(tags.values()), content.manifests)
          const needed = [...resolving].flatMap((digest) => [...belonging(digest, content)])
          expect(needed.filter((digest) => !manifests.has(digest))).toEqual([])
        }
      }),
    )
  })

  test('leaves the parts of each remaining tag after every step, even with forged digests', () => {
    fc.assert(
      fc.property(forged, (repository) => {
        const {content} = repository
        const {steps} = planDeletion(repository)
        for (const count of steps.keys()) {
          const {manifests, tags} = after(content, steps.slice(0, count + 1))
          const needed = [...tags.values()].flatMap((digest) => [...partsOf(digest, content)])
          expect(needed.filter((digest) => !manifests.has(digest))).toEqual([])
        }
      }),
    )
  })

  test('has steps of one level that do not depend on each other', () => {
    fc.assert(
      fc.property(real, (repository) => {
        const {content} = repository
        const {steps} = planDeletion(repository)
        expect(steps.map(({level}) => level)).toEqual(steps.map(({level}) => level).sort((a, b) => a - b))
        for (const level of new Set(steps.map((step) => step.level))) {
          const before = after(
            content,
            steps.filter((step) => step.level < level),
          )
          const deleted = deletedBy(steps.filter((step) => step.level === level))
          for (const digest of deleted) {
            const parts = partsOf(digest, before)
            expect(deleted.filter((other) => other !== digest && parts.has(other))).toEqual([])
          }
        }
      }),
    )
  })

  test('does nothing in a second run', () => {
    fc.assert(
      fc.property(fc.oneof(real, forged), (repository) => {
        const first = planDeletion(repository)
        const content = after(repository.content, first.steps)
        expect(planDeletion({...repository, content}).steps).toEqual([])
      }),
    )
  })

  test('does not depend on the order of lists', () => {
    const shuffled = fc.oneof(real, forged).chain((repository) =>
      fc.record({
        repository: fc.constant(repository),
        decisions: shuffle(repository.decisions),
        tags: shuffle([...repository.content.tags]),
        manifests: shuffle([...repository.content.manifests]),
      }),
    )
    fc.assert(
      fc.property(shuffled, ({repository, decisions, tags, manifests}) => {
        const content = {...repository.content, tags: new Map(tags), manifests: new Map(manifests)}
        expect(planDeletion({...repository, content, decisions})).toEqual(planDeletion(repository))
      }),
    )
  })

  test('keeps all that a refused deletion needs, and deletes nothing more', () => {
    fc.assert(
      fc.property(fc.oneof(real, forged), fc.nat(), (repository, position) => {
        const {content, keptBesides} = repository
        const {steps} = planDeletion(repository)
        const deleted = deletedBy(steps)
        const refused = deleted[position % Math.max(1, deleted.length)]
        if (refused === undefined) return
        const again = planDeletion({...repository, keptBesides: new Set([...keptBesides, refused])})
        const needed = closureOf(refused, content, true)
        expect(deletedBy(again.steps).filter((digest) => needed.has(digest))).toEqual([])
        expect(deletedBy(again.steps).filter((digest) => !deleted.includes(digest))).toEqual([])
      }),
    )
  })

  test('frees exactly the blobs that no other manifest names', () => {
    fc.assert(
      fc.property(fc.oneof(real, forged), (repository) => {
        const {content} = repository
        const {steps, left, bytes} = planDeletion(repository)
        const gone = new Set([...deletedBy(steps), ...left])
        const blobs = (isGone: boolean): Map<string, number> =>
          new Map(
            [...content.manifests.values()].flatMap((one) =>
              one.kind === 'read' && gone.has(one.manifest.digest) === isGone
                ? one.manifest.blobs.map(({digest, sizeBytes}): [string, number] => [digest, sizeBytes])
                : [],
            ),
          )
        const staying = blobs(false)
        const freed = [...blobs(true)].filter(([digest]) => !staying.has(digest))
        expect(bytes).toBe(freed.reduce((sum, [, size]) => sum + size, 0))
      }),
    )
  })
})

function shuffle<T>(list: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...list], {minLength: list.length})
}

import {decide, named, testContent, type TestManifest, type TestRepository} from './retention.ts'
import fc from './properties.ts'
import type {RepositoryContent} from '../src/retention/repository-content.ts'
import type {RetentionDecision} from '../src/retention/tag-decision.ts'

/** Repository with decisions. */
export interface RandomRepository {
  readonly content: RepositoryContent
  readonly decisions: readonly RetentionDecision[]
  readonly keptBesides: ReadonlySet<string>
}

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'] as const
const somewhere = fc.nat({max: names.length - 1})

/** Links of a manifest to earlier ones, as digests allow them, and sometimes to any. */
const links = fc.record({
  children: fc.array(somewhere, {maxLength: 3}),
  subject: fc.option(somewhere, {freq: 2}),
  isForged: fc.boolean(),
  state: fc.oneof({weight: 20, arbitrary: fc.constant('read')}, fc.constantFrom('missing', 'unreadable')),
  blobs: fc.array(fc.nat({max: 5}), {maxLength: 2}),
})

const tag = fc.record({
  name: fc.oneof(
    {weight: 2, arbitrary: fc.nat({max: 30}).map((number) => `t${number}`)},
    fc.tuple(fc.constantFrom(...names), fc.constantFrom('', '.sig', '.att')).map(([of, kind]) => `<${of}>${kind}`),
  ),
  target: somewhere,
  fate: fc.constantFrom('delete', 'delete', 'keep', 'default'),
})

/**
 * Generates small repositories: nested indexes with shared children, referrers of referrers, tags for referrers, missing and
 * unreadable manifests. With `forged`, manifests may contain themselves, as only forged digests can.
 */
export function randomRepositories({forged}: {readonly forged: boolean}): fc.Arbitrary<RandomRepository> {
  return fc
    .record({
      manifests: fc.array(links, {minLength: 1, maxLength: names.length}),
      tags: fc.array(tag, {maxLength: 8}),
      isComplete: fc.boolean(),
      untagged: fc.array(fc.record({of: somewhere, isDeleted: fc.boolean()}), {maxLength: 4}),
      keptBesides: fc.array(somewhere, {maxLength: 1}),
      locked: fc.array(somewhere, {maxLength: 1}),
    })
    .map(({manifests, tags, isComplete, untagged, ...rest}) => {
      const nameOf = (index: number): string => names[index % manifests.length] ?? names[0]
      const repository: TestRepository = {
        manifests: Object.fromEntries(
          manifests.map((one, index): [string, TestManifest] => {
            const isAllowed = (to: number): boolean => (forged && one.isForged) || to % manifests.length < index
            if (one.state === 'missing' || one.state === 'unreadable') return [nameOf(index), one.state]
            return [
              nameOf(index),
              {
                children: one.children.filter(isAllowed).map(nameOf),
                ...(one.subject !== null && isAllowed(one.subject) ? {subject: nameOf(one.subject)} : {}),
                blobs: Object.fromEntries(one.blobs.map((blob) => [`blob ${blob}`, 2 ** blob])),
              },
            ]
          }),
        ),
        tags: Object.fromEntries(tags.map(({name, target}) => [name, nameOf(target)])),
        isComplete,
        locked: rest.locked.map(nameOf),
      }
      const content = testContent(repository)
      const chosen = (
        list: readonly {readonly of: number; readonly isDeleted: boolean}[],
        isDeleted: boolean,
      ): string[] => list.filter((one) => one.isDeleted === isDeleted).map(({of}) => nameOf(of))
      const tagsWith = (fate: string): string[] => tags.filter((one) => one.fate === fate).map(({name}) => name)
      return {
        content,
        decisions: decide(
          content,
          [...tagsWith('delete'), ...chosen(untagged, true)],
          [...tagsWith('keep'), ...chosen(untagged, false)],
        ),
        keptBesides: new Set(rest.keptBesides.map(nameOf).map(named)),
      }
    })
}

import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import type {Deletion, ImageStore} from '../../../src/prune/image-store.ts'
import {tagStore} from '../../../src/prune/tag-store.ts'
import {memoryRegistry, type MemoryRegistry} from '../../../testing/memory-registry.ts'
import {testClients} from '../../../testing/registry-client.ts'

const path = 'o/app'

interface Opened {
  readonly registry: MemoryRegistry
  readonly store: ImageStore
  /** Tags whose deletion was requested. */
  readonly sent: readonly string[]
}

/** Store over a registry in memory, with an answer for each tag; the default is a deletion. */
function open(answers: Readonly<Record<string, Deletion | Error>> = {}, signal = new AbortController().signal): Opened {
  const registry = memoryRegistry()
  const client = testClients(registry.http()).of(registry.host, path)
  const sent: string[] = []
  const store = tagStore({
    repository: client.repository,
    client,
    list: async () => Promise.resolve({kind: 'tags', tags: []}),
    async deleteTag(tag, isCurrent) {
      if (!(await isCurrent())) return undefined
      sent.push(tag)
      const answer = answers[tag] ?? {kind: 'deleted'}
      if (answer instanceof Error) throw answer
      if (answer.kind === 'deleted') await client.deleteManifest(tag)
      return answer
    },
    untagged: 'untagged',
    signal,
  })
  return {registry, store, sent}
}

describe('an image', () => {
  test('whose tag is refused keeps the tags after it', async () => {
    const refused: Deletion = {kind: 'kept', reason: 'locked', answer: '403'}
    const {registry, store, sent} = open({b: refused})
    const {digest} = registry.putImage(path, {tags: ['a', 'b', 'c']})
    expect(await store.deleteImages([{digest, tags: ['a', 'b', 'c']}])).toEqual([{...refused, removedTags: ['a']}])
    expect(sent).toEqual(['a', 'b'])
    expect(registry.tagsOf(path)).toEqual({b: digest, c: digest})
  })

  test.each([
    {error: new TagboatError('registry-unreachable'), kind: 'failed'},
    {error: new TagboatError('rate-limited'), kind: 'postponed'},
  ])('whose second tag fails states the first one: $kind', async ({error, kind}) => {
    const {registry, store} = open({b: error})
    const {digest} = registry.putImage(path, {tags: ['a', 'b']})
    const other = registry.putImage(path, {text: 'other', tags: ['c']})
    const [result] = await store.deleteImages([
      {digest, tags: ['a', 'b']},
      {digest: other.digest, tags: ['c']},
    ])
    expect(result).toMatchObject({kind, removedTags: ['a']})
  })

  test('with a tag elsewhere keeps all of them', async () => {
    const {registry, store, sent} = open()
    const {digest} = registry.putImage(path, {tags: ['a', 'b']})
    registry.putImage(path, {tag: 'b', text: 'moved'})
    expect(await store.deleteImages([{digest, tags: ['a', 'b', 'missing']}])).toEqual([{kind: 'changed'}])
    expect(sent).toEqual([])
  })

  test('that fails does not stop others', async () => {
    const {registry, store} = open({a: new TagboatError('registry-unreachable')})
    const {digest} = registry.putImage(path, {tags: ['a', 'b']})
    const results = await store.deleteImages([
      {digest, tags: ['a']},
      {digest, tags: ['b']},
      {digest, tags: ['gone']},
    ])
    expect(results.map(({kind}) => kind)).toEqual(['failed', 'deleted', 'gone'])
  })
})

test('a cancelled run postpones the rest', async () => {
  const cancelled = new AbortController()
  cancelled.abort(new TagboatError('cancelled'))
  const {registry, store} = open({a: new TagboatError('cancelled')}, cancelled.signal)
  const {digest} = registry.putImage(path, {tags: ['a']})
  expect((await store.deleteImages([{digest, tags: ['a']}])).map(({kind}) => kind)).toEqual(['postponed'])
})

test('a defect of the program is thrown', async () => {
  const {registry, store} = open({a: new TypeError('defect')})
  const {digest} = registry.putImage(path, {tags: ['a']})
  await expect(store.removeTag('a', digest)).rejects.toThrow('defect')
})

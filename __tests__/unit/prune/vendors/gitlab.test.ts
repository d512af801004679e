import {describe, expect, test} from '@jest/globals'
import {openGitLab} from '../../../../src/prune/gitlab/gitlab-store.ts'
import type {ImageStore} from '../../../../src/prune/image-store.ts'
import {gitLab, gitLabUsers, type GitLab} from '../../../../testing/vendors/gitlab.ts'
import {testResources} from '../../../../testing/vendors/store-resources.ts'

const path = 'group/app'
const repository = {host: 'registry.gitlab.com', path}

function open({http}: GitLab, username: keyof typeof gitLabUsers = 'ci'): ImageStore {
  return openGitLab(repository, testResources(http, {username, password: gitLabUsers[username]}))
}

describe('the list', () => {
  test('has the times at which tags were published, over pages', async () => {
    const lab = gitLab()
    lab.registry.putImage(path, {tags: ['a', 'b', 'c', 'd', 'e']})
    lab.published.set('e', '2024-03-01T12:00:00.000Z')
    const listing = await open(lab).list()
    expect(listing).toMatchObject({kind: 'tags', tags: ['a', 'b', 'c', 'd', 'e']})
    expect(listing.kind === 'tags' && listing.taggedAt?.get('e')).toEqual(new Date('2024-03-01T12:00:00Z'))
    expect(listing.kind === 'tags' && listing.taggedAt?.size).toBe(5)
  })

  test('of a registry without its database has no times', async () => {
    const lab = gitLab({hasDatabase: false})
    lab.registry.putImage(path, {tag: 'main'})
    expect(await open(lab).list()).toEqual({kind: 'tags', tags: ['main']})
  })

  test('of an unknown repository is empty', async () => {
    expect(await open(gitLab()).list()).toEqual({kind: 'tags', tags: []})
  })
})

describe.each([{route: 'oci'}, {route: 'own', refusal: 400}, {route: 'own', refusal: 405}] as const)(
  'a deletion by %j',
  (options) => {
    test('removes tags one by one', async () => {
      const lab = gitLab(options)
      const {digest} = lab.registry.putImage(path, {tags: ['1.0', 'pr-1', 'pr-2']})
      const store = open(lab)
      expect(await store.removeTag('pr-1', digest)).toEqual({kind: 'deleted'})
      expect(lab.registry.tagsOf(path)).toEqual({'1.0': digest, 'pr-2': digest})
      expect(await store.deleteImages([{digest, tags: ['1.0', 'pr-2', 'never']}])).toEqual([{kind: 'deleted'}])
      expect(lab.registry.tagsOf(path)).toEqual({})
      expect(await store.removeTag('pr-1', digest)).toEqual({kind: 'gone'})
    })

    test.each(['protected', 'immutable'] as const)('keeps %s tags', async (rule) => {
      const lab = gitLab(options)
      const {digest} = lab.registry.putImage(path, {tag: 'v1'})
      lab[rule].add('v1')
      expect(await open(lab).removeTag('v1', digest)).toMatchObject({kind: 'kept', reason: 'locked'})
      expect(lab.registry.tagsOf(path)).toEqual({v1: digest})
    })
  },
)

test('a deploy token cannot delete', async () => {
  const lab = gitLab()
  const {digest} = lab.registry.putImage(path, {tag: 'pr-5'})
  const deletion = await open(lab, 'deploy').removeTag('pr-5', digest)
  expect(deletion).toMatchObject({kind: 'denied', remedy: expect.stringContaining('`api`')})
})

test('a registry without deletion is unsupported', async () => {
  const lab = gitLab({route: 'off'})
  const {digest} = lab.registry.putImage(path, {tag: 'pr-6'})
  expect(await open(lab).removeTag('pr-6', digest)).toMatchObject({kind: 'unsupported'})
})

test('untagged images are left alone', async () => {
  const lab = gitLab()
  const {digest} = lab.registry.putImage(path)
  const [deletion] = await open(lab).deleteImages([{digest, tags: []}])
  expect(deletion?.kind).toBe('unsupported')
})

import {expect, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import {planDeletion} from '../../../src/retention/plan-deletion.ts'
import {requireReadable} from '../../../src/retention/require-readable.ts'
import {decide, named, testContent} from '../../../testing/retention.ts'

function unreadableIn(manifests: Parameters<typeof testContent>[0]['manifests']): unknown {
  const content = testContent({manifests, tags: {new: 'index', old: 'image'}})
  const plan = planDeletion({content, decisions: decide(content, ['old']), keptBesides: new Set()})
  try {
    requireReadable(plan, content.repository)
    return undefined
  } catch (error) {
    return error instanceof TagboatError ? [error.code, ...error.evidence] : error
  }
}

test('requireReadable names image and part', () => {
  expect(unreadableIn({index: {children: ['arm64']}, arm64: 'unreadable', image: {}})).toEqual([
    'prune-unreadable',
    expect.stringMatching(`^registry.example/acme/app:new needs ${named('arm64')},.*: 500$`),
  ])
  expect(unreadableIn({index: 'unreadable', image: {}})).toEqual([
    'prune-unreadable',
    expect.stringMatching(/^registry.example\/acme\/app:new .*: 500$/),
  ])
  expect(unreadableIn({index: {}, image: 'unreadable'})).toBeUndefined()
})

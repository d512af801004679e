import {expect, test} from '@jest/globals'
import {simulatedText as simulated, tagsOfText as tags} from '../../../testing/simulated-tags.ts'

const uses = ['./', './stage', './promote']
const call = 'on: push\njobs: {p: {uses: ./.github/workflows/publish.yml, with: {tags: a}}}'
const inputs = '  with: {tags: a, images: ghcr.io/octocat/app, digests: "file:/tmp/digests"}'

test.each(uses)('%s is Tagboat in its own repository only', async (action) => {
  const text = `- uses: ${action}\n${inputs}`
  const [own] = (await simulated(text, {event: 'push', repository: 'tagboat/tagboat'})).steps
  expect(own?.state).toBe('planned')
  const {steps} = await simulated(text)
  expect(steps).toMatchObject([{state: 'unknown', reason: `the local action ${action} is not known`, unknown: []}])
})

test('a local workflow is that of Tagboat in its own repository only', async () => {
  expect(await tags(call, {event: 'push', repository: 'tagboat/tagboat'})).toEqual(['a'])
  const {steps} = await simulated(call)
  const reason = 'the local workflow ./.github/workflows/publish.yml is not known'
  expect(steps).toMatchObject([{state: 'unknown', reason}])
})

test('a local action that is skipped does not matter', async () => {
  expect(await tags('- uses: ./\n  if: false')).toEqual(['skipped'])
})

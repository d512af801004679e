import {expect, test} from '@jest/globals'
import {simulatedText, tagsOfText} from '../../../testing/simulated-tags.ts'

const text =
  'images: a/b\ntags: |\n  type=raw,value=stable,enable=${{ !github.event.release.prerelease }}\n  {{tag}}\nflavor: latest=false\n'

test.each([
  {tag: 'v2.0.0-rc.1', tags: 'v2.0.0-rc.1'},
  {tag: 'api@2.0.0-beta', tags: 'api-2.0.0-beta'},
  {tag: 'v2.0.0', tags: 'stable v2.0.0'},
  {tag: 'release-2026', tags: 'stable release-2026'},
])('the release of $tag is a pre-release if its version is one', async ({tag, tags}) => {
  expect(await tagsOfText(text, {event: 'release', ref: `refs/tags/${tag}`})).toEqual([tags])
})

test('a release is a pre-release if the choice names one', async () => {
  const choice = {event: 'release', ref: 'refs/tags/v2.0.0', prerelease: true}
  expect(await tagsOfText(text, choice)).toEqual(['v2.0.0'])
})

test('a workflow for `released` alone does not run for a pre-release', async () => {
  const whole = 'on: {release: {types: [released]}}\njobs: {a: {steps: [{uses: tagboat/tagboat@v1}]}}\n'
  const {runs} = await simulatedText(whole, {event: 'release', ref: 'refs/tags/v2.0.0-rc.1'})
  expect(runs).toBe(false)
})

import {expect, test} from '@jest/globals'
import {simulatedText as simulated} from '../../../testing/simulated-tags.ts'

test.each([
  {name: 'a fork', choice: {event: 'pull_request', fork: true}, fails: true},
  {name: 'the repository', choice: {event: 'pull_request'}, fails: false},
])('whether the push of a pull request of $name fails is known', async ({choice, fails}) => {
  const {steps} = await simulated('images: acme/web\npush: true\n', choice)
  expect(steps.map(({result}) => result?.pushFails !== undefined)).toEqual([fails])
})

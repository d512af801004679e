import {expect, test} from '@jest/globals'
import {simulatedText as simulated} from '../../../testing/simulated-tags.ts'

test.each([
  {name: 'a fork', choice: {event: 'pull_request', fork: true}, images: 'acme/web', fails: true},
  {name: 'the repository', choice: {event: 'pull_request'}, images: 'acme/web', fails: false},
  {
    name: 'a fork to a service of the job',
    choice: {event: 'pull_request', fork: true},
    images: 'localhost:5000/web,127.0.0.1:5001/web',
    fails: false,
  },
  {
    name: 'a fork to a service and a registry',
    choice: {event: 'pull_request', fork: true},
    images: 'localhost:5000/web,acme/web',
    fails: true,
  },
])('whether the push of a pull request of $name fails is known', async ({choice, images, fails}) => {
  const {steps} = await simulated(`images: ${images}\npush: true\n`, choice)
  expect(steps.map(({result}) => result?.pushFails !== undefined)).toEqual([fails])
})

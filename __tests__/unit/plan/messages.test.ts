import {expect, test} from '@jest/globals'
import {readContext} from '../../../src/context/event.ts'
import {Secret} from '../../../src/errors/secret.ts'
import {missingCredentials} from '../../../src/plan/push-decision.ts'
import {loadEvent} from '../../../testing/events.ts'

/** Wording of the errors of `src/plan`. The other tests of this folder assert codes and values only. */
test.each([
  {name: 'a push', event: 'push-branch', remedy: undefined},
  {
    name: 'a pull request from a fork',
    event: 'pull-request-fork',
    remedy: 'Leave `push` on `auto`: runs of Dependabot and of pull requests from forks have no secrets.',
  },
])('a login without a password: $name', async ({event, remedy}) => {
  const {environment, payload} = loadEvent(event)
  const failure = await missingCredentials({
    push: 'true',
    call: undefined,
    logins: [{host: 'docker.io', username: 'mona', password: new Secret(''), source: 'inputs'}],
    hasJobToken: true,
    context: readContext(environment, payload),
  })
  expect(failure?.message).toBe('The login to docker.io has an empty user name or password.')
  expect(failure?.evidence).toEqual(['password is empty (registry docker.io)'])
  if (remedy !== undefined) expect(failure?.remedy).toBe(remedy)
})

test.each([
  {
    name: 'Amazon ECR',
    event: 'push-branch',
    host: 'public.ecr.aws',
    push: 'true' as const,
    remedy:
      'Remove the login to Amazon ECR here: Tagboat requests the password itself, with `aws-role` or with the variables of aws-actions/configure-aws-credentials.',
  },
  {
    name: 'a cache on a pull request from a fork',
    event: 'pull-request-fork',
    host: 'docker.io',
    push: 'auto' as const,
    remedy: 'Set `cache-to` only if the secrets exist: runs of Dependabot and of pull requests from forks have none.',
  },
])('the remedy for a login without a user name and password: $name', async ({event, host, push, remedy}) => {
  const {environment, payload} = loadEvent(event)
  const failure = await missingCredentials({
    push,
    call: undefined,
    logins: [{host, username: '', password: new Secret(''), source: 'inputs'}],
    hasJobToken: true,
    context: readContext(environment, payload),
    hosts: [host],
  })
  expect(failure?.remedy).toBe(remedy)
})

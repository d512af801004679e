import {expect, test} from '@jest/globals'
import {gitHubDenials, type GitHubDenial} from '../../../src/reasons/github-denials.ts'
import {formatWith} from '../../../src/reasons/reason-table.ts'

test.each<{readonly denial: GitHubDenial; readonly sentence: string}>([
  {
    denial: {code: 'branches-denied', answer: '403, Resource not accessible by integration'},
    sentence:
      'the branches that exist are unknown, because the token of this run may not list them: add `permissions: contents: read` to the job (403, Resource not accessible by integration)',
  },
  {
    denial: {code: 'pulls-denied', answer: '404, Not Found'},
    sentence:
      'the pull requests that are open are unknown, because the token of this run may not list them: add `permissions: pull-requests: read` to the job (404, Not Found)',
  },
  {
    denial: {code: 'deployments-denied', answer: '403'},
    sentence:
      'the deployments are unknown, because the token of this run may not list them: add `permissions: deployments: read` to the job (403)',
  },
  {
    denial: {code: 'pulls-denied', answer: undefined},
    sentence: 'the pull requests that are open are unknown, because `github-token` is empty',
  },
  {
    denial: {code: 'refs-unlisted', answer: 'GET /repos/acme/app/branches: 502'},
    sentence:
      'GitHub did not list the branches and pull requests, and no line of the policy needs them (GET /repos/acme/app/branches: 502)',
  },
  {
    denial: {code: 'deployments-limited', answer: 'GET /repos/acme/app/deployments/7/statuses: 403'},
    sentence:
      'the states of some deployments are unknown, so the images of their commits stay: the limit of the token is used up (GET /repos/acme/app/deployments/7/statuses: 403)',
  },
])('$denial.code of $denial.answer', ({denial, sentence}) => {
  expect(formatWith(gitHubDenials, denial)).toBe(sentence)
})

import {describe, expect, test} from '@jest/globals'
import {readContext} from '../../src/context/event.ts'
import type {GitContext} from '../../src/context/git-context.ts'
import {parseRef} from '../../src/context/event-ref.ts'
import {TagboatError} from '../../src/errors/error.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const eventName = fc.constantFrom(
  'push',
  'pull_request',
  'pull_request_target',
  'schedule',
  'workflow_dispatch',
  'release',
  'merge_group',
  'workflow_run',
  'repository_dispatch',
  'create',
  'delete',
  'issue_comment',
  '__proto__',
)

const {value} = fc.letrec((tie) => ({
  /** Any JSON in the fields that are read, at any depth, so that every field has every wrong type. */
  value: fc.oneof(
    {maxDepth: 4, withCrossShrink: true},
    fc.jsonValue({maxDepth: 1}),
    fc.constantFrom('a'.repeat(40), '0'.repeat(40), 'refs/heads/main', 'refs/tags/v1', 'closed', 'dependabot[bot]'),
    tie('object'),
  ),
  object: fc.record(
    {
      action: tie('value'),
      after: tie('value'),
      base: tie('value'),
      base_ref: tie('value'),
      default_branch: tie('value'),
      deleted: tie('value'),
      draft: tie('value'),
      full_name: tie('value'),
      head: tie('value'),
      head_commit: tie('value'),
      head_ref: tie('value'),
      head_repository: tie('value'),
      id: tie('value'),
      issue: tie('value'),
      license: tie('value'),
      merge_group: tie('value'),
      merged: tie('value'),
      number: tie('value'),
      pull_request: tie('value'),
      ref: tie('value'),
      ref_type: tie('value'),
      release: tie('value'),
      repo: tie('value'),
      repository: tie('value'),
      sha: tie('value'),
      tag_name: tie('value'),
      timestamp: tie('value'),
      workflow_run: tie('value'),
    },
    {requiredKeys: []},
  ),
}))

const text = fc.option(fc.oneof(fc.string(), fc.constantFrom('refs/heads/main', 'refs/pull/1/merge', 'main')), {
  nil: undefined,
})

const environment = fc.record({
  GITHUB_EVENT_NAME: eventName,
  GITHUB_REPOSITORY: fc.constant('octo-org/app'),
  GITHUB_REF: text,
  GITHUB_SHA: text,
  GITHUB_ACTOR: text,
  GITHUB_BASE_REF: text,
  GITHUB_SERVER_URL: text,
  GITHUB_RUN_ID: text,
  DOCKER_METADATA_PR_HEAD_SHA: text,
})

describe('readContext', () => {
  test('accepts any JSON as a payload', () => {
    fc.assert(
      fc.property(environment, fc.oneof(fc.jsonValue(), value), (variables, payload) => {
        expectValid(readContext(variables, payload))
      }),
      {numRuns: times(50)},
    )
  })

  test('throws only TagboatError for any environment', () => {
    const anything = fc.dictionary(fc.constantFrom('GITHUB_EVENT_NAME', 'GITHUB_REPOSITORY', 'GITHUB_REF'), fc.string())
    fc.assert(
      fc.property(anything, fc.jsonValue(), (variables, payload) => {
        try {
          expectValid(readContext(variables, payload))
        } catch (error) {
          if (!(error instanceof TagboatError)) throw error
        }
      }),
    )
  })
})

/** Expects the types that the rest of the program requires. */
function expectValid(context: GitContext): void {
  expect(parseRef(context.fullRef)).toEqual(context.ref)
  expect(context.sha).toMatch(/^(?:|[0-9a-f]{40}|[0-9a-f]{64})$/)
  expect(context.sha).not.toMatch(/^0+$/)
  if (context.event === 'pull_request_target') expect(['pull', 'none']).toContain(context.ref.kind)
  if (context.commitDate !== undefined) expect(Date.parse(context.commitDate)).not.toBeNaN()
}

import {describe, expect, test} from '@jest/globals'
import type {EventChoice} from '../../../src/simulation/events/event-choice.ts'
import {givenValues, type GivenPair} from '../../../src/simulation/values/given-values.ts'
import {simulatedText, tagsOfText} from '../../../testing/simulated-tags.ts'

/** Tags of a text for an event with given values. */
async function tags(text: string, choice: EventChoice, ...pairs: readonly GivenPair[]): Promise<readonly string[]> {
  const {given, problems} = givenValues(pairs)
  expect(problems).toEqual([])
  return tagsOfText(text, choice, given)
}

describe('inputs that are given', () => {
  const text =
    'on: {push: {}, schedule: [{cron: 1 1 * * 1}], pull_request: {}, workflow_dispatch: {inputs: {tag: {}}}, workflow_call: {}}\njobs: {a: {steps: [{uses: tagboat/tagboat@v1, with: {tags: "x${{ inputs.tag }}${{ github.event.inputs.tag }}"}}]}}'

  test.each([
    {event: 'workflow_dispatch', expected: 'x11'},
    {event: 'push', expected: 'x'},
    {event: 'pull_request', expected: 'x'},
    {event: 'schedule', expected: 'x'},
  ])('of a manual run are those of $event: $expected', async ({event, expected}) => {
    expect(await tags(text, {event}, ['inputs.tag', '1'])).toEqual([expected])
  })

  test('of a manual run are not those of a call', async () => {
    const {given} = givenValues([['inputs.tag', '1']])
    expect(await tagsOfText(text, {event: 'push'}, {...given, isCalled: true})).toEqual(['x'])
  })
})

describe('a field of the payload that is given', () => {
  test.each([
    {name: 'schedule', of: 'schedule', not: 'push'},
    {name: 'client_payload.tag', of: 'repository_dispatch', not: 'schedule'},
    {name: 'release.name', of: 'release', not: 'push'},
    {name: 'pull_request.body', of: 'pull_request_target', not: 'issue_comment'},
    {name: 'comment.body', of: 'issue_comment', not: 'pull_request'},
    {name: 'head_commit.message', of: 'push', not: 'release'},
  ])('counts for the event that has it: $name', async ({name, of, not}) => {
    const text = `tags: x\${{ github.event.${name} }}`
    expect(await tags(text, {event: of}, [`github.event.${name}`, '1'])).toEqual(['x1'])
    expect(await tags(text, {event: not}, [`github.event.${name}`, '1'])).toEqual(['x'])
  })

  test('counts for every event if it is not known which one has it', async () => {
    const text = 'tags: x${{ github.event.installation.id }}'
    expect(await tags(text, {event: 'push'}, ['github.event.installation.id', '1'])).toEqual(['x1'])
  })

  test.each([
    {name: 'client_payload.version', value: '1.10', expected: ['x1.10']},
    {name: 'client_payload.version', value: '["1"]', expected: ['xArray']},
    {name: 'client_payload', value: '{"version": 1.10}', expected: ['x1.1']},
  ])('keeps its text, unless it is an object or a list: $value', async ({name, value, expected}) => {
    const field = name === 'client_payload' ? 'client_payload.version' : name
    const text = `tags: x\${{ github.event.${field} }}`
    const pair = [`github.event.${name}`, value] as const
    expect(await tags(text, {event: 'repository_dispatch'}, pair)).toEqual(expected)
  })

  test.each(['pull_request.draft', 'pull_request.mergeable'])(
    'is true or false if GitHub sends it so: %s',
    async (name) => {
      const text = `- uses: tagboat/tagboat@v1\n  if: "!github.event.${name}"\n  with: {tags: x}`
      expect(await tags(text, {event: 'pull_request'}, [`github.event.${name}`, 'false'])).toEqual(['x'])
      expect(await tags(text, {event: 'pull_request'}, [`github.event.${name}`, 'true'])).toEqual(['skipped'])
    },
  )

  test('is a text in the payload of a dispatch by the API', async () => {
    const text = '- uses: tagboat/tagboat@v1\n  if: github.event.client_payload.draft\n  with: {tags: x}'
    const pair = ['github.event.client_payload.draft', 'false'] as const
    expect(await tags(text, {event: 'repository_dispatch'}, pair)).toEqual(['x'])
  })
})

test('a given secret is found with any capitals', async () => {
  for (const [written, given] of [
    ['docker_tag', 'DOCKER_TAG'],
    ['Docker_Tag', 'docker_tag'],
  ]) {
    const text = `tags: x\${{ secrets.${written} }}`
    expect(await tags(text, {event: 'push'}, [`secrets.${given}`, '1'])).toEqual(['x1'])
  }
})

describe('names of given values', () => {
  test('match steps, jobs and inputs with other capitals', async () => {
    const text = `on: {push: {}, workflow_dispatch: {inputs: {tag: {}}}}
jobs:
  build:
    outputs: {b: one}
    steps:
      - {id: meta, run: make}
      - {if: always(), uses: tagboat/tagboat@v1, with: {tags: "x\${{ steps.meta.outputs.a }}\${{ steps.meta.outcome }}"}}
  last:
    needs: build
    if: always()
    steps: [{uses: tagboat/tagboat@v1, with: {tags: "x\${{ needs.build.result }}\${{ needs.build.outputs.b }}\${{ inputs.tag }}"}}]`
    const pairs = [
      ['steps.Meta.outputs.a', '1'],
      ['steps.META.outcome', 'failure'],
      ['needs.Build.result', 'cancelled'],
      ['needs.build.outputs.B', '2'],
      ['inputs.Tag', '3'],
    ] as const
    expect(await tags(text, {event: 'workflow_dispatch'}, ...pairs)).toEqual(['x1failure', 'xcancelled23'])
    const after = text.replace('if: always(), ', '')
    expect((await tags(after, {event: 'workflow_dispatch'}, ...pairs))[0]).toBe('skipped')
  })
})

test('a given time that the workflow does not list does not start it', async () => {
  const text =
    'on: {schedule: [{cron: 3 3 * * *}, {cron: 4 4 * * *}]}\njobs: {a: {steps: [{uses: tagboat/tagboat@v1, with: {tags: x}}]}}'
  const planned = async (...pairs: readonly GivenPair[]): Promise<unknown> =>
    simulatedText(text, {event: 'schedule'}, givenValues(pairs).given)
  expect(await planned(['github.event.schedule', '1 1 * * 1'])).toEqual({
    runs: false,
    reason: '`schedule` lists 3 3 * * *; 4 4 * * *, and this is 1 1 * * 1',
    steps: [],
  })
  expect(await planned(['github.event.schedule', '4 4 * * *'])).toMatchObject({runs: true})
  expect(await planned()).toMatchObject({runs: true})
})

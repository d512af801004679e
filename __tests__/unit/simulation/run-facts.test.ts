import {describe, expect, test} from '@jest/globals'
import type {EventChoice} from '../../../src/simulation/events/event-choice.ts'
import {eventOf, simulatedEvent} from '../../../src/simulation/events/simulated-event.ts'
import {givenValues} from '../../../src/simulation/values/given-values.ts'
import {simulatedText, tagsOfText} from '../../../testing/simulated-tags.ts'

function tagged(expression: string): string {
  return `tags: x\${{ ${expression} }}`
}

async function unknownNames(expression: string, choice: EventChoice = {event: 'push'}): Promise<readonly string[]> {
  const {steps} = await simulatedText(tagged(expression), choice)
  return steps.flatMap(({unknown}) => unknown.flatMap(({names}) => names))
}

describe('tags of numbers that only GitHub has', () => {
  test.each([
    ...['run_id', 'run_number', 'actor_id', 'repository_id', 'repository_owner_id'].map((name) => `github.${name}`),
    ...['id', 'owner.id', 'pushed_at'].map((name) => `github.event.repository.${name}`),
    'github.event.sender.id',
  ])('%s must be given', async (name) => {
    expect(await unknownNames(name)).toEqual([name])
    const {given, problems} = givenValues([[name, '77']])
    expect(problems).toEqual([])
    expect(await tagsOfText(tagged(name), {event: 'push'}, given)).toEqual(['x77'])
  })

  test('ids of a payload count, and its run does not have a number', async () => {
    const {environment} = simulatedEvent({event: 'push'}, new Date('2026-01-02T03:04:05Z'))
    const event = eventOf(environment, {repository: {id: 7, owner: {id: 8}}, sender: {id: 9}})
    const ids = 'github.repository_id }}.${{ github.repository_owner_id }}.${{ github.actor_id'
    expect(await tagsOfText(tagged(ids), undefined, {event})).toEqual(['x7.8.9'])
    expect(await tagsOfText(tagged('github.run_number'), undefined, {event})).toEqual(['unknown'])
  })
})

describe('the actor', () => {
  const step = "- uses: tagboat/tagboat@v1\n  if: github.actor != 'dependabot[bot]'\n  with: {tags: a}"

  test('is the owner, unless it is given', async () => {
    expect(await tagsOfText(step)).toEqual(['a'])
    expect(await tagsOfText(tagged('github.actor'))).toEqual(['xoctocat'])
    expect(await tagsOfText(tagged('github.run_attempt'))).toEqual(['x1'])
  })

  test.each(['github.actor', 'github.triggering_actor', 'github.event.sender.login'])('counts in %s', async (name) => {
    const {given} = givenValues([['github.actor', 'someone']])
    expect(await tagsOfText(tagged(name), {event: 'push'}, given)).toEqual(['xsomeone'])
  })

  test('can be Dependabot, whose runs have no secrets', async () => {
    const {given, problems} = givenValues([['github.actor', 'dependabot[bot]']])
    expect(problems).toEqual([])
    expect(await tagsOfText(step, {event: 'pull_request'}, given)).toEqual(['skipped'])
    const secret = tagged("secrets.A == '' && '-none' || '-set'")
    expect(await tagsOfText(secret, {event: 'push'}, given)).toEqual(['x-none'])
    expect(await tagsOfText(secret)).toEqual(['x-set'])
  })
})

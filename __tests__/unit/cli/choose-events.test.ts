import {describe, expect, test} from '@jest/globals'
import {readContext} from '../../../src/context/event.ts'
import {chooseEvents, type EventOptions} from '../../../src/cli/plan/choose-events.ts'
import type {CheckoutFacts} from '../../../src/cli/plan/checkout-facts.ts'
import {sampleEvents} from '../../../src/simulation/events/sample-events.ts'
import {eventNames, loadEvent} from '../../../testing/events.ts'

const now = new Date('2026-01-02T03:04:05Z')
const nothing: CheckoutFacts = {
  root: undefined,
  sha: undefined,
  ref: undefined,
  repository: undefined,
  defaultBranch: undefined,
  notes: [],
  tags: [],
}
const noOptions: EventOptions = {
  names: [],
  all: false,
  called: false,
  ref: undefined,
  sha: undefined,
  repository: undefined,
  defaultBranch: undefined,
  payload: undefined,
  inputs: {},
}

function refs(options: Partial<EventOptions>, facts: Partial<CheckoutFacts> = {}): readonly string[] {
  return chooseEvents({...noOptions, ...options}, {...nothing, ...facts}, now).map(
    ({event: {environment}}) => `${environment['GITHUB_EVENT_NAME'] ?? ''} ${environment['GITHUB_REF'] ?? ''}`,
  )
}

describe('the events', () => {
  test.each([
    {name: 'of nothing', options: {}, facts: {}, expected: ['push refs/heads/main']},
    {name: 'of a checkout', options: {}, facts: {ref: 'refs/heads/x'}, expected: ['push refs/heads/x']},
    {name: 'of a version', options: {ref: 'v1.2'}, facts: {}, expected: ['push refs/tags/v1.2']},
    {
      name: 'of a branch',
      options: {ref: 'fix/a'},
      facts: {ref: 'refs/heads/fix/a'},
      expected: ['push refs/heads/fix/a'],
    },
    {
      name: 'by name',
      options: {names: ['version', 'pull_request', 'default-branch'], defaultBranch: 'trunk'},
      facts: {ref: 'refs/heads/x'},
      expected: ['push refs/tags/v1.2.3', 'pull_request refs/pull/42/merge', 'push refs/heads/trunk'],
    },
  ])('$name', ({options, facts, expected}) => {
    expect(refs(options, facts)).toEqual(expected)
  })

  test('of --all-events are the samples', () => {
    expect(refs({all: true})).toHaveLength(sampleEvents.length)
  })

  test.each(['pus', 'push '])('named %j is refused', (name) => {
    expect(() => refs({names: [name]})).toThrow(/push/)
  })
})

/** Payloads with what an event of this name needs. GitHub sends `schedule` to no webhook. */
const recorded = eventNames().filter((name) => !/deleted|schedule|enterprise|target|comment|delete-|create-/.test(name))

test.each(recorded)('the payload of %s gives the ref and the commit of its run', (name) => {
  const {environment, payload} = loadEvent(name)
  const options = {
    ...noOptions,
    names: [environment['GITHUB_EVENT_NAME'] ?? ''],
    payload: payload as Record<string, unknown>,
  }
  const [chosen] = chooseEvents(options, nothing, now)
  const {ref} = readContext(chosen?.event.environment ?? {}, payload)
  expect(ref).toEqual(readContext(environment, payload).ref)
})

describe('the payload of a pull request for another branch', () => {
  const payload = {
    action: 'opened',
    number: 7,
    pull_request: {
      number: 7,
      merge_commit_sha: 'a'.repeat(40),
      head: {ref: 'fix', sha: 'b'.repeat(40)},
      base: {ref: 'release/1.x', sha: 'c'.repeat(40)},
    },
    repository: {full_name: 'octocat/app', default_branch: 'main'},
  }
  const chosenFor = (name: string, options: Partial<EventOptions> = {}): Readonly<Record<string, unknown>> => {
    const [chosen] = chooseEvents({...noOptions, names: [name], payload, ...options}, nothing, now)
    const {GITHUB_BASE_REF, GITHUB_REF, GITHUB_SHA} = chosen?.event.environment ?? {}
    return {base: GITHUB_BASE_REF, inExpressions: chosen?.event.github['base_ref'], ref: GITHUB_REF, sha: GITHUB_SHA}
  }

  test('gives its name', () => {
    const base = {base: 'release/1.x', inExpressions: 'release/1.x'}
    expect(chosenFor('pull_request')).toEqual({...base, ref: 'refs/pull/7/merge', sha: 'a'.repeat(40)})
  })

  test('gives the ref and the commit of a run for the target', () => {
    const expected = {base: 'release/1.x', inExpressions: 'release/1.x', ref: 'refs/heads/release/1.x'}
    expect(chosenFor('pull_request_target')).toEqual({...expected, sha: 'c'.repeat(40)})
    expect(chosenFor('pull_request_target', {sha: 'd'.repeat(40)})).toEqual({...expected, sha: 'd'.repeat(40)})
  })
})

import {expect, test} from '@jest/globals'
import {boundedRegex} from '../../src/io/bounded-regex.ts'
import type {EventChoice} from '../../src/simulation/events/event-choice.ts'
import {simulatedEvent} from '../../src/simulation/events/simulated-event.ts'
import {parseRegistryTags} from '../../src/simulation/registry/registry-contents.ts'
import {simulate, type SimulationRequest} from '../../src/simulation/simulate.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const now = new Date('2026-01-02T03:04:05Z')
const given = `sha256:${'a1b2'.repeat(16)}`

const events: readonly EventChoice[] = [
  {event: 'push'},
  {event: 'push', ref: 'refs/tags/v1.2.3'},
  {event: 'push', ref: 'refs/tags/v1.2.3-rc.1'},
  {event: 'pull_request'},
  {event: 'schedule'},
]

const facts = fc.subarray(['1.2.2', '860c190', '2026-01-01', given])
const tags = [
  '1.2.3',
  '1.2.2',
  '2.0.0',
  '1.2',
  '1',
  'latest',
  'main',
  'sha-860c190',
  'pr-42',
  'quay.io/octocat/app:latest',
]
const held = fc
  .uniqueArray(fc.constantFrom(...tags), {minLength: 1})
  .chain((names) =>
    fc.tuple(...names.map((name) => facts.map((known) => [name, ...known].join(' ')))).map((lines) => lines.join('\n')),
  )
const inputs = fc.record(
  {
    'if-exists': fc.constantFrom('verify', 'skip', 'overwrite', 'fail'),
    'on-stale': fc.constantFrom('skip', 'fail', 'overwrite'),
    floating: fc.constantFrom('auto', 'always', 'never'),
    withdrawn: fc.constantFrom('2.0.0', '1.2.3'),
    images: fc.constantFrom('ghcr.io/octocat/app\nquay.io/octocat/app', 'ghcr.io/octocat/app'),
    from: fc.constantFrom('1.2.2', given),
  },
  {requiredKeys: []},
)

test('no output shows a digest that the simulation made up', async () => {
  const actions: readonly SimulationRequest['action'][] = ['publish', 'promote', 'stage']
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...events),
      fc.constantFrom(...actions),
      held,
      inputs,
      async (event, action, text, {from, ...chosen}) => {
        const parsed = parseRegistryTags(text)
        const {preview = [], ...shown} = await simulate({
          action,
          inputs: new Map(Object.entries({...chosen, ...(action === 'promote' && {from: from ?? '1.2.2'})})),
          event: simulatedEvent(event, now),
          files: {},
          registry: 'contents' in parsed ? parsed.contents : undefined,
          now,
          regex: boundedRegex(),
        })
        for (const {outcome, code} of preview) seen.add(outcome).add(code)
        const digests = JSON.stringify(shown).match(/sha256:[0-9a-f]{12,64}/g) ?? []
        expect(digests.filter((one) => !given.startsWith(one))).toEqual([])
      },
    ),
    {numRuns: times(300)},
  )
  // The scenarios reach decisions of each kind.
  expect([...seen]).toEqual(
    expect.arrayContaining(['new', 'moved', 'unchanged', 'kept', 'failed', 'others-failed', 'completes-release']),
  )
})

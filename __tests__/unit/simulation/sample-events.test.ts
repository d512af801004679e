import {describe, expect, test} from '@jest/globals'
import {boundedRegex} from '../../../src/io/bounded-regex.ts'
import {sampleEvents} from '../../../src/simulation/events/sample-events.ts'
import {simulatedEvent} from '../../../src/simulation/events/simulated-event.ts'
import {simulate} from '../../../src/simulation/simulate.ts'
import type {Simulated} from '../../../src/simulation/simulated.ts'

const now = new Date('2026-01-02T03:04:05Z')

async function planFor(id: string, inputs: Readonly<Record<string, string>> = {}): Promise<Simulated> {
  const sample = sampleEvents.find((one) => one.id === id)
  if (sample === undefined) throw new Error(`no sample ${id}`)
  return simulate({
    action: 'publish',
    inputs: new Map(Object.entries(inputs)),
    event: simulatedEvent(sample.choice, now),
    files: {'package.json': '{"version": "4.5.6"}'},
    now,
    regex: boundedRegex(),
  })
}

describe('the default tags', () => {
  test.each([
    {id: 'default-branch', expected: ['main', 'edge', 'sha-860c190'], push: true},
    {id: 'branch', expected: ['feature-login', 'sha-860c190'], push: true},
    {id: 'version', expected: ['1.2.3', '1.2', '1', 'sha-860c190', 'latest'], push: true},
    {id: 'pre-release', expected: ['1.3.0-rc.1', 'sha-860c190'], push: true},
    {id: 'pull-request', expected: ['pr-42'], push: false},
    {id: 'fork', expected: ['pr-42'], push: false},
    {id: 'schedule', expected: ['nightly'], push: true},
    {id: 'dispatch', expected: ['main', 'edge', 'sha-860c190'], push: true},
    {id: 'release', expected: ['1.2.3', '1.2', '1', 'sha-860c190', 'latest'], push: true},
    {id: 'merge-queue', expected: ['mq-main', 'sha-860c190'], push: true},
    {id: 'closed', expected: [], push: false},
  ])('of the event $id', async ({id, expected, push}) => {
    const {outputs, plan, failure} = await planFor(id)
    expect(failure).toBeUndefined()
    expect((outputs['tag-names'] ?? '').split('\n').filter((name) => name !== '')).toEqual(expected)
    expect(plan?.['push']).toBe(push)
  })
})

test('a version comes from a file of the request', async () => {
  const {outputs} = await planFor('default-branch', {version: 'file:package.json', tags: 'type=semver,pattern={{raw}}'})
  expect(outputs['tag-names']).toContain('4.5.6')
})

test('problems have the input, the line and the remedy of the action', async () => {
  const {failure} = await planFor('version', {tags: 'type=ref,event=tag\ntype=semver,patern={{version}}'})
  expect(failure?.code).toBe('input-invalid')
  expect(failure?.problems).toMatchObject([{input: 'tags', line: 2, message: expect.stringContaining('patern')}])
  expect(failure?.problems[0]?.remedy).toContain('pattern')
})

test('Git knows the commit', async () => {
  const {warnings, notices} = await planFor('pull-request', {'metadata-context': 'git', tags: 'type=sha'})
  expect([...warnings, ...notices]).toEqual([])
})

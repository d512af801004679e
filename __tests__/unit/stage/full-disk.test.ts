import {hostname} from 'node:os'
import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import type {BuildSession} from '../../../src/stage/build-session.ts'
import {diskDetails, explainFullDisk, fullDisk} from '../../../src/stage/full-disk.ts'
import {fakeIo, scriptedProcesses} from '../../../testing/fake-io.ts'

const exported = 'write /tmp/tagboat-1/tagboat-layout/ingest/86bd/data: no space left on device'
const step = 'npm error ENOSPC: no space left on device, write'

describe('fullDisk', () => {
  test.each([
    {name: 'an export to a layout', line: exported, driver: 'docker', expected: 'temporary'},
    {name: 'a RUN step', line: step, driver: 'docker', expected: 'engine'},
    {name: 'a step in a container of the engine', line: step, driver: 'docker-container', expected: 'engine'},
    {name: 'a remote RUN step', line: step, driver: 'remote', expected: 'builder'},
    {name: 'a step in a cluster', line: step, driver: 'kubernetes', expected: 'builder'},
    {name: 'a builder that is not known', line: step, driver: undefined, expected: 'engine'},
  ])('$name: $expected', ({line, driver, expected}) => {
    expect(fullDisk(['> RUN npm ci:', line], driver)).toBe(expected)
  })
})

describe('diskDetails', () => {
  const space = {freeBytes: 12e6, totalBytes: 50e9}
  test.each([
    {disk: 'temporary', values: ['RUNNER_TEMP', '/data', '12.0 MB of 50.0 GB', 'exported to that directory']},
    {disk: 'engine', values: ['/data', '12.0 MB of 50.0 GB', 'docker system prune', 'data-root']},
    {disk: 'builder', values: ['"far"', 'docker buildx prune --builder far']},
  ] as const)('the disk $disk', ({disk, values}) => {
    const {message, remedy} = diskDetails(disk, {builder: 'far', directory: '/data', space})
    for (const value of values) expect(`${message}\n${remedy}`).toContain(value)
  })
})

describe('explainFullDisk', () => {
  test.each([
    {name: 'on this machine has its free space', host: hostname(), hasSpace: true},
    {name: 'on another machine has not', host: 'far.example', hasSpace: false},
  ])('the disk of an engine $name', async ({host, hasSpace}) => {
    const processes = scriptedProcesses(() => ({stdout: `/\n${host}\n`}))
    const session = {
      io: fakeIo({processes}),
      builder: {chosen: {name: 'default', driver: 'docker'}},
      dockerConfig: {env: {}},
    } as unknown as BuildSession
    const error = await explainFullDisk(new TagboatError('disk-full', {evidence: [step]}), session)
    expect({code: error.code, evidence: error.evidence}).toEqual({code: 'disk-full', evidence: [step]})
    expect(error.message.includes(' are free now')).toBe(hasSpace)
  })
})

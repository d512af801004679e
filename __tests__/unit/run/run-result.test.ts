import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import {after, outcomeOf, RunFailure, type RunResult} from '../../../src/run/run-result.ts'

const loaded = {line: 'one', imageId: 'sha256:1'}
const build = {metadata: undefined, imageId: '', builder: undefined, durationMs: 1}
const failure = new TagboatError('push-denied')

function failing(error: unknown): () => never {
  return () => {
    throw error
  }
}

describe('outcomeOf', () => {
  test('the result of a run that succeeds', async () => {
    expect(await outcomeOf(async () => Promise.resolve({build}))).toEqual({done: {build}})
  })

  test.each<{name: string; body: () => Promise<RunResult>; done: RunResult}>([
    {name: 'before its first step is complete', body: async () => Promise.reject(failure), done: {}},
    {name: 'in a step after a build', body: async () => after({build}, failing(failure)), done: {build}},
    {
      name: 'in a nested step',
      body: async () => after({build, rows: undefined}, async () => after({rows: []}, failing(failure))),
      done: {build, rows: []},
    },
    {
      name: 'in a step whose own result lacks what was done before',
      body: async () => after({build}, async () => after({build: undefined, loaded}, failing(failure))),
      done: {build, loaded},
    },
    {name: 'with an undefined error', body: async () => after({build}, failing(undefined)), done: {build}},
  ])('after a failure $name, the previous results stay', async ({name, body, done}) => {
    const outcome = await outcomeOf(body)
    expect(outcome.done).toEqual(done)
    expect(outcome.failure).toEqual({error: name.includes('undefined') ? undefined : failure})
  })
})

test('a step that succeeds gives its own result', async () => {
  expect(await after({build}, async () => Promise.resolve('next'))).toBe('next')
})

test('the failure of a step is the cause of the error', async () => {
  const error: unknown = await after({build}, failing(failure)).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(RunFailure)
  expect(error).toMatchObject({cause: failure, done: {build}})
})

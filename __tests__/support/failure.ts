import {expect} from '@jest/globals'
import {catalogue, type ErrorCode} from '../../src/errors/catalogue.ts'
import {errorsIn} from './runner-log.ts'
import type {StepResult} from './runner.ts'

export interface ExpectedFailure {
  readonly code: ErrorCode
  /** Texts of the message or its evidence. */
  readonly says: readonly string[]
  /** Where it is not the catalogue's. */
  readonly remedy?: string
  /** Whether a registry holds something new all the same; else only where what it holds is not what was built. */
  readonly pushed?: boolean
}

/** The step failed in this way: exit code, the one error annotation with cause, evidence and remedy, and the outputs. */
export function expectFailure(result: StepResult, {code, says, remedy, pushed}: ExpectedFailure): void {
  const errors = errorsIn(result.log)
  expect(errors).toEqual([expect.stringContaining(`[${code}]`)])
  const [error = ''] = errors
  for (const text of says) expect(error).toContain(text)
  expect(error.split('\n').at(-1)).toBe(`What to do: ${remedy ?? catalogue[code].remedy}`)
  expect(result.exitCode).toBe(1)
  expect(result.outputs.get('pushed') ?? 'false').toBe(String(pushed ?? code === 'publish-unverified'))
  expect(result.log).not.toContain('Published')
  if (result.summary !== '') expect(result.summary).toContain(`[${code}]`)
}

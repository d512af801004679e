import {expect} from '@jest/globals'
import type {ErrorCode} from '../src/errors/causes.ts'
import {remedies} from '../src/errors/remedies.ts'
import {errorAddress} from '../src/errors/render-error.ts'
import {errorsIn} from './runner-log.ts'
import type {StepResult} from './runner.ts'

export interface ExpectedFailure {
  readonly code: ErrorCode
  /** Values in the message or in its evidence. */
  readonly values: readonly string[]
  /** Part of the remedy, if it differs from that of the code. */
  readonly remedy?: string
  /** Whether the output `pushed` is true. Default: only for `publish-unverified`. */
  readonly pushed?: boolean
}

/** Expects that a step failed with an error: its exit code, its only error annotation, and its outputs. */
export function expectFailure(result: StepResult, {code, values, remedy, pushed}: ExpectedFailure): void {
  const errors = errorsIn(result.log)
  expect(errors).toEqual([expect.stringContaining(`[${code}]`)])
  const [error = ''] = errors
  for (const value of values) expect(error).toContain(value)
  expect(error.split('\n').slice(-2)).toEqual([
    expect.stringContaining(remedy ?? `What to do: ${remedies[code]}`),
    `See ${errorAddress(code)}`,
  ])
  expect(result.exitCode).toBe(1)
  expect(result.outputs.get('pushed') ?? 'false').toBe(String(pushed ?? code === 'publish-unverified'))
  expect(result.log).not.toMatch(/^(?:Published|Promoted) /m)
  if (result.summary !== '') expect(result.summary).toContain(`#${code})`)
}

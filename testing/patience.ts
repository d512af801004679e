import {jest} from '@jest/globals'
import {times} from './rounds.ts'

/** Real parts are slow on a busy machine, and a test that hangs ends all the same. (Jest ignores a project's `testTimeout`.) */
jest.setTimeout(Math.max(120_000, times(30_000)))

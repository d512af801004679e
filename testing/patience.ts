import {jest} from '@jest/globals'
import {times} from './rounds.ts'

/** Timeout of a test, which is long enough for a busy machine. (Jest ignores `testTimeout` of a project.) */
jest.setTimeout(Math.max(120_000, times(30_000)))

import {jest} from '@jest/globals'

/** Real parts are slow on a busy machine; what hangs is ended all the same. (Jest ignores a project's `testTimeout`.) */
jest.setTimeout(120_000)

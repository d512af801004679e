import fc from 'fast-check'
import {testSeed, times} from './rounds.ts'

fc.configureGlobal({numRuns: times(1_000), seed: testSeed()})

/**
 * fast-check with the seed of this run of the suite, and 1,000 runs of a property by default. A failed property prints its
 * seed and path; the same `TAGBOAT_TEST_SEED` and `TAGBOAT_TEST_FACTOR` repeat it.
 */
export default fc

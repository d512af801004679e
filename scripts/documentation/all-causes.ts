import {causes} from '../../src/errors/causes.ts'
import {cloudCauses} from '../../src/errors/causes/cloud.ts'
import {retentionCauses} from '../../src/errors/causes/retention.ts'
import {scanningCauses} from '../../src/errors/causes/scanning.ts'
import {signingCauses} from '../../src/errors/causes/signing.ts'

/** Causes of all codes, for the documentation and for tests. */
export const allCauses = {...causes, ...cloudCauses, ...signingCauses, ...scanningCauses, ...retentionCauses} as const

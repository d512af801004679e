import {causes} from '../causes.ts'
import {cloudCauses} from './cloud.ts'
import {retentionCauses} from './retention.ts'
import {scanningCauses} from './scanning.ts'
import {signingCauses} from './signing.ts'

/** Causes of all codes, for the documentation and for tests. */
export const allCauses = {...causes, ...cloudCauses, ...signingCauses, ...scanningCauses, ...retentionCauses} as const

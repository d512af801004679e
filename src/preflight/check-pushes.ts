import type {ErrorCode} from '../errors/causes.ts'
import {toTagboatError, type TagboatError} from '../errors/error.ts'
import {formatRepository, type Repository} from '../oci/reference.ts'
import type {CheckTime, RegistryClients} from '../registry/repository-client.ts'
import type {MintedCredentials} from '../run/clouds.ts'
import type {FixedTags} from './fixed-tags.ts'

/** Repository that a run writes to. */
export interface PushTarget {
  readonly repository: Repository
  /** Tags that the run may write. */
  readonly tags: readonly string[]
  /** Use of a repository that gets no tags of the image: a cache that the build needs, or one whose errors it ignores. */
  readonly cache?: 'required' | 'optional'
}

/** Whether a registry accepts pushes to a repository. */
export interface PushCheck {
  readonly target: PushTarget
  /** Error of the registry that refuses a push; undefined if it accepts one, or if that is not known. */
  readonly refusal: TagboatError | undefined
  /** Whether the registry has answered. */
  readonly isKnown: boolean
  readonly fixed: FixedTags | undefined
  /** Settles when the upload that was started is cancelled. Never rejects. */
  readonly cancelled: Promise<void>
}

interface CheckOptions {
  readonly clients: RegistryClients
  readonly minted: readonly MintedCredentials[]
  readonly time: CheckTime
}

/** Asks all registries at the same time whether they accept pushes. Never rejects. */
export async function checkPushes(
  targets: readonly PushTarget[],
  options: CheckOptions,
): Promise<readonly PushCheck[]> {
  return Promise.all(targets.map(async (target) => checkTarget(target, options)))
}

/** Reports whether a check may reject a run, depending on what the run writes. */
export function mayReject({refusal, fixed}: PushCheck): boolean {
  return refusal !== undefined || (fixed !== undefined && (fixed.kind === 'locks' || fixed.mutability !== 'MUTABLE'))
}

/** Line for each repository whose registry accepts pushes, for the log. */
export function acceptedLines(checks: readonly PushCheck[]): readonly string[] {
  return checks
    .filter(({refusal, isKnown}) => refusal === undefined && isKnown)
    .map(({target}) => `${formatRepository(target.repository)} accepts pushes`)
}

async function checkTarget(target: PushTarget, {clients, minted, time}: CheckOptions): Promise<PushCheck> {
  const client = clients.repository(target.repository)
  const ecr = minted.find(({host}) => host === target.repository.host)?.ecr
  const settings = ecr === undefined || time === 'before-push' ? undefined : settingsOf(target.repository, ecr)
  try {
    const [{isKnown, lockedTags, cancelled}, fixed] = await Promise.all([client.checkPush(time, target.tags), settings])
    const locks = lockedTags.length === 0 ? undefined : ({kind: 'locks', tags: lockedTags} as const)
    return {target, refusal: undefined, isKnown, fixed: fixed ?? locks, cancelled}
  } catch (thrown) {
    const error = toTagboatError(thrown)
    const refusal = inconclusive.has(error.code) ? undefined : error
    return {target, refusal, isKnown: refusal !== undefined, fixed: undefined, cancelled: Promise.resolve()}
  }
}

/** Settings of a repository of Amazon ECR. Undefined if they cannot be read, which needs a right of its own. */
async function settingsOf(
  repository: Repository,
  ecr: NonNullable<MintedCredentials['ecr']>,
): Promise<FixedTags | undefined> {
  const {describeRepository} = await import('./ecr-repository.ts')
  return describeRepository(repository, ecr)
}

/** Errors that do not depend on the right to push, and may have ended when the build has. */
const inconclusive: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'registry-unreachable',
  'registry-failed',
  'rate-limited',
  'cancelled',
  'unexpected',
  'aws-failed',
  'oidc-failed',
  'gcp-failed',
  'azure-failed',
])

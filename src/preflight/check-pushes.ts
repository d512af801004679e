import type {ErrorCode} from '../errors/causes.ts'
import {loginFor} from '../credentials/scoped-logins.ts'
import {toTagboatError, type TagboatError} from '../errors/error.ts'
import type {EcrCreate} from '../inputs/credentials/ecr-create.ts'
import {formatRepository, type Repository} from '../oci/reference.ts'
import type {CheckTime, RegistryClients} from '../registry/repository-client.ts'
import type {MintedCredentials} from '../run/clouds.ts'
import type {FixedTags} from './fixed-tags.ts'

/** Repository that a run writes to. */
export interface PushTarget {
  readonly repository: Repository
  /** Tags that the run may write. */
  readonly tags: readonly string[]
  /** Tags that are expected to move. */
  readonly floating: readonly string[]
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
  /** Line about a repository that was created, or that differs from the settings of `ecr-create`. */
  readonly notice?: string | undefined
  /** Whether a repository of Amazon ECR does not exist, if its API states that. */
  readonly isMissing?: boolean
  /** Whether this run has created the repository. */
  readonly isNew?: boolean
  /** Settles when the upload that was started is cancelled. Never rejects. */
  readonly cancelled: Promise<void>
}

interface CheckOptions {
  readonly clients: RegistryClients
  readonly minted: readonly MintedCredentials[]
  readonly time: Exclude<CheckTime, 'before-push'>
  /** Settings of repositories of Amazon ECR to create; undefined if none is created. */
  readonly create?: EcrCreate | undefined
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

/** Notices about repositories that were created, or that differ from what the user wants. */
export function noticesOf(checks: readonly PushCheck[]): readonly string[] {
  return checks.flatMap(({notice}) => notice ?? [])
}

/** Line for each repository whose registry accepts pushes, for the log. */
export function acceptedLines(checks: readonly PushCheck[]): readonly string[] {
  return checks
    .filter(({refusal, isKnown}) => refusal === undefined && isKnown)
    .map(({target}) => `${formatRepository(target.repository)} accepts pushes`)
}

/** Creates the repositories that an earlier check did not find, if the user wants that. Never rejects. */
export async function createMissing(
  checks: readonly PushCheck[],
  options: CheckOptions,
): Promise<readonly PushCheck[]> {
  return Promise.all(checks.map(async (check) => withCreation(check, options)))
}

/** Checks a repository, which is created if it is missing and the user wants that. */
async function checkTarget(target: PushTarget, options: CheckOptions): Promise<PushCheck> {
  return withCreation(await askRegistry(target, options), options)
}

async function withCreation(check: PushCheck, options: CheckOptions): Promise<PushCheck> {
  const {create, time} = options
  const {target} = check
  const ecr = ecrOf(target, options)
  const isPreview = time === 'dry-run' && check.isMissing === true
  if (ecr === undefined || (create === undefined && !isPreview)) return check
  const {createRepository, creationNotice, differenceNotice, missingNotice} = await import('./ecr-creation.ts')
  if (create === undefined) return {...check, notice: missingNotice(target.repository)}
  const creation = {repository: target.repository, floating: target.floating, create}
  if (isPreview) return {...check, notice: creationNotice(creation, 'dry-run')}
  if (time === 'dry-run' || check.refusal?.code !== 'ecr-repository-missing')
    return {...check, notice: differenceNotice(creation, check.fixed)}
  try {
    await createRepository(creation, ecr)
    const created = await askRegistry(target, options)
    return {...created, notice: creationNotice(creation, 'done'), isNew: true}
  } catch (error) {
    return {...check, refusal: toTagboatError(error)}
  }
}

/** Access to the API of Amazon ECR for a repository; undefined for other registries. */
function ecrOf({repository}: PushTarget, {minted}: CheckOptions): MintedCredentials['ecr'] {
  return loginFor(minted, {...repository, isPushed: true})?.ecr
}

async function askRegistry(target: PushTarget, options: CheckOptions): Promise<PushCheck> {
  const {clients, time} = options
  const ecr = ecrOf(target, options)
  const client = clients.repository(target.repository)
  const settings = ecr === undefined ? undefined : settingsOf(target.repository, ecr)
  try {
    const [{isKnown, lockedTags, cancelled}, described] = await Promise.all([
      client.checkPush(time, target.tags),
      settings,
    ])
    const isMissing = described === 'missing'
    const fixed = isMissing ? undefined : described
    const locks = lockedTags.length === 0 ? undefined : ({kind: 'locks', tags: lockedTags} as const)
    return {target, refusal: undefined, isKnown, fixed: fixed ?? locks, isMissing, cancelled}
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
): Promise<FixedTags | 'missing' | undefined> {
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

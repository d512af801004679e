import type {TagPolicy} from '../inputs/inputs.ts'
import type {Digest} from '../oci/digest.ts'
import type {Repository} from '../oci/reference.ts'
import {checkPushes, mayReject, noticesOf, type PushCheck, type PushTarget} from '../preflight/check-pushes.ts'
import {requirePushes} from '../preflight/require-pushes.ts'
import {acceptedRelease} from '../promote/accepted-release.ts'
import {decideFloating} from '../promote/decide/decide-floating.ts'
import type {RunFacts, TargetTag} from '../promote/decide/tag-decision.ts'
import type {StateReader} from '../promote/read-state.ts'
import {targetOf} from '../promote/target.ts'
import type {RegistryClients} from '../registry/repository-client.ts'
import type {MintedCredentials} from '../run/clouds.ts'
import type {Publication} from './promote-image.ts'

/** Existing image that gets tags, and where. */
interface PromotedImage {
  readonly digest: Digest
  readonly tags: readonly TargetTag[]
  readonly thisRun: Omit<RunFacts, 'digest'>
  readonly policy: TagPolicy
}

interface CheckIo {
  readonly clients: RegistryClients
  readonly minted?: readonly MintedCredentials[] | undefined
}

/** Asks registries whether they accept the pushes of a promotion, while `concurrent` runs. */
export async function askRegistries<T>(
  targets: readonly PushTarget[],
  {clients, minted = [], prepared, io}: CheckIo & Pick<Publication, 'prepared' | 'io'>,
  concurrent: Promise<T>,
): Promise<readonly [readonly PushCheck[], T]> {
  const create = prepared.inputs.credentials.clouds?.ecrCreate
  const checks = await checkPushes(targets, {clients, minted, time: 'before-build', create})
  for (const notice of noticesOf(checks)) io.workflow.notice(notice)
  await Promise.allSettled([concurrent, ...checks.map(async ({cancelled}) => cancelled)])
  return [checks, await concurrent]
}

/**
 * Rejects a promotion that a registry would refuse, before anything is copied. The tags are read and decided only if a
 * registry refuses something: tags that point to the image already need no right to push.
 * @throws TagboatError with the refusal.
 */
export async function requirePromotion(
  checks: readonly PushCheck[],
  image: PromotedImage,
  {clients, reader}: CheckIo & {readonly reader: StateReader},
): Promise<void> {
  if (!checks.some(mayReject)) return
  const {digest, tags, thisRun, policy} = image
  const states = await reader.read(tags, clients)
  const request = {tags, states, thisRun: {...thisRun, digest}, policy}
  const {decisions, existing} = await acceptedRelease(request)
  const target = (tag: TargetTag): Digest => targetOf(tag, {tags, states, existing, digest, ifExists: policy.ifExists})
  const floating = decideFloating({...request, existing, target})
  const written = [...decisions, ...floating].filter(
    ({action, before, tag}) => action === 'put' && before !== target(tag),
  )
  requirePushes(checks, {builds: false, written})
}

/**
 * Asks the registries that are not asked earlier, right before the first push: they create the repository.
 * @throws TagboatError with the refusal.
 */
export async function requireFirstPush(repositories: readonly Repository[], {clients}: CheckIo): Promise<void> {
  await Promise.all(repositories.map(async (one) => clients.repository(one).checkPush('before-push', [])))
}

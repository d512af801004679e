import type {EcrCreate} from '../inputs/credentials/ecr-create.ts'
import type {TagPolicy} from '../inputs/inputs.ts'
import type {Workflow} from '../io/workflow.ts'
import type {Digest} from '../oci/digest.ts'
import {formatRepository} from '../oci/reference.ts'
import {
  checkPushes,
  createMissing,
  mayReject,
  noticesOf,
  type PushCheck,
  type PushTarget,
} from '../preflight/check-pushes.ts'
import {requirePushes, writtenOf} from '../preflight/require-pushes.ts'
import {acceptedRelease} from '../promote/accepted-release.ts'
import {decideFloating} from '../promote/decide/decide-floating.ts'
import type {RunFacts, TagDecision, TargetTag} from '../promote/decide/tag-decision.ts'
import type {StateReader} from '../promote/read-state.ts'
import {targetOf} from '../promote/target.ts'
import type {RegistryClients} from '../registry/repository-client.ts'
import {requireFirstPush} from '../registry/upload/first-push.ts'
import type {MintedCredentials} from '../run/clouds.ts'

/** Existing image that gets tags, and where. */
export interface PromotedImage {
  readonly digest: Digest
  readonly tags: readonly TargetTag[]
  readonly thisRun: Omit<RunFacts, 'digest'>
  readonly policy: TagPolicy
}

interface CheckIo {
  readonly clients: RegistryClients
  readonly minted?: readonly MintedCredentials[] | undefined
}

interface AskIo extends CheckIo {
  /** Settings of repositories of Amazon ECR to create; undefined if none is created. */
  readonly create?: EcrCreate | undefined
  readonly workflow: Pick<Workflow, 'notice'>
}

/**
 * Asks registries whether they accept the pushes of a promotion, while `concurrent` reads the source. A missing
 * repository is created when the source has been read.
 */
export async function askRegistries<T>(
  targets: readonly PushTarget[],
  {clients, minted = [], create, workflow}: AskIo,
  concurrent: Promise<T>,
): Promise<readonly [readonly PushCheck[], T]> {
  const options = {clients, minted, time: 'before-build', create} as const
  const asking = checkPushes(targets, {...options, create: undefined})
  // Either may reject first.
  await Promise.allSettled([concurrent, asking])
  const asked = await asking
  await Promise.all(asked.map(async ({cancelled}) => cancelled))
  const read = await concurrent
  const checks = await createMissing(asked, options)
  for (const notice of noticesOf(checks)) workflow.notice(notice)
  await Promise.all(checks.map(async ({cancelled}) => cancelled))
  return [checks, read]
}

/**
 * Rejects a promotion that a registry would refuse, before anything is copied. A registry in which an earlier check
 * would create the repository is checked now. The tags are read and decided only if a registry refuses something, or has
 * not answered: tags that point to the image already need no right to push.
 * @throws TagboatError with the refusal.
 */
export async function requirePromotion(
  checks: readonly PushCheck[],
  image: PromotedImage,
  {clients, reader, workflow}: CheckIo & {readonly reader: StateReader} & Pick<AskIo, 'workflow'>,
): Promise<void> {
  if (!checks.some((check) => mayReject(check) || !check.isKnown)) return
  const {decisions, target} = await decidePromotion(image, {clients, reader})
  const written = writtenOf(decisions, target)
  for (const notice of requirePushes(checks, {builds: false, written})) workflow.notice(notice)
  const names = new Set(written.map(({tag}) => formatRepository(tag.reference.repository)))
  const unknown = checks.filter(
    ({isKnown, target: {repository}}) => !isKnown && names.has(formatRepository(repository)),
  )
  const {cancelled} = await requireFirstPush(unknown.map((one) => clients.repository(one.target.repository)))
  await cancelled
}

/** Decisions about the tags of a promotion, from the present state of the registries. */
interface PromotionDecisions {
  readonly decisions: readonly TagDecision[]
  /** Digest that a tag is to point to. */
  readonly target: (tag: TargetTag) => Digest
}

/** Reads the tags and decides about them. @throws TagboatError `tag-taken`, `tag-exists` */
export async function decidePromotion(
  {digest, tags, thisRun, policy}: PromotedImage,
  {clients, reader}: Pick<CheckIo, 'clients'> & {readonly reader: StateReader},
): Promise<PromotionDecisions> {
  const states = await reader.read(tags, clients)
  const request = {tags, states, thisRun: {...thisRun, digest}, policy}
  const {decisions, existing} = await acceptedRelease(request)
  const target = (tag: TargetTag): Digest => targetOf(tag, {tags, states, existing, digest, ifExists: policy.ifExists})
  return {decisions: [...decisions, ...decideFloating({...request, existing, target})], target}
}

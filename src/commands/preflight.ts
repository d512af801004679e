import type {Builder} from '../buildx/inspect.ts'
import type {EcrCreate} from '../inputs/credentials/ecr-create.ts'
import type {Io} from '../io/io.ts'
import {isEcr} from '../oci/ecr.ts'
import {dockerHub, formatRepository} from '../oci/reference.ts'
import {statedRevision} from '../plan/plan.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {acceptedRelease} from '../promote/accepted-release.ts'
import {decideFloating} from '../promote/decide/decide-floating.ts'
import {
  acceptedLines,
  checkPushes,
  mayReject,
  noticesOf,
  type PushCheck,
  type PushTarget,
} from '../preflight/check-pushes.ts'
import type {ExistingRelease} from '../promote/decide/decide-release.ts'
import type {RepositoryState} from '../promote/decide/registry-state.ts'
import {buildTargets} from '../preflight/push-targets.ts'
import {relationFinder} from '../promote/commit-relation.ts'
import {stateReader, type StateReader} from '../promote/read-state.ts'
import type {RunFacts, TagDecision, TargetTag} from '../promote/decide/tag-decision.ts'
import {openRegistries} from '../run/registries.ts'
import {buildDefinitionOf} from '../stage/build-definition.ts'
import type {BuildSession} from '../stage/build-session.ts'
import type {Engine} from '../stage/load/engine.ts'
import {engineToLoad} from '../stage/load/engine-to-load.ts'
import {beforeBuild} from '../stage/open-session.ts'

/** Facts before the build: the builder, the engine of the runner, and the tags in the registries. */
interface BeforeBuild {
  readonly builder: Builder
  /** Absent without `load`. */
  readonly engine: Engine | undefined
  readonly reader: StateReader
  readonly states: readonly RepositoryState[]
  readonly pushChecks: readonly PushCheck[]
}

/**
 * Logs in, starts the builder, reads the tags of the plan, and asks the registries whether they accept pushes, all at the
 * same time.
 */
export async function readBeforeBuild(session: BuildSession): Promise<BeforeBuild> {
  const {prepared, registries, io} = session
  const {policy} = prepared.inputs.publish
  const revision = imageRevision(prepared)
  const reader = stateReader({policy, revision, findRelation: relationFinder(prepared, io), now: io.now})
  const reading = reader.read(prepared.plan.tags, registries.clients, readsContent)
  const asking = both(checkBeforeBuild(session), engineToLoad(session))
  const [builder, [states, [pushChecks, engine]]] = await beforeBuild(session, both(reading, asking))
  return {builder, engine, reader, states, pushChecks}
}

/**
 * Reports whether the manifest of a tag is read at once. HEAD would take another request for the facts of the image, or to
 * confirm that the tag does not exist; but Docker Hub limits GET, and most tags share one image.
 */
function readsContent({reference: {repository}}: TargetTag): boolean {
  return repository.host !== dockerHub.name
}

/** Asks all registries that the build writes to whether they accept it. The uploads are cancelled during the build. */
async function checkBeforeBuild(session: BuildSession): Promise<readonly PushCheck[]> {
  const {prepared, registries, minted} = session
  const create = prepared.inputs.credentials.clouds?.ecrCreate
  const {optional = [], required = []} = Object.groupBy(buildTargets(prepared.plan, prepared.inputs.build), (target) =>
    isOptional(target, create) ? 'optional' : 'required',
  )
  const [checks, others] = await Promise.all([
    checkPushes(required, {clients: registries.clients, minted, time: 'before-build', create}),
    optional.length === 0 ? [] : askOptional(optional, session),
  ])
  for (const {cancelled} of checks) session.keepOpenFor(cancelled)
  for (const notice of noticesOf(checks)) session.io.workflow.notice(notice)
  return [...checks, ...others]
}

/** Reports whether the check of a target cannot refuse the run, and creates nothing. */
function isOptional({cache, repository}: PushTarget, create: EcrCreate | undefined): boolean {
  return cache === 'optional' && (create === undefined || !isEcr(repository.host))
}

async function askOptional(targets: readonly PushTarget[], session: BuildSession): Promise<readonly PushCheck[]> {
  const {checkOptional} = await import('../preflight/check-optional.ts')
  return checkOptional(targets, {...session, openRegistries})
}

/** Decisions before the build. */
export interface Preflight {
  readonly existing: ExistingRelease | undefined
  readonly decisions: readonly TagDecision[]
}

/**
 * Rejects the publication before the build if it would be rejected afterwards, by a decision or by a registry. Floating
 * tags are decided again later.
 */
export async function runPreflight(
  {prepared: {plan, inputs}, io}: Pick<BuildSession, 'prepared' | 'io'>,
  thisRun: RunImageFacts,
  {states, pushChecks}: Pick<BeforeBuild, 'states' | 'pushChecks'>,
): Promise<Preflight> {
  const {policy} = inputs.publish
  const request = {tags: plan.tags, states, thisRun: {...thisRun, digest: undefined}, policy}
  const {existing, decisions} = await acceptedRelease(request)
  const floating = decideFloating({...request, existing, target: () => existing?.digest})
  const all = [...decisions, ...floating]
  for (const notice of await rejectRefused(pushChecks, all, existing)) io.workflow.notice(notice)
  if (existing === undefined) await reportChecks(pushChecks, io)
  return {existing, decisions: all}
}

/**
 * Rejects what a registry would refuse, and returns notices. Few runs need the code for it.
 * @throws TagboatError with the refusal.
 */
async function rejectRefused(
  checks: readonly PushCheck[],
  decisions: readonly TagDecision[],
  existing: ExistingRelease | undefined,
): Promise<readonly string[]> {
  if (!checks.some(mayReject)) return []
  const {requirePushes, writtenOf} = await import('../preflight/require-pushes.ts')
  return requirePushes(checks, {builds: existing === undefined, written: writtenOf(decisions, () => existing?.digest)})
}

/** Logs the registries that accept pushes. A refused cache whose errors are ignored gives a warning. */
async function reportChecks(checks: readonly PushCheck[], {workflow}: Pick<Io, 'workflow'>): Promise<void> {
  workflow.print(acceptedLines(checks))
  for (const {target, refusal} of checks) {
    if (target.cache !== 'optional' || refusal === undefined) continue
    const {errorWarning} = await import('../errors/render-error.ts')
    workflow.warning(
      errorWarning(refusal, `The build continues without its cache in ${formatRepository(target.repository)}.`),
    )
  }
}

/** Settles when both promises have settled, also if one of them rejects. */
async function both<A, B>(a: Promise<A>, b: Promise<B>): Promise<readonly [A, B]> {
  await Promise.allSettled([a, b])
  return Promise.all([a, b])
}

type RunImageFacts = Omit<RunFacts, 'digest'>

/** Commit that the image will state. */
function imageRevision({plan, context}: Prepared): string | undefined {
  return statedRevision(plan) ?? (context.sha === '' ? undefined : context.sha)
}

/** Facts that the labels of the image will have. The builder must be ready, or else its platform is not known. */
export function imageFacts(session: Parameters<typeof buildDefinitionOf>[0] & {prepared: Prepared}): RunImageFacts {
  const {prepared} = session
  const {commitDate, run} = prepared.context
  const runId = run.id === '' ? undefined : run.id
  return {revision: imageRevision(prepared), commitDate, runId, ...buildDefinitionOf(session)}
}

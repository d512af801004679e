import type {Builder} from '../buildx/inspect.ts'
import {statedRevision} from '../plan/plan.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {acceptedRelease} from '../promote/accepted-release.ts'
import {decideFloating} from '../promote/decide/decide-floating.ts'
import type {ExistingRelease} from '../promote/decide/decide-release.ts'
import type {RepositoryState} from '../promote/decide/registry-state.ts'
import {relationFinder} from '../promote/commit-relation.ts'
import {stateReader, type StateReader} from '../promote/read-state.ts'
import type {RunFacts, TagDecision} from '../promote/decide/tag-decision.ts'
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
}

/** Logs in, starts the builder, and reads the tags of the plan, all at the same time. */
export async function readBeforeBuild(session: BuildSession): Promise<BeforeBuild> {
  const {prepared, registries, io} = session
  const {policy} = prepared.inputs.publish
  const revision = imageRevision(prepared)
  const reader = stateReader({policy, revision, findRelation: relationFinder(prepared, io), now: io.now})
  const reading = reader.read(prepared.plan.tags, registries.clients)
  const [builder, [states, engine]] = await beforeBuild(session, both(reading, engineToLoad(session)))
  return {builder, engine, reader, states}
}

/** Decisions before the build. */
export interface Preflight {
  readonly existing: ExistingRelease | undefined
  readonly decisions: readonly TagDecision[]
}

/** Rejects the publication before the build if it would be rejected afterwards. Floating tags are decided again later. */
export async function runPreflight(
  {plan, inputs}: Prepared,
  thisRun: RunImageFacts,
  states: readonly RepositoryState[],
): Promise<Preflight> {
  const {policy} = inputs.publish
  const request = {tags: plan.tags, states, thisRun: {...thisRun, digest: undefined}, policy}
  const {existing, decisions} = await acceptedRelease(request)
  const floating = decideFloating({...request, existing, target: () => existing?.digest})
  return {existing, decisions: [...decisions, ...floating]}
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

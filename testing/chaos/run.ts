import {TagboatError} from '../../src/errors/error.ts'
import {secretKeeper} from '../../src/errors/known-secrets.ts'
import type {TagPolicy} from '../../src/inputs/inputs.ts'
import {formatTagRef} from '../../src/oci/reference.ts'
import type {CommitRelation} from '../../src/promote/decide/registry-state.ts'
import {formatReason} from '../../src/reasons/reason.ts'
import type {TargetTag} from '../../src/promote/decide/tag-decision.ts'
import {promote, type PromoteRow} from '../../src/promote/promote.ts'
import {stateReader} from '../../src/promote/read-state.ts'
import {registryClients} from '../../src/registry/client.ts'
import type {RegistryClients} from '../../src/registry/repository-client.ts'
import type {TestImage} from '../memory-registry.ts'
import {oneBuild, policy as usual} from '../promotions.ts'
import {randomFor} from './random.ts'
import {Lifetime, type RunEnd} from './lifetime.ts'
import type {Subject} from './subject.ts'
import type {Conditions} from './conditions.ts'
import type {World} from './world.ts'
import {activityOf} from '../registry-client.ts'

/** Plan of a run: what it publishes, when it starts, and the faults that it meets. */
export interface PlannedRun {
  /** Name of the run, and of its registry client. */
  readonly client: string
  readonly subject: Subject
  /** Runs with the same build publish the same bytes. */
  readonly build: string
  readonly startMs: number
  readonly end: RunEnd
  readonly conditions: Conditions
  readonly policy?: Partial<TagPolicy>
  readonly readsStateFirst: boolean
  readonly isNewImage: boolean
  /** Part of the image that the registry has accepted and lost. */
  readonly loss: 'child' | 'blob' | undefined
}

/** Run that has ended. */
export interface EndedRun {
  readonly planned: PlannedRun
  readonly tags: readonly TargetTag[]
  readonly image: TestImage
  readonly lifetime: Lifetime
  readonly startedAt: number
  readonly endedAt: number
  /** Result, or undefined if the run was killed. */
  readonly result: RunResult | undefined
}

/** Row of a run. A process does not report the reason. */
type ResultRow = Pick<PromoteRow, 'reference' | 'outcome' | 'after'> & Partial<Pick<PromoteRow, 'reason'>>

/** Result that a run reports. */
export interface RunResult {
  readonly rows: readonly ResultRow[]
  readonly failure: TagboatError | undefined
}

/** Executes a run until it ends or is killed. */
export type ExecuteRun = (world: World, planned: PlannedRun, lifetime: Lifetime) => Promise<RunResult | undefined>

const epoch = Date.parse('2026-01-02T03:04:05Z')

export async function execute(world: World, planned: PlannedRun): Promise<EndedRun> {
  const {clock} = world
  const {client, subject, conditions, end, startMs} = planned
  await clock.sleep(startMs)
  const lifetime = new Lifetime(client, conditions, end, clock)
  const {tags, image} = world.publicationOf(planned)
  const startedAt = clock.now
  world.stage(planned)
  world.log(client, `starts to publish ${subject.name}, ${image.digest.slice(7, 15)}`)
  const result = await world.executeRun(world, planned, lifetime)
  const outcome = result?.failure === undefined ? 'with success' : `with ${result.failure.code}`
  world.log(client, result === undefined ? 'is killed' : `ends ${outcome}`)
  for (const row of result?.rows ?? []) {
    world.log(
      client,
      `  ${formatTagRef(row.reference)}: ${row.outcome}, ${row.after?.slice(7, 15) ?? 'nothing'}${row.reason === undefined ? '' : ` (${formatReason(row.reason)})`}`,
    )
  }
  return {planned, tags, image, lifetime, startedAt, endedAt: clock.now, result}
}

/** Executes a run in this process. */
export const inVirtualTime: ExecuteRun = async (world, planned, lifetime) =>
  Promise.race([promoteHere(world, planned, lifetime), lifetime.killed])

async function promoteHere(world: World, planned: PlannedRun, lifetime: Lifetime): Promise<RunResult> {
  const {tags, image} = world.publicationOf(planned)
  const {subject, readsStateFirst, isNewImage} = planned
  const policy = {...usual, ...planned.policy}
  const clients = clientsOf(world, lifetime, {requests: lifetime.requestSignal, run: lifetime.signal})
  let rollback: RegistryClients | undefined
  const undoClients = (): RegistryClients => {
    if (rollback !== undefined) return rollback
    const signal = lifetime.rollbackSignal()
    rollback = clientsOf(world, lifetime, {requests: signal, run: signal})
    return rollback
  }
  const {revision, runId, commitDate} = world.factsOf(planned)
  const reader = stateReader({
    policy,
    revision,
    findRelation: async (tagged, current) => Promise.resolve(relationOf(tagged, current, world)),
    now: () => new Date(epoch + world.clock.now),
  })
  const sleep = async (ms: number): Promise<void> => lifetime.sleep(ms, lifetime.signal)
  const io = {clients, undoClients, reader, sleep, signal: lifetime.signal}
  try {
    const preflightStates = readsStateFirst ? await reader.read(tags, clients) : undefined
    const {digest, mediaType, bytes} = image
    const thisRun = {revision, commitDate, runId, tags: undefined, build: oneBuild}
    const request = {tags, thisRun, content: {digest, mediaType, bytes}, isNewImage, policy}
    return await promote({...request, ...(preflightStates === undefined ? {} : {preflightStates})}, io)
  } catch (error) {
    // The read of the state before a build.
    if (error instanceof TagboatError || lifetime.signal.aborted) return {rows: [], failure: asFailure(error, subject)}
    throw error
  }
}

function asFailure(error: unknown, subject: Subject): TagboatError {
  return error instanceof TagboatError ? error : new TagboatError('cancelled', {evidence: [subject.name]})
}

function clientsOf(
  world: World,
  lifetime: Lifetime,
  signals: {readonly requests: AbortSignal; readonly run: AbortSignal},
): RegistryClients {
  const random = randomFor(world.seed, `${lifetime.client} waits`)
  return registryClients({
    http: world.network.http(lifetime, signals.requests),
    credentials: async () => Promise.resolve(undefined),
    secrets: secretKeeper(),
    timer: {
      sleep: async (ms) => lifetime.sleep(ms, signals.run),
      random: () => random.number(),
      now: () => new Date(epoch + world.clock.now),
    },
    activity: activityOf((line) => {
      world.log(lifetime.client, line)
    }),
    signal: signals.run,
  })
}

/** Relation of the commit of a run to that of a tag. Each commit of the branch is ahead of those with a lower number. */
function relationOf(tagged: string, current: string, {subjects}: World): CommitRelation {
  const [base, head] = [tagged, current].map((revision) => {
    const subject = subjects.find((one) => one.revision === revision)
    return subject?.kind === 'commit' ? subject.number : undefined
  })
  if (base === undefined || head === undefined) return 'unknown'
  if (base === head) return 'identical'
  return head > base ? 'ahead' : 'behind'
}

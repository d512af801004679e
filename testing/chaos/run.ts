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
import type {MadeImage} from '../memory-registry.ts'
import {oneBuild, policy as usual} from '../promotions.ts'
import {dice} from './dice.ts'
import {Life, type Fate} from './life.ts'
import type {Subject} from './subject.ts'
import type {Weather} from './weather.ts'
import type {World} from './world.ts'

/** A run as it is planned: what it publishes, when it starts, and how it fares. */
export interface PlannedRun {
  readonly client: string
  readonly subject: Subject
  /** Runs with the same build publish the same bytes. */
  readonly build: string
  readonly startMs: number
  readonly fate: Fate
  readonly weather: Weather
  readonly policy?: Partial<TagPolicy>
  readonly readsStateFirst: boolean
  readonly isNewImage: boolean
  /** A part of the image that the registry took and does not keep. */
  readonly loss: 'child' | 'blob' | undefined
}

/** What became of it. */
export interface EndedRun {
  readonly planned: PlannedRun
  readonly tags: readonly TargetTag[]
  readonly image: MadeImage
  readonly life: Life
  readonly startedAt: number
  readonly endedAt: number
  /** Undefined: it was killed. */
  readonly result: RunResult | undefined
}

/** Row of a run; without a reason where only outputs are known. */
type ResultRow = Pick<PromoteRow, 'reference' | 'outcome' | 'after'> & Partial<Pick<PromoteRow, 'reason'>>

/** What a run says of itself. */
export interface RunResult {
  readonly rows: readonly ResultRow[]
  readonly failure: TagboatError | undefined
}

/** Plays a run until it ends or is killed. */
export type Attempt = (world: World, planned: PlannedRun, life: Life) => Promise<RunResult | undefined>

const epoch = Date.parse('2026-01-02T03:04:05Z')

export async function play(world: World, planned: PlannedRun): Promise<EndedRun> {
  const {clock} = world
  const {client, subject, weather, fate, startMs} = planned
  await clock.sleep(startMs)
  const life = new Life(client, weather, fate, clock)
  const {tags, image} = world.publicationOf(planned)
  const startedAt = clock.now
  world.stage(planned)
  world.note(client, `starts to publish ${subject.name}, ${image.digest.slice(7, 15)}`)
  const result = await world.attempt(world, planned, life)
  const end = result?.failure === undefined ? 'with success' : `with ${result.failure.code}`
  world.note(client, result === undefined ? 'is killed' : `ends ${end}`)
  for (const row of result?.rows ?? []) {
    world.note(
      client,
      `  ${formatTagRef(row.reference)}: ${row.outcome}, ${row.after?.slice(7, 15) ?? 'nothing'}${row.reason === undefined ? '' : ` (${formatReason(row.reason)})`}`,
    )
  }
  return {planned, tags, image, life, startedAt, endedAt: clock.now, result}
}

/** In this process. */
export const inVirtualTime: Attempt = async (world, planned, life) =>
  Promise.race([promoteHere(world, planned, life), life.killed])

async function promoteHere(world: World, planned: PlannedRun, life: Life): Promise<RunResult> {
  const {tags, image} = world.publicationOf(planned)
  const {subject, readsStateFirst, isNewImage} = planned
  const policy = {...usual, ...planned.policy}
  const clients = clientsOf(world, life, {requests: life.requestSignal, run: life.signal})
  let undo: RegistryClients | undefined
  const undoClients = (): RegistryClients => {
    if (undo !== undefined) return undo
    const signal = life.undoSignal()
    undo = clientsOf(world, life, {requests: signal, run: signal})
    return undo
  }
  const {revision, runId, commitDate} = world.factsOf(planned)
  const reader = stateReader({
    policy,
    revision,
    findRelation: async (held, ours) => Promise.resolve(relationOf(held, ours, world)),
    now: () => new Date(epoch + world.clock.now),
  })
  const sleep = async (ms: number): Promise<void> => life.sleep(ms, life.signal)
  const io = {clients, undoClients, reader, sleep, signal: life.signal}
  try {
    const preflightStates = readsStateFirst ? await reader.read(tags, clients) : undefined
    const {digest, mediaType, bytes} = image
    const thisRun = {revision, commitDate, runId, tags: undefined, build: oneBuild}
    const request = {tags, thisRun, content: {digest, mediaType, bytes}, isNewImage, policy}
    return await promote({...request, ...(preflightStates === undefined ? {} : {preflightStates})}, io)
  } catch (error) {
    // Looking ahead, which a run does before it builds.
    if (error instanceof TagboatError || life.signal.aborted) return {rows: [], failure: asFailure(error, subject)}
    throw error
  }
}

function asFailure(error: unknown, subject: Subject): TagboatError {
  return error instanceof TagboatError ? error : new TagboatError('cancelled', {evidence: [subject.name]})
}

function clientsOf(
  world: World,
  life: Life,
  signals: {readonly requests: AbortSignal; readonly run: AbortSignal},
): RegistryClients {
  const roll = dice(world.seed, `${life.client} waits`)
  return registryClients({
    http: world.network.http(life, signals.requests),
    credentials: async () => Promise.resolve(undefined),
    secrets: secretKeeper(),
    timer: {
      sleep: async (ms) => life.sleep(ms, signals.run),
      random: () => roll.number(),
      now: () => new Date(epoch + world.clock.now),
    },
    onRetry: (line) => {
      world.note(life.client, line)
    },
    signal: signals.run,
  })
}

/** Each commit of the branch is ahead of those with a lower number. */
function relationOf(held: string, ours: string, {subjects}: World): CommitRelation {
  const [other, current] = [held, ours].map((revision) => {
    const subject = subjects.find((one) => one.revision === revision)
    return subject?.kind === 'commit' ? subject.number : undefined
  })
  if (other === undefined || current === undefined) return 'unknown'
  if (other === current) return 'identical'
  return current > other ? 'ahead' : 'behind'
}

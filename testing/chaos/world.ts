import type {Digest} from '../../src/oci/digest.ts'
import type {TargetTag} from '../../src/promote/decide/tag-decision.ts'
import {memoryRegistry, type TestImage, type MemoryRegistry} from '../memory-registry.ts'
import {imageOf} from '../promotions.ts'
import type {Clock} from './clock.ts'
import {History} from './history.ts'
import {Network, type Event} from './network.ts'
import type {ExecuteRun, EndedRun, PlannedRun} from './run.ts'
import {dateOf, tagsFor, type Subject} from './subject.ts'
import type {Conditions} from './conditions.ts'

export const host = 'registry.example'
/** Two platforms, so that an image has an index. */
const platforms = ['linux/amd64', 'linux/arm64']
export const paths = ['app', 'mirror'] as const

export interface WorldOptions {
  readonly seed: number
  readonly conditions: Conditions
  readonly without: ReadonlySet<string>
  readonly clock: Clock
  readonly executeRun: ExecuteRun
}

/** Registry, network and history of a round. */
export class World {
  readonly clock: Clock
  readonly executeRun: ExecuteRun
  readonly registry: MemoryRegistry
  readonly history: History
  readonly network: Network
  readonly endedRuns: EndedRun[] = []
  /** Subjects of all started runs. */
  readonly subjects: Subject[] = []
  readonly seed: number
  readonly #publications = new Map<string, {readonly tags: readonly TargetTag[]; readonly image: TestImage}>()
  readonly #runIds = new Map<string, number>()

  constructor({seed, conditions, without, clock, executeRun}: WorldOptions) {
    const {visibility, deletes, listsTags} = conditions
    this.seed = seed
    this.clock = clock
    this.executeRun = executeRun
    const isSupported = deletes !== 'unsupported'
    this.registry = memoryRegistry({
      host,
      listsTags,
      locations: 'relative',
      deletes: {tags: isSupported, manifests: isSupported},
    })
    this.history = new History(visibility)
    const {registry, history} = this
    this.network = new Network({clock, registry, history, seed, without, deletes})
  }

  publicationOf(planned: PlannedRun): {readonly tags: readonly TargetTag[]; readonly image: TestImage} {
    const made = this.#publications.get(planned.client) ?? this.#make(planned)
    this.#publications.set(planned.client, made)
    return made
  }

  factsOf({subject, build}: PlannedRun): {
    readonly revision: string
    readonly runId: string
    readonly commitDate: string | undefined
  } {
    const runId = this.#runIds.get(build) ?? this.#runIds.size + 1
    this.#runIds.set(build, runId)
    return {revision: subject.revision, runId: String(runId), commitDate: dateOf(subject)}
  }

  /** Stores the image in each repository, by its digest. */
  stage(planned: PlannedRun): void {
    const {image} = this.publicationOf(planned)
    const lost = lostPart(planned, image)
    for (const path of paths) {
      this.registry.store(path, image)
      const stored = this.registry.endpoint.core.store.repositories.get(path)
      if (lost === undefined || stored === undefined) continue
      this.log(planned.client, `loses ${lost} in ${path}`)
      stored.manifests.delete(lost)
      stored.blobs.delete(lost)
    }
  }

  log(client: string, text: string): void {
    const event: Event = {at: this.clock.now, client, text}
    this.network.events.push(event)
  }

  #make(planned: PlannedRun): {readonly tags: readonly TargetTag[]; readonly image: TestImage} {
    const {subject, build} = planned
    this.subjects.push(subject)
    const {revision, runId, commitDate} = this.factsOf(planned)
    const version = subject.kind === 'release' ? {version: subject.version} : {}
    return {
      tags: paths.flatMap((path) => tagsFor(subject, `${host}/${path}`)),
      image: imageOf(
        build,
        {revision, runId, ...version, ...(commitDate === undefined ? {} : {commitDate})},
        {platforms},
      ),
    }
  }
}

/** Part that the registry loses. A registry checks the children of an index only when it accepts the index. */
function lostPart({loss}: PlannedRun, {platforms, blobs}: TestImage): Digest | undefined {
  if (loss === undefined) return undefined
  return loss === 'child' ? [...platforms.values()].at(-1) : [...blobs.keys()].at(-1)
}

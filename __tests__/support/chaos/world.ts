import type {LinedTag} from '../../../src/plan/tag-decision.ts'
import {memoryRegistry, type MadeImage, type MemoryRegistry} from '../memory-registry.ts'
import {imageOf} from '../promotions.ts'
import {VirtualClock} from './clock.ts'
import {History} from './history.ts'
import {Network, type Event} from './network.ts'
import type {EndedRun, PlannedRun} from './run.ts'
import {tagsFor} from './subject.ts'
import type {Weather} from './weather.ts'

export const host = 'registry.example'
export const paths = ['app', 'mirror'] as const

/** One registry, the network before it, and everything that happened. */
export class World {
  readonly clock = new VirtualClock()
  readonly registry: MemoryRegistry
  readonly history: History
  readonly network: Network
  readonly ended: EndedRun[] = []
  readonly seed: number
  readonly #publications = new Map<string, {readonly tags: readonly LinedTag[]; readonly image: MadeImage}>()
  readonly #runIds = new Map<string, number>()

  constructor(seed: number, {visibility, deletes, listsTags}: Weather, without: ReadonlySet<string>) {
    this.seed = seed
    const isSupported = deletes !== 'unsupported'
    this.registry = memoryRegistry({host, listsTags, deletes: {tags: isSupported, manifests: isSupported}})
    this.history = new History(visibility)
    const {clock, registry, history} = this
    this.network = new Network({clock, registry, history, seed, without, deletes})
  }

  publicationOf(planned: PlannedRun): {readonly tags: readonly LinedTag[]; readonly image: MadeImage} {
    const made = this.#publications.get(planned.who) ?? this.#make(planned)
    this.#publications.set(planned.who, made)
    return made
  }

  factsOf({subject, build}: PlannedRun): {
    readonly revision: string
    readonly runId: string
    readonly commitDate: string | undefined
  } {
    const runId = this.#runIds.get(build) ?? this.#runIds.size + 1
    this.#runIds.set(build, runId)
    return {revision: subject.revision, runId: String(runId), commitDate: undefined}
  }

  note(who: string, text: string): void {
    const event: Event = {at: this.clock.now, who, text}
    this.network.events.push(event)
  }

  #make(planned: PlannedRun): {readonly tags: readonly LinedTag[]; readonly image: MadeImage} {
    const {subject, build} = planned
    const {revision, runId} = this.factsOf(planned)
    const version = subject.kind === 'release' ? {version: subject.version} : {}
    return {
      tags: paths.flatMap((path) => tagsFor(subject, `${host}/${path}`)),
      image: imageOf(build, {revision, runId, ...version}),
    }
  }
}

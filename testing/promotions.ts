import type {TagPolicy} from '../src/inputs/inputs.ts'
import {factKeys, type ImageFacts} from '../src/oci/image-facts.ts'
import {parseTagRef} from '../src/oci/reference.ts'
import type {CommitRelation} from '../src/promote/decide/registry-state.ts'
import type {TargetTag} from '../src/promote/decide/tag-decision.ts'
import {promote, type PromoteResult} from '../src/promote/promote.ts'
import {stateReader} from '../src/promote/read-state.ts'
import type {TagRole} from '../src/tags/tag-role.ts'
import {makeImage, memoryNetwork, type ImageContent, type MadeImage, type MemoryRegistry} from './memory-registry.ts'
import {testClients} from './registry-client.ts'

/** A run that publishes, as its promote sees it. */
export interface Publication {
  /** As logs and history name it. */
  readonly client: string
  readonly tags: readonly TargetTag[]
  readonly image: MadeImage
  readonly revision: string | undefined
  readonly commitDate?: string
  readonly runId?: string
  readonly tagNames?: string
  /** What the image is made from; `oneBuild` unless given. */
  readonly build?: string | undefined
  readonly policy?: Partial<TagPolicy>
  readonly relation?: (held: string, ours: string) => CommitRelation
  readonly retries?: number
  readonly signal?: AbortSignal
  /** Requests that are under way when the signal is aborted still end; they end with it unless given. */
  readonly ignoresAbort?: boolean
  /** Reads the tags beforehand, as a run that builds does. */
  readonly readsStateFirst?: boolean
  /** True unless given: the image is this run's own. */
  readonly isNewImage?: boolean
}

/** What images are made from, unless a test says otherwise. */
export const oneBuild = 'context=. file=Dockerfile'

export const policy: TagPolicy = {floating: 'auto', ifExists: 'verify', onStale: 'skip'}

export function targetTag(reference: string, role: TagRole): TargetTag {
  const parsed = parseTagRef(reference)
  if (!parsed.ok) throw new Error(parsed.reason)
  return {reference: parsed.value, role}
}

/** The tags of a release in a repository: `1.2.3`, `1.2`, `1`, `latest`, each with the suffix, and more exact ones. */
export function releaseTags(repository: string, version: string, suffix = ''): readonly TargetTag[] {
  const [major = '', minor = ''] = version.split('.')
  const floating = (tag: string, level: 'all' | 'major' | 'minor'): TargetTag =>
    targetTag(`${repository}:${tag}${suffix}`, {
      kind: 'version-line',
      scheme: 'semver',
      version,
      level,
      affixes: [{prefix: '', suffix}],
    })
  return [
    targetTag(`${repository}:${version}${suffix}`, {kind: 'release', scheme: 'semver', version}),
    floating(`${major}.${minor}`, 'minor'),
    floating(major, 'major'),
    floating('latest', 'all'),
  ]
}

export function commitTag(repository: string, tag: string): TargetTag {
  return targetTag(`${repository}:${tag}`, {kind: 'commit'})
}

export function branchTag(repository: string, tag: string): TargetTag {
  return targetTag(`${repository}:${tag}`, {kind: 'newest-commit'})
}

/** An image that says where it comes from. */
export function imageOf(text: string, facts: Partial<ImageFacts>, content: ImageContent = {}): MadeImage {
  const said = {build: oneBuild, ...facts}
  const annotations = Object.fromEntries(
    Object.entries(factKeys).flatMap(([name, key]) => {
      const value = Object.entries(said).find(([fact]) => fact === name)?.[1]
      return value === undefined ? [] : [[key, value]]
    }),
  )
  return makeImage({...content, text, annotations})
}

/** Stages and promotes, with clients and a memory of its own, as a process has them. */
export async function publish(run: Publication, registries: readonly MemoryRegistry[]): Promise<PromoteResult> {
  const {signal = new AbortController().signal, retries = 2, relation = () => 'unknown'} = run
  for (const {reference} of run.tags) {
    const registry = registries.find(({host}) => host === reference.repository.host)
    registry?.store(reference.repository.path, run.image)
  }
  const {client, revision, commitDate, runId, tags} = run
  const making = {tags: run.tagNames, build: 'build' in run ? run.build : oneBuild}
  const rules = {...policy, ...run.policy}
  const heard = run.ignoresAbort === true ? {} : {signal}
  const clients = testClients(memoryNetwork(registries, {name: client, ...heard}), {...heard, retries})
  const undoClients = testClients(memoryNetwork(registries, {name: client}), {retries})
  const {digest, mediaType, bytes} = run.image
  const reader = stateReader({
    policy: rules,
    revision,
    findRelation: async (held, ours) => Promise.resolve(relation(held, ours)),
    now: () => new Date(0),
  })
  // A run whose look ahead fails ends there; here it goes on, with nothing seen.
  const preflightStates =
    run.readsStateFirst === true ? await reader.read(tags, clients).catch(() => undefined) : undefined
  const request = {
    tags,
    thisRun: {revision, commitDate, runId, ...making},
    content: {digest, mediaType, bytes},
    isNewImage: run.isNewImage ?? true,
    policy: rules,
  }
  return promote(
    {...request, ...(preflightStates === undefined ? {} : {preflightStates})},
    {clients, undoClients: () => undoClients, reader, sleep: async () => Promise.resolve(), signal},
  )
}

import type {TagPolicy} from '../src/inputs/inputs.ts'
import {factKeys, type ImageFacts} from '../src/oci/image-facts.ts'
import {parseTagRef} from '../src/oci/reference.ts'
import type {CommitRelation} from '../src/promote/decide/registry-state.ts'
import type {TargetTag} from '../src/promote/decide/tag-decision.ts'
import {promote, type PromoteResult} from '../src/promote/promote.ts'
import {stateReader} from '../src/promote/read-state.ts'
import type {TagRole} from '../src/tags/tag-role.ts'
import {makeImage, memoryNetwork, type ImageContent, type TestImage, type MemoryRegistry} from './memory-registry.ts'
import {testClients} from './registry-client.ts'

/** Run that promotes an image. */
export interface Publication {
  /** Name of the run, and of its registry client. */
  readonly client: string
  readonly tags: readonly TargetTag[]
  readonly image: TestImage
  readonly revision: string | undefined
  readonly commitDate?: string
  readonly runId?: string
  readonly tagNames?: string
  /** Build definition of the image. Default: `oneBuild`. */
  readonly build?: string | undefined
  readonly policy?: Partial<TagPolicy>
  readonly relation?: (tagged: string, current: string) => CommitRelation
  readonly retries?: number
  readonly signal?: AbortSignal
  /** Whether requests continue after the signal is aborted. Default: false. */
  readonly ignoresAbort?: boolean
  /** Whether the run reads the tags before it promotes, as a run with a build does. */
  readonly readsStateFirst?: boolean
  /** Whether the run has built the image. Default: true. */
  readonly isNewImage?: boolean
}

/** Default build definition of images. */
export const oneBuild = 'context=. file=Dockerfile'

export const policy: TagPolicy = {floating: 'auto', ifExists: 'verify', onStale: 'skip'}

export function targetTag(reference: string, role: TagRole): TargetTag {
  const parsed = parseTagRef(reference)
  if (!parsed.ok) throw new Error(parsed.reason)
  return {reference: parsed.value, role}
}

/** Tags of a release in a repository: `1.2.3`, `1.2`, `1` and `latest`, each with the suffix. */
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

/** Image with annotations for its facts. */
export function imageOf(text: string, facts: Partial<ImageFacts>, content: ImageContent = {}): TestImage {
  const stated = {build: oneBuild, ...facts}
  const annotations = Object.fromEntries(
    Object.entries(factKeys).flatMap(([name, key]) => {
      const value = Object.entries(stated).find(([fact]) => fact === name)?.[1]
      return value === undefined ? [] : [[key, value]]
    }),
  )
  return makeImage({...content, text, annotations})
}

/** Stages and promotes, with separate clients and caches, as a process does. */
export async function publish(run: Publication, registries: readonly MemoryRegistry[]): Promise<PromoteResult> {
  const {signal = new AbortController().signal, retries = 2, relation = () => 'unknown'} = run
  for (const {reference} of run.tags) {
    const registry = registries.find(({host}) => host === reference.repository.host)
    registry?.store(reference.repository.path, run.image)
  }
  const {client, revision, commitDate, runId, tags} = run
  const definition = {tags: run.tagNames, build: 'build' in run ? run.build : oneBuild}
  const runPolicy = {...policy, ...run.policy}
  const requestSignal = run.ignoresAbort === true ? {} : {signal}
  const clients = testClients(memoryNetwork(registries, {name: client, ...requestSignal}), {...requestSignal, retries})
  const undoClients = testClients(memoryNetwork(registries, {name: client}), {retries})
  const {digest, mediaType, bytes} = run.image
  const reader = stateReader({
    policy: runPolicy,
    revision,
    findRelation: async (tagged, current) => Promise.resolve(relation(tagged, current)),
    now: () => new Date(0),
  })
  // A real run ends if this read fails.
  const preflightStates =
    run.readsStateFirst === true ? await reader.read(tags, clients).catch(() => undefined) : undefined
  const request = {
    tags,
    thisRun: {revision, commitDate, runId, ...definition},
    content: {digest, mediaType, bytes},
    isNewImage: run.isNewImage ?? true,
    policy: runPolicy,
  }
  return promote(
    {...request, ...(preflightStates === undefined ? {} : {preflightStates})},
    {clients, undoClients: () => undoClients, reader, sleep: async () => Promise.resolve(), signal},
  )
}

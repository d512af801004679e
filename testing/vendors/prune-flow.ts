import {readContent} from '../../src/prune/content/read-content.ts'
import {execute} from '../../src/prune/execute.ts'
import type {Execution} from '../../src/prune/execution/execution.ts'
import {neededByNewcomers} from '../../src/prune/execution/newcomers.ts'
import type {ImageStore} from '../../src/prune/image-store.ts'
import {openStore} from '../../src/prune/open-store.ts'
import type {StoreResources} from '../../src/prune/store-opener.ts'
import type {Repository} from '../../src/oci/reference.ts'
import {planDeletion} from '../../src/retention/plan-deletion.ts'
import type {RepositoryContent} from '../../src/retention/repository-content.ts'
import type {RetentionDecision} from '../../src/retention/tag-decision.ts'

/** Tags, and digests of untagged images, to delete from a repository. Everything else stays. */
export interface PruneFlow {
  readonly repository: Repository
  readonly resources: StoreResources
  readonly deletes: readonly string[]
  /** Digests that stay besides. */
  readonly protects?: readonly string[]
}

/** Result of a flow: what was read, and what happened. */
export interface FlowResult {
  readonly store: ImageStore
  readonly content: RepositoryContent
  readonly execution: Execution
  /** Outcomes by tag, or by digest of an image without one. */
  readonly outcomes: Readonly<Record<string, string>>
}

/** Lists, reads, plans and deletes as the action `prune` does, with decisions by name. */
export async function runPruneFlow({repository, resources, deletes, protects = []}: PruneFlow): Promise<FlowResult> {
  const {clients} = resources
  const store = await openStore(repository, resources)
  const client = clients.repository(repository)
  const content = await readContent({
    repository,
    listing: await store.list(),
    client: clients.host(repository.host),
    needsConfiguration: () => false,
  })
  const decisions = decide(content, new Set(deletes))
  const execution = await execute({
    store,
    content,
    plan: (kept) =>
      planDeletion({
        content,
        decisions,
        keptBesides: new Set([...kept, ...protects]),
        deletesChildren: store.deletesChildren,
      }),
    neededMeanwhile: async (gone) => neededByNewcomers({content, store, client}, gone),
    signal: new AbortController().signal,
  })
  const outcomes = execution.steps.flatMap(({step, outcome}): [string, string][] => {
    const names = step.kind === 'tag' ? [step.tag] : step.tags.length === 0 ? [step.digest] : step.tags
    return names.map((name) => [name, outcome.kind])
  })
  return {store, content, execution, outcomes: Object.fromEntries(outcomes)}
}

function decide({tags, manifests}: RepositoryContent, deletes: ReadonlySet<string>): readonly RetentionDecision[] {
  const tagged = new Set(tags.values())
  const bare = [...manifests.keys()].filter((digest) => deletes.has(digest) && !tagged.has(digest))
  const reason = {code: 'no-rule'} as const
  return [
    ...[...tags].map(([tag, digest]): RetentionDecision => {
      return {tag, digest, class: 'match', verdict: deletes.has(tag) ? 'delete' : 'keep', reason}
    }),
    ...bare.map((digest): RetentionDecision => {
      return {tag: undefined, digest, class: 'untagged', verdict: 'delete', reason}
    }),
  ]
}

import {execute} from '../src/prune/execute.ts'
import {neededByNewcomers} from '../src/prune/execution/newcomers.ts'
import type {Execution} from '../src/prune/execution/execution.ts'
import {openOci} from '../src/prune/oci/oci-store.ts'
import {readContent} from '../src/prune/content/read-content.ts'
import {validate, type Validation} from '../src/prune/validate.ts'
import {ManifestMemory} from '../src/prune/validation/manifest-memory.ts'
import {planning} from './planned-deletion.ts'
import type {TestClients} from './registry-client.ts'

/** Repository, and the tags to delete in it. */
export interface OciPrune {
  readonly clients: TestClients
  readonly host: string
  readonly path: string
  /** Selects the tags to delete. */
  readonly deletes: (tag: string) => boolean
  readonly signal?: AbortSignal
}

/** Deletes tags of a repository over the OCI API, as the action does: it lists, reads, plans, executes and validates. */
export async function pruneTags({clients, host, path, deletes, signal}: OciPrune): Promise<Execution & Validation> {
  const repository = {host, path}
  const client = clients.repository(repository)
  const store = openOci(repository, {clients})
  const memory = new ManifestMemory()
  const content = await readContent({
    repository,
    listing: await store.list(),
    client: clients.host(host),
    needsConfiguration: () => false,
    onManifest: (manifest) => {
      memory.remember(manifest)
    },
  })
  const plan = planning(content, [...content.tags.keys()].filter(deletes))
  const neededMeanwhile = async (gone: ReadonlySet<string>): Promise<ReadonlySet<string>> =>
    neededByNewcomers({content, store, client}, gone)
  const execution = await execute({
    store,
    content,
    plan,
    neededMeanwhile,
    signal: signal ?? new AbortController().signal,
  })
  const {missing, failure} = await validate({execution, content, store, client, memory})
  return {...execution, missing, failure: execution.failure ?? failure}
}

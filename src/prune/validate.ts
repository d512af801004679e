import {retentionError} from '../errors/retention-error.ts'
import type {TagboatError} from '../errors/error.ts'
import {formatRepository, type Repository} from '../oci/reference.ts'
import {forEachBounded} from '../registry/limit.ts'
import {readLinks} from './content/read-links.ts'
import {deletedImages, type Execution} from './execution/execution.ts'
import {newImages} from './execution/newcomers.ts'
import {putBackManifest, putBackTag, type DamagedRepository} from './validation/put-back.ts'
import {RepositoryView} from './validation/repository-view.ts'

/** Repository after an execution. */
interface ValidationRequest extends Omit<DamagedRepository, 'view'> {
  readonly execution: Pick<Execution, 'steps' | 'plan'>
}

/** Tag or manifest that should have stayed, and was missing. */
interface MissingContent {
  /** Name of the tag; undefined for a manifest that an image needs. */
  readonly tag: string | undefined
  readonly digest: string
  /** Whether it exists again. */
  readonly isRestored: boolean
}

/** Result of reading back what should have stayed. */
export interface Validation {
  readonly missing: readonly MissingContent[]
  /** `prune-raced` if something is still missing. */
  readonly failure: TagboatError | undefined
}

/** Number of tags and manifests that are read concurrently. */
const readsAtOnce = 16

/**
 * Reads back each tag that the policy keeps, or that exists, with all that it needs, and puts back what is missing: a
 * registry may delete more than was requested, and a publication may have used a part of a deleted image.
 * @throws TagboatError if the registry cannot be read.
 */
export async function validate(request: ValidationRequest): Promise<Validation> {
  const {store, client, content} = request
  const damaged = {...request, view: await RepositoryView.read(store, client)}
  const staying = stayingTags(request)
  const current = await currentDigests([...staying.keys(), ...damaged.view.tags], damaged.view)
  const missing: MissingContent[] = []
  for (const digest of await missingManifests(request, damaged.view, current)) {
    missing.push({tag: undefined, digest, isRestored: await putBackManifest(damaged, digest)})
  }
  for (const [tag, digest] of staying) {
    if (current.get(tag) !== undefined) continue
    missing.push({tag, digest, isRestored: await putBackTag(damaged, tag, digest)})
  }
  return {missing, failure: failureOf(content.repository, missing)}
}

/**
 * Tags that the policy keeps, with the digests that they had. A step may have removed some of its tags before it failed:
 * these stay removed.
 */
function stayingTags({execution, content}: ValidationRequest): ReadonlyMap<string, string> {
  const doomed = new Set(execution.steps.flatMap(({step}) => (step.kind === 'tag' ? [step.tag] : step.tags)))
  return new Map([...content.tags].filter(([tag]) => !doomed.has(tag)))
}

/** Digests of these tags. Undefined for a tag that does not exist, as a list that is out of date may name it. */
async function currentDigests(
  tags: readonly string[],
  view: RepositoryView,
): Promise<ReadonlyMap<string, string | undefined>> {
  const current = new Map<string, string | undefined>()
  await forEachBounded([...new Set(tags)], readsAtOnce, async (tag) => {
    current.set(tag, await view.digestOf(tag))
  })
  return current
}

/** Manifests that do not exist, of those that stay and those that new images need. */
async function missingManifests(
  {execution, content, client}: ValidationRequest,
  view: RepositoryView,
  current: ReadonlyMap<string, string | undefined>,
): Promise<readonly string[]> {
  const deleted = deletedImages(execution.steps)
  // A registry may refuse a signature after its image was deleted, which the plan then keeps for it.
  const wanted = new Set([...execution.plan.kept.keys()].filter((digest) => !deleted.has(digest)))
  for (const digest of current.values()) if (digest !== undefined) wanted.add(digest)
  for (const digest of newImages(view.images, content, deleted)) wanted.add(digest)
  const missing: string[] = []
  const visit = async (digest: string): Promise<void> => {
    if (content.manifests.get(digest)?.kind === 'missing') return
    if (!(await view.exists(digest))) missing.push(digest)
    // A kept image has its parts in the plan, unless it was deleted and exists again.
    else if (!execution.plan.kept.has(digest) || deleted.has(digest))
      for (const part of await partsOf(digest, {content, client})) wanted.add(part)
  }
  let visited = 0
  // New images, and deleted ones that were pushed again, add their parts to the set.
  while (visited < wanted.size) {
    const wave = [...wanted].slice(visited)
    visited += wave.length
    await forEachBounded(wave, readsAtOnce, visit)
  }
  return missing.sort()
}

async function partsOf(
  digest: string,
  {content, client}: Pick<ValidationRequest, 'content' | 'client'>,
): Promise<readonly string[]> {
  const known = content.manifests.get(digest)
  if (known !== undefined) return known.kind === 'read' ? known.manifest.children : []
  return (await readLinks(client, digest))?.children ?? []
}

function failureOf(repository: Repository, missing: readonly MissingContent[]): TagboatError | undefined {
  const lost = missing.filter(({isRestored}) => !isRestored)
  if (lost.length === 0) return undefined
  const name = formatRepository(repository)
  return retentionError('prune-raced', {
    evidence: lost.map(({tag, digest}) =>
      tag === undefined ? `${name}@${digest} is missing` : `${name}:${tag}, which pointed to ${digest}, is missing`,
    ),
  })
}

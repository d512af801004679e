import type {Digest} from '../oci/digest.ts'
import {formatRepository, formatTagRef} from '../oci/reference.ts'
import type {Plan} from '../plan/plan.ts'
import {identifies} from '../tags/tag-role.ts'
import type {PromoteRow} from './journal.ts'

/** The planned tags and their outcomes. `rows` is absent if the run does not move tags. */
interface Publication {
  readonly plan: Plan
  readonly rows?: readonly Pick<PromoteRow, 'reference' | 'after' | 'outcome'>[] | undefined
}

/**
 * Digest of this publication in each repository of the plan, by `formatRepository`. It is the digest of a release tag,
 * which may be another build of the same commit, or be kept by `if-exists: skip`; with commit tags alone, that of one of
 * them. With other tags, it is `digest`, the image of this run.
 */
export function publishedDigests({plan, rows = []}: Publication, digest: Digest): ReadonlyMap<string, Digest> {
  const found = new Map(rows.map((row) => [formatTagRef(row.reference), row]))
  const digests = new Map<string, Digest>()
  for (const {reference} of plan.tags) {
    const name = formatRepository(reference.repository)
    if (digests.has(name)) continue
    const tags = plan.tags.filter((tag) => formatRepository(tag.reference.repository) === name)
    const released = tags
      .filter(({role}) => identifies(role, plan.tags))
      .flatMap(({reference, role}) => {
        const row = found.get(formatTagRef(reference))
        // A commit tag that is kept may point to another image of the commit.
        const isOther = role.kind === 'commit' && row?.outcome === 'kept'
        return isOther ? [] : (row?.after ?? [])
      })
    digests.set(name, released.includes(digest) ? digest : (released[0] ?? digest))
  }
  return digests
}

/**
 * The published digests that a tag of the plan points to. A later step must not deploy a digest that another run has
 * replaced. A stage has no tags, so all its digests are returned.
 */
export function taggedDigests(report: Publication, digest: Digest): ReadonlyMap<string, Digest> {
  const digests = publishedDigests(report, digest)
  const {rows} = report
  if (rows === undefined) return digests
  const isTagged = (name: string, published: Digest): boolean =>
    rows.some(({reference, after}) => formatRepository(reference.repository) === name && after === published)
  return new Map([...digests].filter(([name, published]) => isTagged(name, published)))
}

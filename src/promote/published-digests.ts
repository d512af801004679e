import type {Digest} from '../oci/digest.ts'
import {formatRepository, formatTagRef} from '../oci/reference.ts'
import type {Plan} from '../plan/plan.ts'
import type {PromoteRow} from './journal.ts'

/** The planned tags, and what became of them. Absent `rows`: the run moves no tags. */
interface Publication {
  readonly plan: Plan
  readonly rows?: readonly Pick<PromoteRow, 'reference' | 'after'>[] | undefined
}

/**
 * What each repository of the plan holds of this publication, by `formatRepository`: what its release tag holds, for that may
 * be another build of the same commit, or be kept by `if-exists: skip`; where there is none, what this run brought.
 */
export function publishedDigests({plan, rows = []}: Publication, brought: Digest): ReadonlyMap<string, Digest> {
  const after = new Map(rows.map((row) => [formatTagRef(row.reference), row.after]))
  const digests = new Map<string, Digest>()
  for (const {reference} of plan.tags) {
    const name = formatRepository(reference.repository)
    if (digests.has(name)) continue
    const tags = plan.tags.filter((tag) => formatRepository(tag.reference.repository) === name)
    const released = tags
      .filter(({role}) => role.kind === 'release')
      .flatMap((tag) => after.get(formatTagRef(tag.reference)) ?? [])
    digests.set(name, released.includes(brought) ? brought : (released[0] ?? brought))
  }
  return digests
}

/** The same without what no tag of the plan holds: a later step would deploy what was overtaken. A stage gives no tags. */
export function taggedDigests(report: Publication, brought: Digest): ReadonlyMap<string, Digest> {
  const digests = publishedDigests(report, brought)
  const {rows} = report
  if (rows === undefined) return digests
  const isHeld = (name: string, digest: Digest): boolean =>
    rows.some(({reference, after}) => formatRepository(reference.repository) === name && after === digest)
  return new Map([...digests].filter(([name, digest]) => isHeld(name, digest)))
}

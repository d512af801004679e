import type {Digest} from '../oci/digest.ts'
import {formatRepository, formatTagRef} from '../oci/reference.ts'
import type {Report} from './report.ts'

/**
 * What each repository of the plan holds of this publication, by `formatRepository`: what this run brought, where one of its
 * tags holds it; else what its release tag holds, for that may be another build of the same commit, and stays.
 */
export function publishedDigests(
  {plan, rows = []}: Pick<Report, 'plan' | 'rows'>,
  brought: Digest,
): ReadonlyMap<string, Digest> {
  const after = new Map(rows.map((row) => [formatTagRef(row.reference), row.after]))
  const digests = new Map<string, Digest>()
  for (const {reference} of plan.tags) {
    const name = formatRepository(reference.repository)
    if (digests.has(name)) continue
    const tags = plan.tags.filter((tag) => formatRepository(tag.reference.repository) === name)
    const held = (kind?: string): readonly (Digest | undefined)[] =>
      tags
        .filter(({line}) => kind === undefined || line.kind === kind)
        .map((tag) => after.get(formatTagRef(tag.reference)))
    const released = held().includes(brought) ? brought : held('release').find((digest) => digest !== undefined)
    digests.set(name, released ?? brought)
  }
  return digests
}

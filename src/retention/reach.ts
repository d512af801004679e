import {belongings, type ManifestGraph} from './graph.ts'

/** Manifest that stays because a tag, a request or a gap in what is known does not let it go. */
export interface Root {
  readonly digest: string
  readonly cause: RootCause
}

/**
 * Cause why a root stays. `tag`: it has a tag that stays. `besides`: the caller keeps it. `locked`: the registry protects
 * it. `untagged`: a decision keeps it. `contains-itself`: no order of deletion exists. `undecided`: nothing was decided
 * about it or about what it belongs to. `unreadable`: it cannot be read, and nothing else needs it.
 */
export type RootCause =
  | {readonly kind: 'tag'; readonly tag: string}
  | {readonly kind: 'besides' | 'locked' | 'untagged' | 'contains-itself' | 'undecided' | 'unreadable'}

/** All that belongs to these manifests, with themselves. */
export function closureOf(graph: ManifestGraph, digests: Iterable<string>): ReadonlySet<string> {
  const found = new Set(digests)
  // A set also visits what is added to it meanwhile.
  for (const digest of found) for (const next of belongings(graph, digest)) found.add(next)
  return found
}

/**
 * Adds a root to `kept`, with all that belongs to it and, for each referrer among these, its subject. A manifest that
 * is in `kept` keeps its root.
 */
export function keepFrom(root: Root, graph: ManifestGraph, kept: Map<string, Root>): void {
  if (kept.has(root.digest)) return
  const found = new Set([root.digest])
  for (const digest of found) {
    kept.set(digest, root)
    const subject = graph.subjects.get(digest)
    const needed = [...belongings(graph, digest), ...(subject === undefined ? [] : [subject])]
    for (const next of needed) if (!kept.has(next)) found.add(next)
  }
}

/** Manifests that contain themselves, and their contents: digests that are not verified may form a cycle. */
export function cyclic({children, parents}: ManifestGraph): ReadonlySet<string> {
  const waiting = new Map([...parents].map(([digest, {length}]) => [digest, length]))
  const free = [...children.keys()].filter((digest) => !waiting.has(digest))
  for (const parent of free) {
    for (const child of children.get(parent) ?? []) {
      const left = (waiting.get(child) ?? 0) - 1
      waiting.set(child, left)
      if (left === 0) {
        waiting.delete(child)
        free.push(child)
      }
    }
  }
  return new Set(waiting.keys())
}

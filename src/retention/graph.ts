import {referrersTag, withoutKind} from '../oci/referrers-tag.ts'
import type {RepositoryContent} from './repository-content.ts'
import type {StoredManifest} from './stored-manifest.ts'

/** Links between manifests, by digest. All is sorted, without duplicates; a manifest without links is absent. */
type Links = ReadonlyMap<string, readonly string[]>

/** Links of a repository, from what its manifests and tags name. A link may name a manifest that does not exist. */
export interface ManifestGraph {
  /** Tags of each digest. */
  readonly tagsOf: Links
  /** Entries of each index. */
  readonly children: Links
  /** Indexes that list a manifest. */
  readonly parents: Links
  /** Digest in the `subject` of a manifest. */
  readonly subjects: ReadonlyMap<string, string>
  /** Manifests with a digest as their `subject`. */
  readonly referrers: Links
  /** Existing manifest that a tag `sha256-<hex>`, `.sig`, `.att` or `.sbom` names. */
  readonly taggedSubjects: ReadonlyMap<string, string>
  /** Digests under the tags that name a digest. */
  readonly taggedReferrers: Links
}

/** Reads the links of a repository. */
export function manifestGraph({tags, manifests}: Pick<RepositoryContent, 'tags' | 'manifests'>): ManifestGraph {
  const read: readonly StoredManifest[] = [...manifests.values()].flatMap((one) =>
    one.kind === 'read' ? [one.manifest] : [],
  )
  const edges = read.flatMap(({digest, children}) => children.map((child): Pair => [digest, child]))
  const subjects = read.flatMap(({digest, subject}): Pair[] => (subject === undefined ? [] : [[digest, subject]]))
  const existing = [...manifests].flatMap(([digest, {kind}]) => (kind === 'missing' ? [] : [digest]))
  const byTag = new Map(existing.map((digest) => [referrersTag(digest), digest]))
  const taggedSubjects = [...tags.keys()].flatMap((tag): Pair[] => {
    const subject = byTag.get(withoutKind(tag))
    return subject === undefined ? [] : [[tag, subject]]
  })
  return {
    tagsOf: linksOf([...tags].map(swapped)),
    children: linksOf(edges),
    parents: linksOf(edges.map(swapped)),
    subjects: new Map(subjects),
    referrers: linksOf(subjects.map(swapped)),
    taggedSubjects: new Map(taggedSubjects),
    taggedReferrers: linksOf(taggedSubjects.map(([tag, subject]) => [subject, tags.get(tag) ?? ''])),
  }
}

type Pair = readonly [from: string, to: string]

function swapped([from, to]: Pair): Pair {
  return [to, from]
}

function linksOf(pairs: readonly Pair[]): Links {
  const groups = Map.groupBy(pairs, ([from]) => from)
  const links = [...groups].map(([from, group]): [string, readonly string[]] => [from, sortedOnce(group)])
  return new Map(links.sort(([one], [other]) => (one < other ? -1 : 1)))
}

function sortedOnce(group: readonly Pair[]): readonly string[] {
  return [...new Set(group.map(([, to]) => to))].sort()
}

/** Manifests that belong to a manifest: the entries of an index, and signatures and other referrers. */
export function belongings(graph: ManifestGraph, digest: string): readonly string[] {
  return [graph.children, graph.referrers, graph.taggedReferrers].flatMap((links) => links.get(digest) ?? [])
}

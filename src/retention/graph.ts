import {isReferrerTag, referrersTag, withoutKind} from '../oci/referrers-tag.ts'
import type {RepositoryContent} from './repository-content.ts'

/** Links between manifests, by digest. All is sorted, without duplicates; a manifest without links is absent. */
type Links = ReadonlyMap<string, readonly string[]>

/** Links between the existing manifests of a repository, from what manifests and tags name. */
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
  /** Manifest that a tag `sha256-<hex>`, `.sig`, `.att` or `.sbom` names. */
  readonly taggedSubjects: ReadonlyMap<string, string>
  /** Digests under the tags that name a digest. */
  readonly taggedReferrers: Links
}

type GraphSource = Pick<RepositoryContent, 'tags' | 'manifests'>

const graphs = new WeakMap<GraphSource, ManifestGraph>()

/** Reads the links of a repository, once for each content. */
export function manifestGraph(content: GraphSource): ManifestGraph {
  const graph = graphs.get(content) ?? readGraph(content)
  graphs.set(content, graph)
  return graph
}

function readGraph({tags, manifests}: GraphSource): ManifestGraph {
  const exists = (digest: string): boolean => (manifests.get(digest)?.kind ?? 'missing') !== 'missing'
  const read = [...manifests.values()].flatMap((one) => (one.kind === 'read' ? [one.manifest] : []))
  const edges = read.flatMap(({digest, children}) => children.filter(exists).map((child): Pair => [digest, child]))
  const subjects = read.flatMap(({digest, subject}): Pair[] => {
    return subject !== undefined && exists(subject) ? [[digest, subject]] : []
  })
  const named = [...tags.keys()].filter(isReferrerTag)
  const byTag = new Map(named.length === 0 ? [] : [...manifests.keys()].filter(exists).map(tagWithDigest))
  const taggedSubjects = named.flatMap((tag): Pair[] => {
    const subject = byTag.get(withoutKind(tag))
    return subject === undefined ? [] : [[tag, subject]]
  })
  const underTags = taggedSubjects.map(([tag, subject]): Pair => [subject, tags.get(tag) ?? ''])
  return {
    tagsOf: linksOf([...tags].filter(([, digest]) => exists(digest)).map(swapped)),
    children: linksOf(edges),
    parents: linksOf(edges.map(swapped)),
    subjects: new Map(subjects),
    referrers: linksOf(subjects.map(swapped)),
    taggedSubjects: new Map(taggedSubjects),
    taggedReferrers: linksOf(underTags.filter(([, digest]) => exists(digest))),
  }
}

type Pair = readonly [from: string, to: string]

function tagWithDigest(digest: string): Pair {
  return [referrersTag(digest), digest]
}

function swapped([from, to]: Pair): Pair {
  return [to, from]
}

function linksOf(pairs: readonly Pair[]): Links {
  const sorted = pairs.toSorted(([from, to], [otherFrom, otherTo]) => compare(from, otherFrom) || compare(to, otherTo))
  const links = new Map<string, string[]>()
  for (const [from, to] of sorted) {
    const list = links.get(from)
    if (list === undefined) links.set(from, [to])
    else if (list.at(-1) !== to) list.push(to)
  }
  return links
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}

/** Manifests that belong to a manifest: the entries of an index, and signatures and other referrers. */
export function belongings(graph: ManifestGraph, digest: string): readonly string[] {
  return [graph.children, graph.referrers, graph.taggedReferrers].flatMap((links) => links.get(digest) ?? [])
}

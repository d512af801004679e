import {referrersTag, withoutKind} from '../oci/referrers-tag.ts'
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

/** Reads the links of a repository. */
export function manifestGraph({tags, manifests}: Pick<RepositoryContent, 'tags' | 'manifests'>): ManifestGraph {
  const exists = (digest: string): boolean => (manifests.get(digest)?.kind ?? 'missing') !== 'missing'
  const read = [...manifests.values()].flatMap((one) => (one.kind === 'read' ? [one.manifest] : []))
  const edges = read.flatMap(({digest, children}) => children.filter(exists).map((child): Pair => [digest, child]))
  const subjects = read.flatMap(({digest, subject}): Pair[] => {
    return subject !== undefined && exists(subject) ? [[digest, subject]] : []
  })
  const byTag = new Map([...manifests.keys()].filter(exists).map((digest) => [referrersTag(digest), digest]))
  const taggedSubjects = [...tags.keys()].flatMap((tag): Pair[] => {
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

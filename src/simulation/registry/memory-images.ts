import {digestOf, type Digest} from '../../oci/digest.ts'
import {factAnnotations, noFacts} from '../../oci/image-facts.ts'
import type {ManifestContent} from '../../oci/manifest.ts'
import {formatRepository, parseRepository, type Repository} from '../../oci/reference.ts'
import type {HeldTag, RegistryContents} from './registry-contents.ts'

const indexType = 'application/vnd.oci.image.index.v1+json'

/** Image of the simulated registries. */
interface MemoryImage extends ManifestContent {
  /** Name for an image whose digest is made up: its version, its commit or its tag. Undefined if its digest is given. */
  readonly known: string | undefined
}

/** Manifests of a repository by tag, with annotations that state what is known about each image. */
export function imagesOf(
  {tags}: RegistryContents,
  repository: Repository,
  sha: string,
): ReadonlyMap<string, MemoryImage> {
  const own = tags.filter((one) => isIn(one, repository)).map((one) => withNamedFacts(one, sha))
  return new Map(own.map((one) => [one.tag, manifestOf(sameImage(one, own))]))
}

function isIn({repository}: HeldTag, wanted: Repository): boolean {
  if (repository === undefined) return true
  const parsed = parseRepository(repository)
  return parsed.ok && formatRepository(parsed.value) === formatRepository(wanted)
}

/** Completes a tag with the facts in its name, and a short commit that is that of the run. */
function withNamedFacts(held: HeldTag, sha: string): HeldTag {
  const {tag, version = versionIn(tag), commit = commitIn(tag)} = held
  const isOwn = commit !== undefined && sha.startsWith(commit.toLowerCase())
  return {...held, version, commit: isOwn ? sha : commit}
}

/** Full version that a tag names, such as `1.2.3-rc.1`. */
function versionIn(tag: string): string | undefined {
  return /^v?(\d+\.\d+\.\d+(?:-[\w.-]+)?)$/.exec(tag)?.[1]
}

function commitIn(tag: string): string | undefined {
  return /^sha-([0-9a-f]{7,64})$/.exec(tag)?.[1]
}

/** Tag with the facts of another tag of the same image: `latest 1.2.2` is the image of the tag `1.2.2`. */
function sameImage(held: HeldTag, all: readonly HeldTag[]): HeldTag {
  if (held.digest !== undefined) return held
  const agrees = (one: string | undefined, other: string | undefined): boolean =>
    one === undefined || other === undefined || one === other
  const others = all.filter(
    (other) =>
      agrees(held.version, other.version) &&
      agrees(held.commit, other.commit) &&
      ((held.version !== undefined && held.version === other.version) ||
        (held.commit !== undefined && held.commit === other.commit)),
  )
  const known = <K extends 'version' | 'commit' | 'digest' | 'date'>(fact: K): HeldTag[K] =>
    held[fact] ?? others.find((other) => other[fact] !== undefined)?.[fact]
  return {...held, version: known('version'), commit: known('commit'), digest: known('digest'), date: known('date')}
}

function manifestOf({tag, version, commit, date, digest}: HeldTag): MemoryImage {
  const facts = {...noFacts, version, revision: commit, commitDate: date}
  // Images of the same date can differ.
  const isNameless = version === undefined && commit === undefined
  const annotations = {...factAnnotations(facts, true), ...(isNameless && {tag})}
  const text = JSON.stringify({schemaVersion: 2, mediaType: indexType, manifests: [], annotations})
  const bytes = new TextEncoder().encode(text)
  const named = version ?? (commit === undefined ? `the image of ${tag}` : `commit ${commit.slice(0, 12)}`)
  return {
    digest: digest ?? digestOf(bytes),
    mediaType: indexType,
    bytes,
    known: digest === undefined ? named : undefined,
  }
}

/** Digest that a promoted image gets, if the inputs do not name one. */
export function digestOfText(text: string): Digest {
  return digestOf(new TextEncoder().encode(text))
}
